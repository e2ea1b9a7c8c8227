"""Many recipes drawn in their order into one file: a video, or a grid.

A `Batch` says what is drawn and opens the file; `write` takes the frames, wherever they were drawn,
and gives the file its name at the end.  The window and the command line differ only in who draws:
the render thread between pictures of the window, or one process or several.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from renderer.errors import Fault, PictureError
from renderer.files.atomic import ExportError
from renderer.files.video_settings import VideoSettings
from renderer.frame.frame import Frame, captured_recipe
from renderer.frame.layer_report import LayerChoice
from renderer.pipeline.futures import settle_as, settle_from
from renderer.recipe.contact_sheet import Sheet, places
from renderer.recipe.recipe import Recipe
from renderer.timeline.edits import of_form
from renderer.timeline.serialization import timeline_to_json
from renderer.timeline.timeline import Timeline, frame_count, frame_recipe

if TYPE_CHECKING:  # at run time it needs PyTorch, which starts behind the splash
    import numpy as np

    from renderer.pipeline.layer_frames import LayerFrames
    from renderer.pipeline.painter import Painter

T = TypeVar("T")


class BatchError(ExportError):
    """A frame of a batch could not be drawn; the message is for the user."""

    def __init__(self, sentence: str, fault: Fault) -> None:
        super().__init__(sentence)
        self.fault = fault


class Drawn(NamedTuple):
    """A frame, uint8 [H, W, 3], the recipe that it shows, with its model's hash, and its notes."""

    pixels: np.ndarray
    recipe: Recipe | None
    notes: tuple[str, ...] = ()


class FrameFile(Protocol):
    """One file that takes frames; under its name there is nothing until it is finished."""

    @property
    def size(self) -> tuple[int, int]: ...
    def add(self, pixels: np.ndarray, recipe: Recipe | None) -> None: ...
    def finish(self, check: Callable[[], object]) -> Path: ...
    def discard(self) -> None: ...


class Written(NamedTuple):
    """The file, or folder, that was written, with its width and height in pixels."""

    path: Path
    size: tuple[int, int]


@dataclass(frozen=True)
class Batch:
    """Frames to be drawn, and the file that they go into.

    `name` and `part` are what people call the whole and each of its `count` frames; `recipe` gives
    that of a frame by its index; `open` begins the file, which may take a while.  With a `layer`
    the frames show that in the place of their pictures.
    """

    name: str
    part: str
    count: int
    recipe: Callable[[int], Recipe]
    open: Callable[[], FrameFile]
    layer: LayerFrames | None = None


class Draws(Protocol):
    """A maker of frames; see `renderer.pipeline.renderer.Renderer`."""

    def render(self, recipe: Recipe, abandon: Callable[[], bool] | None = None) -> Frame: ...


def draw(
    renderer: Draws, batch: Batch, index: int, abandon: Callable[[], bool] | None = None
) -> Drawn:
    """Draw a frame of a batch.

    Raises:
        BatchError: there is no picture of it; one sentence.
        Abandoned: `abandon` said so.
    """
    recipe = batch.recipe(index)
    if batch.layer is not None:
        return Drawn(batch.layer.draw(renderer, recipe, abandon), recipe)
    return drawn(batch, index, renderer.render(recipe, abandon))


def drawn(batch: Batch, index: int, frame: Frame) -> Drawn:
    """Return what a batch takes of the frame at `index`.

    Raises:
        BatchError: there is no picture of it; one sentence.
    """
    if frame.image is None:
        raise _unwritten(batch, index, frame.error, frame.fault)
    return Drawn(frame.pixels(), captured_recipe(frame), frame.notes)


def _unwritten(batch: Batch, index: int, reason: object, fault: Fault) -> BatchError:
    return BatchError(
        f"The {batch.name} was not written: {batch.part} {index + 1}: {reason}", fault
    )


def frames(
    painter: Painter, batch: Batch, wait: Callable[[Future[Any]], object]
) -> Iterator[Drawn]:
    """Draw a batch; its frames come out in their order, a few are drawn ahead.

    Args:
        painter: draws; as many are asked for ahead as are worth it there.
        batch: what is drawn; what a layer shows is drawn by the first renderer alone.
        wait: returns once a frame is there; what it raises ends the work.

    Raises:
        BatchError: there is no picture of a frame; one sentence.
    """
    done = 0

    def ask(index: int) -> Future[Drawn]:
        label = f"{batch.name.capitalize()}: {batch.part} {index + 1} of {batch.count}"
        made: Future[Drawn] = Future()
        if batch.layer is not None:
            looked = painter.run(lambda one: draw(one, batch, index, made.cancelled), label)
            looked.add_done_callback(partial(settle_as, made))
            return made
        asked = painter.draw(batch.recipe(index), label)
        made.add_done_callback(lambda given_up: given_up.cancelled() and asked.cancel())
        asked.add_done_callback(
            lambda came: settle_from(made, came, lambda frame: drawn(batch, index, frame))
        )
        return made

    def width() -> int:
        return 1 if batch.layer is not None else painter.width

    try:
        for one in in_order(batch.count, width, ask, wait):
            yield one
            done += 1
    except PictureError as error:
        raise _unwritten(batch, done, error, error.fault) from error


def in_order(
    count: int,
    width: Callable[[], int],
    ask: Callable[[int], Future[T]],
    wait: Callable[[Future[T]], object],
) -> Iterator[T]:
    """Have things made; they come out in their order, and at the end none is made any more.

    Args:
        count: of them.
        width: gives how many may be asked for at a time.
        ask: asks for one by its index.
        wait: returns once one is there; what it raises ends the work.
    """
    ahead, asks = deque[Future[T]](), iter(range(count))

    def fill() -> None:
        for index in itertools.islice(asks, max(max(width(), 1) - len(ahead), 0)):
            ahead.append(ask(index))

    try:
        fill()
        while ahead:
            wait(ahead[0])
            result = ahead.popleft().result()
            fill()  # before this one is used: the next are made meanwhile
            yield result
    finally:
        for future in ahead:
            future.cancel()


def write(
    opened: Callable[[], FrameFile], frames: Iterable[Drawn], tell: Callable[[int], object]
) -> Written:
    """Write frames into one file; whatever ends this early leaves nothing of it.

    Args:
        opened: begins the file.
        frames: all of them, in their order.
        tell: gets how many are written, after each one and just before the file gets its name;
            what it raises ends the work.

    Raises:
        ExportError: it cannot be written; one sentence.
    """
    file, count = opened(), 0
    try:
        for count, frame in enumerate(frames, 1):
            file.add(frame.pixels, frame.recipe)
            tell(count)
        return Written(file.finish(lambda: tell(count)), file.size)
    finally:
        file.discard()


def video_batch(
    timeline: Timeline,
    form: VideoSettings,
    path: Path,
    *,
    overwrite: bool = False,
    numbered: bool = False,
    layer: LayerChoice | None = None,
) -> Batch:
    """A timeline as a video; it travels in the file.

    Args:
        timeline: says the frames, their rate, and whether a GIF begins again.
        form: the kind of file, and how large frames are.  A size with the fit "wide" has every
            frame drawn on a canvas of that form.
        path, overwrite, numbered: see `renderer.files.video.VideoFile`.
        layer: what is shown in the place of the picture.

    Raises:
        TimelineError: a prompt holds half a character, which no file can.
    """
    if form.size is not None and form.fit == "wide":
        timeline = of_form(timeline, *form.size)
    comment = timeline_to_json(timeline)
    form = replace(form, fps=timeline.fps, loops=timeline.loop != "once", comment=comment)

    def opened() -> FrameFile:
        # PyAV is slow to import: only for videos
        from renderer.files.video import VideoFile

        return VideoFile(path, form, overwrite=overwrite, numbered=numbered)

    count = frame_count(timeline)

    def recipe(index: int) -> Recipe:
        return frame_recipe(timeline, index)

    frames = None
    if layer is not None:
        # PyTorch is slow to import: only for videos of layers
        from renderer.pipeline.layer_frames import MOMENTS, LayerFrames

        places = {round(step * (count - 1) / (MOMENTS - 1)) for step in range(MOMENTS)}
        frames = LayerFrames(layer, tuple(recipe(place) for place in sorted(places)))
    return Batch("video", "frame", count, recipe, opened, frames)


def grid_batch(
    sheet: Sheet,
    recipe: Recipe,
    path: Path,
    fonts: Callable[[], Sequence[Path]],
    *,
    overwrite: bool = False,
    numbered: bool = False,
) -> Batch:
    """A grid of a recipe as a contact sheet, which carries both.

    Args:
        sheet, recipe: what is drawn.
        path, overwrite, numbered: see `renderer.files.sheet_file.SheetFile`.
        fonts: finds fonts for labels, see `renderer.files.sheet_image.SheetImage`.
    """
    cells = [cell for _, _, cell in places(sheet, recipe)]

    def opened() -> FrameFile:
        # Pillow is slow to import: not before the first frame
        from renderer.files.sheet_file import SheetFile

        return SheetFile(path, sheet, recipe, fonts(), overwrite=overwrite, numbered=numbered)

    return Batch("grid", "picture", len(cells), cells.__getitem__, opened)
