"""Augmentation and blur: the recorded numbers, and what must hold for any draw."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from stylegan_t.augment import (
    DiffAugment,
    Draws,
    blur,
    blur_sigma,
    crop,
    cut_out,
    draw_corners,
    translate,
)

IO = load_file(Path(__file__).parents[1] / "parity" / "losses_io.safetensors")
TOLERANCE = 1e-5


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pictures(count: int = 3, size: int = 20) -> Tensor:
    return torch.randn(count, 3, size, size, generator=seeded(9))


def worst(actual: Tensor, expected: Tensor) -> float:
    assert actual.shape == expected.shape
    return (actual - expected).abs().max().item()


@pytest.mark.parametrize(
    ("step", "before", "field"),
    [
        ("rand_brightness", "img", "brightness"),
        ("rand_saturation", "rand_brightness.out", "saturation"),
        ("rand_contrast", "rand_saturation.out", "contrast"),
        ("rand_translation", "rand_contrast.out", "shift"),
        ("rand_cutout", "rand_translation.out", "cut"),
    ],
)
def test_each_step_gives_the_recorded_picture(step: str, before: str, field: str) -> None:
    draws = IO[f"diffaug.{step}.draw0"]
    if field in ("shift", "cut"):
        draws = torch.cat([draws, IO[f"diffaug.{step}.draw1"]], dim=1).squeeze(2)
    out = DiffAugment()(IO[f"diffaug.{before}"], Draws(**{field: draws}))
    assert worst(out, IO[f"diffaug.{step}.out"]) < TOLERANCE


def test_all_steps_together_give_the_last_recorded_picture() -> None:
    def first(step: str) -> Tensor:
        return IO[f"diffaug.rand_{step}.draw0"]

    def both(step: str) -> Tensor:
        return torch.cat([first(step), IO[f"diffaug.rand_{step}.draw1"]], dim=1).squeeze(2)

    draws = Draws(
        brightness=first("brightness"),
        saturation=first("saturation"),
        contrast=first("contrast"),
        shift=both("translation"),
        cut=both("cutout"),
    )
    out = DiffAugment()(IO["diffaug.img"], draws)
    assert worst(out, IO["diffaug.rand_cutout.out"]) < TOLERANCE


def test_nothing_drawn_changes_nothing() -> None:
    image = pictures()
    assert torch.equal(DiffAugment()(image, Draws()), image)
    nothing = DiffAugment(colour=False, translation=0, cutout=0)
    assert nothing.draw(3, 20) == Draws()
    assert torch.equal(nothing(image), image)


def test_draws_that_mean_no_change_change_nothing() -> None:
    image = pictures()
    half = torch.full((3, 1, 1, 1), 0.5)
    still = torch.zeros(3, 2, dtype=torch.long)
    out = DiffAugment()(image, Draws(half, half, half, still))
    assert worst(out, image) < 1e-6


def test_shape_stays_and_gradients_pass() -> None:
    image = pictures().requires_grad_()
    out = DiffAugment()(image, generator=seeded())
    assert out.shape == image.shape and worst(out.detach(), image.detach()) > 0.1
    out.square().sum().backward()
    assert image.grad is not None and image.grad.isfinite().all()
    assert (image.grad.flatten(1).abs().sum(dim=1) > 0).all()


def test_a_seed_repeats_the_draws_and_another_does_not() -> None:
    image, augment = pictures(), DiffAugment()
    first = augment(image, generator=seeded(1))
    assert torch.equal(first, augment(image, generator=seeded(1)))
    assert not torch.equal(first, augment(image, generator=seeded(2)))
    assert torch.equal(first, augment(image, augment.draw(3, 20, generator=seeded(1))))


def test_parts_of_a_batch_go_through_what_the_whole_does() -> None:
    image, augment = pictures(6), DiffAugment()
    draws = augment.draw(6, 20, generator=seeded())
    parts = [augment(image[i : i + 2], draws.part(i, i + 2)) for i in (0, 2, 4)]
    assert torch.equal(torch.cat(parts), augment(image, draws))


def test_draws_stay_within_their_ranges_and_reach_both_ends() -> None:
    draws = DiffAugment().draw(4000, 40, generator=seeded())
    for level in (draws.brightness, draws.saturation, draws.contrast):
        assert level is not None and level.shape == (4000, 1, 1, 1)
        assert level.min() >= 0 and level.max() < 1 and level.std() > 0.25
    assert draws.shift is not None and draws.cut is not None
    assert (draws.shift.min(), draws.shift.max()) == (-5, 5)
    assert (draws.cut.min(), draws.cut.max()) == (0, 40)
    odd = DiffAugment().draw(4000, 26, generator=seeded())
    assert odd.cut is not None and odd.cut.max() == 25


def test_translation_moves_and_fills_with_zero() -> None:
    image = pictures(2, 8)
    out = translate(image, torch.tensor([[2, -3], [0, 0]]))
    assert torch.equal(out[0, :, :6, 3:], image[0, :, 2:, :5])
    assert out[0, :, 6:].abs().max() == 0 and out[0, :, :, :3].abs().max() == 0
    assert torch.equal(out[1], image[1])


def test_cutout_blanks_a_square_and_nothing_else() -> None:
    image = torch.ones(3, 3, 20, 20)
    out = cut_out(image, torch.tensor([[10, 7], [0, 20], [19, 0]]), 0.2)
    blank = (out == 0).all(dim=1)
    assert blank[0, 8:12, 5:9].all() and blank[0].sum() == 16
    assert blank[1, :2, 18:].all() and blank[1].sum() == 4
    assert blank[2, 17:, :2].all() and blank[2].sum() == 6


def test_crops_are_parts_of_the_pictures() -> None:
    image = pictures(2, 12)
    out = crop(image, torch.tensor([[0, 5], [4, 2]]), 7)
    assert torch.equal(out[0], image[0, :, :7, 5:])
    assert torch.equal(out[1], image[1, :, 4:11, 2:9])
    corners = draw_corners(500, 5, generator=seeded())
    assert (corners.min(), corners.max()) == (0, 5)


@pytest.mark.parametrize("sigma", ["0.2", "0.5", "2", "10"])
def test_blur_gives_the_recorded_picture(sigma: str) -> None:
    out = blur(IO["blur.img"], float(sigma))
    assert worst(out, IO[f"blur.sigma{sigma}"]) < TOLERANCE


def test_blur_keeps_a_flat_middle_and_spreads_a_point() -> None:
    flat = blur(torch.ones(1, 3, 41, 41), 3.0)
    assert abs(flat[0, 0, 20, 20].item() - 1) < 1e-6 and flat[0, 0, 0, 0] < 0.5
    point = torch.zeros(1, 1, 21, 21)
    point[0, 0, 10, 10] = 1
    spread = blur(point, 2.0)[0, 0]
    assert abs(spread[10, 12].item() / spread[10, 10].item() - 0.5) < 1e-5
    assert spread[10, 3] == 0 and spread[10, 4] > 0
    wide = blur(torch.randn(1, 3, 8, 12, generator=seeded()), 32.0)
    assert wide.shape == (1, 3, 8, 12) and wide.abs().max() < 0.1


def test_no_blur_is_no_work() -> None:
    image = pictures()
    assert blur(image, 0.0) is image


def test_blur_fades_as_recorded() -> None:
    for seen, sigma in zip(
        IO["blur_schedule.cur_nimg"].tolist(), IO["blur_schedule.sigma"].tolist(), strict=True
    ):
        assert blur_sigma(seen, 32, 1000) == pytest.approx(sigma, abs=1e-9)
    assert blur_sigma(0, 32, 0) == 0


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_passes_through(dtype: torch.dtype) -> None:
    image = pictures().to(dtype)
    assert blur(image, 2.0).dtype == dtype
    draws = DiffAugment().draw(3, 20, generator=seeded())
    placed = replace(draws, brightness=None, saturation=None, contrast=None)
    assert DiffAugment()(image, placed).dtype == dtype


@pytest.mark.gpu
def test_the_graphics_card_gives_the_same_picture() -> None:
    image, augment = pictures(), DiffAugment()
    draws = augment.draw(3, 20, generator=seeded())
    card = torch.device("cuda")
    out = augment(image.to(card), draws.to(card)).cpu()
    assert worst(out, augment(image, draws)) < TOLERANCE
    same = augment(image.to(card), generator=seeded()).cpu()
    assert worst(same, out) < TOLERANCE
    assert worst(blur(image.to(card), 4.0).cpu(), blur(image, 4.0)) < TOLERANCE
