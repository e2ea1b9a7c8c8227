"""The plane of seeds: neighbours and journeys."""

from __future__ import annotations

import subprocess
import sys

import pytest

from renderer.recipe.recipe import MAX_SEED, LatentPart, Recipe, check
from renderer.recipe.seed_plane import PLANE, ROW_STRIDE, corners, neighbour, travelled, way

JOURNEYS = [(0.3, -0.3), (0.75, 0.0), (0.0, -0.75), (12.25, 7.5), (-3.5, 2.0), (-9999.9, 8888.8)]


def test_neighbours() -> None:
    assert neighbour(5, 1, 0) == 6
    assert neighbour(5000, -2, 3) == 5000 - 2 + 3 * ROW_STRIDE
    assert neighbour(0, -1, 0) == PLANE - 1
    assert neighbour(500, 0, -1) == PLANE - ROW_STRIDE + 500  # six digits, not nineteen
    assert neighbour(PLANE - 1, 1, 0) == 0
    assert neighbour(MAX_SEED, 1, 0) == MAX_SEED - MAX_SEED % PLANE
    assert neighbour(neighbour(17, 10**9, -(10**9)), -(10**9), 10**9) == 17


@pytest.mark.parametrize("seed", [0, 5000, PLANE - 1, PLANE, MAX_SEED])
@pytest.mark.parametrize("step", [(3, 2), (-5, 7), (0, -1), (-1, 0), (400, -3)])
def test_the_way_leads_to_the_neighbour(seed: int, step: tuple[int, int]) -> None:
    assert way(seed, neighbour(seed, *step)) == step


def test_there_is_no_way_from_plane_to_plane() -> None:
    assert way(PLANE - 1, PLANE) is None
    assert way(PLANE, PLANE - 1) is None


@pytest.mark.parametrize("seed", [0, 5000, PLANE - 1, MAX_SEED])
@pytest.mark.parametrize(("dx", "dy"), JOURNEYS)
def test_a_journey_stays_near_its_seed_and_can_be_walked_back(
    seed: int, dx: float, dy: float
) -> None:
    part = LatentPart(seed, 77, 0.5, x=0.125, y=-0.25)
    there = travelled(part, dx, dy)
    check(Recipe(latent=there))
    assert abs(there.x) <= 0.5
    assert abs(there.y) <= 0.5
    assert (there.target_seed, there.position) == (77, 0.5)
    back = travelled(there, -dx, -dy)
    assert back.seed == seed
    assert (back.x, back.y) == pytest.approx((0.125, -0.25), abs=1e-9)


def test_a_written_latent_stays_where_it_is() -> None:
    part = LatentPart(3, values=(1.0, 2.0))
    assert travelled(part, 5.0, 5.0) is part


def test_corners() -> None:
    assert corners(LatentPart(5000)) == ((5000, 5001, 6000, 6001), 0.0, 0.0)
    assert corners(LatentPart(5000, x=-0.25, y=1.5)) == ((5999, 6000, 6999, 7000), 0.75, 0.5)


def test_panels_can_use_it_without_torch() -> None:
    code = "import sys, renderer.recipe.seed_plane; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
