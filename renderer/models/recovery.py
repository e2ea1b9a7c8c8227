"""Memory that runs out and devices that go: what happened, said so that work can go on."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable

from renderer.errors import LostDeviceError, ModelError, NoMemoryError, PictureError
from renderer.models.device import Device
from renderer.models.memory import is_out_of_memory

logger = logging.getLogger(__name__)

LOSSES = (
    "cuda error",
    "cuda driver error",
    "hip error",
    "cudnn_status_execution_failed",
    "mps backend",
)
"""In messages, in lower case, of errors after which a graphics card may compute no more."""


def explained(error: Exception, device: Device, free: Callable[[], None]) -> Exception:
    """Return what to raise for an error during work; memory is freed where there is none left.

    Args:
        error: what was raised.
        device: that computed.
        free: lets go of everything that is only kept to be quick.

    Returns:
        An error with one sentence where memory ran out or the device is lost, else `error`.
    """
    if _is_lost(error, device):
        logger.error("%s has stopped working", device.name, exc_info=error)
        return LostDeviceError(
            f"{device.name} has stopped working, as after a driver fault, and this program cannot "
            "use it again until you restart the program. None of your work is lost: continue on "
            "the CPU in the meantime."
        )
    if isinstance(error, ModelError | PictureError):
        if error.fault == "memory":
            _freed(error, free)
        return error
    if not is_out_of_memory(error):
        return error
    _freed(error, free)
    return NoMemoryError(
        f"There is not enough memory for this picture on {device.name}. "
        "Close other programs that use it, or choose a smaller model."
    )


def _freed(error: Exception, free: Callable[[], None]) -> None:
    """Let go of what was computed until the error, and of all that `free` lets go of."""
    # The traceback holds on to the tensors that did not leave room.
    known: BaseException | None = error
    while known is not None:
        traceback.clear_frames(known.__traceback__)
        known = known.__cause__
    try:
        free()
    except RuntimeError:
        logger.warning("memory could not be given back", exc_info=True)


def _is_lost(error: Exception, device: Device) -> bool:
    """Return whether `error`, or what a load stumbled over, means that `device` computes no
    more."""
    cause = error.__cause__ if isinstance(error, ModelError) else error
    if not isinstance(cause, RuntimeError) or is_out_of_memory(cause):
        return False
    return any(sign in str(cause).lower() for sign in LOSSES) and not device.answers()
