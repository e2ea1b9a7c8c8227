"""Models are read from where they may be, whoever asks."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from renderer.errors import PictureError
from renderer.remote.folders import Folders
from stylegan_t.checkpoints.weights import CheckpointError
from stylegan_t.encoders.text import TowerError
from tests.renderer.fakes import CountingLoader, FakeTowers, recipe
from tests.renderer.remote.loopback import WAIT_S, Loopback, Near


@pytest.fixture
def models(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    (folder / "deep").mkdir(parents=True)
    for name in ("b.pkl", "A.safetensors", "notes.txt", ".hidden.pkl"):
        (folder / name).write_bytes(b"12345")
    (tmp_path / "secret.pkl").write_bytes(b"")
    os.symlink(tmp_path / "secret.pkl", folder / "link.pkl")
    return folder


def test_what_is_within_is_allowed_and_nothing_else(models: Path) -> None:
    folders = Folders([models])
    assert folders.allow(str(models / "b.pkl"))
    assert folders.allow(str(models / "deep" / "to come.pkl"))
    for outside in (
        str(models.parent / "secret.pkl"),
        str(models / ".." / "secret.pkl"),
        str(models / "link.pkl"),
        str(models) + "-other/b.pkl",
        "/etc/passwd",
        "relative.pkl",
        "~root/x.pkl",
        f"/etc/..{models}/b.pkl",
        f"~root/..{models}/b.pkl",
        "a\0b",
    ):
        assert not folders.allow(outside), outside


def test_a_folder_is_known_by_each_of_its_names(models: Path) -> None:
    alias = models.parent / "alias"
    alias.symlink_to(models)
    folders = Folders([alias])
    assert folders.allow(str(alias / "b.pkl"))
    assert folders.allow(str(models.resolve() / "b.pkl"))
    other = models.parent / "other"
    other.symlink_to(models)  # that there is such a link outside is not told
    assert not folders.allow(str(other / "b.pkl"))


def test_no_folders_allow_everything() -> None:
    assert Folders([]).allow("/etc/passwd")


def test_a_listing_has_folders_and_models(models: Path) -> None:
    found = Folders([models]).listed("")
    assert found.folder == str(models.resolve())
    assert [(one.name, one.is_folder) for one in found.entries] == [
        ("A.safetensors", False),
        ("b.pkl", False),
        ("deep", True),
    ]
    assert found.above == ()
    assert Folders([models]).listed(str(models / "deep")).above == (str(models.resolve()),)


def test_a_file_s_path_lists_its_folder_and_names_the_file(models: Path) -> None:
    found = Folders([models]).listed(str(models / "b.pkl"))
    assert found.folder == str(models.resolve())
    assert found.file == str(models.resolve() / "b.pkl")
    assert all(one.changed_s > 1_000_000_000 for one in found.entries)
    assert all(one.size == 5 for one in found.entries if one.name == "b.pkl")


def test_text_towers_are_listed_by_their_own_endings(models: Path) -> None:
    (models / "clip.bin").write_bytes(b"1")
    names = [one.name for one in Folders([models]).listed("", "tower").entries]
    assert names == ["A.safetensors", "clip.bin", "deep"]


def test_a_listing_outside_or_of_nothing_is_a_sentence(models: Path) -> None:
    with pytest.raises(PictureError, match="outside the folders"):
        Folders([models]).listed("/etc")
    with pytest.raises(PictureError, match="cannot be read"):
        Folders([models]).listed(str(models / "gone"))


def test_loading_outside_is_refused_and_built_in_models_are_not(models: Path) -> None:
    loader = CountingLoader()
    load = Folders([models]).loader(loader)
    with pytest.raises(CheckpointError, match="outside the folders"):
        load(str(models / "link.pkl"), "cpu", progress=lambda share: None)
    assert loader.paths == []
    load(str(models / "b.pkl"), "cpu", progress=lambda share: None)
    load("demo", "cpu", progress=lambda share: None)


def test_text_towers_outside_are_refused(models: Path) -> None:
    towers = FakeTowers()
    opened = Folders([models]).tower_opener(towers)
    with pytest.raises(TowerError, match="outside the folders"):
        opened("/etc/passwd")
    opened("open_clip:ViT-L-14/openai")
    opened(str(models / "b.pkl"))
    assert len(towers.opened) == 2


def test_a_recipe_that_names_a_file_outside_makes_a_frame_with_the_sentence(models: Path) -> None:
    near = Near(Loopback(folders=(models,)))
    near.thread.start()
    try:
        outside = str(models.parent / "secret.pkl")
        near.thread.submit(recipe("a", model=outside))
        frame = near.next_frame()
        assert frame.error is not None
        assert "outside the folders" in frame.error
        listed = near.thread.asking("").listed("").result(WAIT_S)
        assert listed.folder == str(models.resolve())
    finally:
        assert near.thread.stop(WAIT_S)
