"""Recipes drawn into one file: in their order, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from renderer.errors import Abandoned, Fault
from renderer.files.atomic import ExportError
from renderer.files.images import read_recipe, read_sheet
from renderer.files.video_settings import KINDS, SUFFIXES, VideoSettings
from renderer.frame.frame import Frame
from renderer.pipeline import batch as batches_of
from renderer.pipeline.batch import Batch, BatchError, Drawn, grid_batch, video_batch, write
from renderer.recipe.contact_sheet import Axis, Sheet
from renderer.recipe.identity import with_hash
from renderer.recipe.recipe import LatentPart, Recipe
from renderer.timeline.serialization import read_timeline
from renderer.timeline.timeline import KeyFrame, Timeline, frame_recipe

SHA256 = "ab" * 32
SHEET = Sheet(Axis("seed", count=2), Axis("psi", count=2))
TIMELINE = Timeline((KeyFrame(0.0, Recipe()), KeyFrame(0.5, Recipe(psi=0.5))), 0.8, 5)
"""Both are four frames."""


class Painter:
    """Draws each recipe in one colour; fails at will."""

    def __init__(self, error: str | None = None, fault: Fault = "") -> None:
        self.error = error
        self.fault: Fault = fault
        self.drawn: list[Recipe] = []
        self.width = 2

    def draw(self, recipe: Recipe, label: str) -> Future[Frame]:
        """The frame, at once."""
        future: Future[Frame] = Future()
        future.set_result(self.render(recipe))
        return future

    def render(self, recipe: Recipe, abandon: Callable[[], bool] | None = None) -> Frame:
        """A frame of 16 x 16 pixels."""
        if abandon is not None and abandon():
            raise Abandoned
        self.drawn.append(recipe)
        pixels = np.full((16, 16, 3), 20 * len(self.drawn), np.uint8)
        image = SimpleNamespace(cpu=lambda: SimpleNamespace(numpy=lambda: pixels))
        model: Any = SimpleNamespace(sha256=SHA256)
        if self.error:
            return Frame(recipe, model, None, self.error, fault=self.fault)
        return Frame(recipe, model, cast(Any, image), notes=("A note.",))


def frames(batch: Batch) -> Iterator[Drawn]:
    return batches_of.frames(cast(Any, Painter()), batch, lambda ahead: None)


def batches(folder: Path, **options: Any) -> dict[str, Batch]:
    """One of each kind of file, all of the same name."""
    videos = {
        kind: video_batch(TIMELINE, VideoSettings(kind), folder / f"a{SUFFIXES[kind]}", **options)
        for kind in KINDS
    }
    grids = {
        suffix: grid_batch(SHEET, Recipe(), folder / f"a{suffix}", lambda: (), **options)
        for suffix in (".png", ".jpg", ".webp")
    }
    return {**videos, **grids}


EVERY = pytest.mark.parametrize("kind", [*KINDS, ".png", ".jpg", ".webp"])


@EVERY
def test_it_tells_each_frame_and_writes_one_file(kind: str, tmp_path: Path) -> None:
    batch, told = batches(tmp_path)[kind], []
    path, size = write(batch.open, frames(batch), told.append)
    assert told == [1, 2, 3, 4, 4], "once more before the file gets its name"
    assert list(tmp_path.iterdir()) == [path]
    assert path.name == f"a{SUFFIXES.get(cast(Any, kind), kind)}"
    assert size > (32, 32) if kind.startswith(".") else size == (16, 16)


def test_what_is_drawn_is_in_the_file(tmp_path: Path) -> None:
    grid, video = batches(tmp_path)[".png"], batches(tmp_path)["png"]
    path, _ = write(grid.open, frames(grid), lambda _: None)
    assert read_recipe(path) == with_hash(Recipe(), SHA256)
    assert read_sheet(path) == SHEET
    folder, _ = write(video.open, frames(video), lambda _: None)
    for index in range(4):
        shown = with_hash(frame_recipe(TIMELINE, index), SHA256)
        assert read_recipe(folder / f"{index:05d}.png") == shown
    assert read_timeline(folder / "timeline.json") == TIMELINE


@EVERY
@pytest.mark.parametrize("when", [1, 3, 5])
@pytest.mark.parametrize("error", [KeyboardInterrupt, Abandoned, ExportError])
def test_what_is_cancelled_at_any_time_leaves_nothing(
    kind: str, when: int, error: type[BaseException], tmp_path: Path
) -> None:
    batch, told = batches(tmp_path)[kind], []

    def tell(count: int) -> None:
        told.append(count)
        if len(told) == when:  # 5: all is drawn, and the file has no name yet
            raise error

    with pytest.raises(error):
        write(batch.open, frames(batch), tell)
    assert len(told) == when
    assert list(tmp_path.iterdir()) == []


@EVERY
def test_frames_that_end_in_an_error_leave_nothing(kind: str, tmp_path: Path) -> None:
    batch = batches(tmp_path)[kind]

    def some() -> Iterator[Drawn]:
        yield next(frames(batch))
        raise BatchError("There is no memory.", "memory")

    with pytest.raises(BatchError, match="no memory"):
        write(batch.open, some(), lambda _: None)
    assert list(tmp_path.iterdir()) == []


@EVERY
def test_a_file_that_is_there_stays(kind: str, tmp_path: Path) -> None:
    batch = batches(tmp_path)[kind]
    first, _ = write(batch.open, frames(batch), lambda _: None)
    with pytest.raises(ExportError, match="exists already and was left as it is"):
        write(batch.open, frames(batch), lambda _: None)
    numbered = batches(tmp_path / "new", numbered=True)[kind]
    names = [write(numbered.open, frames(numbered), lambda _: None).path.stem for _ in range(2)]
    assert names == ["a-0001", "a-0002"]
    assert list(tmp_path.iterdir()) in ([first, tmp_path / "new"], [tmp_path / "new", first])


def test_a_frame_that_cannot_be_drawn_is_named(tmp_path: Path) -> None:
    video, grid = batches(tmp_path)["mp4"], batches(tmp_path)[".png"]
    painter = Painter("The file is not there.", "missing")
    with pytest.raises(BatchError) as caught:
        batches_of.drawn(video, 2, painter.render(Recipe()))
    assert str(caught.value) == "The video was not written: frame 3: The file is not there."
    assert caught.value.fault == "missing"
    with pytest.raises(BatchError, match="The grid was not written: picture 1: The file"):
        next(batches_of.frames(cast(Any, painter), grid, lambda ahead: None))


def test_as_many_frames_are_drawn_ahead_as_the_painter_is_wide_and_given_up_at_the_end(
    tmp_path: Path,
) -> None:
    asked: list[Future[Frame]] = []

    def draw(recipe: Recipe, label: str) -> Future[Frame]:
        asked.append(Future())
        return asked[-1]

    def wait(ahead: Future[Drawn]) -> None:
        if len(asked) == 3:
            raise Abandoned
        asked[0].set_result(Painter().render(Recipe()))

    painter: Any = SimpleNamespace(width=2, draw=draw)
    made = batches_of.frames(painter, batches(tmp_path)["mp4"], wait)
    next(made)
    assert len(asked) == 3, "the next is drawn while this one is written"
    with pytest.raises(Abandoned):
        next(made)
    assert len(asked) == 3
    assert [one.cancelled() for one in asked] == [False, True, True]


def test_a_frame_brings_its_recipe_with_the_hash_and_its_notes(tmp_path: Path) -> None:
    batch = grid_batch(SHEET, Recipe(latent=LatentPart(7)), tmp_path / "a.png", lambda: ())
    drawn = batches_of.drawn(batch, 3, Painter().render(batch.recipe(3)))
    assert drawn.recipe == with_hash(batch.recipe(3), SHA256)
    assert drawn.notes == ("A note.",)
