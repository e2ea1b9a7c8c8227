"""Losses: the recorded numbers, and which way they pull what."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn

from stylegan_t.losses import ClipGuidance, hinge_d, hinge_g, spherical_distance

IO = load_file(Path(__file__).parents[1] / "parity" / "losses_io.safetensors")
TOLERANCE, GRADIENT_TOLERANCE = 1e-5, 1e-3
C_DIM = 5


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def relative(actual: Tensor | None, expected: Tensor) -> float:
    assert actual is not None and actual.shape == expected.shape
    return ((actual - expected).abs().max() / expected.abs().max()).item()


class Encoder(nn.Module):
    """Tells the mean colour, and whether the left or the right is brighter."""

    size = 32

    def __init__(self) -> None:
        super().__init__()
        self.project = nn.Linear(6, C_DIM)

    def forward(self, image: Tensor) -> Tensor:
        self.seen = image
        halves = F.adaptive_avg_pool2d(image, (1, 2)).flatten(1)
        return self.project(halves)


@pytest.mark.parametrize("name", ["hinge_b4", "hinge_b8"])
def test_hinge_gives_the_recorded_losses_and_gradients(name: str) -> None:
    real = IO[f"{name}.logits_real"].clone().requires_grad_()
    fake = IO[f"{name}.logits_fake"].clone().requires_grad_()
    loss = hinge_d(real, fake)
    assert abs(loss.item() - IO[f"{name}.loss_D_total"].item()) < TOLERANCE
    loss.backward()
    assert relative(real.grad, IO[f"{name}.grad_real_D"]) < GRADIENT_TOLERANCE
    assert relative(fake.grad, IO[f"{name}.grad_fake_D"]) < GRADIENT_TOLERANCE
    fake.grad = None
    loss = hinge_g(fake)
    assert abs(loss.item() - IO[f"{name}.loss_G"].item()) < TOLERANCE
    loss.backward()
    assert relative(fake.grad, IO[f"{name}.grad_fake_G"]) < GRADIENT_TOLERANCE


def test_hinge_asks_for_no_more_than_one() -> None:
    sure = torch.full((4, 3), 1.5)
    assert hinge_d(sure, -sure) == 0
    assert hinge_d(-sure, sure) == pytest.approx((2.5 + 2.5) / 4)
    assert hinge_g(sure) < hinge_g(-sure)


def test_rounds_of_a_batch_add_up_to_the_whole() -> None:
    real, fake = torch.randn(2, 8, 5, generator=seeded())
    parts = [hinge_d(real[i : i + 4], fake[i : i + 4], batch=8) / 2 for i in (0, 4)]
    torch.testing.assert_close(torch.stack(parts).sum(), hinge_d(real, fake))
    parts = [hinge_g(fake[i : i + 4], batch=8) / 2 for i in (0, 4)]
    torch.testing.assert_close(torch.stack(parts).sum(), hinge_g(fake))


def test_spherical_distance_is_as_recorded() -> None:
    distance = spherical_distance(IO["spherical.x"], IO["spherical.y"])
    assert (distance - IO["spherical.distance"]).abs().max() < TOLERANCE


def test_spherical_distance_is_the_squared_angle_whatever_the_length() -> None:
    x = torch.tensor([[2.0, 0.0], [1.0, 0.0], [1.0, 1.0], [3.0, 0.0]])
    y = torch.tensor([[5.0, 0.0], [0.0, 3.0], [1.0, 0.0], [-1.0, 0.0]])
    expected = torch.tensor([0, math.pi / 2, math.pi / 4, math.pi]).square()
    torch.testing.assert_close(spherical_distance(x, y), expected, atol=4e-3, rtol=0)


def test_spherical_distance_has_finite_gradients_where_arccos_has_none() -> None:
    x = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.3, 0.4]], requires_grad=True)
    y = torch.tensor([[1.0, 0.0], [1.0, 0.0], [3.0, 4.0]])
    spherical_distance(x, y).sum().backward()
    assert x.grad is not None and x.grad.isfinite().all()


def test_guidance_is_the_weighted_mean_of_the_angles() -> None:
    encoder = Encoder()
    guidance = ClipGuidance(encoder, 0.25)
    image = torch.randn(3, 3, 16, 16, generator=seeded())
    c = F.normalize(torch.randn(3, C_DIM, generator=seeded(1)), dim=1)
    loss = guidance(image, c)
    sized = F.interpolate((image + 1) / 2, size=(32, 32), mode="area")
    expected = 0.25 * spherical_distance(encoder(sized), c).mean()
    torch.testing.assert_close(loss, expected)
    torch.testing.assert_close(ClipGuidance(encoder, 0.5)(image, c), expected * 2)


def test_guidance_gives_gradients_to_the_picture_alone() -> None:
    encoder = Encoder()
    image = torch.randn(2, 3, 16, 16, generator=seeded()).requires_grad_()
    c = torch.randn(2, C_DIM, generator=seeded(1)).requires_grad_()
    ClipGuidance(encoder, 1.0)(image, c).backward()
    assert image.grad is not None and image.grad.abs().max() > 0
    assert c.grad is None
    assert all(p.grad is None and not p.requires_grad for p in encoder.parameters())


def test_guidance_pulls_the_picture_towards_the_text() -> None:
    guidance = ClipGuidance(Encoder(), 1.0)
    image = torch.randn(2, 3, 16, 16, generator=seeded()).requires_grad_()
    c = torch.randn(2, C_DIM, generator=seeded(1))
    before = guidance(image, c)
    before.backward()
    assert image.grad is not None
    after = guidance(image - 20 * image.grad, c)
    assert after < before


def test_guidance_sees_a_crop_of_a_large_picture() -> None:
    encoder = Encoder()
    guidance = ClipGuidance(encoder, 1.0, crop_px=8)
    image = torch.randn(2, 3, 20, 20, generator=seeded())
    c = torch.randn(2, C_DIM, generator=seeded(1))
    corners = torch.tensor([[0, 12], [3, 4]])
    given = guidance(image, c, corners=corners)
    cut = torch.stack([image[0, :, :8, 12:], image[1, :, 3:11, 4:12]])
    torch.testing.assert_close(encoder.seen, (F.interpolate(cut, size=32, mode="area") + 1) / 2)
    drawn = guidance.draw(2, 20, generator=seeded(5))
    fresh = guidance(image, c, generator=seeded(5))
    torch.testing.assert_close(fresh, guidance(image, c, corners=drawn))
    assert fresh != given
    many = guidance.draw(400, 20, generator=seeded())
    assert (many.min(), many.max()) == (0, 12)


def test_guidance_of_no_weight_is_no_work() -> None:
    def never(image: Tensor) -> Tensor:
        pytest.fail("the encoder was asked")

    loss = ClipGuidance(never, 0.0)(torch.zeros(1, 3, 8, 8), torch.zeros(1, C_DIM))
    assert loss.shape == () and loss.item() == 0


def test_embeddings_of_another_kind_are_refused() -> None:
    guidance = ClipGuidance(Encoder(), 1.0)
    with pytest.raises(ValueError, match=r"the pictures' are \[1, 5\], the text's \[1, 7\]"):
        guidance(torch.zeros(1, 3, 8, 8), torch.ones(1, 7))


def test_losses_are_float32_under_autocast() -> None:
    guidance = ClipGuidance(Encoder(), 1.0)
    image = torch.randn(2, 3, 16, 16, generator=seeded()).requires_grad_()
    c = torch.randn(2, C_DIM, generator=seeded(1))
    logits = torch.randn(2, 4, generator=seeded()).bfloat16()
    with torch.autocast("cpu", torch.bfloat16):
        loss = guidance(image, c)
        assert hinge_d(logits, logits).dtype == hinge_g(logits).dtype == torch.float32
    assert loss.dtype == torch.float32
    torch.testing.assert_close(loss, guidance(image, c), atol=0.02, rtol=0.02)
    loss.backward()
    assert image.grad is not None and image.grad.isfinite().all()
