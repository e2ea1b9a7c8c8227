"""The file of moments: read whole or not at all, and named in what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from renderer.files.kinds import identify
from renderer.files.moments_file import read_moments
from renderer.recipe.moments import Moment, Moments
from renderer.recipe.moments_json import MomentsError, to_file
from renderer.recipe.recipe import Recipe

MOMENTS = Moments((Moment(3, Recipe(psi=0.5)),))


def test_a_file_is_known_by_its_content_and_read(tmp_path: Path) -> None:
    path = tmp_path / "evening.json"
    path.write_bytes(b"\xef\xbb\xbf" + to_file(MOMENTS))
    assert identify(path) == "moments"
    assert read_moments(path).moments == MOMENTS


@pytest.mark.parametrize("name", ["missing.json", "folder", "wrong.json"])
def test_what_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "wrong.json").write_text("{}")
    with pytest.raises(MomentsError, match=name):
        read_moments(tmp_path / name)
