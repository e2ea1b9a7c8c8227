"""Looking at many pictures: generated or read, block by block, on one process or on many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from stylegan_t.data.images import shrunk
from stylegan_t.data.sampling import source_of
from stylegan_t.generator import NoiseMode, to_uint8
from stylegan_t.layers import NoiseSource
from stylegan_t.metrics.features import Features
from stylegan_t.metrics.frechet import Moments
from stylegan_t.metrics.pictures import RealPictures, latents
from stylegan_t.metrics.shards import Shards
from stylegan_t.network import AnyNetwork
from stylegan_t.progress import Progress

Noise = Literal["const", "random"]
Draw = Callable[[range], Tensor]
"""The pictures of a block, uint8 [N, 3, H, W]; without scores N may be less than the block."""
Score = Callable[[range, Tensor], Tensor]
"""Scores of the pictures of a block for their prompts, [N]; NaN where nothing can be said."""


@dataclass(frozen=True)
class Survey:
    """Results: moments of the features, the features themselves where they were wanted, and
    the mean score (None where none was asked for)."""

    moments: Moments
    features: Tensor | None = None
    score: float | None = None


class Fakes:
    """Pictures that a generator makes of the prompts of real ones.

    Sample i has prompt i and a latent of its own; noise maps are the stored ones or its own, so a
    sample is a function of the checkpoint, `seed`, i and `psi`.  See `heard` for models that read
    no text.

    Args:
        generator: the model, of any kind.
        real: whose prompts are taken.
        seed: names a set of latents.
        psi: truncation.
        size: pictures come out at `size` by `size` pixels.
        noise: "const" for the stored maps, "random" for maps of each sample's own.
    """

    def __init__(
        self,
        generator: AnyNetwork,
        real: RealPictures,
        seed: int,
        psi: float,
        size: int,
        noise: Noise = "const",
    ) -> None:
        self.generator, self.real, self.noise = generator, real, noise
        self.seed, self.psi, self.size = seed, psi, size

    def __call__(self, block: range) -> Tensor:
        """See `Draw`."""
        z = latents(self.seed, block, self.generator.anatomy.z_dim)
        noise = sample_noise(self.seed, block) if self.noise == "random" else "const"
        c = heard(self.generator, self.real.prompts(block), self.seed, block)
        return picture(self.generator, z, c, self.psi, self.size, noise)


@torch.inference_mode()
def heard(
    network: AnyNetwork, prompts: list[str], seed: int, numbers: Sequence[int]
) -> Tensor | None:
    """Return what a network hears beside the latents of samples, by their numbers: [N, c_dim].

    A text is embedded.  A class is that of the prompt; where it names none, one is drawn for the
    sample, each class with the same chance, by `seed` and its number alone.  None for a network
    that hears nothing.

    Raises:
        ValueError: the network has no text tower.
    """
    anatomy = network.anatomy
    if anatomy.condition == "nothing":
        return None
    c = network.encode_text(prompts)
    if anatomy.condition == "text":
        return c
    for row, index in zip(c, numbers, strict=True):
        if not row.any():
            source = source_of(seed, "class", index)
            row[torch.randint(anatomy.c_dim, (), generator=source)] = 1
    return c / c.sum(dim=1, keepdim=True)


def sample_noise(seed: int, block: range) -> NoiseSource:
    """Fresh noise maps of the samples in `block`, which depend on `seed` and their numbers alone.

    They are drawn in main memory, so that every device gives the same picture.
    """
    streams = [source_of(seed, "noise", index) for index in block]

    def fresh(resolution: int, stored: Tensor) -> Tensor:
        shape = (1, 1, resolution, resolution)
        drawn = torch.cat([torch.randn(shape, generator=stream) for stream in streams])
        return drawn.to(stored.device)

    return fresh


@torch.inference_mode()
def picture(
    generator: AnyNetwork,
    z: Tensor,
    c: Tensor | None,
    psi: float,
    size: int = 0,
    noise: NoiseMode | NoiseSource = "const",
) -> Tensor:
    """The pictures of latents [N, z_dim] and of what is `heard`: uint8 [N, 3, size, size].

    They are rounded to bytes as in a file, and then, if `size` is not 0, scaled as real ones are.
    """
    device = generator.device
    w = generator.mapping(z.to(device), None if c is None else c.to(device), psi)
    pixels = to_uint8(generator.synthesis(w, noise_mode=noise)).permute(0, 3, 1, 2)
    if pixels.shape[1] == 1:
        pixels = pixels.expand(-1, 3, -1, -1)
    return shrunk(pixels.contiguous(), size or pixels.shape[-1])


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
    tell: Progress | None = None,
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
    moments, rows, there, scores = Moments(features.dim), [], [], []
    for block in shards.blocks(count, batch):
        pixels = draw(block).to(shards.device)
        assert score is None or len(pixels) == len(block), "scores need every picture"
        seen = features(pixels) if len(pixels) else torch.empty(0, features.dim)
        moments.add(seen)
        if keep:
            missing = (0, 0, 0, len(block) - len(seen))
            rows.append((block, F.pad(seen.cpu(), missing)))
            there.append((block, F.pad(torch.ones(len(seen), 1), missing)))
        if score is not None:
            scores.append((block, score(block, pixels).reshape(-1, 1)))
        if tell is not None:
            tell(block.stop / count)
    kept = None
    if keep:
        used = shards.whole(there, count, 1)[:, 0].bool()
        kept = shards.whole(rows, count, features.dim)[used]
    return Survey(
        shards.merged(moments),
        kept,
        _mean(shards.whole(scores, count, 1)) if score is not None else None,
    )


def _mean(scores: Tensor) -> float:
    """The mean of what could be said."""
    return float(scores.double().nanmean())
