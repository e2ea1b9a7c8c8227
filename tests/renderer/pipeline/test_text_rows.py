"""The text of each row of w, by its properties."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from renderer.pipeline import text_rows
from renderer.pipeline.cache_keys import Turn
from renderer.pipeline.latents import Blend


def units(count: int, dim: int = 16, seed: int = 5) -> Tensor:
    drawn = torch.randn(count, dim, generator=torch.Generator().manual_seed(seed)).double()
    return torch.nn.functional.normalize(drawn, dim=1)


def turn(amount: float, start: int = 0, stop: int = 10) -> Turn:
    return Turn("plus", "minus", amount, start, stop)


@pytest.mark.parametrize("blend", ["lerp", "slerp"])
def test_strength_walks_from_neutral_to_the_text(blend: Blend) -> None:
    neutral, text = units(2).split(1)
    torch.testing.assert_close(text_rows.strengthened(neutral, text, 0.0, blend), neutral)
    torch.testing.assert_close(text_rows.strengthened(neutral, text, 1.0, blend), text)
    angles = [
        float(text_rows.angles_deg(text_rows.strengthened(neutral, text, s, blend), neutral))
        for s in (0.0, 0.5, 1.0, 1.5)
    ]
    assert angles == sorted(angles)
    assert angles[3] > angles[2] + 10, "beyond 1 it goes on"


@pytest.mark.parametrize("strength", [-1.0, 0.5, 2.0, 1e4])
def test_strength_is_finite_where_a_text_points_nowhere(strength: float) -> None:
    text, nothing = units(1), torch.zeros(1, 16, dtype=torch.float64)
    for pair in ((nothing, text), (text, nothing), (nothing, nothing), (text, -text)):
        assert bool(torch.isfinite(text_rows.strengthened(*pair, strength, "slerp")).all())


def test_directions_for_all_rows_give_one_row() -> None:
    text, differences = units(1), units(2, seed=6)
    rows = text_rows.turned(text, differences, [turn(0.5), turn(-2.0)], 10)
    torch.testing.assert_close(rows, text + 0.5 * differences[:1] - 2 * differences[1:])


def test_directions_turn_their_own_rows() -> None:
    text, differences = units(1), units(2, seed=6)
    rows = text_rows.turned(text, differences, [turn(0.5, 2, 5), turn(1.0, 4)], 10)
    a, b = 0.5 * differences[0], differences[1]
    expected = [text[0] + a * (2 <= row < 5) + b * (row >= 4) for row in range(10)]
    torch.testing.assert_close(rows, torch.stack(expected))


def test_the_order_of_directions_does_not_matter() -> None:
    text, differences = units(1), units(3, seed=6)
    turns = [turn(0.5, 2, 5), turn(1.0), turn(-0.7, 0, 3)]
    rows = text_rows.turned(text, differences, turns, 10)
    torch.testing.assert_close(rows, text_rows.turned(text, differences.flip(0), turns[::-1], 10))


def test_figures_are_those_of_the_row_that_turned_furthest() -> None:
    plain = torch.tensor([[1.0, 0.0]], dtype=torch.float64)
    raw = torch.tensor([[1.0, 0.0], [3.0, 3.0], [2.0, 0.1]], dtype=torch.float64)
    text = text_rows.finished(raw, plain, normalize=True)
    assert text.angle_deg == pytest.approx(45)
    assert text.norm == pytest.approx(math.sqrt(18))
    torch.testing.assert_close(text.rows.norm(dim=1), torch.ones(3))
    kept = text_rows.finished(raw, plain, normalize=False)
    assert torch.equal(kept.rows, raw.float())
    assert (kept.angle_deg, kept.norm) == (text.angle_deg, text.norm)


@pytest.mark.parametrize("degrees", [0.0, 1e-4, 30.0, 90.0, 179.999, 180.0])
def test_angles(degrees: float) -> None:
    turned = math.radians(degrees)
    a = torch.tensor([[5.0, 0.0]], dtype=torch.float64)
    b = torch.tensor([[math.cos(turned), math.sin(turned)]], dtype=torch.float64)
    assert float(text_rows.angles_deg(b, a)) == pytest.approx(degrees, rel=1e-6, abs=1e-9)
    assert float(text_rows.angles_deg(b, a * 0)) == 0
