"""Recipes as command lines: what options say they say, and the rest goes into a file."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

import stylegan_t
from renderer.files.images import encode, read_recipe
from renderer.frame.frame import captured_recipe
from renderer.pipeline.renderer import Renderer
from renderer.recipe.fresh import FRESH
from renderer.recipe.recipe import (
    Bend,
    Canvas,
    LatentPart,
    ModelRef,
    NoisePart,
    Prompt,
    Recipe,
    RecipeError,
    TextPart,
    TransformPart,
)
from tests.renderer.fakes import tiny_model
from visualizer.cli import cli
from visualizer.options import as_command
from visualizer.options.as_command import (
    as_options,
    file_command,
    program,
    render_command,
    save_recipe,
)

PLAIN = FRESH
SAID = Recipe(
    text=TextPart(
        (Prompt("a 'red' \"house\" $HOME\n日本"), Prompt("-minus", -0.5), Prompt("")),
        strength=1.5,
        neutral="sea",
    ),
    latent=LatentPart(2**62, 5, -0.25, x=0.25, y=-0.5),
    psi=-0.7,
    psi_cutoff=3,
    psi_towards="nearest",
    noise=NoisePart("random", 4, 0.1 + 0.2),
    transform=TransformPart(-30.0, 0.5, -1e-7, 2.0),
    canvas=Canvas(16 / 9, 1.0),
    bends=(
        Bend("b8.input", "shift", 0.1 + 0.2, -1e-3, channels=((0, 3, 1), (5, None, 2))),
        Bend("b16.conv0", "noise", -0.5, seed=9),
    ),
    precision="bfloat16",
)
UNSAID = (
    replace(PLAIN, psi_blocks=(0.5,)),
    replace(PLAIN, bends=(Bend("b8.input", "gain", 2.0, on=False),)),
    replace(PLAIN, text=TextPart((Prompt("a"),), normalize=False)),
    replace(PLAIN, latent=LatentPart(values=(0.5,) * 16)),
    replace(PLAIN, text=TextPart((Prompt("word " * 1000),))),
    replace(PLAIN, text=TextPart((Prompt("nul \0 inside"),))),
)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models with spaces") / "tiny.safetensors"
    stylegan_t.save(tiny_model(3), path)
    return path


def test_options_say_only_what_differs() -> None:
    assert as_options(PLAIN) == ()
    recipe = replace(PLAIN, text=TextPart((Prompt("a house"),)), latent=LatentPart(3), psi=0.7)
    assert as_options(recipe) == ("--prompt", "a house", "--seed", "3", "--psi", "0.7")
    assert as_options(replace(PLAIN, model=ModelRef(PLAIN.model.path, "ab" * 32))) == ()
    assert as_options(Recipe()) == ("--model", "demo")


@pytest.mark.parametrize("recipe", UNSAID)
def test_what_options_cannot_say_goes_into_a_file(recipe: Recipe, tmp_path: Path) -> None:
    assert as_options(recipe) is None
    command, file = render_command(recipe, tmp_path / "new", ".png")
    assert file is not None
    assert file.parent == tmp_path / "new"
    assert shlex.quote(str(file)) in command
    assert read_recipe(file) == recipe


@pytest.mark.parametrize("recipe", UNSAID)
def test_the_command_of_a_capture_needs_no_further_file(recipe: Recipe, tmp_path: Path) -> None:
    path = tmp_path / "a house.webp"
    words = shlex.split(file_command(recipe, path))[len(program()) :]
    assert words[:3] == ["render", "--recipe", str(path)]
    assert words[-1].endswith(".webp")
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("recipe", [PLAIN, SAID, *UNSAID])
def test_the_command_makes_the_window_s_capture_to_the_byte(
    recipe: Recipe, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = Renderer("cpu").render(replace(recipe, model=ModelRef(str(model))))
    captured = captured_recipe(frame)
    command, _ = render_command(captured, tmp_path, ".webp")
    words = shlex.split(command)[len(program()) :]
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, words)
    assert result.exit_code == 0, result.output
    assert Path(words[-1]).read_bytes() == encode(frame.pixels(), captured, ".webp")


def test_the_same_recipe_is_written_once(tmp_path: Path) -> None:
    first = save_recipe(UNSAID[0], tmp_path)
    assert save_recipe(UNSAID[0], tmp_path) == first
    first.write_text("something else came into its place")
    second = save_recipe(UNSAID[0], tmp_path)
    assert second != first
    assert read_recipe(second) == UNSAID[0]
    assert first.read_text() == "something else came into its place"


def test_a_recipe_that_no_file_can_hold_is_a_sentence(tmp_path: Path) -> None:
    broken = replace(UNSAID[1], text=TextPart((Prompt("\ud800"),), normalize=False))
    with pytest.raises(RecipeError, match=r"\.$"):
        render_command(broken, tmp_path, ".png")


def test_the_program_is_named_as_a_shell_finds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    assert program() == ("stylegan-t",)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert program() == (str(tmp_path / "python"), "-m", "visualizer")
    (tmp_path / "stylegan-t").touch()
    monkeypatch.setattr(as_command.os, "name", "posix")
    assert program() == (str(tmp_path / "stylegan-t"),)
