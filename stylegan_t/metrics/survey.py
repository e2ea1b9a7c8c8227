"""Looking at many pictures: generated or read, block by block, on one process or on many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from stylegan_t.generator import Generator, to_uint8
from stylegan_t.metrics.features import Features, resized
from stylegan_t.metrics.frechet import Moments
from stylegan_t.metrics.pictures import RealPictures, latents
from stylegan_t.metrics.shards import Shards

Draw = Callable[[range], Tensor]
"""The pictures of a block, uint8 [N, 3, H, W]."""
Score = Callable[[range, Tensor], Tensor]
"""How well each picture of a block shows its prompt, [N]; NaN where nothing can be said."""
Tell = Callable[[float], None]


@dataclass(frozen=True)
class Survey:
    """What was seen: moments of the features, the features themselves where they were wanted, and
    the mean score (None where none was asked for)."""

    moments: Moments
    features: Tensor | None = None
    score: float | None = None


class Fakes:
    """Pictures that a generator makes of the prompts of real ones.

    Sample i has prompt i and a latent of its own; noise maps are the stored ones, so a sample is a
    function of the checkpoint, `seed`, i and `psi`.

    Args:
        generator: the model; it may be unconditional.
        real: whose prompts are taken.
        seed: names a set of latents.
        psi: truncation.
        size: pictures come out at `size` by `size` pixels.
    """

    def __init__(
        self, generator: Generator, real: RealPictures, seed: int, psi: float, size: int
    ) -> None:
        self.generator, self.real = generator, real
        self.seed, self.psi, self.size = seed, psi, size

    def __call__(self, block: range) -> Tensor:
        """See `Draw`."""
        z = latents(self.seed, block, self.generator.config.z_dim)
        return picture(self.generator, z, self.real.prompts(block), self.psi, self.size)


@torch.inference_mode()
def picture(
    generator: Generator, z: Tensor, prompts: list[str], psi: float, size: int = 0
) -> Tensor:
    """The pictures of latents [N, z_dim] and N prompts: uint8 [N, 3, size, size].

    They are rounded to bytes as in a file, and then, if `size` is not 0, scaled.
    """
    device = generator.device
    c = generator.encode_text(prompts).to(device) if generator.config.c_dim else None
    w = generator.mapping(z.to(device), c, psi)
    pixels = to_uint8(generator.synthesis(w, noise_mode="const")).permute(0, 3, 1, 2)
    if pixels.shape[1] == 1:
        pixels = pixels.expand(-1, 3, -1, -1)
    if size in (0, pixels.shape[-1]):
        return pixels.contiguous()
    return resized(pixels.float(), size).round().clamp(0, 255).to(torch.uint8)


@torch.inference_mode()
def survey(
    draw: Draw,
    count: int,
    features: Features,
    shards: Shards,
    *,
    batch: int,
    keep: bool = False,
    score: Score | None = None,
    tell: Tell | None = None,
) -> Survey:
    """Look at pictures 0 .. count-1.

    Args:
        draw: makes a block of them.
        count: how many.
        features: what looks at them, on the device of `shards`.
        shards: who does which block.
        batch: pictures in a block.
        keep: whether the features themselves are wanted.
        score: judges how well they show their prompts.
        tell: told the share that this process has done.
    """
    moments, rows, scores = Moments(features.dim), [], []
    for block in shards.blocks(count, batch):
        pixels = draw(block).to(shards.device)
        seen = features(pixels)
        moments.add(seen)
        if keep:
            rows.append((block, seen.cpu()))
        if score is not None:
            scores.append((block, score(block, pixels).reshape(-1, 1)))
        if tell is not None:
            tell(block.stop / count)
    return Survey(
        shards.merged(moments),
        shards.whole(rows, count, features.dim) if keep else None,
        _mean(shards.whole(scores, count, 1)) if score is not None else None,
    )


def _mean(scores: Tensor) -> float:
    """The mean of what could be said."""
    return float(scores.double().nanmean())
