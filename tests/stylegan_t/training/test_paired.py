"""The paired loss: right pictures cost nothing, and a blur costs more than its error."""

import torch

from stylegan_t.demo.canvas import blur
from stylegan_t.training.paired import Batch, paired_loss


def batch_of(image: torch.Tensor) -> Batch:
    n, _, size, _ = image.shape
    blank = torch.zeros(n, 1)
    return Batch(blank, blank, blank, image, torch.ones(n, 1, size, size))


def stripes(size: int = 32, softness: float = 0.0) -> torch.Tensor:
    """One upright edge in each of two pictures."""
    image = torch.full((2, 3, size, size), -1.0)
    image[..., size // 2 :] = 1.0
    return blur(image, softness) if softness else image


def test_the_right_picture_costs_nothing() -> None:
    image = torch.rand(2, 3, 32, 32) * 2 - 1
    loss, error = paired_loss(image.clone(), batch_of(image))
    assert loss == 0 and error == 0


def test_sharpening_a_blurred_picture_lowers_the_loss() -> None:
    batch = batch_of(stripes())
    losses = [paired_loss(stripes(softness=s), batch)[0] for s in (2.5, 1.2, 0.6)]
    assert losses[0] > losses[1] > losses[2]
