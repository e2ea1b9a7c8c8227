"""Products of matrices by the library of convolutions are those of the usual one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from stylegan_t.inference import products
from stylegan_t.inference.products import multiply


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
    assert float((multiply(a, b) - exact).abs().max()) <= 1e-5 * float(exact.abs().max())


@pytest.mark.parametrize("error", [AttributeError, NotImplementedError, RuntimeError, TypeError])
def test_where_the_call_fails_the_usual_product_does_the_work(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def missing(a: Tensor, b: Tensor) -> Tensor:
        raise error

    monkeypatch.setattr(products, "_by_convolutions", missing)
    a, b = matrices(5, 6, 7)
    assert torch.equal(multiply(a, b), torch.mm(a, b))


def test_a_call_that_gives_other_numbers_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "_by_convolutions", lambda a, b: torch.mm(a, b) * 1.01)
    a, b = matrices(5, 6, 7)
    assert torch.equal(multiply(a, b), torch.mm(a, b))
