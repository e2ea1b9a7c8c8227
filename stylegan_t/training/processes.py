"""The processes that train together: one alone, or as many as `torchrun` started.

Processes average over gloo on processors and over NCCL on CUDA devices.
"""

from __future__ import annotations

import os
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor

from stylegan_t.data.sampling import TrainingError
from stylegan_t.process_group import join_group, leave_group, rank, world

BUCKET = 1 << 24
"""Numbers averaged at a time: 64 MB, little memory, and enough for the wires."""


class Processes:
    """Rank, world size, device, and what processes tell one another; alone, nothing is sent.

    Args:
        device: "auto" takes CUDA where there is some; "cpu", "cuda" and "cuda:1" are names.
        patience: how long one waits for another; None is PyTorch's own limit.

    Raises:
        TrainingError: there is no such device.
    """

    def __init__(self, device: str = "cpu", patience: timedelta | None = None) -> None:
        self.rank, self.world = rank(), world()
        self.device = _device(device, int(os.environ.get("LOCAL_RANK", "0")))
        join_group(self.device, patience)

    @property
    def first(self) -> bool:
        """Return whether this process speaks and writes for all."""
        return self.rank == 0

    @torch.no_grad()
    def average(self, tensors: list[Tensor]) -> None:
        """Replace every tensor by its mean over the processes."""
        if self.world == 1:
            return
        for bucket in _buckets(tensors):
            flat = torch.cat([t.detach().flatten().float() for t in bucket])
            dist.all_reduce(flat)
            flat /= self.world
            parts = flat.split([t.numel() for t in bucket])
            for tensor, part in zip(bucket, parts, strict=True):
                tensor.copy_(part.view_as(tensor))

    def any(self, flag: bool) -> bool:
        """Return whether `flag` holds for any process; all learn it at once."""
        if self.world == 1:
            return flag
        told = torch.tensor(float(flag), device=self.device)
        dist.all_reduce(told, dist.ReduceOp.MAX)
        return bool(told.item())

    def gather_rows(self, rows: Tensor) -> Tensor:
        """The rows of all processes, by rank: int64 [k, m], k may differ; the result on the CPU."""
        if self.world == 1:
            return rows
        count = torch.tensor([len(rows)], device=self.device)
        counts = [torch.empty_like(count) for _ in range(self.world)]
        dist.all_gather(counts, count)
        most = max(int(c) for c in counts)
        padded = rows.new_zeros(most, rows.shape[1])
        padded[: len(rows)] = rows
        padded = padded.to(self.device)
        parts = [torch.empty_like(padded) for _ in range(self.world)]
        dist.all_gather(parts, padded)
        return torch.cat([part[: int(n)].cpu() for part, n in zip(parts, counts, strict=True)])

    def wait(self) -> None:
        """Go on when all have come here."""
        if self.world > 1:
            dist.barrier()

    def close(self) -> None:
        """Leave the group at the end."""
        leave_group()


def _buckets(tensors: list[Tensor]) -> list[list[Tensor]]:
    buckets: list[list[Tensor]] = [[]]
    size = 0
    for tensor in tensors:
        if buckets[-1] and size + tensor.numel() > BUCKET:
            buckets.append([])
            size = 0
        buckets[-1].append(tensor)
        size += tensor.numel()
    return buckets if buckets[0] else []


def _device(name: str, local_rank: int) -> torch.device:
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise TrainingError(f"{name!r} is not a device: use auto, cpu, cuda or cuda:1.") from error
    if device.type not in ("cpu", "cuda"):
        raise TrainingError(f"Training on {name!r} is not possible: use auto, cpu or cuda.")
    if device.type == "cpu":
        return device
    index = local_rank if device.index is None else device.index
    if index >= torch.cuda.device_count():
        raise TrainingError(
            f"There is no CUDA device {index} on this computer: give --device cpu, or start no "
            f"more processes than the {torch.cuda.device_count()} devices."
        )
    torch.cuda.set_device(index)
    return torch.device("cuda", index)


def is_first() -> bool:
    """Return whether this is the first process of a run, whether they have met yet or not."""
    return rank() == 0


def wait_for_all() -> None:
    """Wait until every process of a run has come here; they meet where they have not yet."""
    if world() > 1:
        join_group()
        dist.barrier()
