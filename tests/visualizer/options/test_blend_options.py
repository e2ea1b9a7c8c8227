"""Two models in one from the command line: the parts' weights, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from click.testing import CliRunner, Result
from PIL import Image

import stylegan_t
from renderer.files.images import read_recipe
from renderer.recipe.recipe import MAX_BLOCKS
from tests.renderer.fakes import tiny_model
from visualizer.cli import cli


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("models")
    paths = folder / "a.safetensors", folder / "b.safetensors"
    for seed, path in enumerate(paths):
        stylegan_t.save(tiny_model(seed), path)
    return paths


def run(*args: object) -> Result:
    return CliRunner().invoke(cli, [str(arg) for arg in args])


def rendered(out: Path, models: tuple[Path, Path], *args: object) -> bytes:
    words = ["render", "--model", models[0], "--prompt", "a house", "--out", out, "--overwrite"]
    result = run(*words, *args)
    assert result.exit_code == 0, result.output
    return out.read_bytes()


def test_a_picture_of_two_models_holds_both_and_is_made_again(
    models: tuple[Path, Path], tmp_path: Path
) -> None:
    out, again = tmp_path / "a.png", tmp_path / "again.png"
    first = rendered(out, models, "--blend", models[1], "--blend-weight", "0..1=0.25")
    model = read_recipe(out).model
    assert model.blend.path == str(models[1])
    assert (model.blend.mapping, model.blend.weights) == (0.0, (0.25, 0.25))
    assert model.blend.sha256 == stylegan_t.load(models[1]).sha256
    assert run("render", "--recipe", out, "--out", again).exit_code == 0
    assert again.read_bytes() == first
    rendered(out, models, "--recipe", out, "--blend", "")
    rendered(again, models)
    assert pixels(out) == pixels(again)


@pytest.mark.parametrize(
    ("given", "mapping", "weights"),
    [
        ((), 0.5, (0.5,) * MAX_BLOCKS),
        (("1.25",), 1.25, (1.25,) * MAX_BLOCKS),
        (("1", "mapping=-0.5", "0=0.25"), -0.5, (0.25, *[1.0] * (MAX_BLOCKS - 1))),
    ],
)
def test_weights_are_of_all_parts_or_of_some(
    models: tuple[Path, Path],
    tmp_path: Path,
    given: tuple[str, ...],
    mapping: float,
    weights: tuple[float, ...],
) -> None:
    out = tmp_path / "a.png"
    rendered(out, models, "--blend", models[1], *(f"--blend-weight={one}" for one in given))
    blend = read_recipe(out).model.blend
    assert (blend.mapping, blend.weights) == (mapping, weights)


@pytest.mark.parametrize("weight", ["x", "nan", "1e9", "b=0.5", "mapping=", "0..99=1"])
def test_a_weight_that_is_none_is_refused(models: tuple[Path, Path], weight: str) -> None:
    result = run(*("render", "--out", "x.png", "--blend", models[1], "--blend-weight", weight))
    assert result.exit_code == 2 and "is not" in result.output


def test_weights_need_a_second_model() -> None:
    result = run("render", "--out", "x.png", "--blend-weight", "0.5")
    assert result.exit_code == 2 and "--blend PATH" in result.output


def test_a_second_model_that_is_not_there_is_named(models: tuple[Path, Path]) -> None:
    result = run("render", "--model", models[0], "--out", "x.png", "--blend", "/nowhere.pkl")
    assert result.exit_code == 1 and not Path("x.png").exists()
    assert "The model nowhere.pkl is not at /nowhere.pkl" in result.output
    assert "--blend FILE" in result.output


def test_a_blend_is_written_as_a_checkpoint_that_draws_the_same(
    models: tuple[Path, Path], tmp_path: Path
) -> None:
    both, out = tmp_path / "both.safetensors", tmp_path / "a.png"
    weights = ("--blend-weight", "mapping=1", "--blend-weight", "1=0.5")
    result = run("convert", models[0], both, "--blend", models[1], *weights)
    assert result.exit_code == 0, result.output
    found, a, b = (stylegan_t.load(path) for path in (both, *models))
    assert found.card.name == "a.safetensors + b.safetensors"
    assert torch.equal(found.mapping.x_avg, b.mapping.x_avg)
    name = "b8.input.affine.weight"
    own, mixed = (model.synthesis.state_dict()[name] for model in (a, found))
    assert torch.equal(own, mixed)
    rendered(out, models, "--blend", models[1], *weights)
    alone = tmp_path / "alone.png"
    assert run(*("render", "--model", both, "--prompt", "a house", "--out", alone)).exit_code == 0
    assert pixels(alone) == pixels(out)


def pixels(path: Path) -> bytes:
    """The pixels in a file, without what it carries beside them."""
    with Image.open(path) as image:
        return image.tobytes()


def test_what_does_not_fit_is_told_with_its_layer(
    models: tuple[Path, Path], tmp_path: Path
) -> None:
    large, out = tmp_path / "large.safetensors", tmp_path / "out.safetensors"
    stylegan_t.save(tiny_model(3, 32), large)
    result = run("convert", models[0], out, "--blend", large)
    assert result.exit_code == 1 and not out.exists()
    assert "large.safetensors has the layer synthesis.b32.conv0" in result.output
