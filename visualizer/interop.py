"""Pictures from a graphics card's memory straight into a texture of the same card.

`CudaImage` registers an OpenGL texture with CUDA once; a picture then goes into it without a way
through main memory.  It needs `cuda-bindings` (on Linux it comes with PyTorch for CUDA) and OpenGL
on the very card that computes; where any of that is missing it says so, and the ordinary upload
does the work.  All calls belong to the thread whose OpenGL context holds the texture.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

BINDINGS = "cuda.bindings.runtime"
TEXTURE_2D = 0x0DE1
MOST_DEVICES = 16


class InteropError(RuntimeError):
    """Pictures cannot go this way; the message says why."""


class CudaImage:
    """A texture of OpenGL that CUDA writes to.

    Args:
        texture: its name; RGBA with 8 bits each, and it must keep its size until `close`.
        width: in pixels.
        height: in pixels.
        device: the index of the card that the pictures come from.

    Raises:
        InteropError: it cannot be done here.
    """

    def __init__(self, texture: int, width: int, height: int, device: int) -> None:
        import torch

        self._runtime: Any = _runtime()
        self._size, self._device = (width, height), device
        with torch.cuda.device(device):
            _require_same_card(self._runtime, device)
            flags = self._runtime.cudaGraphicsRegisterFlags.cudaGraphicsRegisterFlagsWriteDiscard
            self._resource = self._call("cudaGraphicsGLRegisterImage", texture, TEXTURE_2D, flags)
            # Of its own, so that a picture does not wait for the one that is being drawn.
            self._stream = torch.cuda.Stream(device, priority=-1)
            self._pixels = torch.full(
                (height, width, 4), 255, dtype=torch.uint8, device=f"cuda:{device}"
            )
            torch.cuda.current_stream().synchronize()

    def copy(self, image: Tensor) -> None:
        """Take a picture, uint8 [height, width, 3] on the card, which has been drawn to its end.

        Raises:
            InteropError: CUDA refused.
        """
        import torch

        stream, (width, height) = self._stream, self._size
        with torch.cuda.device(self._device), torch.cuda.stream(stream):
            self._pixels[:, :, :3].copy_(image)
            # Nobody may have its memory before it was read.
            image.record_stream(stream)
            handle = stream.cuda_stream
            self._call("cudaGraphicsMapResources", 1, self._resource, handle)
            try:
                array = self._call("cudaGraphicsSubResourceGetMappedArray", self._resource, 0, 0)
                kind = self._runtime.cudaMemcpyKind.cudaMemcpyDeviceToDevice
                pitch = 4 * width
                self._call(
                    "cudaMemcpy2DToArrayAsync",
                    *(array, 0, 0, self._pixels.data_ptr(), pitch, pitch, height, kind, handle),
                )
            finally:
                self._call("cudaGraphicsUnmapResources", 1, self._resource, handle)

    def close(self) -> None:
        """Let the texture go; its context must still be current."""
        import torch

        with torch.cuda.device(self._device):
            self._runtime.cudaGraphicsUnregisterResource(self._resource)

    def _call(self, name: str, *arguments: object) -> Any:
        return _call(self._runtime, name, *arguments)


def _runtime() -> Any:
    try:
        return importlib.import_module(BINDINGS)
    except (ImportError, OSError, RuntimeError) as error:
        raise InteropError(f"{BINDINGS} cannot be loaded: {error}") from error


def _call(runtime: Any, name: str, *arguments: object) -> Any:
    """Call CUDA's `name`: what it returns, one value or None.

    Raises:
        InteropError: it reported an error.
    """
    try:
        status, *values = getattr(runtime, name)(*arguments)
    except (AttributeError, TypeError, ValueError, RuntimeError) as error:
        raise InteropError(f"{name} cannot be called: {error}") from error
    if int(status) != 0:
        raise InteropError(f"{name} failed: {getattr(status, 'name', status)}")
    return values[0] if len(values) == 1 else values or None


def _require_same_card(runtime: Any, device: int) -> None:
    """CUDA knows which of its devices the current OpenGL context draws with."""
    everything = runtime.cudaGLDeviceList.cudaGLDeviceListAll
    _, cards = _call(runtime, "cudaGLGetDevices", MOST_DEVICES, everything)
    if device not in [int(card) for card in cards]:
        raise InteropError("OpenGL draws with another card than the one that computes")
