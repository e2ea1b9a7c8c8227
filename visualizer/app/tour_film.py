"""The tour as a film: the real window, frame by frame, on a clock that waits for every picture.

Every frame of the film shows the window as it is once the renderer has answered, so the film is
smooth on any machine.
"""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from renderer.pipeline.render_thread import RenderThread
from visualizer.app.app import App
from visualizer.instruments import tour_steps
from visualizer.instruments.tour import Tour
from visualizer.instruments.tour_steps import Step, length_s
from visualizer.services.render_port import Renderers, Wake
from visualizer.session.state import Folders, State, Store
from visualizer.window.window import TITLE, Window
from widgets.chrome.tour import StartTour

ANSWER_S = 20.0
"""No picture of the demo model takes longer; then the film goes on with the one before."""
LOAD_S = 120.0
PREVIEW_S = 2.0
STILL = 0.8
"""A step is remembered by what it shows after this share of its time."""
SIZE = (1600, 900)


class FilmClock:
    """Seconds that pass only when a frame of the film is over."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        """The time now."""
        return self.now_s


@dataclass(frozen=True)
class Shot:
    """One frame of the film: uint8 [H, W, 3], the step that it belongs to, and whether it is the
    one by which that step is remembered."""

    pixels: np.ndarray
    step: int
    still: bool


@contextmanager
def stage(device: str, size: tuple[int, int] = SIZE, *, offscreen: bool) -> Iterator[Film]:
    """The program in a window of its own, with folders of its own, ready to be filmed.

    Args:
        device: see `renderer.models.device.choose`.
        size: of the window, in screen coordinates.
        offscreen: draw into memory only.

    Raises:
        WindowError: the window cannot be opened.
        DeviceError: the device is not there.
    """
    with tempfile.TemporaryDirectory() as name:
        home, clock, wake = Path(name), FilmClock(), Wake()
        renderers = Renderers(lambda wanted: RenderThread(wanted, wake), device)
        window = Window(TITLE, size, offscreen=offscreen)
        app = App(
            window,
            renderers,
            wake,
            Store(home),
            State(),
            Folders(home, home / "captures"),
            clock=clock,
        )
        try:
            yield Film(app, clock, tour_steps.STEPS)
        finally:
            app.close()


class Film:
    """Films the tour.

    Args:
        app: not started yet.
        clock: what `app` takes for the time.
        steps: the script.
    """

    def __init__(self, app: App, clock: FilmClock, steps: tuple[Step, ...]) -> None:
        self._app, self._clock = app, clock
        self._tour = app.instrument(Tour)
        self._tour.steps = steps

    def count(self, fps: float) -> int:
        """Return how many frames the film has."""
        return max(1, round(length_s(self._tour.steps) * fps))

    def shots(self, fps: float) -> Iterator[Shot]:
        """Play the tour, `fps` frames to the second of its time."""
        app = self._app
        app.start()
        self._until(lambda: app.session.frame is not None, LOAD_S)
        app.commands.do(StartTour())
        for number in range(self.count(fps)):
            self._clock.now_s = (number + 1) / fps
            app.frame(wait=False)
            self._until(self._answered, ANSWER_S)
            index = self._tour.index
            if index is None:
                return
            still = self._is_still(index, number, fps)
            if still:
                self._until(lambda: not app.previews.wanting, PREVIEW_S)
            yield Shot(app.screenshot(), index, still)

    def _answered(self) -> bool:
        session = self._app.session
        if session.error is not None:
            return True
        if session.frame is None:
            return False
        # The hash of the model becomes known with the first picture; the recipe is the same.
        shown, wanted = session.frame.recipe, session.recipe
        return (
            replace(shown, model=wanted.model) == wanted and shown.model.path == wanted.model.path
        )

    def _until(self, condition: Callable[[], bool], timeout_s: float) -> None:
        """Let the window turn until `condition` holds; the film's time stands still meanwhile."""
        end = time.monotonic() + timeout_s
        while not condition() and time.monotonic() < end:
            time.sleep(0.002)
            self._app.frame(wait=False)

    def _is_still(self, index: int, number: int, fps: float) -> bool:
        """Return whether this frame is the one by which its step is remembered: at `STILL` of
        it."""
        steps = self._tour.steps
        begin_s = length_s(steps[:index])
        at = (begin_s + STILL * steps[index].seconds) * fps
        end = (begin_s + steps[index].seconds) * fps
        return number + 1 == (math.ceil(at) if math.ceil(at) < end else math.floor(at))
