"""Distances between pictures in feature space: precision and recall, and diversity.

All distances are Euclidean and computed in float64, in blocks, so that memory does not grow with
the square of the number of pictures.
"""

from __future__ import annotations

import torch
from torch import Tensor

from stylegan_t.metrics.errors import MetricError

NEIGHBOURS = 3
"""The neighbour whose distance is the radius of a sphere (Kynkäänniemi et al. 2019, section 4)."""
BLOCK = 2048
"""Rows and columns of the distances that are in memory at once: 32 MB."""


def precision_recall(
    real: Tensor, fake: Tensor, k: int = NEIGHBOURS, block: int = BLOCK
) -> tuple[float, float]:
    """Shares of pictures that lie inside the other set.

    A set is taken for the union of spheres around its members that reach to their k-th nearest
    neighbour in the set.  Precision is the share of fakes inside the real set, recall the share of
    real pictures inside the fake one.

    Args:
        real: [N, D] features of real pictures.
        fake: [M, D] features of generated ones.
        k: which neighbour's distance is a sphere's radius.
        block: how many rows and columns of distances are held at once.

    Returns:
        precision and recall, in [0, 1].

    Raises:
        MetricError: a set has no more than `k` pictures.

    Source: Kynkäänniemi et al. 2019, "Improved Precision and Recall Metric".
    """
    if min(len(real), len(fake)) <= k:
        raise MetricError(f"Precision and recall need more than {k} pictures on each side.")
    real, fake = _centred(real, fake)
    precision = share_inside(fake, real, radii(real, k, block), block)
    return precision, share_inside(real, fake, radii(fake, k, block), block)


def radii(points: Tensor, k: int, block: int = BLOCK) -> Tensor:
    """Distance of each of `points` [N, D] to its k-th nearest neighbour among the others, [N]."""
    found = []
    for rows in points.split(block):
        # The point itself, at distance 0, is the first of its neighbours.
        nearest = rows.new_full((len(rows), k + 1), torch.inf)
        for columns in points.split(block):
            distances = torch.cat([nearest, torch.cdist(rows, columns)], dim=1)
            nearest = distances.topk(k + 1, dim=1, largest=False).values
        found.append(nearest.amax(dim=1))
    return torch.cat(found)


def share_inside(points: Tensor, centres: Tensor, radius: Tensor, block: int = BLOCK) -> float:
    """Share of `points` [M, D] that lie in a sphere around one of `centres` [N, D], [N] wide."""
    inside = 0
    for rows in points.split(block):
        hit = torch.zeros(len(rows), dtype=torch.bool, device=rows.device)
        for columns, reach in zip(centres.split(block), radius.split(block), strict=True):
            hit |= (torch.cdist(rows, columns) <= reach).any(dim=1)
        inside += int(hit.sum())
    return inside / len(points)


def mean_distance(features: Tensor) -> float:
    """Mean distance over all pairs of rows of `features` [N, D]: 0 when all are alike.

    Raises:
        MetricError: there are fewer than two rows.
    """
    if len(features) < 2:
        raise MetricError("Diversity compares pictures: it needs two seeds at least.")
    return float(torch.pdist(features.to(torch.float64)).mean())


def _centred(real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
    """Both in float64 around the mean of the real ones, where differences lose fewest digits."""
    mean = real.to(torch.float64).mean(dim=0)
    return real.to(torch.float64) - mean, fake.to(torch.float64) - mean
