"""Where a command may write."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from visualizer.options.out_path import out_path

KINDS = (".png", ".jpg")


def test_a_new_file_in_a_folder_that_is_there_is_taken(tmp_path: Path) -> None:
    assert out_path(str(tmp_path / "a.PNG"), KINDS, False) == tmp_path / "a.PNG"


def test_a_file_that_is_there_is_taken_only_when_it_may_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"")
    with pytest.raises(click.ClickException, match="exists already: give --overwrite"):
        out_path(str(path), KINDS, False)
    assert out_path(str(path), KINDS, True) == path


@pytest.mark.parametrize("overwrite", [True, False])
def test_other_kinds_folders_and_places_that_are_missing_are_refused(
    tmp_path: Path, overwrite: bool
) -> None:
    (tmp_path / "folder.png").mkdir()
    cases = [
        ("a.gif", r"OUT must end in \.png, \.jpg"),
        ("folder.png", "is a folder"),
        ("no/a.png", "There is no folder"),
    ]
    for name, words in cases:
        with pytest.raises(click.ClickException, match=words):
            out_path(str(tmp_path / name), KINDS, overwrite, "OUT")


def test_a_link_to_nothing_is_there(tmp_path: Path) -> None:
    (tmp_path / "a.png").symlink_to(tmp_path / "gone.png")
    with pytest.raises(click.ClickException, match="exists already"):
        out_path(str(tmp_path / "a.png"), KINDS, False)
