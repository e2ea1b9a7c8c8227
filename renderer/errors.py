"""Errors of rendering, as sentences for the user."""

from __future__ import annotations

from typing import Literal

from stylegan_t.errors import ExplainedError

Fault = Literal[
    "",
    "missing",
    "missing there",
    "model",
    "missing second",
    "second",
    "tower",
    "memory",
    "device",
]
"""The subject of an error, so that something can be done: the model's file is not there, is not on
the other computer where the renderer is, or cannot be opened; that of the second model of a blend
is not there, or cannot be used; the text tower cannot be used, memory ran out, the device computes
no more."""


class RendererError(ExplainedError):
    """The root of what this package explains; the message is for the user.

    `fault` says what it is about, where something can be done.
    """

    fault: Fault = ""


class PictureError(RendererError, RuntimeError):
    """There is no picture of this recipe; the message is for the user."""


class NoMemoryError(PictureError):
    """There is not enough memory for what was asked; the message is for the user."""

    fault: Fault = "memory"


class LostDeviceError(PictureError):
    """The device computes no more until the program is restarted; the message is for the user."""

    fault: Fault = "device"


class ModelError(RendererError, RuntimeError):
    """A model cannot be loaded or used; the message is for the user."""

    fault: Fault = "model"


class MissingModelError(ModelError):
    """A model's file is not where the recipe has it."""

    fault: Fault = "missing"


class SecondModelError(ModelError):
    """The second model of a blend cannot be opened, or does not fit; the message is for the
    user."""

    fault: Fault = "second"


class MissingSecondError(SecondModelError):
    """The file of the second model of a blend is not where the recipe has it."""

    fault: Fault = "missing second"


class NoModelMemoryError(ModelError):
    """There is not enough memory for a model; the message is for the user."""

    fault: Fault = "memory"


class TextTowerError(ModelError):
    """The text tower that a recipe asks for cannot be used; the message is for the user."""

    fault: Fault = "tower"


class Abandoned(Exception):  # noqa: N818 - not an error: the caller asked for it
    """The work was abandoned on request."""
