"""Videos and grids written by the window: exact frames at any load; paused, cancelled and failed at
will; the same files as the command line's."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from click.testing import CliRunner
from msgspec.structs import replace
from PIL import Image

import stylegan_t
from renderer.files.images import read_recipe
from renderer.files.video_encoder import Movie
from renderer.files.video_settings import KINDS, SUFFIXES, VideoKind, VideoSettings
from renderer.pipeline.render_thread import RenderThread
from renderer.pipeline.renderer import Renderer
from renderer.recipe.contact_sheet import Axis, Sheet
from renderer.recipe.identity import unhashed
from renderer.recipe.recipe import LatentPart, ModelRef, Prompt, Recipe, TextPart, to_json
from renderer.timeline.serialization import read_timeline, timeline_to_json
from renderer.timeline.timeline import KeyFrame, Timeline, frame_count, frame_recipe
from tests.renderer.fakes import CountingLoader, tiny_model
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from tests.visualizer.fake import SlowThread
from visualizer.cli import cli
from visualizer.instruments.timeline import Playback
from widgets.controls.export_progress import ExportProgress
from widgets.controls.grid_view import SaveSheet, SetSheet
from widgets.controls.timeline_view import (
    CancelVideo,
    ExportVideo,
    PauseVideo,
    SetTimeline,
    SetVideoSettings,
    TimelineView,
)

pytestmark = pytest.mark.display

CLIP = Timeline(
    (
        KeyFrame(0.0, Recipe(text=TextPart((Prompt("a red house"),)))),
        KeyFrame(0.5, Recipe(text=TextPart((Prompt("a boat"),)), latent=LatentPart(9))),
    ),
    1.0,
    6,
)


def clip_of(ui: Driver) -> ExportProgress | None:
    """The clip that is being written, as the tab sees it."""
    playback = ui.app.instrument(Playback)
    views = [view for view in playback.views(0.0) if isinstance(view, TimelineView)]
    return views[0].video


def export(ui: Driver, kind: VideoKind = "png", timeline: Timeline = CLIP) -> None:
    """Begin."""
    for wish in (SetTimeline(timeline), SetVideoSettings(VideoSettings(kind)), ExportVideo()):
        ui.app.commands.do(wish)


def captures(ui: Driver) -> list[str]:
    """What lies in the capture folder, hidden files too."""
    folder = ui.home / "captures"
    return sorted(os.listdir(folder)) if folder.is_dir() else []


def drawn_to(ui: Driver, thread: SlowThread, frames: int) -> None:
    """Let so many frames be drawn and written."""
    for _ in range(frames):
        thread.let.release()

    def there() -> bool:
        clip = clip_of(ui)
        return clip is not None and clip.share >= frames / frame_count(CLIP)

    ui.until(there)


@pytest.fixture
def slow(open_window: Open) -> Iterator[tuple[Driver, SlowThread]]:
    thread = SlowThread()
    yield open_window(thread=thread, recipe=Recipe()), thread
    for _ in range(99):
        thread.let.release()


# -- what is written -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_appears_among_the_captures(ui: Driver, kind: VideoKind) -> None:
    export(ui, kind)
    ui.until(lambda: clip_of(ui) is None)
    name = "clip-0001" if kind == "png" else f"clip-0001.{kind}"
    assert captures(ui) == [name]
    assert ui.said[-1] == f"Saved {name}: 6 frames."
    assert ui.app.session.last_capture.endswith(name)


def test_the_frames_are_the_pictures_of_their_recipes(open_window: Open) -> None:
    thread = cast(Any, RenderThread("cpu"))
    ui = open_window(thread=thread, recipe=Recipe())
    export(ui)
    ui.until(lambda: clip_of(ui) is None, 60)
    folder, renderer = ui.home / "captures" / "clip-0001", Renderer("cpu")
    assert sorted(os.listdir(folder)) == [*(f"{i:05d}.png" for i in range(6)), "timeline.json"]
    for index in range(frame_count(CLIP)):
        recipe = frame_recipe(CLIP, index)
        with Image.open(folder / f"{index:05d}.png") as image:
            assert np.array_equal(np.asarray(image), renderer.render(recipe).pixels())
        assert unhashed(read_recipe(folder / f"{index:05d}.png")) == recipe
    assert read_timeline(folder / "timeline.json") == CLIP


def test_frames_do_not_depend_on_what_else_the_machine_does(open_window: Open) -> None:
    thread = cast(Any, RenderThread("cpu", load=CountingLoader(block_s=0.002)))
    ui = open_window(thread=thread, recipe=Recipe())
    ui.until(lambda: ui.app.session.frame is not None)
    export(ui)
    ui.until(lambda: clip_of(ui) is None, 60)
    export(ui)
    seed = 0
    shown = ui.app.session.frame
    while clip_of(ui) is not None:  # somebody drags a slider all the while
        seed += 1
        ui.app.session.edit(Recipe(latent=LatentPart(seed)))
        ui.frames(1)
    assert ui.app.session.frame is not shown  # pictures came meanwhile
    first, second = (ui.home / "captures" / f"clip-000{number}" for number in (1, 2))
    for name in os.listdir(first):
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_later_edits_do_not_change_the_clip(slow: tuple[Driver, SlowThread]) -> None:
    ui, thread = slow
    export(ui)
    drawn_to(ui, thread, 1)
    ui.app.commands.do(SetTimeline(Timeline()))
    for _ in range(9):
        thread.let.release()
    ui.until(lambda: clip_of(ui) is None)
    assert read_timeline(ui.home / "captures" / "clip-0001" / "timeline.json") == CLIP


def test_one_clip_at_a_time_and_none_of_nothing(slow: tuple[Driver, SlowThread]) -> None:
    ui, thread = slow
    export(ui, timeline=Timeline())
    assert clip_of(ui) is None
    export(ui)
    export(ui)
    for _ in range(20):
        thread.let.release()
    ui.until(lambda: clip_of(ui) is None)
    assert captures(ui) == ["clip-0001"]


def test_a_clip_dropped_on_the_window_brings_its_timeline_back(ui: Driver) -> None:
    export(ui, "mp4")
    ui.until(lambda: clip_of(ui) is None)
    folder = ui.home / "captures"
    ui.app.commands.do(SetTimeline(Timeline()))
    ui.window.dropped.append(str(folder / "clip-0001.mp4"))
    ui.until(lambda: ui.said[-1] == "Opened the timeline of clip-0001.mp4.")
    playback = ui.app.instrument(Playback)
    assert playback.timeline == CLIP
    assert ui.recipe == CLIP.keys[0].recipe
    (folder / "other.gif").write_bytes(b"GIF89a;")
    ui.window.dropped.append(str(folder / "other.gif"))
    ui.until(lambda: ui.said[-1].startswith("other.gif contains no timeline"))
    assert playback.timeline == CLIP


# -- in the window and on the command line ---------------------------------------------------------


@pytest.fixture
def real(open_window: Open, tmp_path: Path) -> Driver:
    """A window with a real renderer that shows a tiny model."""
    path = tmp_path / "tiny.safetensors"
    stylegan_t.save(tiny_model(3), path)
    ui = open_window(thread=cast(Any, RenderThread("cpu")), recipe=Recipe(ModelRef(str(path))))
    ui.until(lambda: ui.app.session.frame and ui.app.session.frame.image is not None, 60)
    return ui


def commanded(*words: object) -> None:
    """Run a command."""
    result = CliRunner().invoke(cli, [*(str(word) for word in words), "--device", "cpu"])
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("kind", KINDS)
def test_the_window_and_the_command_line_write_the_same_video(
    real: Driver, kind: VideoKind, tmp_path: Path
) -> None:
    first = real.recipe
    keys = (KeyFrame(0.0, first), KeyFrame(0.5, replace(first, psi=0.3, latent=LatentPart(9))))
    export(real, kind, Timeline(keys, 1.0, 6))
    real.until(lambda: clip_of(real) is None, 60)
    ours, theirs = Path(real.app.session.last_capture), tmp_path / f"a{SUFFIXES[kind]}"
    timeline = tmp_path / "timeline.json"
    timeline.write_text(timeline_to_json(real.app.instrument(Playback).timeline))
    commanded("video", timeline, "--out", theirs)
    assert contents(ours) == contents(theirs)


def contents(path: Path) -> dict[str, bytes]:
    """A file, or the files of a folder, by name."""
    if path.is_file():
        return {"": path.read_bytes()}
    return {file.name: file.read_bytes() for file in path.iterdir()}


@pytest.mark.parametrize("kind", ["png", "jpg", "webp"])
def test_the_window_and_the_command_line_write_the_same_grid(
    real: Driver, kind: Any, tmp_path: Path
) -> None:
    real.app.session.options = replace(real.app.session.options, capture_format=kind)
    sheet = Sheet(Axis("seed", count=2, seed=5), Axis("psi", count=3))
    for wish in (SetSheet(sheet), SaveSheet()):
        real.app.commands.do(wish)
    real.until(lambda: real.app.session.last_capture, 60)
    ours, theirs = Path(real.app.session.last_capture), tmp_path / f"a.{kind}"
    recipe = tmp_path / "recipe.json"
    recipe.write_text(to_json(real.recipe))
    commanded(*("grid", "--recipe", recipe, "--rows", "seed=5..6"), "--columns", "psi=0..1:3",
              "--out", theirs)  # fmt: skip
    assert ours.read_bytes() == theirs.read_bytes()


# -- paused and cancelled ------------------------------------------------------------------------


def test_a_paused_clip_rests_and_goes_on(slow: tuple[Driver, SlowThread]) -> None:
    ui, thread = slow
    export(ui)
    drawn_to(ui, thread, 1)
    ui.app.commands.do(PauseVideo(True))
    clip = clip_of(ui)
    assert clip is not None
    assert (clip.label, clip.paused) == ("Paused", True)
    for _ in range(20):
        thread.let.release()
    ui.until(lambda: thread.asked >= 2)
    asked = thread.asked
    ui.frames(20)
    assert thread.asked <= asked + 1  # one may have been on its way
    assert captures(ui) != ["clip-0001"]
    ui.app.commands.do(PauseVideo(False))
    ui.until(lambda: clip_of(ui) is None)
    assert captures(ui) == ["clip-0001"]


@pytest.mark.parametrize("kind", ["mp4", "png"])
@pytest.mark.parametrize(("frames", "paused"), [(0, False), (1, True), (4, False)])
def test_a_cancelled_clip_leaves_nothing(
    slow: tuple[Driver, SlowThread], kind: VideoKind, frames: int, paused: bool
) -> None:
    ui, thread = slow
    export(ui, kind)
    drawn_to(ui, thread, frames)
    ui.app.commands.do(PauseVideo(paused))
    ui.app.commands.do(CancelVideo())
    assert clip_of(ui) is None
    assert ui.said[-1] == "The video was cancelled; nothing was saved."
    ui.until(lambda: captures(ui) == [])
    ui.until(lambda: not [t for t in threading.enumerate() if t.name == "Writing a video"])
    assert captures(ui) == []


def test_closing_the_window_leaves_nothing(tmp_path: Path) -> None:
    thread = SlowThread()
    ui = Driver(tmp_path, thread=thread, recipe=Recipe())
    try:
        export(ui, "png")
        drawn_to(ui, thread, 2)
        begun = captures(ui)
    finally:
        ui.close()
    assert len(begun) == 1
    assert captures(ui) == []


# -- trouble -------------------------------------------------------------------------------------


def full_disk(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("method", ["add", "finish"])
def test_a_full_disk_is_one_sentence(
    ui: Driver, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    monkeypatch.setattr(Movie, method, full_disk)
    export(ui, "mp4")
    ui.until(lambda: clip_of(ui) is None)
    assert ui.said[-1].endswith("cannot be written: the disk is full.")
    assert captures(ui) == []
    monkeypatch.undo()
    export(ui, "mp4")
    ui.until(lambda: clip_of(ui) is None)
    assert captures(ui) == ["clip-0001.mp4"]


def test_a_folder_that_cannot_be_is_one_sentence(ui: Driver) -> None:
    (ui.home / "file").write_bytes(b"")
    folder = str(ui.home / "file" / "captures")
    ui.app.session.options = replace(ui.app.session.options, capture_folder=folder)
    export(ui, "mp4")
    ui.until(lambda: clip_of(ui) is None)
    assert "cannot be written" in ui.said[-1]


def test_a_picture_that_fails_is_named(slow: tuple[Driver, SlowThread]) -> None:
    ui, thread = slow
    export(ui)
    drawn_to(ui, thread, 2)
    thread.error = "This latent has 3 values."
    for _ in range(9):
        thread.let.release()
    ui.until(lambda: clip_of(ui) is None)
    assert ui.said[-1].startswith("The video was not written: frame ")
    assert ui.said[-1].endswith("This latent has 3 values.")
    assert captures(ui) == []


def test_a_gif_of_too_many_frames_a_second_is_refused(ui: Driver) -> None:
    export(ui, "gif", replace(CLIP, fps=60))
    ui.until(lambda: clip_of(ui) is None)
    assert "at most 50" in ui.said[-1]
    assert captures(ui) == []
