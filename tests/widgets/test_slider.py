from __future__ import annotations

import pytest

from widgets.slider import Slider

PLAIN = Slider("Psi", 1.0, -1.0, 2.0, "")
FACTOR = Slider("Zoom", 1.0, 0.25, 4.0, "", unit="×", logarithmic=True)


def test_the_handle_lies_between_the_ends() -> None:
    assert [PLAIN.fraction(v) for v in (-1.0, 0.5, 2.0)] == pytest.approx([0.0, 0.5, 1.0])
    assert [FACTOR.fraction(v) for v in (0.25, 1.0, 4.0)] == pytest.approx([0.0, 0.5, 1.0])


def test_a_typed_value_beyond_the_ends_leaves_the_handle_at_the_end() -> None:
    assert PLAIN.fraction(100.0) == 1.0
    assert PLAIN.fraction(-100.0) == 0.0


def test_values_are_written_with_their_unit_and_without_a_negative_zero() -> None:
    assert FACTOR.shown(1.5) == "1.50×"
    assert FACTOR.shown(1.5, unit=False) == "1.50"
    assert PLAIN.shown(-0.001) == "0.00"
    assert PLAIN.shown(-0.01) == "-0.01"
