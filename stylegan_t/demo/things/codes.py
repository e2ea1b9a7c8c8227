"""The code book: for every value of every attribute an axis that an embedding points along.

What a caption names is one unit vector with one entry for each attribute.  The generator learns
from such vectors, and the text tower learns to make them out of words; so either can be trained
again without the other.  Axes keep what is learned of one thing apart from every other: with
directions that overlap, 146 things unlearned one another, and stayed silhouettes (thing error at
psi 0 after 240 s of one core: .091, with axes .079, and falling four times as fast).
"""

from __future__ import annotations

import math
import zlib

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stylegan_t.demo.things.attributes import COLUMN, NAMES, VALUES
from stylegan_t.demo.things.catalogue import all_things

ENERGY = {
    "thing": 0.34, "other": 0.12, "color": 0.10, "other_color": 0.05, "relation": 0.05,
    "count": 0.04, "style": 0.06, "time": 0.06, "weather": 0.05, "ground": 0.05, "size": 0.03,
    "side": 0.03, "relief": 0.01, "moon": 0.01,
}  # fmt: skip
"""The share of each attribute in the squared length of an embedding; they add up to one."""
PACES = {"thing": 8.0, "other": 8.0}
"""The pace of the attributes that captions seldom name with one value, see `CodeBook.paces`."""
_PACE = 1.0


class CodeBook(nn.Module):
    """Turns rows of named values into embeddings.

    Args:
        count: how many things there are, at most those of the atlas.
    """

    def __init__(self, count: int) -> None:
        super().__init__()
        if not 0 < count <= len(all_things()):
            raise ValueError(f"The atlas has {len(all_things())} things, so {count} cannot be had.")
        self.count = count
        sizes = {name: self._values(name) + 1 for name in NAMES}
        self.c_dim, start = sum(sizes.values()), 0
        paces = torch.empty(self.c_dim)
        for name, size in sizes.items():
            table = torch.zeros(size, self.c_dim)
            height = math.sqrt(ENERGY[name])
            table[:, start : start + size] = torch.eye(size) * height
            paces[start : start + size] = PACES.get(name, _PACE) / height
            self.register_buffer(f"{name}_table", table)
            start += size
        self.paces = paces
        """The pace [c_dim] at which each axis may learn, the faster the lower its entry is.  A
        thing, which few captions name, has to take longer steps."""

    def _values(self, name: str) -> int:
        return len(VALUES[name]) if name in VALUES else self.count + 1

    def table(self, name: str) -> Tensor:
        """The embeddings of an attribute's values and of "not named", [values + 1, c_dim]."""
        return self.get_buffer(f"{name}_table")

    def forward(self, named: Tensor) -> Tensor:
        """Rows [N, WIDTH] with `OPEN` where nothing is named to embeddings [N, c_dim], length 1."""
        total = torch.stack([self.table(name)[named[:, COLUMN[name]]] for name in NAMES]).sum(dim=0)
        return F.normalize(total, dim=1)

    def nearest(self, c: Tensor, name: str) -> Tensor:
        """The value of an attribute whose axis embeddings [N, c_dim] point along most, [N]; the
        number of values stands for "not named"."""
        return (c @ self.table(name).T).argmax(dim=1)


def rotation(size: int, name: str) -> Tensor:
    """A random rotation [size, size] that depends on a name alone."""
    generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))
    q, r = torch.linalg.qr(torch.randn(size, size, generator=generator, dtype=torch.float64))
    return (q * r.diagonal().sign()).float()
