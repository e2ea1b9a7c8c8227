"""A clip of the timeline on its way into a file, while the window is used for other things.

The render thread draws a frame whenever it has no picture of the window to make; a thread of its
own encodes the one before meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent import futures
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from renderer.files.atomic import ExportError
from renderer.files.video_settings import SUFFIXES, ClipForm
from renderer.frame.frame import captured_recipe
from renderer.recipe.recipe import Recipe
from renderer.timeline.timeline import Timeline, frame_count, frame_recipe
from visualizer.services.instrument import Desk
from visualizer.services.jobs import Job
from widgets.controls.timeline_view import ClipView

if TYPE_CHECKING:
    import numpy as np

LOOK_S = 0.05
"""How often a wait looks whether the clip is still wanted."""
CLOSE_S = 5.0
"""How long closing the window waits until an unfinished file is gone."""
Drawn = tuple["np.ndarray", Recipe]
"""A frame, uint8 [H, W, 3], and the recipe that it shows with its model's hash."""


class ClipExport:
    """Writes one clip; begins at once.

    Args:
        desk: of the window.
        timeline: as it is now; later edits do not change the clip.
        form: how it is written.
        folder: where to; the name is new and numbered.
        done: gets the file or folder, and the number of frames.
        failed: gets a sentence.
    """

    def __init__(
        self,
        desk: Desk,
        timeline: Timeline,
        form: ClipForm,
        folder: Path,
        done: Callable[[Path, int], None],
        failed: Callable[[str], None],
    ) -> None:
        self._desk, self._timeline, self._form = desk, timeline, form
        self._path = folder / f"clip{SUFFIXES[form.kind]}"
        self._count, self._drawn = frame_count(timeline), 0
        self._goes_on, self._ended = threading.Event(), threading.Event()
        self._goes_on.set()
        self._job = desk.jobs.start(
            "Writing a video", self._work, lambda path: done(path, self._count), failed
        )

    @property
    def view(self) -> ClipView:
        """Return how far it is."""
        label = f"Frame {min(self._drawn + 1, self._count)} of {self._count}"
        paused = not self._goes_on.is_set()
        if self._drawn == self._count:
            label = "Finishing the file"
        return ClipView("Paused" if paused else label, self._drawn / self._count, paused)

    def pause(self, paused: bool) -> None:
        """Rest, or go on."""
        (self._goes_on.clear if paused else self._goes_on.set)()

    def stop(self) -> None:
        """Give it up; the file goes away."""
        self._job.stop()
        self._goes_on.set()

    def wait(self) -> None:
        """Wait until nothing is written any more."""
        self._ended.wait(CLOSE_S)

    # -- on a thread of its own --------------------------------------------------------------

    def _work(self, job: Job) -> Path:
        # PyAV is slow to import: only for clips
        from renderer.files.video import Clip

        try:
            with Clip(self._path, self._form, numbered=True) as clip:
                ahead = self._ask(job, 0)
                for index in range(self._count):
                    pixels, recipe = self._wait(job, ahead)
                    if index + 1 < self._count:
                        ahead = self._ask(job, index + 1)
                    clip.add(pixels, recipe)
                    self._drawn = index + 1
                    job.tell(self._drawn / self._count)
                    self._desk.wake()
                return clip.finish()
        finally:
            self._ended.set()

    def _ask(self, job: Job, index: int) -> Future[Drawn]:
        """Have a frame drawn, once the clip goes on."""
        while not self._goes_on.wait(LOOK_S):
            job.tell(index / self._count)
        recipe = frame_recipe(self._timeline, index)
        label = f"Video: frame {index + 1} of {self._count}"
        return self._desk.thread.run(lambda renderer: _draw(renderer, job, index, recipe), label)

    def _wait(self, job: Job, ahead: Future[Drawn]) -> Drawn:
        while not ahead.done():
            job.tell(self._drawn / self._count)
            futures.wait([ahead], LOOK_S)
        return ahead.result()


def _draw(renderer: Any, job: Job, index: int, recipe: Recipe) -> Drawn:
    """Draw a frame, on the render thread."""
    frame = renderer.render(recipe, abandon=lambda: job.stopped)
    if frame.image is None:
        raise ExportError(f"The video was not written: frame {index + 1}: {frame.error}")
    return frame.pixels(), captured_recipe(frame)
