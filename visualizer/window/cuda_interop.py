"""Pictures from a graphics card's memory straight into a texture of the same card.

`CudaImage` registers an OpenGL texture with CUDA once; a picture then goes into it without a way
through main memory.  It needs `cuda-bindings` (on Linux it comes with PyTorch for CUDA) and OpenGL
on the very card that computes.  `DirectWay` goes that way as long as it can be gone: at the first
refusal it says so in the log, and never tries again.

All calls belong to the thread whose OpenGL context holds the texture.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

BINDINGS = "cuda.bindings.runtime"
TEXTURE_2D = 0x0DE1
MOST_DEVICES = 16
VENDOR = "NVIDIA"

logger = logging.getLogger(__name__)


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
        self._runtime: Any = _runtime()
        self._size, self._device = (width, height), device
        self._lane = Lane(width, height, device)
        with self._lane.current():
            _require_same_card(self._runtime, device)
            flags = self._runtime.cudaGraphicsRegisterFlags.cudaGraphicsRegisterFlagsWriteDiscard
            self._resource = self._call("cudaGraphicsGLRegisterImage", texture, TEXTURE_2D, flags)

    def fits(self, image: Tensor) -> bool:
        """Return whether `image` is of the size and on the card that this was made for."""
        height, width, _ = image.shape
        return (width, height) == self._size and image.device.index == self._device

    def copy(self, image: Tensor) -> None:
        """Take a picture, uint8 [height, width, 3] on the card.

        Nothing waits here for its rendering: it must have been finished, as that of a
        `renderer.frame.frame.Frame` has.  What OpenGL draws after this call shows the picture.

        Raises:
            InteropError: CUDA refused.
        """
        width, height = self._size
        lane, pitch = self._lane, 4 * width
        with lane.current():
            lane.take(image)
            self._call("cudaGraphicsMapResources", 1, self._resource, lane.stream)
            try:
                array = self._call("cudaGraphicsSubResourceGetMappedArray", self._resource, 0, 0)
                kind = self._runtime.cudaMemcpyKind.cudaMemcpyDeviceToDevice
                self._call(
                    "cudaMemcpy2DToArrayAsync",
                    *(array, 0, 0, lane.address, pitch, pitch, height, kind, lane.stream),
                )
            finally:
                self._call("cudaGraphicsUnmapResources", 1, self._resource, lane.stream)

    def close(self) -> None:
        """Let the texture go; its context must still be current.

        A card that was lost meanwhile refuses even this: then there is nothing to give back.
        """
        try:
            with self._lane.current():
                self._lane.finish()
                self._call("cudaGraphicsUnregisterResource", self._resource)
        except RuntimeError as error:
            logger.info("CUDA did not let a texture go: %s", _first_line(error))

    def _call(self, name: str, *arguments: object) -> Any:
        return _call(self._runtime, name, *arguments)


class Lane:
    """The parts of PyTorch that copies need: a stream of their own, so that a picture does not wait
    for the one that is being drawn, and memory for a picture with four channels, as OpenGL has
    them.

    Args:
        width: of the pictures, in pixels.
        height: of the pictures, in pixels.
        device: the index of their card.
    """

    def __init__(self, width: int, height: int, device: int) -> None:
        # PyTorch: not before it has started behind the splash
        import torch

        self._torch, self._device = torch, device
        with torch.cuda.device(device):
            self._stream = torch.cuda.Stream(device, priority=-1)
            shape = (height, width, 4)
            self._pixels = torch.full(shape, 255, dtype=torch.uint8, device=f"cuda:{device}")
            torch.cuda.current_stream().synchronize()

    @contextmanager
    def current(self) -> Iterator[None]:
        """Work on the card, in the stream."""
        with self._torch.cuda.device(self._device), self._torch.cuda.stream(self._stream):
            yield

    def take(self, image: Tensor) -> None:
        """Copy a picture, [height, width, 3]; the fourth channel stays opaque."""
        self._pixels[:, :, :3].copy_(image)
        image.record_stream(self._stream)  # its memory must not be reused before it was read

    def finish(self) -> None:
        """Wait for the copies: they read the memory that goes with this object."""
        self._stream.synchronize()

    @property
    def stream(self) -> int:
        """The stream, as CUDA knows it."""
        return self._stream.cuda_stream

    @property
    def address(self) -> int:
        """Return where the pixels lie, 4 * width bytes a row."""
        return self._pixels.data_ptr()


class DirectWay:
    """From a card's memory into a texture, as long as that can be done.

    The first refusal is the last: from then on `take` says no, and the caller goes the ordinary
    way, through main memory.
    """

    def __init__(self) -> None:
        self._image: CudaImage | None = None
        self._name = 0
        self.refused = ""
        """The reason why pictures cannot go this way; empty as long as nothing is known against
        it."""

    @property
    def used(self) -> bool:
        """Return whether the last picture went this way."""
        return self._image is not None

    def take(self, texture: int, image: Tensor) -> bool:
        """Copy a picture into a texture.

        Args:
            texture: its name; RGBA with 8 bits each, as large as the picture.
            image: uint8 [H, W, 3] on a card of CUDA, drawn to its end.

        Returns:
            Whether it was done; if not, the texture may hold anything.
        """
        if self.refused:
            return False
        try:
            if self._image is None or self._name != texture or not self._image.fits(image):
                self.let_go()
                self._image = _registered(texture, image)
                self._name = texture
            self._image.copy(image)
        except RuntimeError as error:  # also PyTorch's: no memory, or the card is lost
            self.refused = _first_line(error)
            logger.info("Pictures go through main memory: %s", self.refused)
            self.let_go()
            return False
        return True

    def let_go(self) -> None:
        """Undo the registration, if there is one: before the texture changes its size or goes."""
        image, self._image = self._image, None
        if image is not None:
            image.close()


def _registered(texture: int, image: Tensor) -> CudaImage:
    vendor = _vendor()
    if VENDOR not in vendor:  # CUDA is not even asked: it may stumble over another's OpenGL
        raise InteropError(f"OpenGL is by {vendor}, which shares nothing with CUDA")
    height, width, _ = image.shape
    return CudaImage(texture, width, height, image.device.index)


def _vendor() -> str:
    """Return the vendor of the current OpenGL."""
    # PyOpenGL: only once a window is there, see `visualizer.window.gl`
    from visualizer.window.gl import GL

    return (GL.glGetString(GL.GL_VENDOR) or b"an unknown vendor").decode(errors="replace")


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


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
    count, cards = _call(runtime, "cudaGLGetDevices", MOST_DEVICES, everything)
    if device not in [int(card) for card in cards[: int(count)]]:
        raise InteropError("OpenGL draws with another card than the one that computes")
