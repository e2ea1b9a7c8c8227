"""Names of models and text towers for people."""

from __future__ import annotations

import os

import pytest

from renderer.recipe.names import display_name, file_name, is_text, tower_name


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


def test_names_that_are_no_text() -> None:
    assert is_text("日本 🏠.png")
    assert not is_text("\udcff.png")


def test_names_of_files_do_nothing_but_name_them() -> None:
    assert display_name("/m/\x1b[2J\u202ex.pkl") == r"\u001b[2J\u202ex.pkl"
    assert tower_name("/m/\x1b[2J.bin") == tower_name("\x1b[2J.bin") == r"\u001b[2J.bin"
    assert tower_name("open_clip:a\n/b\x07") == r"a\n (b\u0007)"
