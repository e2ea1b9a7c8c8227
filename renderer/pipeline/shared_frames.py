"""The frames of a batch, drawn by one process or by several, which `torchrun` started.

Each process draws every n-th frame and the first collects them, so the file is the same as one
process's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
import torch.distributed as dist

from renderer.pipeline.batch import Batch, Drawn, Draws, draw
from renderer.recipe.identity import with_hash

if TYPE_CHECKING:
    from stylegan_t.metrics.shards import Shards

HASH_BYTES = 64
"""A model's hash in hexadecimal digits; that of each frame's model, and of the one that it is
blended with, travel behind its pixels."""


def shared_frames(renderer: Draws, batch: Batch, shards: Shards) -> Iterator[Drawn]:
    """Draw the frames of a batch; all of them come out in order on the first process alone.

    In each round every process draws one frame, and the first collects them.

    Args:
        renderer: of this process.
        batch: the same on all processes.
        shards: this process among them; its tensors travel through main memory.

    Raises:
        BatchError: there is no picture of a frame; one sentence.
    """
    join = _Join(shards)
    for start in range(0, batch.count, shards.world):
        # A process without a frame of its own draws the last: it must know how large they are.
        own = draw(renderer, batch, min(start + shards.rank, batch.count - 1))
        if shards.world == 1:
            yield own
            continue
        parts = join.collect(own)[: batch.count - start]
        for number, (pixels, hashes) in enumerate(parts):
            notes = () if number else own.notes  # of the first process, which this is
            yield Drawn(pixels, with_hash(batch.recipe(start + number), *hashes), notes)


class _Part(NamedTuple):
    """A frame, and the hashes of the model that drew it and of the one that this was blended
    with; empty where there is none."""

    pixels: np.ndarray
    hashes: tuple[str, str]


class _Join:
    """Brings the frames of all processes together, on the first; all have one size."""

    def __init__(self, shards: Shards) -> None:
        self._shards = shards
        self._size: tuple[int, int] | None = None

    def collect(self, own: Drawn) -> list[_Part]:
        """This round's frames in the order of the processes; none on others than the first."""
        # Pillow is slow to import: only where there are several processes
        from renderer.files.framing import framed

        size = self._agreed((own.pixels.shape[1], own.pixels.shape[0]))
        assert own.recipe is not None, "what is drawn of a recipe shows it"
        hashes = (own.recipe.model.sha256, own.recipe.model.blend.sha256)
        digits = "".join(sha256.ljust(HASH_BYTES) for sha256 in hashes).encode()
        flat = np.concatenate(
            [framed(own.pixels, size).reshape(-1), np.frombuffer(digits, np.uint8)]
        )
        mine = torch.from_numpy(flat)
        if not self._shards.first:
            dist.gather(mine, None, 0)
            return []
        rows = [torch.empty_like(mine) for _ in range(self._shards.world)]
        dist.gather(mine, rows, 0)
        return [_part(row.numpy(), size) for row in rows]

    def _agreed(self, size: tuple[int, int]) -> tuple[int, int]:
        """The size of the very first frame, on all processes."""
        if self._size is None:
            told = torch.tensor(size)
            dist.broadcast(told, 0)
            self._size = (int(told[0]), int(told[1]))
        return self._size


def _part(row: np.ndarray, size: tuple[int, int]) -> _Part:
    pixels, digits = row[: -2 * HASH_BYTES], row[-2 * HASH_BYTES :].tobytes().decode("ascii")
    hashes = digits[:HASH_BYTES].strip(), digits[HASH_BYTES:].strip()
    return _Part(pixels.reshape(size[1], size[0], 3), hashes)
