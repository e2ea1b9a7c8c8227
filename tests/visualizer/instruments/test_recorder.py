"""Recording in the real window: by key, button and address; the take is played back."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.files import take_file, video_encoder
from renderer.files.take_file import read_take
from renderer.timeline.edits import MOST_KEYS
from renderer.timeline.take import Sample
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from tests.visualizer.fake import FakeThread
from visualizer.control.instrument import Control
from visualizer.instruments.recorder import Recorder
from visualizer.instruments.timeline import Playback
from visualizer.session.state import State
from widgets import actions
from widgets.context import Options
from widgets.controls.recording_view import Record, RecordingView, clock_text

pytestmark = pytest.mark.display

GREY = np.full((64, 64, 3), 90, np.uint8)
RECORDING = State(options=Options(open_sections=("Capture",)))


def is_on(ui: Driver) -> bool:
    return any(
        view.on
        for instrument in ui.app.instruments
        for view in instrument.views(ui.app._clock())
        if isinstance(view, RecordingView)
    )


def test_what_is_played_becomes_a_take_and_a_video(open_window: Open) -> None:
    ui = open_window(state=RECORDING, thread=FakeThread(picture=GREY))
    ui(lambda c: c.key_press(imgui.Key.mod_ctrl | imgui.Key.r))
    ui.until(lambda: is_on(ui))
    first = ui.recipe
    for seed in (7, 8):
        ui.frames(6)
        ui.app.session.edit(replace(ui.recipe, latent=replace(ui.recipe.latent, seed=seed)))
    ui.frames(6)
    ui(lambda c: c.item_click("**/###record"))
    ui.until(lambda: ui.app.session.last_capture)
    path = Path(ui.app.session.last_capture)
    assert path.name == "take-0001.take"
    ui.until(path.with_suffix(".mp4").is_file)
    take = read_take(path).take
    seeds = [sample.recipe.latent.seed for sample in take.samples]
    assert sorted(set(seeds), key=seeds.index) == [first.latent.seed, 7, 8]
    assert not is_on(ui)
    ui.app.commands.do(actions.OpenFiles((str(path.with_suffix(".mp4")),)))
    ui.until(lambda: ui.app.session.document.timeline.keys)
    assert ui.recipe.latent.seed == first.latent.seed


def test_a_take_of_many_samples_plays_on_the_timeline(open_window: Open) -> None:
    ui = open_window(state=RECORDING)
    file = take_file.TakeFile(ui.home / "captures")
    file.add(
        [Sample(i / 60, replace(ui.recipe, psi=(i * i) % 7 / 8)) for i in range(MOST_KEYS + 9)]
    )
    path = file.finish()
    ui.app.commands.do(actions.OpenFiles((str(path),)))
    ui.until(lambda: ui.app.session.document.timeline.take is not None)
    ui.frames(3)
    player = ui.app.instrument(Playback)
    ui(lambda c: c.item_click("**/play"))
    ui.until(lambda: not player.moves and ui.recipe.psi != 0)

    def remove(c: Any) -> None:
        c.item_click("**/###whole")
        c.item_click("//$FOCUSED/Remove the take")

    ui(remove)
    ui.until(lambda: ui.app.session.document.timeline.empty)


def test_what_plays_on_top_of_the_document_is_in_the_take(
    open_window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    ui = open_window(state=RECORDING)
    monkeypatch.setattr(Control, "played", lambda self, recipe: replace(recipe, psi=0.25))
    ui.frames(2)
    ui.app.commands.do(Record(True))
    ui.frames(4)
    ui.app.commands.do(Record(False))
    ui.until(lambda: ui.app.session.last_capture.endswith(".take"))
    samples = read_take(Path(ui.app.session.last_capture)).take.samples
    assert {sample.recipe.psi for sample in samples} == {0.25}
    assert ui.recipe.psi != 0.25


def test_a_folder_that_cannot_be_written_is_one_sentence(open_window: Open) -> None:
    ui = open_window(state=RECORDING)
    blocked = ui.home / "file"
    blocked.write_bytes(b"")
    ui.app.session.options = replace(ui.app.session.options, capture_folder=str(blocked / "in"))
    ui.app.commands.do(Record(True))
    ui.until(lambda: any("cannot be written" in said for said in ui.said))
    ui.until(lambda: not is_on(ui))


def test_closing_the_window_ends_a_recording_properly(open_window: Open) -> None:
    ui = open_window(state=RECORDING, thread=FakeThread(picture=GREY))
    ui.app.commands.do(Record(True))
    ui.until(lambda: is_on(ui))
    ui.frames(4)
    folder = ui.app.session.capture_folder
    ui.app.instrument(Recorder).close()
    assert read_take(folder / "take-0001.take").note == ""
    assert (folder / "take-0001.mp4").is_file()


def full(*_: object) -> None:
    """A full disk, in place of a call that writes."""
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_disk_that_fills_up_ends_the_video_alone_and_the_window_goes_on(
    open_window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    ui = open_window(state=RECORDING, thread=FakeThread(picture=GREY))
    ui.app.commands.do(Record(True))
    video = ui.app.session.capture_folder / "take-0001.mp4"
    ui.until(video.is_file)

    monkeypatch.setattr(video_encoder.Movie, "add", full)
    ui.until(lambda: any("The take continues." in said for said in ui.said))
    told = next(said for said in ui.said if "The take continues." in said)
    assert "take-0001.mp4 cannot be written: the disk is full." in told
    assert "What was recorded until then is in it." in told
    assert is_on(ui) and video.is_file()
    ui.app.session.edit(replace(ui.recipe, psi=0.3))
    ui.frames(6)
    ui.app.commands.do(Record(False))
    ui.until(lambda: ui.app.session.last_capture.endswith(".take"))
    take = read_take(Path(ui.app.session.last_capture))
    assert (take.take.samples[-1].recipe.psi, take.note) == (0.3, "")


def test_a_video_that_cannot_be_ended_is_told_last(
    open_window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    ui = open_window(state=RECORDING, thread=FakeThread(picture=GREY))
    ui.app.commands.do(Record(True))
    video = ui.app.session.capture_folder / "take-0001.mp4"
    ui.until(video.is_file)

    monkeypatch.setattr(video_encoder.Movie, "finish", full)
    ui.app.commands.do(Record(False))
    told = "take-0001.mp4 cannot be written: the disk is full."
    ui.until(lambda: any(told in said for said in ui.said[-1:]))
    assert ui.said[-2].startswith("Saved take-0001.take: ")
    assert ui.app.instrument(Recorder).broken and video.is_file()


def test_times_are_read_at_a_glance() -> None:
    assert [clock_text(t) for t in (0.4, 83.9, 3723.0)] == ["00:00", "01:23", "1:02:03"]
