"""Names of models and text towers for people, and of files."""

from __future__ import annotations

import os

import pytest

from renderer.recipe.names import (
    display_name,
    file_name,
    is_text,
    model_key,
    stem_of,
    tower_name,
)
from renderer.recipe.recipe import LatentPart, Prompt, Recipe, TextPart
from stylegan_t.demo.built_in import BUILT_IN


@pytest.mark.skipif(os.name == "nt", reason="there, these paths are not foreign")
@pytest.mark.parametrize(
    "path", ["/models/a b.pkl", "C:\\models\\a b.pkl", "\\\\server\\share\\a b.pkl", "a b.pkl"]
)
def test_file_names_of_any_system(path: str) -> None:
    assert file_name(path) == display_name(path) == "a b.pkl"


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("open_clip:ViT-L-14/openai", "ViT-L-14 (openai)"),
        ("open_clip:ViT-L-14", "ViT-L-14"),
        ("/towers/clip.safetensors", "clip.safetensors"),
        ("/towers/clip.pt?quick_gelu&heads=8", "clip.pt"),
        ("", ""),
    ],
)
def test_names_of_towers(spec: str, name: str) -> None:
    assert tower_name(spec) == name


@pytest.mark.parametrize("name", BUILT_IN)
def test_models_that_are_built_in_have_names_and_no_paths(name: str) -> None:
    assert model_key(name) == name and display_name(name) == BUILT_IN[name].name


def test_names_that_are_no_text() -> None:
    assert is_text("日本 🏠.png")
    assert not is_text("\udcff.png")


def test_names_of_files_do_nothing_but_name_them() -> None:
    assert display_name("/m/\x1b[2J\u202ex.pkl") == r"\u001b[2J\u202ex.pkl"
    assert tower_name("/m/\x1b[2J.bin") == tower_name("\x1b[2J.bin") == r"\u001b[2J.bin"
    assert tower_name("open_clip:a\n/b\x07") == r"a\n (b\u0007)"


@pytest.mark.parametrize(
    ("words", "stem"),
    [
        ("A red house, at sunset!", "a-red-house-at-sunset-seed3"),
        ("", "picture-seed3"),
        ("///\\..", "picture-seed3"),
        ("日本の家", "日本の家-seed3"),
        ("word " * 50, "word-word-word-word-word-word-word-word-seed3"),
    ],
)
def test_a_capture_is_named_after_its_prompt_and_seed(words: str, stem: str) -> None:
    recipe = Recipe(text=TextPart((Prompt(words),)), latent=LatentPart(seed=3))
    assert stem_of(recipe) == stem
