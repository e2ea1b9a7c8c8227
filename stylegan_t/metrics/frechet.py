"""The Fréchet distance between two sets of features, as FID takes it.

Features are added up batch by batch in float64, so that a set of any size takes the memory of one
covariance matrix.  Source: Heusel et al. 2017, "GANs Trained by a Two Time-Scale Update Rule",
section 1; the merging of moments is Chan, Golub and LeVeque 1979.
"""

from __future__ import annotations

import torch
from torch import Tensor

from stylegan_t.metrics.errors import MetricError


class Moments:
    """The number of feature rows, their mean [D] and their scatter [D, D], in float64.

    The scatter is the sum of outer products of what deviates from the mean.
    """

    def __init__(self, dim: int) -> None:
        self.count = 0
        self.mean = torch.zeros(dim, dtype=torch.float64)
        self.scatter = torch.zeros(dim, dim, dtype=torch.float64)

    @property
    def dim(self) -> int:
        """Length of a feature row."""
        return len(self.mean)

    @property
    def covariance(self) -> Tensor:
        """[D, D] float64, unbiased.

        Raises:
            MetricError: fewer than two rows were added.
        """
        if self.count < 2:
            raise MetricError("A spread needs two pictures at least: ask for more.")
        return self.scatter / (self.count - 1)

    def add(self, features: Tensor) -> None:
        """Add rows [N, D] of any floating type, from any device; N may be 0."""
        if not len(features):
            return
        rows = features.detach().cpu().to(torch.float64)  # not every device has float64
        part = Moments(self.dim)
        part.count = len(rows)
        part.mean = rows.mean(dim=0)
        rows = rows - part.mean
        part.scatter = rows.T @ rows
        self.merge(part)

    def merge(self, other: Moments) -> None:
        """Add the rows that `other` has seen."""
        total = self.count + other.count
        if not other.count:
            return
        delta = other.mean - self.mean
        share = other.count / total
        self.scatter = (
            self.scatter + other.scatter + torch.outer(delta, delta) * (self.count * share)
        )
        self.mean = self.mean + delta * share
        self.count = total

    def flat(self) -> Tensor:
        """All of it in one row, [1 + D + D * D] float64, for sending and storing."""
        count = torch.tensor([float(self.count)], dtype=torch.float64)
        return torch.cat([count, self.mean, self.scatter.flatten()])

    @classmethod
    def from_flat(cls, flat: Tensor, dim: int) -> Moments:
        """Return what `flat` made.

        Raises:
            MetricError: `flat` is no such row.
        """
        if flat.shape != (1 + dim + dim * dim,) or not bool(torch.isfinite(flat).all()):
            raise MetricError("Stored statistics are damaged.")
        moments = cls(dim)
        moments.count = int(flat[0])
        moments.mean = flat[1 : 1 + dim].to(torch.float64)
        moments.scatter = flat[1 + dim :].view(dim, dim).to(torch.float64)
        return moments


def frechet_distance(a: Moments, b: Moments) -> float:
    """Squared Fréchet distance of the Gaussians that have these moments; 0 is equal.

    `|m_a - m_b|^2 + tr(C_a) + tr(C_b) - 2 tr((C_a C_b)^(1/2))`.  The last trace is that of the root
    of the symmetric `C_a^(1/2) C_b C_a^(1/2)`, whose eigenvalues are those of `C_a C_b`: real and
    not negative, but for rounding, which is cut off.

    Raises:
        MetricError: a set has fewer than two rows, or features that are no numbers.
    """
    if a.dim != b.dim:
        raise ValueError("The two sets of features have rows of different length.")
    covariances = (a.covariance, b.covariance)
    if not all(bool(torch.isfinite(m).all()) for m in (a.mean, b.mean, *covariances)):
        raise MetricError(
            "Some features are not numbers: the pictures or the feature network are broken."
        )
    root = _root(covariances[0])
    both = root @ covariances[1] @ root
    overlap = torch.linalg.eigvalsh((both + both.T) / 2).clamp(min=0).sqrt().sum()
    spread = covariances[0].trace() + covariances[1].trace() - 2 * overlap
    return max(0.0, float((a.mean - b.mean).square().sum() + spread))


def _root(covariance: Tensor) -> Tensor:
    """The symmetric square root of a covariance matrix."""
    values, vectors = torch.linalg.eigh((covariance + covariance.T) / 2)
    return (vectors * values.clamp(min=0).sqrt()) @ vectors.T
