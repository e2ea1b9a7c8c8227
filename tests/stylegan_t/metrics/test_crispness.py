"""Crispness: what a blur loses, wherever an edge lies."""

import torch

from stylegan_t.demo.canvas import blur
from stylegan_t.metrics.crispness import crispness


def stripes(size: int = 32, softness: float = 0.0) -> torch.Tensor:
    """One upright edge in each of two pictures."""
    image = torch.full((2, 3, size, size), -1.0)
    image[..., size // 2 :] = 1.0
    return blur(image, softness) if softness else image


def test_soft_edges_are_less_crisp_though_they_climb_as_high() -> None:
    sharp, soft = crispness(stripes()), crispness(stripes(softness=1.5))
    assert sharp.shape == (2, 3, 6, 6)
    assert soft.max() < 0.7 * sharp.max()
    flat = crispness(torch.zeros(1, 3, 32, 32))
    assert flat.max() < 0.011


def test_crispness_does_not_ask_where_an_edge_is() -> None:
    image = torch.full((1, 3, 32, 32), -1.0)
    image[..., 10:] = 1.0
    moved = image.roll(1, dims=-1)
    moved[..., 0] = -1.0
    torch.testing.assert_close(crispness(image), crispness(moved))


def test_crispness_works_at_every_training_size() -> None:
    for size in (8, 16, 64):
        assert crispness(torch.rand(1, 3, size, size)).isfinite().all()
