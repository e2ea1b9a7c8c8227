"""Products of matrices by the library of convolutions are those of the usual one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from stylegan_t.inference import products
from stylegan_t.inference.products import Factor, multiply


@pytest.fixture(autouse=True)
def tried_again() -> Iterator[None]:
    """Each test asks again whether the call works, and leaves no answer of its own."""
    products._works.cache_clear()
    yield
    products._works.cache_clear()


def matrices(rows: int, inner: int, columns: int) -> tuple[Tensor, Tensor]:
    source = torch.Generator().manual_seed(rows)
    return torch.randn(rows, inner, generator=source), torch.randn(inner, columns, generator=source)


@pytest.mark.parametrize("sizes", [(1, 1, 1), (36, 36, 500), (64, 256, 256), (16, 36, 7)])
def test_it_multiplies(sizes: tuple[int, int, int]) -> None:
    a, b = matrices(*sizes)
    exact = a.double() @ b.double()
    for found in (multiply(a, b), Factor(b)(a)):
        assert float((found - exact).abs().max()) <= 1e-5 * float(exact.abs().max())


def test_a_factor_is_packed_once_where_that_can_be_done() -> None:
    a, b = matrices(5, 6, 7)
    before = b.clone()
    factor = Factor(b)
    assert factor._matrix.is_mkldnn == products._works()
    b.zero_()
    if factor._matrix.is_mkldnn:
        assert torch.allclose(factor(a), a @ before, atol=1e-5)


@pytest.mark.parametrize("call", ["_by_convolutions", "_packed"])
@pytest.mark.parametrize("error", [AttributeError, NotImplementedError, RuntimeError, TypeError])
def test_where_the_call_fails_the_usual_product_does_the_work(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception], call: str
) -> None:
    def missing(*matrices: Tensor) -> Tensor:
        raise error

    monkeypatch.setattr(products, call, missing)
    a, b = matrices(5, 6, 7)
    assert torch.equal(multiply(a, b), torch.mm(a, b))
    assert torch.equal(Factor(b)(a), torch.mm(a, b))


def test_a_call_that_gives_other_numbers_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "_by_convolutions", lambda a, b: torch.mm(a, b) * 1.01)
    a, b = matrices(5, 6, 7)
    assert torch.equal(multiply(a, b), torch.mm(a, b))
