"""StyleGAN2, StyleGAN3, StyleGAN-XL and LAFITE on the command line: every command that draws."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner, Result
from PIL import Image

import stylegan_t
from renderer.recipe.recipe import (
    LatentPart,
    MixingPart,
    MixSource,
    MixTrack,
    ModelRef,
    NoisePart,
    Prompt,
    Recipe,
    TextPart,
    TransformPart,
    to_json,
)
from renderer.timeline.serialization import timeline_to_json
from renderer.timeline.timeline import KeyFrame, Timeline
from stylegan_t.metrics.report import read_measured
from tests.stylegan_t.family.recorded import NAMES, recorded
from tests.stylegan_t.metrics.tiny import write_pictures
from tests.stylegan_t.reference import family_snapshot
from visualizer.cli import cli

ONE_OF_EACH = ("sg2_cond", "sg2_uncond", "sg3_t", "xl_superres", "lafite")


def run(*args: object) -> Result:
    return CliRunner().invoke(cli, [str(arg) for arg in args])


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a snapshot of every recorded network."""
    folder = tmp_path_factory.mktemp("relatives")
    for name in NAMES:
        family_snapshot.write(name, folder / f"{name}.pkl")
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_convert_and_info(name: str, files: Path, tmp_path: Path) -> None:
    out = tmp_path / "model.safetensors"
    result = run("convert", files / f"{name}.pkl", out, "--name", "Converted")
    assert result.exit_code == 0, result.output
    before, after = stylegan_t.load(files / f"{name}.pkl"), stylegan_t.load(out)
    assert before.anatomy == after.anatomy
    own, other = before.state_dict(), after.state_dict()
    assert own.keys() == other.keys()
    assert all(torch.equal(own[key], other[key]) for key in own)
    told = run("info", out)
    assert told.exit_code == 0, told.output
    facts = json.loads(run("info", out, "--json").stdout)
    anatomy = after.anatomy
    assert facts["kind"] == anatomy.kind and facts["sha256"] == after.sha256
    side = anatomy.img_resolution
    for words in (anatomy.kind, "Converted", f"{side} x {side}", f"{anatomy.num_ws} rows of w"):
        assert words in told.output, words
    heard = {"nothing": "unconditional", "classes": "classes, by", "text": "no text tower"}
    assert heard[anatomy.condition] in told.output
    assert len(max(told.output.splitlines(), key=len)) < 300


@pytest.mark.parametrize("name", ["sg2_uncond", "sg2_cond", "xl_uncond"])
def test_no_text_tower_goes_into_a_model_that_hears_no_text(
    name: str, files: Path, tmp_path: Path
) -> None:
    args = ("--text-tower", "clip.safetensors")
    result = run("convert", files / f"{name}.pkl", tmp_path / "out.safetensors", *args)
    assert result.exit_code == 1 and f"{name}.pkl" in result.output
    assert "leave --text-tower out" in result.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_render_and_grid(name: str, files: Path, tmp_path: Path) -> None:
    model = ("--model", files / f"{name}.pkl", "--device", "cpu")
    picture = tmp_path / "a.png"
    result = run("render", *model, "--prompt", "2", "--seed", 3, "--out", picture)
    assert result.exit_code == 0, result.output
    side = recorded(name).info["img_resolution"]
    with Image.open(picture) as image:
        assert image.size == (side, side)
    again = tmp_path / "b.png"
    assert run("render", "--recipe", picture, "--device", "cpu", "--out", again).exit_code == 0
    with Image.open(picture) as one, Image.open(again) as two:
        assert one.tobytes() == two.tobytes()
    told = {"nothing": "takes no text", "text": "no text tower", "classes": ""}
    assert told[stylegan_t.load(files / f"{name}.pkl").anatomy.condition] in result.output
    sheet = tmp_path / "sheet.png"
    axes = ("--rows", "seed=0..1", "--columns", "psi=0..1:3", "--no-labels")
    result = run("grid", *model, *axes, "--out", sheet)
    assert result.exit_code == 0 and "2 x 3 pictures" in result.output, result.output


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_a_video_of_a_timeline_shows_what_its_key_frames_render(
    name: str, files: Path, tmp_path: Path
) -> None:
    """Each word of a relative's recipe at once: class, latent, psi with a cutoff, the nearest of
    several means, mixing, noise, placement."""
    model = ModelRef(str(files / f"{name}.pkl"))
    first = Recipe(model, TextPart((Prompt("1"),)), LatentPart(3), psi_cutoff=2)
    source = MixSource(seed=5, prompt="0", latent=MixTrack(weights=(0.0, 0.6)))
    second = Recipe(
        model,
        TextPart((Prompt("2"),)),
        LatentPart(8),
        psi=0.4,
        psi_towards="nearest",
        mixing=MixingPart((source,)),
        noise=NoisePart("random", seed=2, strength=0.5),
        transform=TransformPart(rotate_deg=30.0, x=0.2),
    )
    timeline = Timeline((KeyFrame(0.0, first), KeyFrame(0.5, second)), 1.0, 6)
    written = tmp_path / "timeline.json"
    written.write_text(timeline_to_json(timeline))
    out = tmp_path / "frames"
    result = run("video", written, "--out", out, "--device", "cpu")
    assert result.exit_code == 0, result.output
    frames = sorted(out.glob("*.png"))
    assert len(frames) == 6
    seen = []
    for frame, recipe in ((frames[0], first), (frames[3], second)):
        recipe_file, picture = tmp_path / "recipe.json", tmp_path / "picture.png"
        recipe_file.write_text(to_json(recipe))
        picture.unlink(missing_ok=True)
        rendered = run("render", "--recipe", recipe_file, "--device", "cpu", "--out", picture)
        assert rendered.exit_code == 0, rendered.output
        with Image.open(frame) as one, Image.open(picture) as two:
            assert one.tobytes() == two.tobytes(), frame.name
            seen.append(one.tobytes())
    assert seen[0] != seen[1]


def test_a_prompt_that_names_no_class_is_told_of(files: Path, tmp_path: Path) -> None:
    model = ("--model", files / "sg2_cond.pkl", "--device", "cpu")
    result = run("render", *model, "--prompt", "a red house", "--out", tmp_path / "a.png")
    assert result.exit_code == 0
    assert "names no class" in result.output and "cancel" not in result.output


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sg2_cond", "sg2_uncond", "xl_uncond"])
def test_metrics(name: str, files: Path, tmp_path: Path) -> None:
    write_pictures(tmp_path / "real", 10)
    common = ("--device", "cpu", "--cache", tmp_path / "cache", "--out", tmp_path / "out")
    wanted = ("--fid", 8, "--pr", "--diversity", "--speed", "--features", "random")
    model = files / f"{name}.pkl"
    result = run("metrics", model, *common, *wanted, "--real", tmp_path / "real")
    assert result.exit_code == 0, result.output
    measured = read_measured(tmp_path / "out" / "metrics.json")
    [row] = measured.rows
    assert row.fid is not None and row.precision is not None and row.diversity
    assert measured.speed is not None and measured.sha256 == stylegan_t.load(model).sha256


@pytest.mark.parametrize(
    ("name", "args", "told"),
    [
        ("sg2_uncond", ("--clip-score",), "takes no prompts"),
        ("lafite", ("--fid", 8), "no text tower"),
        ("sg2_orig", ("--fid", 8), "4 channels"),
        ("sg3_t", ("--attributes", 8), "by a StyleGAN-T"),
    ],
)
def test_what_a_relative_cannot_be_asked(
    name: str, args: tuple[object, ...], told: str, files: Path, tmp_path: Path
) -> None:
    common = ("--device", "cpu", "--features", "random", "--out", tmp_path / "out")
    result = run("metrics", files / f"{name}.pkl", *common, *args)
    assert result.exit_code == 1 and told in result.output, result.output
    assert not (tmp_path / "out").exists()
