"""Options for the words of the instruments: what they say, and how they refuse nonsense."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

import stylegan_t
from renderer.files.images import read_recipe
from renderer.recipe.recipe import (
    Direction,
    LatentPart,
    MixingPart,
    MixSource,
    MixTrack,
    NoisePart,
    Pad,
    Prompt,
    Recipe,
    TextPart,
    to_json,
)
from tests.renderer.fakes import tiny_model
from visualizer.cli import cli

HALF = MixTrack((0.5,))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "tiny.safetensors"
    stylegan_t.save(tiny_model(3), path)
    return path


def call(*args: object) -> Result:
    return CliRunner().invoke(cli, ["render", *(str(arg) for arg in args)])


def made(folder: Path, model: Path, *args: object, base: Recipe | None = None) -> Recipe:
    """The recipe of the picture that the options make."""
    out = folder / "a.png"
    start: tuple[object, ...] = ()
    if base is not None:
        (folder / "base.json").write_text(to_json(base))
        start = ("--recipe", folder / "base.json")
    result = call("--model", model, *start, *args, "--out", out, "--overwrite")
    assert result.exit_code == 0, result.output
    return read_recipe(out)


def test_every_option_reaches_the_recipe(model: Path, tmp_path: Path) -> None:
    recipe = made(
        *(tmp_path, model, "--prompt", "a", "--prompt", "b", "--pad", 0.25, 1),
        *("--strength", 1.5, "--neutral", "a photo", "--east", 0.25, "--south", -3.5),
        *("--direction", "summer|winter=1.5", "--direction", "a=b|=-2@1..3"),
        *("--psi-block", "1=0.5", "--noise-block", "1..2=-0.5", "--noise-block", "2=3"),
        *("--mix-seed", 9, "--mix-prompt", "snow", "--mix-latent", "0..1=0.25"),
        *("--mix-text", "1=1"),
    )
    assert recipe.text == TextPart(
        (Prompt("a"), Prompt("b")),
        pad=Pad(0.25, 1.0),
        strength=1.5,
        neutral="a photo",
        directions=(
            Direction("", "summer", "winter", 1.5),
            Direction("", "a=b", "", -2.0, 1, 4),
        ),
    )
    assert recipe.latent == LatentPart(x=0.25, y=-3.5)
    assert recipe.psi_blocks == (None, 0.5)
    assert recipe.noise == NoisePart(blocks=(1.0, -0.5, 3.0))
    source = MixSource(9, (), "snow", MixTrack((0.25, 0.25)), MixTrack((0.0, 1.0)))
    assert recipe.mixing == MixingPart((source,))


def test_options_change_one_word_of_a_recipe(model: Path, tmp_path: Path) -> None:
    text = TextPart((Prompt("a"), Prompt("b")), pad=Pad(), strength=0.5, neutral="x")
    both = MixingPart((MixSource(4, (), "c", HALF, HALF), MixSource(5, latent=HALF)))
    base = Recipe(
        text=text, psi_blocks=(0.1, 0.2, 0.3), noise=NoisePart(blocks=(0.5,)), mixing=both
    )

    def changed(*args: object) -> Recipe:
        recipe = made(tmp_path, model, *args, base=base)
        return replace(recipe, model=base.model)

    assert changed("--strength", 1) == replace(base, text=replace(text, strength=1.0))
    assert changed("--neutral", "y") == replace(base, text=replace(text, neutral="y"))
    assert changed("--psi-block", "1=1") == replace(base, psi_blocks=(0.1, 1.0, 0.3))
    louder = replace(base, noise=NoisePart(blocks=(0.5, 2.0)))
    assert changed("--noise-block", "1=2") == louder
    first = replace(both.sources[0], seed=7, text=MixTrack((0.5, 1.0)))
    mixed = replace(base, mixing=MixingPart((first, both.sources[1])))
    assert changed("--mix-seed", 7, "--mix-text", "1=1") == mixed


def test_what_is_named_counts(model: Path, tmp_path: Path) -> None:
    """A pad would hide weights that are named, and a written latent a seed."""
    padded = Recipe(text=TextPart((Prompt("a"), Prompt("b")), pad=Pad()))
    recipe = made(tmp_path, model, "--weight", 3, base=padded)
    assert recipe.text == TextPart((Prompt("a", 3.0), Prompt("b")))
    written = (0.5,) * 16
    held = Recipe(
        latent=LatentPart(values=written, target_values=written, position=0.5),
        mixing=MixingPart((MixSource(values=written, latent=HALF),)),
    )
    recipe = made(tmp_path, model, "--seed", 3, "--to-seed", 4, "--mix-seed", 5, base=held)
    assert recipe.latent == LatentPart(3, 4, 0.5)
    assert recipe.mixing.sources == (MixSource(5, latent=HALF),)
    result = call("--recipe", tmp_path / "base.json", "--east", 1, "--out", tmp_path / "b.png")
    assert result.exit_code == 2
    assert "latent has none" in result.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--pad", "0.5"], "--pad"),
        (["--pad", "0.5", "0.5"], "give --prompt several times"),
        (["--prompt", "a", "--prompt", "b", "--pad", "2", "0"], "impossible value"),
        (["--prompt", "a", "--prompt", "b", "--pad", "nan", "0"], "must be a finite number"),
        (["--strength", "nan"], "must be a finite number"),
        (["--neutral", "x"], "--neutral needs --strength"),
        (["--east", "1e9"], "impossible value"),
        (["--south", "nan"], "must be a finite number"),
        (["--direction", "summer"], "not PLUS|MINUS=K"),
        (["--direction", "summer|winter"], "not PLUS|MINUS=K"),
        (["--direction", "summer=1"], "not PLUS|MINUS=K"),
        (["--direction", "summer|winter=much"], "not PLUS|MINUS=K"),
        (["--direction", "summer|winter=nan"], "not PLUS|MINUS=K"),
        (["--direction", "summer|winter=1@"], "not PLUS|MINUS=K"),
        (["--direction", "summer|winter=1@5..2"], "not PLUS|MINUS=K"),
        (["--direction", "summer|winter=1@0..9999"], "not PLUS|MINUS=K"),
        (["--direction", "summer|winter=1e9"], "impossible value"),
        (["--psi-block", "1"], "not BLOCK=VALUE"),
        (["--psi-block", "=1"], "not BLOCK=VALUE"),
        (["--psi-block", "16=1"], "not BLOCK=VALUE"),
        (["--psi-block", "-1=1"], "not BLOCK=VALUE"),
        (["--psi-block", "²=1"], "not BLOCK=VALUE"),
        (["--psi-block", "2..1=1"], "not BLOCK=VALUE"),
        (["--psi-block", "1=inf"], "not BLOCK=VALUE"),
        (["--psi-block", "1=1e9"], "impossible value"),
        (["--noise-block", "x=1"], "not BLOCK=VALUE"),
        (["--mix-seed", "5"], "--mix-seed needs --mix-latent"),
        (["--mix-seed", "-5", "--mix-latent", "0=1"], "--mix-seed"),
        (["--mix-prompt", "x", "--mix-latent", "0=1"], "--mix-prompt needs --mix-text"),
    ],
)
def test_wrong_use_is_refused(tmp_path: Path, options: list[Any], words: str) -> None:
    result = call(*options, "--out", tmp_path / "a.png")
    assert result.exit_code == 2, result.output
    assert words in result.stderr
    assert "Traceback" not in result.output
    assert list(tmp_path.iterdir()) == []
