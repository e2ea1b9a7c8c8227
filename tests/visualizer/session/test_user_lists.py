"""Collections in the user's state folder: nothing in such a file is trusted."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.json import Decoder

from renderer.recipe.recipe import Direction
from visualizer.instruments.prompts import DIRECTION
from visualizer.session import user_lists
from visualizer.session.user_lists import MAX_BYTES, Library, LibraryError, decode, encode

KEPT = (Direction("night", "at night", "at noon", 1.5, 3, 6), Direction(plus="海", minus="😀"))
LIMIT = 10


def shelf(folder: Path) -> Library[Direction]:
    """A library of directions."""
    return Library(folder, "directions", DIRECTION, LIMIT)


def file_of(*items: Any, **changes: Any) -> bytes:
    """A file with these items as they stand."""
    body = {"stylegan_t_library": "directions", "version": 1, "items": list(items), **changes}
    return json.dumps(body).encode()


def test_what_is_saved_is_read_again(tmp_path: Path) -> None:
    assert shelf(tmp_path / "new").load() == ((), "")
    assert shelf(tmp_path / "new").save(KEPT) is None
    assert shelf(tmp_path / "new").load() == (KEPT, "")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["directions.json"]


def test_items_that_cannot_be_used_are_left_out_and_the_file_is_kept(tmp_path: Path) -> None:
    good = {"plus": "a", "minus": "b", "amount": 1.0}
    bad: list[Any] = [
        {**good, "amount": 1e9},
        {**good, "amount": "1"},
        {**good, "start": -1},
        {**good, "plus": "x" * 100_001},
        {**good, "unknown": 1},
        "a direction",
        None,
        [[]],
    ]
    before = file_of(good, *bad, {**good, "plus": "c"})
    (tmp_path / "directions.json").write_bytes(before)
    items, note = shelf(tmp_path).load()
    assert [item.plus for item in items] == ["a", "c"]
    assert note.startswith("8 of the directions cannot be used.")
    assert (tmp_path / "directions.broken.json").read_bytes() == before


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "contains no directions"),
        (b"{", "contains no directions"),
        (b"[1, 2]", "contains no directions"),
        (b"[" * 100_000, "contains no directions"),
        (b"\xff\xfe{}", "contains no directions"),
        (b'{"stylegan_t_library": "directions", "items": [NaN]}', "contains no directions"),
        (b'{"stylegan_t_library": "directions", "items": 7}', "contains no directions"),
        (file_of(version=2), "newer version"),
        (file_of(stylegan_t_library="prompts"), "another list"),
        (b" " * (MAX_BYTES + 1), "far too large"),
    ],
    ids=["empty", "cut", "list", "deep", "bytes", "NaN", "number", "newer", "other", "huge"],
)
def test_a_file_that_is_no_collection_is_refused_in_a_sentence_and_kept(
    tmp_path: Path, data: bytes, sentence: str
) -> None:
    (tmp_path / "directions.json").write_bytes(data)
    items, note = shelf(tmp_path).load()
    assert items == ()
    assert sentence in note
    assert (tmp_path / "directions.broken.json").read_bytes() == data
    assert shelf(tmp_path).save(KEPT) is None  # and a new one begins


def test_no_more_items_are_read_than_there_is_room_for() -> None:
    found = decode("directions", file_of(*[{}] * 25), DIRECTION, LIMIT, "it")
    assert len(found.items) == LIMIT
    assert found.refused == 15
    many = b'{"stylegan_t_library": "directions", "items": [' + b"0," * 200_000 + b"0]}"
    with pytest.raises(LibraryError):
        decode("directions", many, DIRECTION, LIMIT, "it")


@given(st.binary(max_size=200))
def test_no_bytes_do_worse_than_a_sentence(data: bytes) -> None:
    with pytest.raises(LibraryError):
        decode("directions", data, DIRECTION, LIMIT, "it")


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=8))
def test_any_text_comes_back(texts: list[str]) -> None:
    assert decode("prompts", encode("prompts", texts), Decoder(str), LIMIT, "it").items == tuple(
        texts
    )


def test_half_a_surrogate_pair_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    shelf(tmp_path).save(KEPT)
    problem = shelf(tmp_path).save((Direction(plus="\ud800"),))
    assert problem is not None
    assert "cannot be saved" in problem
    assert shelf(tmp_path).load() == (KEPT, "")


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    problem = shelf(tmp_path / "file").save(KEPT)
    assert problem is not None
    assert problem.startswith("The list of directions cannot be saved for the next start:")


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="it is not a file"):
        user_lists.read(tmp_path, "directions", DIRECTION, LIMIT)
    with pytest.raises(LibraryError, match="cannot be read"):
        user_lists.read(tmp_path / "gone.json", "directions", DIRECTION, LIMIT)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "directions.json")
    with pytest.raises(LibraryError, match="it is not a file"):
        user_lists.read(tmp_path / "directions.json", "directions", DIRECTION, LIMIT)
