"""Precision, recall and diversity: against brute force, and on sets that a person can judge."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from stylegan_t.metrics.errors import MetricError
from stylegan_t.metrics.neighbours import mean_distance, precision_recall, radii


def cloud(n: int, seed: int, scale: float = 1.0, shift: float = 0.0) -> Tensor:
    return torch.randn(n, 6, generator=torch.Generator().manual_seed(seed)) * scale + shift


def brute_force(real: Tensor, fake: Tensor, k: int) -> tuple[float, float]:
    """The definition, pair by pair."""

    def distance(a: Tensor, b: Tensor) -> float:
        return float((a.double() - b.double()).square().sum().sqrt())

    def share(points: Tensor, centres: Tensor) -> float:
        reach = []
        for i, centre in enumerate(centres):
            others = sorted(distance(centre, c) for j, c in enumerate(centres) if j != i)
            reach.append(others[k - 1])
        inside = [
            any(distance(p, c) <= r for c, r in zip(centres, reach, strict=True)) for p in points
        ]
        return sum(inside) / len(points)

    return share(fake, real), share(real, fake)


@pytest.mark.parametrize("block", [7, 16, 1000])
def test_blocks_give_what_the_definition_says(block: int) -> None:
    real, fake = cloud(40, 1), cloud(33, 2, 0.8, 0.3)
    assert precision_recall(real, fake, 3, block) == pytest.approx(brute_force(real, fake, 3))


def test_equal_sets_are_perfect_and_distant_ones_hopeless() -> None:
    real = cloud(50, 1)
    assert precision_recall(real, real) == (1.0, 1.0)
    assert precision_recall(real, real + 100) == (0.0, 0.0)


def test_one_picture_over_and_over_is_precise_but_recalls_nothing() -> None:
    real = cloud(60, 1)
    precision, recall = precision_recall(real, real[:1].repeat(60, 1))
    assert precision == 1 and recall < 0.1


def test_the_radius_reaches_to_the_kth_neighbour() -> None:
    points = torch.tensor([[0.0], [1.0], [3.0], [7.0]], dtype=torch.float64)
    assert radii(points, 1, block=2).tolist() == pytest.approx([1, 1, 2, 4])
    assert radii(points, 2, block=3).tolist() == pytest.approx([3, 2, 3, 6])


def test_too_few_pictures_are_refused() -> None:
    with pytest.raises(MetricError, match="more than 3"):
        precision_recall(cloud(3, 1), cloud(9, 2))
    with pytest.raises(MetricError, match="two seeds"):
        mean_distance(cloud(1, 1))


def test_diversity_is_the_mean_over_pairs() -> None:
    points = torch.tensor([[0.0, 0.0], [3.0, 4.0], [0.0, 0.0]])
    assert mean_distance(points) == pytest.approx(10 / 3)
    assert mean_distance(points[:1].repeat(4, 1)) == 0
