"""Scenes of the demo world as training pictures, drawn on the fly."""

from __future__ import annotations

import random

import torch
from torch import Tensor

from stylegan_t.data.sampling import GROUP, key, source_of
from stylegan_t.data.sources import Enlarged, Pictures, Skipped, Wanted
from stylegan_t.demo.scenes import captioned, picture_of
from stylegan_t.demo.world import Z_DIM


class DrawnSource:
    """Endless captioned scenes; no picture comes twice, so there are no epochs."""

    def __init__(self, wanted: Wanted) -> None:
        self.title = "the demo world, drawn on the fly"
        self.skipped, self.enlarged = Skipped(), Enlarged()
        self._wanted = wanted
        self._taken = torch.zeros(wanted.groups, 3, dtype=torch.int64)

    def take(self, groups: range) -> Pictures:
        """See `Source`; the pictures are float32, on the device that drew them."""
        captions, named, latents = [], [], []
        for group in groups:
            place = (self._wanted.seed, "scene", int(self._taken[group, 0]), group)
            generator = source_of(*place)
            texts, rows = captioned(GROUP, random.Random(key(*place)), generator)
            captions += texts
            named.append(rows)
            latents.append(torch.randn(GROUP, Z_DIM, generator=generator))
        z = torch.cat(latents).to(self._wanted.device)
        images, _, _ = picture_of(torch.cat(named), z, 1.0, self._wanted.resolution)
        self._taken[groups.start : groups.stop, 0] += 1
        return Pictures(images, captions)

    def positions(self, groups: range) -> Tensor:
        """See `Source`."""
        return self._taken[groups.start : groups.stop].clone()

    def seek(self, positions: Tensor) -> None:
        """See `Source`."""
        self._taken.copy_(positions)
