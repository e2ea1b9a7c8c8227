"""The code book: for every value of every attribute a direction that an embedding points in.

What a caption names is one unit vector, the sum of its values' directions.  The generator learns
from such sums, and the text tower learns to make them out of words; so either can be trained again
without the other.  A thing's direction holds a rough picture of it, so that things which look alike
lie side by side.
"""

from __future__ import annotations

import math
import zlib

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stylegan_t.demo.things.attributes import COLUMN, NAMES, VALUES
from stylegan_t.demo.things.catalogue import all_things
from stylegan_t.demo.things.sprites import sprites_of

C_DIM = 256
PLACES = {"thing": 110, "other": 70}
"""Number of directions that these have to themselves; every other value has one of its own."""
ENERGY = {
    "thing": 0.34, "other": 0.12, "color": 0.10, "other_color": 0.05, "relation": 0.05,
    "count": 0.04, "style": 0.06, "time": 0.06, "weather": 0.05, "ground": 0.05, "size": 0.03,
    "side": 0.03, "relief": 0.01, "moon": 0.01,
}  # fmt: skip
"""The share of each attribute in the squared length of an embedding; they add up to one."""
LOOKS = 48
"""Directions of a thing that hold what it looks like."""
_LOOKS_SHARE = 0.5
_LOOKS_LEVEL = 2
"""The size of the sprites that are compared: a quarter of the atlas's."""


class CodeBook(nn.Module):
    """Turns rows of named values into embeddings.

    Each attribute has a table [values + 1, C_DIM]; its last row stands for "not named".  Attributes
    share no direction, so none of them disturbs another.  The directions are no axes: Adam turns
    every weight equally far, so what is spread over many weights is learned faster.
    """

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count, self.c_dim = count, C_DIM
        turn, start = rotation(C_DIM, "codes"), 0
        for name in NAMES:
            if name in PLACES:
                rows, places = self._things(name), PLACES[name]
            else:
                places = len(VALUES[name]) + 1
                rows = torch.eye(places)
            table = torch.zeros(len(rows), C_DIM)
            table[:, start : start + places] = rows * math.sqrt(ENERGY[name])
            self.register_buffer(f"{name}_table", table @ turn)
            start += places
        assert start <= C_DIM

    def _things(self, attribute: str) -> Tensor:
        """Unit directions of no thing, of every thing and of "not named"."""
        names = ("none", *(thing.name for thing in all_things()[: self.count]), "open")
        places = PLACES[attribute] - LOOKS
        own = torch.stack([_direction(name, places) for name in names])
        seen = torch.cat([torch.zeros(1, LOOKS), _looks(self.count), torch.zeros(1, LOOKS)])
        share = seen.norm(dim=1, keepdim=True).square() * _LOOKS_SHARE
        return torch.cat([seen * share.sqrt(), own * (1 - share).sqrt()], dim=1)

    def table(self, name: str) -> Tensor:
        """The directions of an attribute's values and of "not named", [values + 1, C_DIM]."""
        return self.get_buffer(f"{name}_table")

    def forward(self, named: Tensor) -> Tensor:
        """Rows [N, WIDTH] with `OPEN` where nothing is named to embeddings [N, C_DIM], length 1."""
        total = torch.stack([self.table(name)[named[:, COLUMN[name]]] for name in NAMES]).sum(dim=0)
        return F.normalize(total, dim=1)

    def nearest(self, c: Tensor, name: str) -> Tensor:
        """The value of an attribute whose direction embeddings [N, C_DIM] point in most, [N]; the
        number of values stands for "not named"."""
        return (c @ self.table(name).T).argmax(dim=1)


def rotation(size: int, name: str) -> Tensor:
    """A random rotation [size, size] that depends on a name alone."""
    generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))
    q, r = torch.linalg.qr(torch.randn(size, size, generator=generator, dtype=torch.float64))
    return (q * r.diagonal().sign()).float()


def _direction(name: str, length: int) -> Tensor:
    """A direction that depends on a name alone, [length]."""
    generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))
    return F.normalize(torch.randn(length, generator=generator), dim=0)


def _looks(count: int) -> Tensor:
    """Return what things look like in a few numbers, [count, LOOKS] of length one, whitened by
    half."""
    parts = sprites_of(count).at(_LOOKS_LEVEL, torch.arange(count), torch.device("cpu"))
    flat = (parts[:, :6].unflatten(1, (2, 3)).sum(dim=1) - 0.5 * parts[:, 7:]).flatten(1)
    flat = flat - flat.mean(dim=0)
    u, s, _ = torch.linalg.svd(flat, full_matrices=False)
    kept = min(LOOKS, count - 1)
    return F.normalize(F.pad(u[:, :kept] * s[:kept].sqrt(), (0, LOOKS - kept)), dim=1)
