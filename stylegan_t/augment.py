"""Preparation of the discriminator's pictures: differentiable augmentation, blur, random crops.

Pictures are [N, 3, R, R] float, about [-1, 1].  All randomness is drawn apart from its use, as
plain values: one seed can serve a whole batch whose parts lie on several processes.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import torch
from torch import Tensor

TRANSLATION = 1 / 8
CUTOUT = 1 / 5
"""Shares of the picture's side (Zhao et al. 2020; the cutout of StyleGAN-T is smaller)."""
BLUR_START_PX = 32.0
BLUR_FADE_KIMG = 1000.0
BLUR_RADIUS = 3
"""In sigmas."""


@dataclass(frozen=True)
class Draws:
    """The random numbers of one augmentation; None leaves that step out.

    `brightness`, `saturation` and `contrast` are [N, 1, 1, 1], uniform in [0, 1).  `shift` and
    `cut` are [N, 2] integers, rows before columns: by how many pixels the picture is sampled off
    its place, and where the middle of the cut-out square lies.
    """

    brightness: Tensor | None = None
    saturation: Tensor | None = None
    contrast: Tensor | None = None
    shift: Tensor | None = None
    cut: Tensor | None = None

    def part(self, start: int, stop: int) -> Draws:
        """The draws of samples `start` to `stop` (not included)."""
        values = vars(self).items()
        return Draws(**{k: None if v is None else v[start:stop] for k, v in values})

    def to(self, device: torch.device) -> Draws:
        """The same draws on another device."""
        values = vars(self).items()
        return Draws(**{k: None if v is None else v.to(device) for k, v in values})


@dataclass(frozen=True)
class DiffAugment:
    """Colour, translation and cutout, each sample by its own draws.

    Args:
        colour: whether brightness, saturation and contrast change.
        translation: largest shift as a share of the side; 0 for none.
        cutout: side of the square that is blanked, as a share of the picture's; 0 for none.

    Source: Zhao et al. 2020, "Differentiable Augmentation for Data-Efficient GAN Training".
    """

    colour: bool = True
    translation: float = TRANSLATION
    cutout: float = CUTOUT

    def draw(
        self,
        count: int,
        size_px: int,
        *,
        generator: torch.Generator | None = None,
        device: torch.device | None = None,
    ) -> Draws:
        """Draw for `count` pictures of `size_px` pixels a side.

        Args:
            generator: makes the draws repeatable; it draws on its own device.
            device: where the draws are wanted; the generator's, or the CPU, when not given.
        """
        place = generator.device if generator is not None else device
        draws = Draws()
        if self.colour:
            levels = torch.rand(3, count, 1, 1, 1, generator=generator, device=place)
            draws = Draws(*levels.unbind())
        if self.translation:
            reach = _pixels(self.translation, size_px)
            shift = _integers(-reach, reach, count, generator, place)
            draws = dataclasses.replace(draws, shift=shift)
        if self.cutout:
            # An even square lies between pixels, so it has one place more.
            last = size_px - _pixels(self.cutout, size_px) % 2
            draws = dataclasses.replace(draws, cut=_integers(0, last, count, generator, place))
        return draws if device is None else draws.to(device)

    def __call__(
        self,
        image: Tensor,
        draws: Draws | None = None,
        *,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Augment [N, 3, R, R]; same shape, differentiable.

        Args:
            draws: given numbers, in place of fresh ones; the steps that they lack are left out.
            generator: for fresh ones.
        """
        if draws is None:
            size = image.shape[-1]
            draws = self.draw(len(image), size, generator=generator, device=image.device)
        if draws.brightness is not None:
            image = image + (draws.brightness - 0.5)
        if draws.saturation is not None:
            image = _away_from(image.mean(dim=1, keepdim=True), image, draws.saturation * 2)
        if draws.contrast is not None:
            middle = image.mean(dim=(1, 2, 3), keepdim=True)
            image = _away_from(middle, image, draws.contrast + 0.5)
        if draws.shift is not None:
            image = translate(image, draws.shift)
        if draws.cut is not None:
            image = cut_out(image, draws.cut, self.cutout)
        return image


def _pixels(share: float, size_px: int) -> int:
    return int(share * size_px + 0.5)


def _integers(
    low: int,
    high: int,
    count: int,
    generator: torch.Generator | None,
    device: torch.device | None,
) -> Tensor:
    """[count, 2] integers, both ends included."""
    return torch.randint(low, high + 1, (count, 2), generator=generator, device=device)


def _away_from(middle: Tensor, image: Tensor, factor: Tensor) -> Tensor:
    return (image - middle) * factor + middle


def translate(image: Tensor, shift: Tensor) -> Tensor:
    """Sample each picture `shift` [N, 2] pixels (rows, columns) off its place; 0 outside of it."""
    height, width = image.shape[-2:]
    rows = torch.arange(height, device=image.device) + shift[:, :1]  # [N, H]
    cols = torch.arange(width, device=image.device) + shift[:, 1:]
    inside = _both(_within(rows, height), _within(cols, width))
    moved = _take(image, rows.clamp(0, height - 1), cols.clamp(0, width - 1))
    return moved * inside.to(image.dtype)


def cut_out(image: Tensor, middle: Tensor, share: float = CUTOUT) -> Tensor:
    """Blank a square around `middle` [N, 2] (row, column), `share` of the side long."""
    height, width = image.shape[-2:]
    blank = []
    for axis, size in enumerate((height, width)):
        side = _pixels(share, size)
        first = middle[:, axis : axis + 1] - side // 2
        blank.append(_within(torch.arange(size, device=image.device) - first, side))
    return image * (~_both(*blank)).to(image.dtype)


def crop(image: Tensor, corners: Tensor, size_px: int) -> Tensor:
    """Cut a square out of every picture.

    Args:
        image: [N, C, H, W], no side shorter than `size_px`.
        corners: [N, 2] integers, the row and column where each square begins.
        size_px: its side.

    Returns:
        [N, C, size_px, size_px].
    """
    steps = torch.arange(size_px, device=image.device)
    return _take(image, steps + corners[:, :1], steps + corners[:, 1:])


def draw_corners(
    count: int,
    slack_px: int,
    *,
    generator: torch.Generator | None = None,
    device: torch.device | None = None,
) -> Tensor:
    """[count, 2] corners for `crop`, each of 0 to `slack_px`, by which a picture is too large."""
    place = generator.device if generator is not None else device
    corners = _integers(0, slack_px, count, generator, place)
    return corners if device is None else corners.to(device)


def _within(places: Tensor, size: int) -> Tensor:
    return (places >= 0) & (places < size)


def _both(rows: Tensor, cols: Tensor) -> Tensor:
    """[N, H] and [N, W] to [N, 1, H, W]."""
    return (rows[:, :, None] & cols[:, None, :]).unsqueeze(1)


def _take(image: Tensor, rows: Tensor, cols: Tensor) -> Tensor:
    """Every sample's own rows [N, h] and columns [N, w]: [N, C, H, W] to [N, C, h, w]."""
    channels, width = image.shape[1], image.shape[3]
    picked = image.gather(2, rows[:, None, :, None].expand(-1, channels, -1, width))
    return picked.gather(3, cols[:, None, None, :].expand(-1, channels, rows.shape[1], -1))


def blur(image: Tensor, sigma_px: float) -> Tensor:
    """Blur [N, C, H, W]; outside of the picture everything is 0.

    The weight at a distance of d pixels is 2^-(d / sigma)^2, out to three sigmas (so `sigma_px` is
    where it has fallen to a half).  A sigma below a third of a pixel changes nothing.

    Source: Karras et al. 2021, "Alias-Free Generative Adversarial Networks", appendix on training:
    the discriminator's pictures are blurred at first, so that it cannot win by fine detail.
    """
    radius = math.floor(sigma_px * BLUR_RADIUS)
    if radius < 1:
        return image
    height, width = image.shape[-2:]
    with torch.autocast(image.device.type, enabled=False):
        down = _blur_matrix(height, sigma_px, radius, image.device)
        across = down if width == height else _blur_matrix(width, sigma_px, radius, image.device)
        return (down @ image.float() @ across).to(image.dtype)


def _blur_matrix(size: int, sigma_px: float, radius: int, device: torch.device) -> Tensor:
    """[size, size], symmetric: the weight of every pixel of a line in every other.

    For blurs as wide as the picture this is much less work than a convolution.
    """
    steps = torch.arange(-radius, radius + 1, dtype=torch.float64)
    total = torch.exp2(-((steps / sigma_px) ** 2)).sum()
    places = torch.arange(size, dtype=torch.float64)
    distance = (places[:, None] - places[None, :]).abs()
    weights = torch.exp2(-((distance / sigma_px) ** 2)) * (distance <= radius)
    return (weights / total).to(torch.float32).to(device)


def blur_sigma(
    images_seen: float, start_sigma: float = BLUR_START_PX, fade_kimg: float = BLUR_FADE_KIMG
) -> float:
    """Sigma of the blur in pixels, after `images_seen` pictures of training.

    It falls evenly from `start_sigma` to 0 over the first `fade_kimg` thousand pictures.
    """
    if fade_kimg <= 0:
        return 0.0
    return start_sigma * max(1 - images_seen / (fade_kimg * 1000), 0.0)
