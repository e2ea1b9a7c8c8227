"""Losses of generator and discriminator: the hinge loss, and guidance by CLIP.

Source: Sauer et al. 2023, "StyleGAN-T", sections 3.2 and 3.3; Lim and Ye 2017, "Geometric GAN", for
the hinge.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stylegan_t.augment import crop, draw_corners
from stylegan_t.encoders.clip_image import ClipImageEncoder, open_clip_image_encoder

__all__ = [
    "ClipGuidance",
    "ClipImageEncoder",
    "hinge_d",
    "hinge_g",
    "open_clip_image_encoder",
    "spherical_distance",
]

CROP_PX = 64
"""Of a larger picture CLIP sees a crop: guidance is for what is in a picture, at the size of the
first stage of training."""
ENCODER_PX = 224
MAX_COSINE = 1 - 1e-7
"""The slope of arccos has no bound at 1; an angle below 0.0005 counts as that much."""


def hinge_d(real_logits: Tensor, fake_logits: Tensor, *, batch: int | None = None) -> Tensor:
    """Return what the discriminator makes small: real logits above 1, drawn ones below -1 cost
    nothing.

    Each of both means is divided once more by the batch size, as the reference does; under Adam
    that matters only beside other losses.

    Args:
        real_logits, fake_logits: [N, L], N the same or not.
        batch: the size to divide by, where a batch is split over processes or rounds; N when not
            given.

    Returns:
        A float32 scalar.
    """
    real = F.relu(1 - real_logits.float()).mean() / (batch or len(real_logits))
    return real + F.relu(1 + fake_logits.float()).mean() / (batch or len(fake_logits))


def hinge_g(fake_logits: Tensor, *, batch: int | None = None) -> Tensor:
    """Return what the generator makes small: the logits of its pictures, negated.

    Args and the division by the batch size are those of `hinge_d`.
    """
    return -fake_logits.float().mean() / (batch or len(fake_logits))


def spherical_distance(x: Tensor, y: Tensor) -> Tensor:
    """The squared angle between vectors of any length: two [N, D] to [N], in radians squared.

    Gradients are finite everywhere; there is none between vectors that point to opposite sides.
    """
    with torch.autocast(x.device.type, enabled=False):
        cosine = (F.normalize(x.float(), dim=-1) * F.normalize(y.float(), dim=-1)).sum(dim=-1)
        return cosine.clamp(-MAX_COSINE, MAX_COSINE).arccos().square()


class ClipGuidance(nn.Module):
    """Pulls pictures towards their captions, as CLIP sees both.

    Args:
        image_encoder: [N, 3, size, size] in 0..1 to [N, c_dim], any length; a module may tell its
            `size`, else it is 224.
        weight: of this loss; 0 computes nothing.
        crop_px: larger pictures are cropped to this side.
    """

    def __init__(
        self, image_encoder: Callable[[Tensor], Tensor], weight: float, *, crop_px: int = CROP_PX
    ) -> None:
        super().__init__()
        self.image_encoder, self.weight, self.crop_px = image_encoder, weight, crop_px
        self.size = getattr(image_encoder, "size", ENCODER_PX)
        if isinstance(image_encoder, nn.Module):
            image_encoder.requires_grad_(False).eval()

    def draw(
        self,
        count: int,
        size_px: int,
        *,
        generator: torch.Generator | None = None,
        device: torch.device | None = None,
    ) -> Tensor:
        """[count, 2] integers: row and column where each picture's crop begins.

        Args:
            generator: makes the draws repeatable; with one seed for a whole batch, every process
                can draw for all of it and take its own rows.
            device: where they are wanted.
        """
        slack = max(size_px - self.crop_px, 0)
        return draw_corners(count, slack, generator=generator, device=device)

    def forward(
        self,
        image: Tensor,
        c: Tensor,
        *,
        corners: Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """`weight` times the mean squared angle between pictures and text.

        Args:
            image: [N, 3, R, R], about [-1, 1]; only these get gradients.
            c: [N, c_dim] text embeddings.
            corners: given crops, see `draw`; else fresh ones.
            generator: for fresh ones.

        Returns:
            A float32 scalar.

        Raises:
            ValueError: the encoder's embeddings are not as long as the text's.
        """
        if not self.weight:
            return image.new_zeros((), dtype=torch.float32)
        size = image.shape[-1]
        if size > self.crop_px:
            if corners is None:
                corners = self.draw(len(image), size, generator=generator, device=image.device)
            image = crop(image, corners, self.crop_px)
        image = F.interpolate((image.float() + 1) / 2, size=(self.size, self.size), mode="area")
        seen = self.image_encoder(image)
        if seen.shape != c.shape:
            raise ValueError(
                f"Guidance by CLIP compares embeddings of one kind: the pictures' are "
                f"{list(seen.shape)}, the text's {list(c.shape)}."
            )
        return self.weight * spherical_distance(seen, c.detach()).mean()
