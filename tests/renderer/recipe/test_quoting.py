"""Foreign messages, made fit for the user."""

from __future__ import annotations

from renderer.recipe.quoting import LONGEST, quoted


def test_short_messages_stay() -> None:
    assert quoted(ValueError("no such field `größe 日本`")) == "no such field `größe 日本`"


def test_signs_that_cannot_be_shown_become_spaces() -> None:
    assert quoted("a\n\tb\0c\u202ed\ud800 e") == "a b c d e"
    assert quoted("") == ""


def test_long_messages_are_cut() -> None:
    assert quoted("x" * LONGEST) == "x" * LONGEST
    assert quoted("x" * 10_000_000) == "x" * (LONGEST - 1) + "…"
    assert len(quoted("\n" * 1000 + "x" * 1000)) <= LONGEST
    assert quoted("a long one", 5) == "a lo…"
