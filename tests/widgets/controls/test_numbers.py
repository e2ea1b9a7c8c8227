from __future__ import annotations

import pytest

from renderer.recipe.recipe import MAX_SEED
from widgets.controls.numbers import RefusedError, parse_number, parse_seed


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


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [("33%", "", 0.33), (" 7,5 % ", "", 0.075), ("-50%", "×", -0.5), ("12 s", " s", 12.0)],
)
def test_a_percentage_is_a_share_and_a_unit_may_stand_behind(
    text: str, unit: str, value: float
) -> None:
    assert parse_number(text, -1, 100, "Weight", unit) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(("text", "unit"), [("33%", "°"), ("33%", " s"), ("%", ""), ("3%%", "")])
def test_other_percentages_are_no_numbers(text: str, unit: str) -> None:
    with pytest.raises(RefusedError, match="is not a number"):
        parse_number(text, -100, 100, "Angle", unit)


def test_who_forgets_the_sign_of_a_percentage_is_told_of_it() -> None:
    with pytest.raises(RefusedError, match=r"from -1 to 2, so 33 was not.* 33% for 0\.33\.$"):
        parse_number("33", -1, 2, "Weight")
    with pytest.raises(RefusedError, match=r"so -33 was not used\.$"):
        parse_number("-33", -1, 2, "Weight")


@pytest.mark.parametrize("text", ["nan", "inf", "-Infinity", "1e999"])
def test_what_is_not_finite_is_refused(text: str) -> None:
    with pytest.raises(RefusedError, match="Psi needs a finite number"):
        parse_number(text, -100, 100, "Psi")


@pytest.mark.parametrize("text", ["", "abc", "1.2.3", "0x10", "1 2"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(RefusedError, match="is not a number"):
        parse_number(text, -100, 100, "Psi")


def test_out_of_range_is_refused_and_the_range_is_told() -> None:
    with pytest.raises(RefusedError, match=r"from -100 to 100, so 101 was not used"):
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
