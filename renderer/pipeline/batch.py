"""Many recipes drawn in their order into one file: a video, or a grid.

A `Batch` says what is drawn and opens the file; `write` takes the frames, wherever they were drawn,
and gives the file its name at the end.  The window and the command line differ only in who draws:
the render thread between pictures of the window, or one process or several.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from renderer.errors import Fault
from renderer.files.atomic import ExportError
from renderer.files.video_settings import VideoSettings
from renderer.frame.frame import Frame, captured_recipe
from renderer.frame.layer_report import LayerChoice
from renderer.recipe.contact_sheet import Sheet, places
from renderer.recipe.recipe import Recipe
from renderer.timeline.edits import of_form
from renderer.timeline.serialization import timeline_to_json
from renderer.timeline.timeline import Timeline, frame_count, frame_recipe

if TYPE_CHECKING:  # at run time it needs PyTorch, which starts behind the splash
    import numpy as np

    from renderer.pipeline.layer_frames import LayerFrames


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
    if batch.layer is not None:
        recipe = batch.recipe(index)
        return Drawn(batch.layer.draw(renderer, recipe, abandon), recipe)
    frame = renderer.render(batch.recipe(index), abandon)
    if frame.image is None:
        raise BatchError(
            f"The {batch.name} was not written: {batch.part} {index + 1}: {frame.error}",
            frame.fault,
        )
    return Drawn(frame.pixels(), captured_recipe(frame), frame.notes)


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
