from __future__ import annotations

import pytest

from renderer.recipe import MAX_SEED
from widgets.numbers import RefusedError, parse_number, parse_seed


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.7", 0.7),
        (" 0,7 ", 0.7),
        ("\N{MINUS SIGN}1", -1.0),
        ("1e-3", 0.001),
        ("12.5°", 12.5),
        ("1.50×", 1.5),
    ],
)
def test_a_number_is_read_as_people_write_it(text: str, value: float) -> None:
    assert parse_number(text, -100, 100, "Psi") == value


@pytest.mark.parametrize("text", ["nan", "inf", "-Infinity", "1e999"])
def test_what_is_not_finite_is_refused(text: str) -> None:
    with pytest.raises(RefusedError, match="Psi needs a finite number"):
        parse_number(text, -100, 100, "Psi")


@pytest.mark.parametrize("text", ["", "abc", "1.2.3", "0x10", "1 2"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(RefusedError, match="is not a number"):
        parse_number(text, -100, 100, "Psi")


def test_out_of_range_is_refused_and_the_range_is_told() -> None:
    with pytest.raises(RefusedError, match=r"from -100 to 100, so 101 was not taken"):
        parse_number("101", -100, 100, "Psi")


@pytest.mark.parametrize(("text", "seed"), [("7", 7), (" 1 000 ", 1000), (str(MAX_SEED), MAX_SEED)])
def test_a_seed_is_a_whole_number(text: str, seed: int) -> None:
    assert parse_seed(text) == seed


@pytest.mark.parametrize("text", ["", "-1", "1.5", "nan", "七", "²", str(MAX_SEED + 1), "9" * 9999])
def test_other_seeds_are_refused(text: str) -> None:
    with pytest.raises(RefusedError, match="Seed"):
        parse_seed(text)


def test_a_refusal_quotes_only_the_beginning_of_a_long_text() -> None:
    with pytest.raises(RefusedError) as caught:
        parse_number("word " * 1000, 0, 1, "Psi")
    assert len(str(caught.value)) < 120
