"""Work shared by processes: who does which samples, and how the parts come together again.

Samples have global numbers, and their blocks are the same however many processes there are; so the
number of processes never changes a picture, and figures only by the rounding of float64 sums.
One process works alone; under `torchrun` each takes every n-th block.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor

from stylegan_t.metrics.frechet import Moments
from stylegan_t.process_group import join_group, leave_group, rank, world

PATIENCE = timedelta(hours=12)
"""Time that processes wait for one another: one may have to train the judge, or to download."""


class Shards:
    """This process among all that measure: `rank` of `world`, and the device that it computes on.

    Every process must make the same calls in the same order.
    """

    def __init__(self, device: torch.device | str = "cpu") -> None:
        self.device = torch.device(device)
        self.rank, self.world = rank(), world()
        if self.world > 1 and self.device.type == "cuda":
            torch.cuda.set_device(self.device)
        join_group(self.device, PATIENCE)

    @property
    def first(self) -> bool:
        """Return whether this process is the one that writes and tells."""
        return self.rank == 0

    def close(self) -> None:
        """Part from the other processes; the last call."""
        leave_group()

    def blocks(self, count: int, batch: int) -> Iterator[range]:
        """This process's blocks of the samples 0 .. count-1, each of at most `batch`."""
        for start in range(self.rank * batch, count, self.world * batch):
            yield range(start, min(start + batch, count))

    def wait(self) -> None:
        """Go on when all processes are here."""
        self._sum(torch.zeros(1))

    def agree(self, yes: bool) -> bool:
        """Return whether every process says yes."""
        return int(self._sum(torch.tensor([float(yes)]))[0]) == self.world

    def whole(self, parts: list[tuple[range, Tensor]], count: int, width: int) -> Tensor:
        """The rows of all processes in their global order.

        Args:
            parts: this process's blocks with their rows, each [len(block), width].
            count: how many rows there are altogether.
            width: length of a row.

        Returns:
            [count, width] float32 in main memory, on every process.
        """
        rows = torch.zeros(count, width)
        for block, part in parts:
            rows[block.start : block.stop] = part.detach().cpu()
        return self._sum(rows)  # where one has rows, all others have zeros: nothing is rounded

    def merged(self, moments: Moments) -> Moments:
        """The moments of the rows of all processes, on every process."""
        if self.world == 1:
            return moments
        table = torch.zeros(self.world, 1 + moments.dim + moments.dim**2, dtype=torch.float64)
        table[self.rank] = moments.flat()
        total = Moments(moments.dim)
        for row in self._sum(table):
            total.merge(Moments.from_flat(row, moments.dim))
        return total

    def _sum(self, tensor: Tensor) -> Tensor:
        """The sum over all processes, in main memory."""
        if self.world == 1:
            return tensor
        there = tensor.to(self.device) if self.device.type == "cuda" else tensor
        dist.all_reduce(there)
        return there.cpu()
