"""The memory that there is, and the ways in which it runs out."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

import torch

UNKNOWN_BYTES = 8 << 30
"""Assumed if unknown: a modest computer of today."""
SIGNS = ("out of memory", "not enough memory", "can't allocate memory", "_status_alloc_failed")
"""In the messages of PyTorch and its libraries where memory ran out, in lower case."""
CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


class _WindowsMemory(ctypes.Structure):
    """MEMORYSTATUSEX of the Windows API."""

    _fields_ = (
        ("length", ctypes.c_ulong),
        ("load", ctypes.c_ulong),
        *((name, ctypes.c_ulonglong) for name in ("total", "free", "c", "d", "e", "f", "g")),
    )


def device_bytes(device: torch.device) -> int:
    """Memory in which models on `device` are kept: the graphics card's, or main memory."""
    if device.type == "cuda":
        return torch.cuda.get_device_properties(device).total_memory
    if device.type == "mps":
        return torch.mps.recommended_max_memory()
    return main_bytes()


def main_bytes() -> int:
    """Main memory that this process may use; a container may have less than its computer."""
    return min(_installed_bytes(), _container_bytes())


def _installed_bytes() -> int:
    if sys.platform == "win32":
        status = _WindowsMemory(length=ctypes.sizeof(_WindowsMemory))
        known = ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
        return status.total if known else UNKNOWN_BYTES
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return UNKNOWN_BYTES


def _container_bytes() -> int:
    try:
        return int(CGROUP_LIMIT.read_text())
    except (OSError, ValueError):  # not Linux, or "max"
        return sys.maxsize


def trim_heap() -> None:
    """Give the heap's free pages back to the system; only the GNU C library needs to be asked.

    Models come and go between small values that stay, so by itself it keeps much of their memory:
    a third of the whole process after an hour of opening files (measured).
    """
    if not sys.platform.startswith("linux"):
        return
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether `error` is one of the ways in which memory runs out (main memory or the
    GPU's)."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and any(sign in text for sign in SIGNS)
