"""Wildcards: what is drawn, that it stays, and what costs too much."""

from __future__ import annotations

import pytest

from renderer.recipe.wildcards import MAX_DRAWN, drawn, escaped, names_in

LISTS = {
    "colours": ("red", "blue", "{pale|dark} green"),
    "places/towns": ("__colours__ town",),
    "loop": ("__loop__ __loop__",),
}


def options(template: str, count: int = 60) -> set[str]:
    """Everything that some seeds draw."""
    return {drawn(template, seed, lists=LISTS).text for seed in range(count)}


def test_every_option_is_drawn_and_nothing_else() -> None:
    assert options("a {red|blue|} house") == {"a red house", "a blue house", "a  house"}
    assert options("{a|{b|c} d}") == {"a", "b d", "c d"}
    assert options("a __colours__ boat") == {
        *("a red boat", "a blue boat", "a pale green boat", "a dark green boat")
    }
    assert options("{ colours }") == options("__colours__") and len(options("__colours__")) == 4
    assert options("__places/towns__") == {f"{one} town" for one in options("__colours__")}
    assert options("__colours__ and __colours__", 300) >= {"red and red", "red and blue"}


def test_a_choice_does_not_depend_on_the_text_around_it_but_on_its_place() -> None:
    first = [drawn("{a|b} x", seed, "0").text[0] for seed in range(40)]
    assert first == [drawn("a {a|b} {c|d}", seed, "0").text[2] for seed in range(40)]
    assert first != [drawn("{a|b} x", seed, "1").text[0] for seed in range(40)]
    second = [drawn("{a|b} {a|b}", seed, "0").text[2] for seed in range(40)]
    assert first != second


@pytest.mark.parametrize(
    "text", ["plain", "{", "}", "{a|b", "a|b", "{one}", "a \\ b", "__", "_a_", "C:\\new", "{}"]
)
def test_what_is_no_wildcard_stays(text: str) -> None:
    assert drawn(text, 3).text == text


@pytest.mark.parametrize(
    "text", ["{a|b}", "__colours__", "\\", "\\{", "a \\\\{x}", "{{}}|", "a\\|b", "___a___", "{a"]
)
def test_an_escaped_text_stands_for_itself(text: str) -> None:
    assert drawn(escaped(text), 3, lists=LISTS).text == text


def test_an_unknown_list_stays_and_is_told() -> None:
    assert drawn("a __colors__ boat", 1, lists=LISTS) == (
        "a __colors__ boat",
        "No list of words is called “colors”.",
    )
    assert names_in("__a__ {b} __c/d__ {e|f}") == {"a", "b", "c/d"}


def test_what_would_never_end_is_bounded_and_told() -> None:
    assert drawn("__loop__", 1, lists=LISTS).problem
    assert drawn("{" * 50_000, 1).text == "{" * 50_000
    assert drawn("{a|b}" * 5_000, 1).problem
    deep = "{" * 30 + "a|b" + "|c}" * 30
    assert len(drawn(deep, 1).text) < len(deep)
    long = {"long": ("x" * 1000,)}
    found = drawn("__long__" * 500, 1, lists=long)
    assert len(found.text) == MAX_DRAWN and "too long" in found.problem
