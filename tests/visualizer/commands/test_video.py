"""`stylegan-t video`: sessions and timelines to clips, mistakes to sentences."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import msgspec
import numpy as np
import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace
from PIL import Image

import stylegan_t
from renderer.files.embedded_timeline import read_video_timeline
from renderer.files.framing import framed
from renderer.files.images import read_recipe
from renderer.files.take_file import TakeFile
from renderer.files.video_settings import Fit
from renderer.pipeline.renderer import Renderer
from renderer.recipe.identity import same_picture
from renderer.recipe.recipe import LatentPart, ModelRef, Prompt, Recipe, TextPart
from renderer.timeline.serialization import read_timeline, stored, timeline_to_json
from renderer.timeline.take import Sample
from renderer.timeline.timeline import KeyFrame, Timeline, frame_recipe
from tests.renderer.fakes import tiny_model
from tests.source_tree import ROOT
from tests.visualizer.commands.results import done, refused
from visualizer.cli import cli
from visualizer.session.session_file import SessionFile, encode

FRAMES = 6


@pytest.fixture
def timeline(model: Path) -> Timeline:
    """Six frames of one second."""
    ref = ModelRef(str(model))
    first = Recipe(ref, TextPart((Prompt("a red house"),)))
    second = Recipe(ref, TextPart((Prompt("a boat"),)), LatentPart(9), psi=0.5)
    return Timeline((KeyFrame(0.0, first), KeyFrame(0.5, second)), 1.0, FRAMES)


@pytest.fixture
def file(timeline: Timeline, tmp_path: Path) -> Path:
    path = tmp_path / "timeline.json"
    path.write_text(timeline_to_json(timeline))
    return path


def call(*args: object) -> Result:
    return CliRunner().invoke(cli, ["video", *(str(arg) for arg in args)])


def decoded(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as movie:
        return [frame.to_ndarray(format="rgb24") for frame in movie.decode(video=0)]


def test_the_pictures_are_the_renderer_s(file: Path, timeline: Timeline, tmp_path: Path) -> None:
    done(call(file, "--out", tmp_path / "frames"))
    renderer = Renderer("cpu")
    for index in range(FRAMES):
        name = tmp_path / "frames" / f"{index:05d}.png"
        frame = renderer.render(frame_recipe(timeline, index))
        with Image.open(name) as image:
            assert np.array_equal(np.asarray(image), frame.pixels())
        assert frame.model is not None
        assert read_recipe(name).model.sha256 == frame.model.sha256
    assert read_timeline(tmp_path / "frames" / "timeline.json") == timeline


@pytest.mark.parametrize("suffix", [".mp4", ".webm", ".gif", ".MP4"])
def test_each_kind_of_movie(file: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"clip{suffix}"
    result = done(call(file, "--out", out))
    assert f"{out}  {FRAMES} frames, 16 x 16 pixels, 1.00 s" in result.stdout
    assert len(decoded(out)) == FRAMES


def test_a_session_of_the_window_will_do(timeline: Timeline, tmp_path: Path) -> None:
    part = msgspec.Raw(msgspec.json.encode(stored(timeline)))
    session = tmp_path / "session.json"
    session.write_bytes(
        encode(SessionFile(Recipe(), {"wander": msgspec.Raw(b"{}"), "timeline": part}))
    )
    done(call(session, "--out", tmp_path / "clip.mp4"))
    assert len(decoded(tmp_path / "clip.mp4")) == FRAMES


def test_a_clip_is_made_again_from_itself(file: Path, tmp_path: Path) -> None:
    done(call(file, "--out", tmp_path / "a.gif"))
    done(call(tmp_path / "a.gif", "--out", tmp_path / "b.mp4", "--scale", 2))
    assert [frame.shape for frame in decoded(tmp_path / "b.mp4")] == [(32, 32, 3)] * FRAMES


def test_a_clip_has_the_rate_of_television(file: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    done(call(file, "--out", path, "--fps", 29.97))
    with av.open(str(path)) as video:
        assert video.streams.video[0].average_rate == Fraction(30000, 1001)
    assert read_video_timeline(path).fps == pytest.approx(29.97003)


def test_options_change_the_clip(file: Path, model: Path, tmp_path: Path) -> None:
    out = tmp_path / "frames"
    done(call(file, "--out", out, "--fps", 4, "--seconds", 2, "--loop", "once", "--scale", 2))
    written = read_timeline(out / "timeline.json")
    assert (written.fps, written.length_s, written.loop) == (4, 2.0, "once")
    assert written.times_s == (0.0, 1.0)
    assert len(list(out.glob("*.png"))) == 9
    with Image.open(out / "00000.png") as image:
        assert image.size == (32, 32)
    assert read_recipe(out / "00004.png").psi == 0.5


def test_another_model_for_all_frames_is_noted(
    file: Path, timeline: Timeline, tmp_path: Path
) -> None:
    other = tmp_path / "other.safetensors"
    stylegan_t.save(tiny_model(4), other)
    known = tuple(
        replace(key, recipe=replace(key.recipe, model=replace(key.recipe.model, sha256="ab" * 32)))
        for key in timeline.keys
    )
    file.write_text(timeline_to_json(replace(timeline, keys=known)))
    result = done(call(file, "--out", tmp_path / "frames", "--model", other))
    assert result.stderr.count("Note: This recipe was made with another version") == 1
    assert read_recipe(tmp_path / "frames" / "00000.png").model.path == str(other)


def test_nothing_is_overwritten_unasked(file: Path, tmp_path: Path) -> None:
    out, folder = tmp_path / "clip.mp4", tmp_path / "frames"
    out.write_bytes(b"mine")
    folder.mkdir()
    refused(call(file, "--out", out), 1, "exists already: give --overwrite")
    refused(call(file, "--out", folder, "--overwrite"), 1, "name a new folder")
    assert out.read_bytes() == b"mine"
    done(call(file, "--out", out, "--overwrite"))
    assert len(decoded(out)) == FRAMES


def test_wrong_use_is_refused(file: Path, tmp_path: Path) -> None:
    before = sorted(os.listdir(tmp_path))
    for args, code, words in [
        (["--out", tmp_path / "clip.avi"], 2, "--out must end in .mp4, .webm, .gif"),
        (["--out", tmp_path / "no" / "clip.mp4"], 1, "There is no folder"),
        (["--out", tmp_path / "no" / "frames"], 1, "There is no folder"),
        (["--out", tmp_path / "clip.gif", "--fps", 60], 1, "at most 50"),
        (["--out", tmp_path / "clip.mp4", "--fps", 0], 2, "--fps"),
        (["--out", tmp_path / "clip.mp4", "--fps", 121], 2, "--fps"),
        (["--out", tmp_path / "clip.mp4", "--seconds", "nan"], 2, "--seconds"),
        (["--out", tmp_path / "clip.mp4", "--seconds", -1], 2, "--seconds"),
        (["--out", tmp_path / "clip.mp4", "--scale", 3], 2, "--scale"),
        (["--out", tmp_path / "clip.mp4", "--device", "abacus"], 1, "no device called"),
        (["--out", tmp_path / "clip.mp4", "--model", tmp_path / "x.pkl"], 1, "--model FILE"),
        ([], 2, "--out"),
    ]:
        refused(call(file, *args), code, words)
    assert sorted(os.listdir(tmp_path)) == before


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{}", "no timeline"),
        ("not json", "damaged"),
        (timeline_to_json(Timeline()), "no key frames"),
        ('{"stylegan_t_timeline": 9}', "newer version"),
    ],
)
def test_files_without_a_clip_are_refused(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    refused(call(path, "--out", tmp_path / "clip.mp4"), 1, words)
    refused(call(tmp_path / "no.json", "--out", tmp_path / "clip.mp4"), 1, "does not exist")
    assert os.listdir(tmp_path) == ["a.json"]


@pytest.mark.slow
def test_processes_that_share_a_clip_write_the_same_files(file: Path, tmp_path: Path) -> None:
    """Of seven frames one is left over for the last round."""
    torchrun = shutil.which("torchrun", path=str(Path(sys.executable).parent))
    assert torchrun, "torch brings torchrun along"
    alone, shared = tmp_path / "alone", tmp_path / "shared"
    args = [str(file), "--loop", "once", "--out"]
    done(call(*args, alone))
    subprocess.run(
        [torchrun, "--nproc-per-node", "2", "-m", "visualizer", "video", *args, str(shared)],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        check=True,
        capture_output=True,
        timeout=120,
    )
    names = sorted(os.listdir(alone))
    assert names == sorted(os.listdir(shared))
    assert len(names) == FRAMES + 2  # one more for the end, and the timeline
    for name in names:
        assert (alone / name).read_bytes() == (shared / name).read_bytes()


@pytest.mark.slow
def test_workers_and_other_computers_write_the_same_files(
    file: Path, model: Path, tmp_path: Path
) -> None:
    """Two worker processes here, and a renderer with a worker behind a command."""
    args, alone = [file, "--loop", "once", "--device", "cpu", "--out"], tmp_path / "alone"
    done(call(*args, alone))
    serve = shlex.join([sys.executable, "-m", "visualizer", "serve", "--stdio"])
    there = f"{serve} --folder {shlex.quote(str(model.parent))}"
    for name, options in (
        ("shared", ["--workers", "cpu,cpu"]),
        ("far", ["--on-command", there, "--workers", "1"]),
    ):
        done(call(*args, tmp_path / name, *options))
        assert sorted(os.listdir(tmp_path / name)) == sorted(os.listdir(alone))
        for one in os.listdir(alone):
            assert (tmp_path / name / one).read_bytes() == (alone / one).read_bytes()


def test_workers_that_cannot_be_are_a_sentence(file: Path, tmp_path: Path) -> None:
    out = ["--out", tmp_path / "clip.mp4"]
    refused(call(file, *out, "--workers", "some"), 1, "auto, none, a number, or names")
    refused(call(file, *out, "--workers", "cuda:7,cpu"), 1, "CUDA")
    missing = tmp_path / "no such program"
    refused(call(file, *out, "--on-command", shlex.quote(str(missing))), 1, "cannot be started")
    assert not (tmp_path / "clip.mp4").exists()


def test_a_take_is_drawn_again_at_any_rate(timeline: Timeline, tmp_path: Path) -> None:
    """Twice the same bytes, and every frame is that of its own moment."""
    file = TakeFile(tmp_path)
    first, second = (key.recipe for key in timeline.keys)
    moved = replace(first, psi=0.25)
    file.add([Sample(0.0, first), Sample(0.5, moved), Sample(0.75, second)])
    path = file.path  # not ended: as a kill leaves it
    said = done(call(path, "--out", tmp_path / "a.mp4", "--fps", 12)).output
    assert "recording was interrupted" in said
    done(call(path, "--out", tmp_path / "b.mp4", "--fps", 12))
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()
    assert len(decoded(tmp_path / "a.mp4")) == 10
    done(call(path, "--out", tmp_path / "frames", "--fps", 12))
    wanted = [replace(first, psi=1 - 0.75 * i / 6) for i in range(7)] + [moved] * 2 + [second]
    for index, recipe in enumerate(wanted):
        drawn = read_recipe(tmp_path / "frames" / f"{index:05d}.png")
        assert same_picture(drawn, replace(recipe, psi=drawn.psi))
        assert drawn.psi == pytest.approx(recipe.psi)


# -- an exact size -------------------------------------------------------------------------------

BUSY = "while True: pass"


def taken(folder: Path, timeline: Timeline) -> Path:
    """A take of half a second, in which psi moves and then the words change."""
    first, second = (key.recipe for key in timeline.keys)
    file = TakeFile(folder)
    moved = replace(first, psi=0.2)
    file.add([Sample(0.0, first), Sample(0.3, moved), Sample(0.31, second), Sample(0.5, second)])
    return file.finish()


def test_a_take_has_equal_bytes_at_any_size_and_load(timeline: Timeline, tmp_path: Path) -> None:
    take = taken(tmp_path, timeline)
    quiet, loaded = tmp_path / "quiet.mp4", tmp_path / "loaded.mp4"
    arguments = (take, "--size", "322x180", "--fps", 24)
    result = done(call(*arguments, "--out", quiet))
    assert "13 frames, 322 x 180 pixels" in result.stdout
    busy = [
        subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(2 * (os.cpu_count() or 1))
    ]
    try:
        done(call(*arguments, "--out", loaded))
    finally:
        for process in busy:
            process.kill()
            process.wait()
    assert quiet.read_bytes() == loaded.read_bytes()
    assert [frame.shape for frame in decoded(quiet)] == [(180, 322, 3)] * 13


@pytest.mark.parametrize("fit", ["wide", "fit", "fill"])
def test_another_form_is_drawn_wider_or_lies_on_black_or_is_cut(
    file: Path, timeline: Timeline, fit: str, tmp_path: Path
) -> None:
    out = tmp_path / "frames"
    done(call(file, "--out", out, "--size", "128x64", "--fit", fit))
    with Image.open(out / "00000.png") as image:
        seen = np.asarray(image)
    recipe = read_recipe(out / "00000.png")
    assert seen.shape == (64, 128, 3)
    assert (recipe.canvas.width, recipe.canvas.height) == ((2.0, 1.0) if fit == "wide" else (1, 1))
    drawn = Renderer("cpu").render(recipe).pixels()
    assert drawn.shape == ((16, 32, 3) if fit == "wide" else (16, 16, 3))
    assert np.array_equal(seen, framed(drawn, (128, 64), cast(Fit, fit)))
    assert (not seen[:, :32].any()) is (fit == "fit")


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--size", "1920"), 2, "--size is written as 1920x1080"),
        (("--size", "0x1080"), 2, "16 to 8192 pixels"),
        (("--size", "641x361"), 2, "take 642 × 362"),
        (("--size", "64x64", "--scale", "2"), 2, "contradict each other"),
        (("--fit", "fill"), 2, "give --size too"),
    ],
)
def test_sizes_that_make_no_sense(
    file: Path, options: tuple[str, ...], code: int, words: str, tmp_path: Path
) -> None:
    refused(call(file, "--out", tmp_path / "clip.mp4", *options), code, words)
    assert not (tmp_path / "clip.mp4").exists()


def test_a_layer_is_shown_in_the_place_of_the_picture(file: Path, tmp_path: Path) -> None:
    layer = ("--layer", "b16.conv0")
    done = call(file, "--out", tmp_path / "layer", *layer, "--channels", "0,2")
    assert done.exit_code == 0, done.output
    for wrong in (("--channels", "1"), (*layer, "--channels", "a"), (*layer, "--channels", "1,")):
        assert call(file, "--out", tmp_path / "b", *wrong).exit_code == 2
    refused = call(file, "--out", tmp_path / "b", "--layer", "b999")
    assert refused.exit_code == 1 and "no layer" in refused.output
