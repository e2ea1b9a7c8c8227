"""The Fréchet distance: closed forms, other people's formula, streaming, awkward numbers."""

from __future__ import annotations

import importlib

import numpy as np
import pytest
import torch
from torch import Tensor

from stylegan_t.metrics import inception
from stylegan_t.metrics.errors import MetricError
from stylegan_t.metrics.frechet import Moments, frechet_distance
from stylegan_t.metrics.neighbours import precision_recall


def rows(n: int, dim: int, seed: int = 0, scale: float = 1.0, shift: float = 0.0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    mix = torch.randn(dim, dim, generator=generator, dtype=torch.float64)
    return torch.randn(n, dim, generator=generator, dtype=torch.float64) @ mix * scale + shift


def moments(features: Tensor) -> Moments:
    found = Moments(features.shape[1])
    found.add(features)
    return found


def gaussian(mean: Tensor, covariance: Tensor, count: int = 1000) -> Moments:
    """Exactly these moments."""
    found = Moments(len(mean))
    found.count, found.mean, found.scatter = count, mean, covariance * (count - 1)
    return found


def by_eigenvalues_of_the_product(a: np.ndarray, b: np.ndarray) -> float:
    """The formula that torch-fidelity uses, from features."""
    m, n = a.mean(axis=0), b.mean(axis=0)
    c, d = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    roots = np.sqrt(np.linalg.eigvals(c.dot(d)).astype("complex128")).real
    return float((m - n).dot(m - n) + np.trace(c) + np.trace(d) - 2 * roots.sum())


def test_one_dimension_is_the_closed_form() -> None:
    a = gaussian(torch.tensor([1.0]).double(), torch.tensor([[4.0]]).double())
    b = gaussian(torch.tensor([-2.0]).double(), torch.tensor([[0.25]]).double())
    assert frechet_distance(a, b) == pytest.approx(3.0**2 + (2.0 - 0.5) ** 2, abs=1e-12)


def test_covariances_that_commute_have_a_closed_form() -> None:
    basis, _ = torch.linalg.qr(torch.randn(6, 6, dtype=torch.float64))
    u, v = torch.rand(6).double() + 0.1, torch.rand(6).double() + 0.1
    shift = torch.randn(6, dtype=torch.float64)
    a = gaussian(torch.zeros(6).double(), basis @ torch.diag(u) @ basis.T)
    b = gaussian(shift, basis @ torch.diag(v) @ basis.T)
    wanted = shift.square().sum() + (u.sqrt() - v.sqrt()).square().sum()
    assert frechet_distance(a, b) == pytest.approx(float(wanted), abs=1e-10)


def test_any_covariances_agree_with_the_usual_formula() -> None:
    a, b = rows(500, 24, 1), rows(400, 24, 2, scale=0.7, shift=0.4)
    wanted = by_eigenvalues_of_the_product(a.numpy(), b.numpy())
    assert frechet_distance(moments(a), moments(b)) == pytest.approx(wanted, rel=1e-9)
    assert frechet_distance(moments(b), moments(a)) == pytest.approx(wanted, rel=1e-9)


def test_torch_fidelity_gives_the_same_figures() -> None:
    inception._torch_fidelity()
    theirs = importlib.import_module("torch_fidelity.metric_fid")
    a, b = rows(300, 16, 1), rows(250, 16, 2, shift=0.2)
    stats = [theirs.fid_features_to_statistics(x) for x in (a, b)]
    wanted = theirs.fid_statistics_to_metric(*stats, verbose=False)
    found = frechet_distance(moments(a), moments(b))
    assert found == pytest.approx(wanted[theirs.KEY_METRIC_FID], rel=1e-9)
    theirs = importlib.import_module("torch_fidelity.metric_prc")
    real, fake = rows(90, 4, 1), rows(80, 4, 2, scale=0.8)
    wanted = theirs.calculate_precision_recall_full(fake, real, 3)
    assert precision_recall(real, fake, 3) == pytest.approx(wanted)


def test_equal_sets_are_at_distance_zero_even_when_there_are_few() -> None:
    for n in (500, 10):  # ten rows of 24 values: the covariance has no inverse
        a = moments(rows(n, 24))
        assert 0 <= frechet_distance(a, a) < 1e-4 * float(a.covariance.trace())


def test_few_rows_agree_with_the_usual_formula() -> None:
    a, b = rows(10, 24, 1), rows(12, 24, 2)
    wanted = by_eigenvalues_of_the_product(a.numpy(), b.numpy())
    assert frechet_distance(moments(a), moments(b)) == pytest.approx(wanted, rel=1e-4)


@pytest.mark.parametrize("batch", [1, 7, 64, 300])
def test_batches_do_not_matter(batch: int) -> None:
    x = rows(300, 8, shift=3)
    parts = Moments(8)
    for part in x.split(batch):
        parts.add(part)
    parts.add(x[:0])
    assert parts.count == 300
    np.testing.assert_allclose(parts.covariance.numpy(), np.cov(x.numpy(), rowvar=False), 1e-10)
    np.testing.assert_allclose(parts.mean.numpy(), x.numpy().mean(axis=0), 1e-12)


def test_merging_is_adding() -> None:
    x = rows(90, 5)
    left, right = moments(x[:31]), moments(x[31:])
    left.merge(right)
    torch.testing.assert_close(left.covariance, moments(x).covariance)


def test_features_far_from_zero_keep_their_spread() -> None:
    a, b = rows(400, 6, 1), rows(400, 6, 2)
    near = frechet_distance(moments(a), moments(b))
    far = frechet_distance(moments(a + 1e6), moments(b + 1e6))
    assert far == pytest.approx(near, rel=1e-6)


def test_a_row_of_numbers_holds_all_of_it() -> None:
    a = moments(rows(50, 4))
    again = Moments.from_flat(a.flat(), 4)
    assert again.count == 50 and torch.equal(again.scatter, a.scatter)
    for damaged in (a.flat()[:-1], a.flat() * torch.nan):
        with pytest.raises(MetricError, match="damaged"):
            Moments.from_flat(damaged, 4)


def test_what_has_no_spread_is_refused() -> None:
    with pytest.raises(MetricError, match="two pictures"):
        frechet_distance(moments(rows(1, 3)), moments(rows(5, 3)))
    with pytest.raises(MetricError, match="not numbers"):
        frechet_distance(moments(rows(5, 3) * torch.inf), moments(rows(5, 3)))
