"""The small interface behind the frame: here is a picture, with its time."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, ClassVar

from renderer.frame.frame import Frame, captured_recipe
from renderer.recipe.recipe import Recipe
from visualizer.errors import VisualizerError

if TYPE_CHECKING:  # nothing here touches an image before a sink asks for it
    import numpy as np


class SinkError(VisualizerError, RuntimeError):
    """A sink cannot be opened or no longer takes pictures; the message is for the user."""


class Picture:
    """A picture that was shown.  All sinks share it; it may be used by any thread.

    Args:
        frame: what the renderer answered, with an image.
        time_s: when it was shown, in monotonic seconds.
    """

    def __init__(self, frame: Frame, time_s: float) -> None:
        assert frame.image is not None, "a frame with an error is no picture"
        self._frame, self._lock = frame, threading.Lock()
        self.time_s = time_s
        self.size: tuple[int, int] = (frame.image.shape[1], frame.image.shape[0])
        """Width and height in pixels."""

    @property
    def recipe(self) -> Recipe:
        """The recipe that it shows, with the hash of the model that drew it."""
        return captured_recipe(self._frame)

    def pixels(self) -> np.ndarray:
        """Return it as uint8 [H, W, 3] RGB, row 0 at the top, to be read only.

        It comes from the device when it is first asked for, once for all sinks.

        Raises:
            PictureError: the graphics card that holds it was lost.
        """
        with self._lock:
            return self._frame.pixels()


class Sink:
    """A place where pictures go.  All methods are called in one thread, that of its runner;
    each has a default that does nothing.

    `repeat_s` is after how many seconds without a new picture the last one is given again, for
    receivers that take a still stream for a broken one; None never does.
    """

    repeat_s: ClassVar[float | None] = None

    def take(self, picture: Picture) -> None:
        """Take the next picture.  It may take its time: pictures are dropped meanwhile.

        Raises:
            Exception: it takes no more; the sink is closed.  A `SinkError` is told as it is.
        """

    @property
    def status(self) -> str:
        """Return a few words on how it is, such as who receives; asked by other threads."""
        return ""

    def close(self) -> None:
        """Let go of everything; also called after `take` has failed."""
