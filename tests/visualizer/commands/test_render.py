"""`stylegan-t render`: options to pictures, pictures to equal ones, mistakes to sentences."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner, Result
from PIL import Image

import stylegan_t
from renderer.files.images import read_recipe
from renderer.pipeline.renderer import Renderer
from renderer.recipe.recipe import (
    LatentPart,
    ModelRef,
    NoisePart,
    Pad,
    Prompt,
    Recipe,
    TextPart,
    TransformPart,
    WeightedSeed,
    to_json,
)
from tests.renderer.fakes import tiny_model
from tests.visualizer.commands.results import done, refused
from visualizer.cli import cli
from visualizer.session.session_file import SessionFile, encode


def call(*args: object) -> Result:
    return CliRunner().invoke(cli, ["render", *(str(arg) for arg in args)])


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def test_render_then_render_the_recipe_gives_the_same_file(model: Path, tmp_path: Path) -> None:
    a, b = tmp_path / "a.png", tmp_path / "b.png"
    options = ["--prompt", "a red house", "--seed", 3, "--psi", 0.7, "--noise", "random"]
    result = done(call("--model", model, *options, "--noise-seed", 5, "--out", a))
    assert str(a) in result.stdout
    done(call("--recipe", a, "--out", b))
    assert np.array_equal(pixels(a), pixels(b))
    assert a.read_bytes() == b.read_bytes()
    assert pixels(a).std() > 20


def test_the_pixels_are_the_renderers(model: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.png"
    done(call("--model", model, "--prompt", "a red house", "--out", out))
    frame = Renderer("cpu").render(read_recipe(out))
    assert np.array_equal(pixels(out), frame.pixels())


def test_every_option_reaches_the_recipe(model: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.png"
    done(
        call(
            *("--model", model, "--prompt", "one", "--prompt", "two", "--weight", 0.5),
            *("--seed", 4, "--to-seed", 9, "--position", 0.25, "--psi", -0.5),
            *("--noise", "random", "--noise-seed", 7, "--noise-strength", 2),
            *("--rotate", 30, "--x", 0.1, "--y", -0.2, "--zoom", 1.5, "--out", out),
        )
    )
    recipe = read_recipe(out)
    assert recipe.model.path == str(model)
    assert recipe.model.sha256 == stylegan_t.load(model).sha256
    assert recipe.text == TextPart((Prompt("one", 0.5), Prompt("two", 1.0)))
    assert recipe.latent == LatentPart(4, 9, 0.25)
    assert recipe.psi == -0.5
    assert recipe.noise == NoisePart("random", 7, 2.0)
    assert recipe.transform == TransformPart(30, 0.1, -0.2, 1.5)


def test_options_override_the_recipe_and_leave_the_rest(model: Path, tmp_path: Path) -> None:
    a, b = tmp_path / "a.png", tmp_path / "b.png"
    done(call("--model", model, "--prompt", "x", "--seed", 4, "--zoom", 2, "--out", a))
    done(call("--recipe", a, "--psi", 0.5, "--weight", 3, "--rotate", 10, "--out", b))
    recipe = read_recipe(b)
    assert recipe.psi == 0.5
    assert recipe.text.prompts == (Prompt("x", 3),)
    assert recipe.transform == TransformPart(rotate_deg=10, zoom=2)
    assert recipe.latent.seed == 4


def test_a_recipe_may_be_json(model: Path, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(to_json(Recipe(latent=LatentPart(8))))
    out = tmp_path / "a.png"
    done(call("--recipe", tmp_path / "a.json", "--model", model, "--out", out))
    assert read_recipe(out).latent.seed == 8


def test_a_relative_model_is_found_from_anywhere(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(model.parent)
    done(call("--model", model.name, "--out", tmp_path / "a.png"))
    monkeypatch.chdir(tmp_path)
    done(call("--recipe", "a.png", "--out", "b.png"))
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".PNG"])
def test_other_kinds_of_picture(model: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"a{suffix}"
    done(call("--model", model, "--prompt", "x", "--out", out))
    assert pixels(out).shape == (16, 16, 3)
    assert read_recipe(out).text.prompts == (Prompt("x"),)


def test_nothing_is_overwritten_unasked(model: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.png"
    out.write_bytes(b"mine")
    refused(call("--model", model, "--out", out), 1, "exists already: give --overwrite")
    assert out.read_bytes() == b"mine"
    done(call("--model", model, "--out", out, "--overwrite"))
    assert pixels(out).shape == (16, 16, 3)


def test_another_model_than_the_recipes_is_noted(model: Path, tmp_path: Path) -> None:
    a, other = tmp_path / "a.png", tmp_path / "other.safetensors"
    stylegan_t.save(tiny_model(4), other)
    done(call("--model", model, "--out", a))
    result = done(call("--recipe", a, "--model", other, "--out", tmp_path / "b.png"))
    assert "Note: This recipe was made with another version of other.safetensors" in result.stderr
    assert read_recipe(tmp_path / "b.png").model.sha256 == stylegan_t.load(other).sha256
    assert "Note" not in done(call("--recipe", a, "--out", tmp_path / "c.png")).stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--out", "a.bmp"], "--out must end in"),
        (["--out", "a"], "--out must end in"),
        ([], "--out"),
        (["--out", "a.png", "--psi", "nan"], "psi must be a finite number"),
        (["--out", "a.png", "--psi", "inf"], "psi must be a finite number"),
        (["--out", "a.png", "--psi", "1e9"], "impossible value"),
        (["--out", "a.png", "--psi", "much"], "--psi"),
        (["--out", "a.png", "--zoom", "0"], "impossible value"),
        (["--out", "a.png", "--seed", "-1"], "--seed"),
        (["--out", "a.png", "--seed", "9223372036854775808"], "--seed"),
        (["--out", "a.png", "--noise", "loud"], "--noise"),
        (["--out", "a.png", "--weight", "1", "--weight", "2"], "2 times for 1 prompt"),
        (["--out", "a.png", "--to-seed", "2"], "--to-seed needs --position"),
        (["--out", "a.png", "--prompt", "x" * 100_001], "impossible value"),
        (["--out", "a.png", "surplus"], "surplus"),
    ],
)
def test_wrong_use_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    refused(call(*options), 2, words)
    assert list(tmp_path.iterdir()) == []


def test_failures_are_one_sentence(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    out = tmp_path / "a.png"
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"\x80\x04 not a model" * 99)
    for options, words in [
        (["--model", tmp_path / "missing.safetensors"], "give --model demo"),
        (["--model", bad], "bad.safetensors"),
        (["--model", tmp_path], "not a file"),
        (["--recipe", tmp_path / "missing.png"], "There is no file"),
        (["--recipe", bad], "not a recipe"),
        (["--model", model, "--device", "cuda"], "CUDA is not available"),
        (["--model", model, "--device", "abacus"], "no device called"),
    ]:
        result = call(*options, "--out", out)
        refused(result, 1, words)
        assert result.stderr.startswith("Error: ")
        assert len(result.stderr.strip().splitlines()) == 1
    refused(call("--model", model, "--out", tmp_path), 2, "must end in")
    refused(call("--model", model, "--out", tmp_path / "no" / "a.png"), 1, "There is no folder")
    (tmp_path / "folder.png").mkdir()
    refused(call("--model", model, "--out", tmp_path / "folder.png"), 1, "is a folder")
    assert not out.exists()


def test_half_precision_is_in_the_recipe_and_nearly_the_same(model: Path, tmp_path: Path) -> None:
    whole, half = tmp_path / "whole.png", tmp_path / "half.png"
    done(call("--model", model, "--prompt", "a house", "--out", whole))
    done(call("--recipe", whole, "--precision", "float16", "--out", half))
    assert read_recipe(half).precision == "float16"
    assert read_recipe(whole).precision == "float32"
    difference = np.abs(pixels(half).astype(int) - pixels(whole).astype(int))
    assert difference.mean() < 1
    refused(call("--model", model, "--precision", "int8", "--out", tmp_path / "b.png"), 2, "int8")


def test_a_recipe_whose_model_is_not_there_says_what_it_wants(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(to_json(Recipe(model=ModelRef("/elsewhere/big.pkl", "1a2b3c4d" + "0" * 56))))
    result = call("--recipe", path, "--out", tmp_path / "a.png")
    refused(result, 1, "The model big.pkl (hash 1a2b3c4d) is not at /elsewhere/big.pkl")
    assert "--model FILE" in result.stderr


def test_another_tower_must_be_there(model: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone.safetensors"
    result = call("--model", model, "--tower", gone, "--out", tmp_path / "a.png")
    refused(result, 1, "--tower")
    assert "gone.safetensors" in result.stderr
    assert not (tmp_path / "a.png").exists()


def test_the_checkpoint_s_own_tower_again(model: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(to_json(Recipe(model=ModelRef(str(model), tower="gone.pt"))))
    done(call("--recipe", path, "--tower", "", "--out", tmp_path / "a.png"))
    assert read_recipe(tmp_path / "a.png").model.tower == ""


def test_a_session_is_rendered_by_its_recipe(model: Path, tmp_path: Path) -> None:
    recipe = Recipe(ModelRef(str(model)), latent=LatentPart(7))
    (tmp_path / "mine").write_bytes(encode(SessionFile(recipe)))
    (tmp_path / "recipe").write_text(to_json(recipe), "utf-8")
    for name in ("mine", "recipe"):
        done(call("--recipe", tmp_path / name, "--out", tmp_path / f"{name}.png"))
    assert np.array_equal(pixels(tmp_path / "mine.png"), pixels(tmp_path / "recipe.png"))


def test_a_file_of_another_kind_is_named_for_what_it_is(model: Path, tmp_path: Path) -> None:
    out, clip = tmp_path / "a.png", tmp_path / "clip"
    clip.write_bytes(b"\0\0\0\x20ftypisom")
    refused(call("--recipe", model, "--out", out), 1, "is a model, not a recipe. Name it with")
    refused(call("--recipe", clip, "--out", out), 1, "clip is a video, not one recipe.")


def test_a_value_out_of_range_is_told_in_words(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"stylegan_t_recipe": 2, "recipe": {"psi": 1e9}}')
    result = call("--recipe", path, "--out", tmp_path / "a.png")
    refused(result, 1, "a.json: This recipe is damaged: psi must be at most 10000.")


def test_a_name_that_no_file_can_have_is_a_sentence(model: Path, tmp_path: Path) -> None:
    out = tmp_path / ("x" * 300 + ".png")
    result = call("--model", model, "--out", out)
    refused(result, 1, "cannot be written: the name is too long.")


def test_words_that_cannot_be_saved_are_refused_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shell hands on bytes that are no text as halves of characters."""

    def works(*_: object, **__: object) -> None:
        raise AssertionError("it draws before it asks")

    monkeypatch.setattr("renderer.pipeline.renderer.Renderer", works)
    out = tmp_path / "a.png"
    refused(call("--prompt", "bad \udcff", "--out", out), 2, "cannot be saved")
    assert list(tmp_path.iterdir()) == []


def test_a_list_of_prompts_is_a_picture_each_and_replaces_nothing(
    model: Path, tmp_path: Path
) -> None:
    prompts, out = tmp_path / "list.txt", tmp_path / "a.png"
    prompts.write_text("# two\n\na boat\na house\n", "utf-8")
    (tmp_path / "a-0001.png").write_bytes(b"mine")
    out.write_bytes(b"mine, too")
    result = done(call("--model", model, "--prompts", prompts, "--seed", 4, "--out", out))
    made = [tmp_path / "a-0002.png", tmp_path / "a-0003.png"]
    assert all(str(path) in result.stdout for path in made)
    assert [read_recipe(path).text.prompts[0].text for path in made] == ["a boat", "a house"]
    assert {read_recipe(path).latent.seed for path in made} == {4}
    assert (tmp_path / "a-0001.png").read_bytes() == b"mine" and out.read_bytes() == b"mine, too"
    done(call("--recipe", made[0], "--out", tmp_path / "again.png"))
    assert (tmp_path / "again.png").read_bytes() == made[0].read_bytes()


def test_a_list_of_prompts_that_makes_no_sense_is_refused(model: Path, tmp_path: Path) -> None:
    prompts, out = tmp_path / "list.txt", tmp_path / "a.png"
    prompts.write_text("# nothing\n", "utf-8")
    refused(call("--prompts", prompts, "--out", out), 1, "list.txt contains no prompts")
    for other in (["--prompt", "x"], ["--overwrite"]):
        refused(call("--prompts", prompts, *other, "--out", out), 2, "cannot be used together")


def test_several_seeds_are_blended(model: Path, tmp_path: Path) -> None:
    blend = ("--blend-seed", "7=0.5", "--blend-seed", "9", "--seed-pad", "0.25", "0")
    call("--model", model, *blend, "--out", tmp_path / "a.png")
    part = read_recipe(tmp_path / "a.png").latent
    assert part.seeds == (WeightedSeed(7, 0.5), WeightedSeed(9))
    assert part.pad == Pad(0.25, 0.0)
