"""Frames on the line: the picture packed, the models by number."""

from __future__ import annotations

import math
from collections.abc import Callable

from renderer.frame.frame import Frame, ModelInfo
from renderer.recipe.recipe import Recipe
from renderer.remote.flow_control import Packing
from renderer.remote.messages import FrameMessage
from renderer.remote.pixels import packed, unpacked
from renderer.remote.wire import LineError

PLAIN = (
    *("error", "stage_ms", "block_ms", "tokens", "device", "early", "notes", "fault"),
    *("text_norm", "text_angle_deg", "unknown"),
)
"""Fields that a frame and its message share by name."""
NumberOf = Callable[[ModelInfo | None], int | None]
InfoOf = Callable[[int | None], ModelInfo | None]


def message(
    frame: Frame, number: int, serial: int, packing: Packing, number_of: NumberOf
) -> FrameMessage:
    """A frame as the answer to the submit `number`.

    Args:
        frame: to be sent.
        number, serial: see `renderer.remote.messages.FrameMessage`.
        packing: how its picture goes.
        number_of: gives the number of a model, which the other side has been told before.

    Raises:
        PictureError: the picture cannot be fetched from its device.
    """
    pixels = None
    if frame.image is not None:
        pixels = packed(frame.pixels(), packing.coding, packing.quality)
    return FrameMessage(
        number=number,
        serial=serial,
        model=number_of(frame.model),
        second=number_of(frame.second),
        pixels=pixels,
        exact=packing.exact,
        frame_serial=frame.serial,
        **{name: getattr(frame, name) for name in PLAIN},
    )


def frame(came: FrameMessage, recipe: Recipe, info_of: InfoOf) -> Frame:
    """The frame of a message; its picture is in main memory.

    Args:
        came: from the line.
        recipe: that the submit of its number held.
        info_of: gives a model by its number.

    Raises:
        LineError: the picture is damaged, or what is told of it cannot be.
    """
    # PyTorch is slow to import: not before the first picture
    import torch

    if (came.pixels is None) != (came.error is not None):
        raise LineError("A frame arrived with both a picture and an error, or with neither.")
    times = [ms for _, ms in (*came.stage_ms, *came.block_ms)]
    if not all(map(math.isfinite, (*times, came.text_norm, came.text_angle_deg))):
        raise LineError("A frame arrived with times that are not numbers.")
    image = None if came.pixels is None else torch.from_numpy(unpacked(came.pixels).copy())
    return Frame(
        recipe=recipe,
        model=info_of(came.model),
        second=info_of(came.second),
        image=image,
        exact=came.exact,
        serial=came.frame_serial,
        **{name: getattr(came, name) for name in PLAIN},
    )
