from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest
from msgspec import Raw

from renderer.recipe.recipe import Prompt, Recipe, TextPart, to_json
from visualizer.session import session_file
from visualizer.session.session_file import (
    SessionError,
    SessionFile,
    decode,
    encode,
    read_session,
)

RECIPE = Recipe(text=TextPart((Prompt("日本の家 😀 \u2028", 0.5),)), psi=0.7)
SESSION = SessionFile(RECIPE, {"timeline": Raw(b'{"fps": 25}'), "von später": Raw(b'[1, "\\n"]')})
BODY = to_json(Recipe())


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(encode(SESSION))
    read = read_session(path)
    assert read.recipe == RECIPE
    assert {name: msgspec.json.decode(part) for name, part in read.parts.items()} == {
        "timeline": {"fps": 25},
        "von später": [1, "\n"],
    }
    assert read.timeline is not None
    assert SessionFile().timeline is None
    assert encode(read) == encode(SESSION)


def test_a_session_is_plain_json_with_its_timeline_by_name() -> None:
    plain = msgspec.json.decode(encode(SESSION))
    assert plain["stylegan_t_session"] == 1
    assert plain["timeline"] == {"fps": 25}
    assert plain["recipe"]["recipe"]["psi"] == 0.7


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "not a session"),
        (b"{", "not a session"),
        (b"[]", "not a session"),
        (b"null", "not a session"),
        (b"\xff\xfe", "not a session"),
        (b'{"stylegan_t_session": 1}', "not a session"),
        (f'{{"stylegan_t_session": 0, "recipe": {BODY}}}'.encode(), "not a session"),
        (f'{{"stylegan_t_session": "1", "recipe": {BODY}}}'.encode(), "not a session"),
        (f'{{"stylegan_t_session": 2, "recipe": {BODY}}}'.encode(), "newer version"),
        (b'{"stylegan_t_session": 1, "recipe": {"psi": 1}}', "not a recipe"),
        (b'{"stylegan_t_session": 1, "recipe": NaN}', "not a session"),
        (f'{{"stylegan_t_session": 1, "recipe": {BODY}, "a": "\xff"}}'.encode("latin-1"), "not a"),
        (BODY.encode(), "not a session"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "not a session"),
        (
            b'{"stylegan_t_session": 1, "recipe": {"stylegan_t_recipe": 99, "recipe": {}}}',
            "newer version",
        ),
        (
            b'{"stylegan_t_session": 1, "recipe": {"stylegan_t_recipe": 2, "recipe": '
            b'{"psi": 1e308}}}',
            "damaged",
        ),
    ],
)
def test_what_is_no_session_is_refused_with_one_sentence(
    tmp_path: Path, data: bytes, sentence: str
) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(data)
    with pytest.raises(SessionError, match=sentence) as caught:
        read_session(path)
    told = str(caught.value)
    assert told.startswith("a.json cannot be opened: ")
    assert told.endswith(".")
    assert not told.endswith("..")


def test_no_end_of_parts_is_refused() -> None:
    many = ",".join(f'"{number}": 1' for number in range(1000))
    with pytest.raises(SessionError, match="not a session"):
        decode(f'{{"stylegan_t_session": 1, "recipe": {BODY}, {many}}}'.encode())


def test_huge_files_are_not_even_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_file, "MAX_SESSION_BYTES", 1000)
    path = tmp_path / "a.json"
    path.write_bytes(encode(SessionFile()).replace(b"\n", b" " * 1000))
    with pytest.raises(SessionError, match="far too large"):
        read_session(path)
    with pytest.raises(SessionError, match="too large to be saved"):
        encode(SessionFile(parts={"a": Raw(b'"' + b"x" * 1000 + b'"')}))


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SessionError, match="not a file"):
        read_session(tmp_path)
    with pytest.raises(SessionError, match="no such file"):
        read_session(tmp_path / "none.json")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    with pytest.raises(SessionError, match="not a file"):
        read_session(tmp_path / "pipe.json")


def test_a_recipe_that_cannot_be_written_is_told() -> None:
    with pytest.raises(SessionError, match="cannot be saved"):
        encode(SessionFile(Recipe(text=TextPart((Prompt("\ud800"),)))))
