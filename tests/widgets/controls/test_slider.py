from __future__ import annotations

import importlib
import pkgutil

import pytest

import widgets
from widgets.controls.slider import Slider

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
    assert PLAIN.shown(-0.01) == "−0.01"
    assert PLAIN.shown(-0.01, unit=False) == "-0.01"


NAMED = {
    "controls.weight_cells Weight",
    "latent.panel Position",
    "sections.truncation Psi",
    "prompt.row Weight",
}


def every_slider() -> dict[str, Slider]:
    """The sliders that modules of the panels declare, by module and label."""
    found: dict[str, Slider] = {}
    for module in pkgutil.walk_packages(widgets.__path__, "widgets."):
        values = vars(importlib.import_module(module.name)).values()
        for value in values:
            for one in value if isinstance(value, tuple) else (value,):
                if isinstance(one, Slider):
                    found[f"{module.name.removeprefix('widgets.')} {one.label}"] = one
    return found


def test_no_share_takes_a_percentage_typed_without_its_sign() -> None:
    shares = {
        name: one
        for name, one in every_slider().items()
        if not one.unit and one.decimals and one.high < 33  # else it is no share: a length of time
    }
    assert {*shares} >= NAMED
    for name, slider in shares.items():
        low, high = slider.reach
        assert low <= slider.low, name
        assert slider.high <= high < 33, name
