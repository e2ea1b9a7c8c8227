"""Text of others: it is shown, and does nothing."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stylegan_t.terminal.visible import ACTING, ERRORS, JOINERS, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a red house, 日本 😀 é", "a red house, 日本 😀 é"),
        ("\x1b]0;owned\x07x", r"\u001b]0;owned\u0007x"),
        ("\x9b2J", r"\u009b2J"),
        ("exe\u202egpj", r"exe\u202egpj"),
        ("one\ntwo\rthree", r"one\ntwo\rthree"),
        ("one\u2028two", r"one\u2028two"),
        ("\ud83d", r"\ud83d"),
        ("\U000e0041", r"\udb40\udc41"),
        ("می\u200cخواهم 👩\u200d🚀", "می\u200cخواهم 👩\u200d🚀"),
    ],
)
def test_what_acts_is_shown_as_its_number(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_nothing_that_acts_is_left_and_json_stays_what_it_is(text: str) -> None:
    assert not any(unicodedata.category(c) in ACTING and c not in JOINERS for c in visible(text))
    assert json.loads(visible(json.dumps(text, ensure_ascii=False))) == text


def test_line_breaks_stay_where_they_may() -> None:
    assert visible("a\n\x1bb\n", "\n") == "a\n\\u001bb\n"


def test_an_encoding_that_lacks_a_character_gets_its_number() -> None:
    assert "日 😀 é".encode("latin-1", ERRORS) == rb"\u65e5 \ud83d\ude00 " + "é".encode("latin-1")
    with pytest.raises(UnicodeDecodeError):
        b"\xff".decode("utf-8", ERRORS)
