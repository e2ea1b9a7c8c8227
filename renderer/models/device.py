"""The device on which the model computes: CUDA, Apple's MPS, or the CPU."""

from __future__ import annotations

import logging
import os
import platform
import re
import sys
from dataclasses import dataclass

import torch

from renderer.errors import RendererError
from renderer.models.memory import trim_heap
from stylegan_t.layers import fir_filter, modulated_conv2d

logger = logging.getLogger(__name__)


class DeviceError(RendererError, RuntimeError):
    """The asked-for device is not there; the message is for the user."""


@dataclass(frozen=True)
class Device:
    """A place to compute: PyTorch's device, its name for people, and what they should know of it.

    `note` is a sentence, or empty when there is nothing to say.
    """

    torch_device: torch.device
    name: str
    note: str = ""

    @property
    def kind(self) -> str:
        """ "cuda", "mps" or "cpu"."""
        return self.torch_device.type

    def prepare(self) -> None:
        """Set what PyTorch keeps per process: call it once, on the thread that will compute.

        On the CPU a core is left to the user interface.  The number of threads decides how sums
        are split, and so the last bits of a picture: whatever renders must call this first.  On
        CUDA, convolutions keep full float32 precision, as the CPU does.
        """
        if self.kind == "cpu":
            torch.set_num_threads(worker_threads())
        torch.backends.cudnn.allow_tf32 = False

    def computes(self, dtype: torch.dtype) -> bool:
        """Return whether the convolutions of a generator can be computed in `dtype` here: it is
        tried."""
        x = torch.ones(1, 8, 4, 4, device=self.torch_device, dtype=torch.float32)
        weight = torch.ones(8, 8, 3, 3, device=self.torch_device, dtype=torch.float32)
        fir = fir_filter().to(self.torch_device)
        try:
            y = modulated_conv2d(x.to(dtype), weight.to(dtype), x[:, :, 0, 0], up_fir=fir)
            return bool(y.float().isfinite().all())
        except (RuntimeError, TypeError):  # which of them depends on the device
            return False

    def answers(self) -> bool:
        """Return whether it still computes: after some errors a graphics card does nothing any more
        for the program that had them."""
        try:
            return float((torch.ones(2, device=self.torch_device) + 1).sum()) == 4.0
        except RuntimeError:
            return False

    def synchronize(self) -> None:
        """Wait for what was queued, so that a clock read afterwards tells the truth."""
        if self.kind == "cuda":
            torch.cuda.synchronize(self.torch_device)
        elif self.kind == "mps":
            torch.mps.synchronize()

    def release_memory(self) -> None:
        """Give cached memory back: PyTorch's, or on a processor what lies free in the heap.

        Slow: after an error or a dropped model only.
        """
        if self.kind == "cuda":
            torch.cuda.empty_cache()
        elif self.kind == "mps":
            torch.mps.empty_cache()
        else:
            trim_heap()


def available_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def device_count() -> int:
    """Graphics cards that PyTorch can use."""
    return torch.cuda.device_count() if torch.cuda.is_available() else 0


def worker_threads() -> int:
    """Threads for computing on the CPU: all cores but one, which the user interface needs."""
    return max(1, available_cores() - 1)


def give_way() -> None:
    """Let other threads go first, on Linux, where a thread has a policy of its own, which threads
    that PyTorch starts from here take over.

    A batch thread has its share of the processor as before, also beside other programs, but takes
    it from no other the moment that it wakes: the window redraws at once.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        if os.sched_getscheduler(0) == os.SCHED_OTHER:  # else a policy was chosen for the program
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    except OSError:
        logger.info("the render thread keeps its policy", exc_info=True)


def choose(wanted: str = "auto") -> Device:
    """Find the device to compute on.

    Args:
        wanted: "auto" takes CUDA, else MPS, else the CPU; or "cuda", "cuda:1", "mps", "cpu".

    Raises:
        DeviceError: the device that was asked for is not there, or there is none of that name.
    """
    name = wanted.strip().lower()
    if name == "auto":
        return _best()
    if name == "cpu":
        return _cpu()
    if name == "mps":
        if not torch.backends.mps.is_available():
            raise DeviceError(
                "There is no Apple GPU that PyTorch can use here. Choose --device cpu or auto."
            )
        return _mps()
    if re.fullmatch(r"cuda(:\d{1,3})?", name):
        return _cuda(name)
    raise DeviceError(f"There is no device called {wanted!r}: choose auto, cuda, mps or cpu.")


def _best() -> Device:
    note = ""
    if torch.cuda.is_available():
        try:
            return _cuda("cuda")
        except DeviceError as error:
            note = str(error)
    if torch.backends.mps.is_available():
        return _mps()
    return _cpu(note)


def _cpu(note: str = "") -> Device:
    return Device(torch.device("cpu"), f"CPU, {_plural(worker_threads(), 'thread')}", note)


def _mps() -> Device:
    return Device(torch.device("mps"), f"Apple GPU ({platform.machine()})")


def _cuda(name: str) -> Device:
    """The CUDA device, once a value has really been computed on it."""
    if not torch.cuda.is_available():
        built = torch.version.cuda is not None
        reason = (
            "PyTorch finds no working NVIDIA GPU and driver"
            if built
            else "the PyTorch that is installed was built without CUDA"
        )
        raise DeviceError(f"CUDA is not available: {reason}. Choose --device cpu or auto.")
    index = int(name.partition(":")[2] or 0)
    count = torch.cuda.device_count()
    if index >= count:
        raise DeviceError(f"There is no GPU number {index}: {_plural(count, 'GPU')} found.")
    device = torch.device("cuda", index)
    try:
        (torch.ones(2, device=device) + 1).cpu()
    except RuntimeError as error:
        reason = str(error).strip().splitlines()[0]
        raise DeviceError(f"The GPU is there but does not compute: {reason}") from error
    return Device(device, torch.cuda.get_device_name(device))


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
