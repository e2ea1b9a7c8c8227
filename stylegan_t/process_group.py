"""The group of processes that `torchrun` started: joined once, and left with its threads ended."""

from __future__ import annotations

import importlib
import os
from datetime import timedelta

import torch
import torch.distributed as dist


def rank() -> int:
    """Return the number of this process among all, from 0; alone it is 0."""
    return int(os.environ.get("RANK", "0"))


def world() -> int:
    """Return how many processes work together; alone it is 1."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def join_group(device: torch.device | str = "cpu", patience: timedelta | None = None) -> None:
    """Meet the other processes, if there are any and they have not met yet.

    Tensors on processors travel by gloo, those on CUDA devices by NCCL.

    Args:
        device: the device of this process's tensors.
        patience: how long one waits for another; None is PyTorch's own limit.
    """
    if world() == 1 or dist.is_initialized():
        return
    _import_before_a_group_exists()
    device = torch.device(device)
    cuda = device.type == "cuda"
    dist.init_process_group(
        "nccl" if cuda else "gloo",
        timeout=patience,
        device_id=device if cuda and device.index is not None else None,
    )


def leave_group() -> None:
    """Part from the other processes: the group's threads have ended when this returns."""
    if dist.is_initialized():
        dist.destroy_process_group()


def _import_before_a_group_exists() -> None:
    """Import what would hold the group for ever if it were imported later.

    Functions of `torch.distributed.nn` have the default group of the time of their import as an
    argument's default, and PyTorch imports it by itself once a backward pass has been run.  A
    held group is not destroyed: its threads live on while the interpreter ends, and now and then
    one of them aborted a process that had done all its work.
    """
    # slow to import, and of use only where there is a group
    importlib.import_module("torch.distributed.nn.functional")
