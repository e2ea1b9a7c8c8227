"""Damaged JSON, told in people's words."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct

from stylegan_t.terminal.wrong_values import in_words, place_in_words


class Row(Struct, forbid_unknown_fields=True):
    weight: Annotated[float, Meta(ge=-1, le=10_000)] = 0
    text: Annotated[str, Meta(max_length=3)] = ""


class Sheet(Struct, forbid_unknown_fields=True):
    must_be: int
    rows: Annotated[tuple[Row, ...], Meta(min_length=1)] = (Row(),)
    mode: Literal["a", "b"] = "a"
    sha: Annotated[str, Meta(pattern="^x$")] = "x"
    open: Annotated[float, Meta(gt=0)] = 1
    either: float | None = None
    by_name: dict[str, int] = {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('"rows": [{}, {"weight": 1e9}]', "rows 2 > weight must be at most 10000"),
        ('"rows": [{"weight": -2}]', "rows 1 > weight must be at least -1"),
        ('"rows": [{"weight": "a"}]', "rows 1 > weight must be a number, not text"),
        ('"rows": [{"text": "long"}]', "rows 1 > text must have at most 3 characters"),
        ('"rows": []', "rows must have at least 1 entries"),
        ('"rows": [{"size": 1}]', "rows 1 holds “size”, which this program does not know"),
        ('"mode": "c"', "mode cannot be 'c'"),
        ('"sha": "y"', "sha does not have the right form"),
        ('"open": 0', "open must be above 0"),
        ('"either": []', "either must be a number or nothing, not a list"),
        ('"by_name": {"a": "b"}', "by name must be a whole number, not text"),
        ('"mode": ', "it is not JSON from byte"),
    ],
)
def test_each_mistake_has_its_words(text: str, words: str) -> None:
    with pytest.raises(msgspec.MsgspecError) as caught:
        msgspec.json.decode(f'{{"must_be": 1, {text}}}', type=Sheet)
    said = in_words(caught.value)
    assert said.startswith(words)
    assert "$" not in said and "`" not in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "it must be an object, not a list"),
        ("{}", "it lacks “must_be”"),
        ("{", "it ends too early"),
        ('{"must_be": true}', "must be must be a whole number, not true or false"),
    ],
)
def test_the_whole_is_it(text: str, words: str) -> None:
    with pytest.raises(msgspec.MsgspecError) as caught:
        msgspec.json.decode(text, type=Sheet)
    assert in_words(caught.value) == words


def test_what_is_not_known_stays() -> None:
    assert in_words(ValueError("one of ours - at `$.x`")) == "one of ours - at `$.x`"
    assert in_words(msgspec.ValidationError("odd - at `$.x[0]`")) == "x 1: odd"


@given(st.text())
def test_any_message_and_place_gives_words(text: str) -> None:
    in_words(msgspec.ValidationError(text))
    place_in_words(text)


def test_bytes_that_are_no_text_have_words_too() -> None:
    with pytest.raises(UnicodeError) as caught:
        msgspec.json.decode(b'"\xff"')
    assert in_words(caught.value) == "it is not text in UTF-8"
