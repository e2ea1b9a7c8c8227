"""Prompts as names of classes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from stylegan_t.encoders.classes import IMAGENET_CLASSES, ClassTower, class_tower

NAMES = ("cat", "tabby cat", "dog", "sea lion", "lion", "T-shirt")


@pytest.mark.parametrize(
    ("prompt", "found"),
    [
        ("cat", (0,)),
        ("a Tabby Cat on the sofa", (1,)),
        ("sea lion, dog", (3, 2)),
        ("dog dog", (2,)),
        ("4", (4,)),
        ("class 2", (2,)),
        ("99", ()),
        ("a t-shirt", (5,)),
        ("concatenate", ()),
        ("", ()),
        ("😀 犬", ()),
    ],
)
def test_names_and_numbers_are_found(prompt: str, found: tuple[int, ...]) -> None:
    assert ClassTower(NAMES).classes(prompt) == found


def test_several_classes_count_alike_and_none_is_zero() -> None:
    rows = ClassTower(NAMES).encode(["cat", "lion and dog", "nothing"])
    assert rows[0].tolist() == [1, 0, 0, 0, 0, 0]
    assert rows[1].nonzero().flatten().tolist() == [2, 4]
    assert rows[1].norm().item() == pytest.approx(1.0)
    assert not rows[2].any()


def test_unknown_words_are_told_with_the_nearest_names() -> None:
    told = ClassTower(NAMES).unknown_words("a tabbi cat and a zeppelin")
    assert "zeppelin" in told
    assert "cat" not in told


def test_long_prompts_are_cut() -> None:
    used, limit, cut = ClassTower(NAMES).count("cat " * 100)
    assert (used, limit, cut) == (100, 48, 4 * 48)
    assert ClassTower(NAMES).encode(["cat " * 10_000]).shape == (1, 6)


def test_names_stand_in_a_file_beside_the_checkpoint(tmp_path: Path) -> None:
    checkpoint, listed = tmp_path / "pets.pkl", tmp_path / "pets.classes.txt"
    assert class_tower(2, checkpoint).names == ("0", "1")
    listed.write_text("cat\n\ndog\u202e\n")
    assert class_tower(2, checkpoint).names == ("cat", "dog\\u202e")
    assert class_tower(3, checkpoint).names == ("0", "1", "2")  # another number of names
    listed.unlink()
    os.mkfifo(listed)  # nobody will ever write into it
    assert class_tower(2, checkpoint).names == ("0", "1")


def test_a_thousand_classes_are_those_of_imagenet(tmp_path: Path) -> None:
    tower = class_tower(IMAGENET_CLASSES, tmp_path / "imagenet256.pkl")
    assert tower.classes("tench") == (0,)
    assert tower.classes("a golden retriever") == (207,)
    assert torch.equal(tower.encode(["goldfish"]).nonzero(), torch.tensor([[0, 1]]))
