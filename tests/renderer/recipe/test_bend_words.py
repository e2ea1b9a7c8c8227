"""Bends and channels as they are typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderer.recipe.bend_words import (
    bend_in_words,
    channels_in_words,
    read_bend,
    read_channels,
    short,
)
from renderer.recipe.parts.bends import AMOUNTS, Bend
from tests.renderer.strategies import bends


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("all", ()),
        ("", ()),
        ("7", ((7, 7, 1),)),
        ("0..31, 64..", ((0, 31, 1), (64, None, 1))),
        ("/4", ((0, None, 4),)),
        ("0..63/2", ((0, 63, 2),)),
        ("8../3", ((8, None, 3),)),
    ],
)
def test_channels_are_read_and_written(text: str, spans: tuple[object, ...]) -> None:
    assert read_channels(text) == spans
    assert channels_in_words(read_channels(text)) == (text or "all")


@pytest.mark.parametrize("text", ["x", "1-2", "3..1", "-1", "1..2..3", "/0", "99999", ",", "1,,2"])
def test_other_channels_are_refused_with_how_they_are_written(text: str) -> None:
    with pytest.raises(ValueError, match="count from 0"):
        read_channels(text)


def test_bends_are_read_as_they_are_typed() -> None:
    assert read_bend("b16.conv0:gain=2") == Bend("b16.conv0", "gain", 2.0)
    assert read_bend(" b8.input:shift=0.1,-0.2@0..31") == Bend(
        "b8.input", "shift", 0.1, -0.2, channels=((0, 31, 1),)
    )
    assert read_bend("L3_52_512:noise=.5#9") == Bend("L3_52_512", "noise", 0.5, seed=9)
    assert read_bend("b16.conv0:blur") == Bend("b16.conv0", "blur", AMOUNTS["blur"].usual)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("gain=2", "LAYER:KIND=AMOUNT"),
        ("b16.conv0:explode=2", "Kinds are gain"),
        ("b16.conv0:gain=x", "from -10000 to 10000"),
        ("b16.conv0:blur=nan", "from 0 to 0.25"),
        ("b16.conv0:gain=1,2", "one amount"),
        ("b16.conv0:gain=1@x", "count from 0"),
    ],
)
def test_other_bends_are_refused_with_a_sentence(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_bend(text)


@given(bends(st.floats(-1e4, 1e4)))
def test_what_is_written_is_read_again(bend: Bend) -> None:
    again = read_bend(bend_in_words(bend))
    assert again == Bend(*(getattr(bend, name) for name in bend.__struct_fields__[:-1]))


def test_a_bend_has_a_short_name() -> None:
    assert short(Bend("b16.conv0", "blur", 0.1)) == "blur of b16.conv0"
    assert short(Bend()) == "gain of no layer"
