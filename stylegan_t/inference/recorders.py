"""Work on a graphics card that is repeated without queueing its kernels one by one.

A CUDA graph repeats a list of kernels with the same addresses: what changes from picture to picture
is copied into memory that stays in place, and so does what comes out.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

import torch
from torch import Tensor

logger = logging.getLogger(__name__)
T = TypeVar("T")
WARM_UPS = 2
"""Runs before a capture: kernels are compiled and convolution algorithms chosen in them."""
WORKSPACE_BYTES = 2_000_000_000
"""Most memory for what a block needs while it is tried out, its feature maps included."""


class Recorder(Protocol):
    """Makes work repeatable."""

    def record(self, work: Callable[[], T]) -> tuple[Callable[[], object], T]:
        """Return what repeats `work`, and its result: the repeats write it again in place."""
        ...


class CudaRecorder:
    """Records CUDA graphs, in one pool of memory, for one device."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._stream = torch.cuda.Stream(device)
        self._pool = torch.cuda.graph_pool_handle()

    def record(self, work: Callable[[], T]) -> tuple[Callable[[], object], T]:
        """See `Recorder`.  The device has begun `work` when this returns."""
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.device(self._device):
            self._stream.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(self._stream):
                tried = self._warm_up(work)
                torch.cuda.synchronize(self._device)
                # The pool of the graphs cannot take what lies ready for everything else, and while
                # one is captured nothing is given back: make room now.
                torch.cuda.empty_cache()
                with _convolutions(tried):
                    made = self._capture(graph, work)
            torch.cuda.current_stream().wait_stream(self._stream)
            graph.replay()
        return graph.replay, made

    def _warm_up(self, work: Callable[[], object]) -> bool:
        """Let kernels be compiled, and the fastest convolutions be found by trying; false where
        there is no memory for that."""
        try:
            with _bounded(self._device), _convolutions(True):
                for _ in range(WARM_UPS):
                    work()
        except torch.OutOfMemoryError:
            with _convolutions(False):
                work()
            return False
        return True

    def _capture(self, graph: torch.cuda.CUDAGraph, work: Callable[[], T]) -> T:
        # Other threads may use the card meanwhile: the window does.
        graph.capture_begin(pool=self._pool, capture_error_mode="thread_local")
        try:
            made = work()
        except BaseException:
            with contextlib.suppress(RuntimeError):  # the first error is the one to tell
                graph.capture_end()
            raise
        graph.capture_end()
        return made


def _convolutions(tried: bool) -> AbstractContextManager[None]:
    """Convolutions in full precision; the fastest algorithm for each size is found by trying."""
    return torch.backends.cudnn.flags(enabled=True, benchmark=tried, allow_tf32=False)


@contextlib.contextmanager
def _bounded(device: torch.device) -> Iterator[None]:
    """Bound what may be allocated: else some float32 algorithms take most of a card's memory for a
    little speed, and a graph would keep it."""
    total = torch.cuda.get_device_properties(device).total_memory
    share = (torch.cuda.memory_reserved(device) + WORKSPACE_BYTES) / total
    if share >= 1:
        yield
        return
    torch.cuda.set_per_process_memory_fraction(share, device)
    try:
        yield
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0, device)


class CallRecorder:
    """Repeats work by doing it again: for devices without graphs, and to test without one."""

    def record(self, work: Callable[[], T]) -> tuple[Callable[[], object], T]:
        """See `Recorder`."""
        made = work()

        def again() -> None:
            for kept, fresh in zip(_tensors(made), _tensors(work()), strict=True):
                kept.copy_(fresh)

        return again, made


def _tensors(made: object) -> list[Tensor]:
    parts: tuple[object, ...] = made if isinstance(made, tuple) else (made,)
    return [part for part in parts if isinstance(part, Tensor)]


class Recording:
    """The recordings of one synthesis; where a device refuses, the work is called again instead.

    Args:
        make: makes the recorder once something is to be recorded.
    """

    def __init__(self, make: Callable[[], Recorder]) -> None:
        self._make = make
        self._recorder: Recorder | None = None
        self.recorded = False
        """True once something was recorded since this was set to false."""

    def record(self, work: Callable[[], T]) -> tuple[Callable[[], object], T]:
        """See `Recorder`."""
        self.recorded = True
        if self._recorder is None:
            self._recorder = self._make()
        try:
            return self._recorder.record(work)
        except torch.OutOfMemoryError:
            raise
        except RuntimeError as error:
            logger.warning("No CUDA graphs, every kernel is queued by itself: %s", error)
            self._recorder = CallRecorder()
            return self._recorder.record(work)

    def forget(self) -> None:
        """Drop the recorder, with its memory."""
        self._recorder = None
