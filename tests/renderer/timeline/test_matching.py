"""Numbers between two ends, and lists whose items are matched."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renderer.timeline.matching import known, line, paired

ENDS = st.floats(-1e6, 1e6)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(ENDS, ENDS, st.floats(0, 1))
def test_a_line_meets_its_ends_and_never_leaves_them(a: float, b: float, t: float) -> None:
    assert min(a, b) <= line(a, b, t) <= max(a, b)
    assert line(a, b, 0.0) == a
    assert line(a, b, 1.0) == pytest.approx(b)


def test_items_are_matched_by_what_they_are_and_equal_ones_in_order() -> None:
    first, second = ["a", "b", "A"], ["A", "c", "a", "a"]
    pairs = paired(first, second, str.lower)
    assert pairs == [("a", "A"), ("b", None), ("A", "a"), (None, "c"), (None, "a")]


def test_nothing_is_matched_with_nothing() -> None:
    assert paired([], [], str) == []


def test_the_first_of_a_pair_counts_if_it_is_there() -> None:
    assert known(0, 1) == 0
    assert known(None, 1) == 1
    assert known("", None) == ""
