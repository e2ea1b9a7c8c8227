"""Models are found by name and hash, and nothing else counts."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from renderer.errors import Abandoned
from renderer.models.search import find_model
from renderer.recipe.recipe import ModelRef


def nothing(share: float) -> None:
    """Nobody asks how far it is."""


def put(folder: Path, data: bytes, name: str = "net.pkl") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)
    return folder / name


def test_only_the_file_with_the_hash_counts(tmp_path: Path) -> None:
    put(tmp_path / "a", b"another file of that name")
    wanted = put(tmp_path / "b", b"the one")
    put(tmp_path / "c", b"the one", "other.pkl")
    folders = [tmp_path / "none", tmp_path / "c", tmp_path / "a", tmp_path / "b"]
    model = ModelRef("/elsewhere/net.pkl", hashlib.sha256(b"the one").hexdigest())
    assert find_model(model, folders, nothing) == wanted
    assert find_model(model, folders[:3], nothing) is None


def test_without_a_hash_the_name_decides(tmp_path: Path) -> None:
    path = put(tmp_path / "a", b"anything")
    assert find_model(ModelRef("D:\\nets\\net.pkl"), [tmp_path / "a"], nothing) == path
    assert find_model(ModelRef("/nets/other.pkl"), [tmp_path / "a"], nothing) is None


def test_a_folder_of_that_name_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "net.pkl").mkdir()
    assert find_model(ModelRef("/x/net.pkl"), [tmp_path], nothing) is None


def test_a_search_can_be_given_up(tmp_path: Path) -> None:
    put(tmp_path, b"anything")

    def stop(share: float) -> None:
        raise Abandoned

    with pytest.raises(Abandoned):
        find_model(ModelRef("/x/net.pkl", "0" * 64), [tmp_path], stop)
