"""The music in a real window: clocks, oscillators that play, and what happens on the beat."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mido
import msgspec
import numpy as np
import pytest

from renderer.parameters.bindings import Binding
from renderer.parameters.hearing import Hearing
from renderer.parameters.lfo import MAX_LFOS, Lfo
from renderer.recipe.recipe import Recipe
from tests.visualizer.conftest import Open
from tests.visualizer.control.test_midi import FakeMidi
from tests.visualizer.driver import Driver
from tests.visualizer.instruments.test_wander import Clock, pass_time
from tests.visualizer.music.test_audio_input import LINE, FakeAudio
from tests.visualizer.music.test_link_clock import FakeLink
from tests.widgets.sections.test_control import open_list, send
from visualizer.control import midi
from visualizer.control import settings as control_settings
from visualizer.control.settings import ControlSettings
from visualizer.music import audio_input, link_clock
from visualizer.music.instrument import Music, MusicState
from visualizer.session.state import State
from widgets.actions import CaptureImage
from widgets.context import Options
from widgets.controls.music_view import (
    ChangeLfo,
    FollowClock,
    ListenTo,
    MusicView,
    SetTempo,
    TapTempo,
)

pytestmark = pytest.mark.display
CLOCK = "Sequencer 20:0"


def opened(open_window: Open, home: Path, *bindings: Binding) -> tuple[Driver, Clock]:
    """A window with bindings, whose time stands still."""
    control_settings.save(home, ControlSettings(bindings=bindings))
    clock = Clock()
    state = State(Recipe(psi=0.6), Options(open_sections=("Music",)))
    ui = open_window(state=state, clock=clock)
    ui(lambda c: c.scroll_to_bottom("Panels"))
    return ui, clock


def music(ui: Driver) -> Music:
    """The instrument."""
    return ui.app.instrument(Music)


def view(ui: Driver) -> MusicView:
    """The section's view."""
    (found,) = music(ui).views(ui.app._clock())
    assert isinstance(found, MusicView)
    return found


def test_an_oscillator_plays_without_editing_and_the_value_returns(
    open_window: Open, tmp_path: Path
) -> None:
    around = Binding("lfo/1", "/psi", -0.25, 0.25, around=True)
    ui, clock = opened(open_window, tmp_path, around)
    ui(lambda c: c.item_click("**/###add"))
    assert view(ui).lfos == (Lfo(number=1),)
    seen = set()
    for _ in range(16):
        pass_time(ui, clock, 0.125, 1)
        seen.add(round(ui.thread.submitted[-1].psi, 3))
    assert min(seen) == pytest.approx(0.35) and max(seen) == pytest.approx(0.85)
    assert ui.recipe.psi == 0.6 and not ui.app.session.document.can_undo
    pass_time(ui, clock, 0.5, 1)
    ui.app.commands.do(CaptureImage())  # what is on the screen is saved
    ui.until(lambda: ui.app.session.last_capture)
    ui(lambda c: c.item_click("**/lfo1/on"))
    pass_time(ui, clock, 0.1, 2)
    assert ui.thread.submitted[-1].psi == 0.6
    ui(lambda c: c.item_click("**/lfo1/remove"))
    assert view(ui).lfos == ()


def test_an_oscillator_keeps_its_number_when_another_is_removed(
    open_window: Open, tmp_path: Path
) -> None:
    ui, _ = opened(open_window, tmp_path, Binding("lfo/2", "/psi"), Binding("lfo/3", "/text/pad/x"))
    send(ui, "/lfo/2/depth", 0.3)  # there is none
    assert view(ui).lfos == ()
    for shape in ("sine", "saw"):
        ui.app.commands.do(ChangeLfo(1 if shape == "sine" else 2, Lfo(shape)))
    ui(lambda c: c.item_click("**/lfo1/remove"))
    send(ui, "/lfo/2/depth", 0.25)
    send(ui, "/lfo/*/shape", "square")
    assert view(ui).lfos == (Lfo("square", depth=0.25, number=2),)
    assert set(view(ui).values) >= {"lfo/2"} and "lfo/1" not in view(ui).values
    assert view(ui).next_lfo == 3  # bindings may still mean the first one
    ui.app.commands.do(ChangeLfo(3, Lfo()))
    assert [lfo.number for lfo in view(ui).lfos] == [2, 3]
    sessions_of_before = msgspec.Raw(b'{"lfos":[{"shape":"saw"},{},{"number":1},{"number":9}]}')
    assert music(ui).restore(sessions_of_before) is None
    assert [lfo.number for lfo in view(ui).lfos] == [2, 3, 1, 9]


def test_tempo_by_hand_and_commands_on_the_beat(open_window: Open, tmp_path: Path) -> None:
    ui, clock = opened(open_window, tmp_path, Binding("beat/2", "/seed/next"))
    ui.app.commands.do(SetTempo(60.0))
    ui(lambda c: c.item_click("**/###one"))
    pass_time(ui, clock, 8.5, 170)
    assert ui.recipe.latent.seed == 4
    for _ in range(3):
        pass_time(ui, clock, 0.4, 1)
        ui.app.commands.do(TapTempo())
    assert view(ui).bpm == pytest.approx(150.0)


def test_a_midi_clock_is_followed_and_told_when_it_stops(
    open_window: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakeMidi(CLOCK)
    monkeypatch.setattr(midi, "why_not", lambda: "")
    monkeypatch.setattr(midi, "backend", lambda: fake)
    ui, clock = opened(open_window, tmp_path)
    ui.app.commands.do(FollowClock("midi"))
    assert "Choose the input" in view(ui).clock_problem
    ui.app.commands.do(FollowClock("midi", CLOCK))
    fake.open[CLOCK](mido.Message("start"))
    for pulse in range(97):
        clock.now_s = 200.0 + pulse * 2.5 / 150
        fake.open[CLOCK](mido.Message("clock"))
        fake.open[CLOCK](mido.Message("note_on", note=3))
        if pulse % 8 == 0:
            ui.frames(1)
    assert view(ui).bpm == pytest.approx(150.0) and view(ui).beat == pytest.approx(4.0)
    assert view(ui).clock_problem == "" and view(ui).follows
    pass_time(ui, clock, 2.0, 4)
    assert ui.app.session.notices.all[-1].text.startswith("The MIDI clock stopped.")
    assert view(ui).bpm == pytest.approx(150.0) and view(ui).beat == pytest.approx(9.0)
    for _ in range(20_000):  # a flood
        fake.open[CLOCK](mido.Message("clock"))
    pass_time(ui, clock, 0.1, 1)
    assert not view(ui).follows


def test_link_is_followed_and_told_of_a_tempo(
    open_window: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ui, _ = opened(open_window, tmp_path)
    monkeypatch.setattr(link_clock, "why_not", lambda: link_clock.MISSING)
    ui(lambda c: c.item_click("**/Clock/clock/Link"))
    assert view(ui).clock_problem == link_clock.MISSING
    fake = FakeLink()
    monkeypatch.setattr(link_clock, "backend", lambda: fake)
    ui.app.commands.do(FollowClock("link"))
    fake.bpm, fake.time_us = 90.0, 2_000_000
    ui.frames(1)
    assert (view(ui).bpm, view(ui).beat) == (90.0, 3.0) and view(ui).clock_problem == ""
    ui.app.commands.do(SetTempo(130.0))
    assert fake.committed == 130.0
    ui.app.commands.do(FollowClock("own"))
    assert not fake.enabled and view(ui).bpm == 130.0


def test_sound_plays_and_a_device_that_is_gone_is_told(
    open_window: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakeAudio()
    monkeypatch.setattr(audio_input, "why_not", lambda: "")
    monkeypatch.setattr(audio_input, "backend", lambda: fake)
    ui, clock = opened(open_window, tmp_path, Binding("audio/level", "/psi", 0.0, 1.0))

    def choose(c: Any) -> None:
        open_list(c, "Audio")
        c.item_click(f"//$FOCUSED/{LINE}")

    ui(choose)
    assert view(ui).device == LINE and fake.opened.wait(60)
    loud = np.ones((1024, 2), np.float32)
    ui.until(lambda: fake.streams[0].active)
    for _ in range(8):
        fake.streams[0].callback(loud, 1024, None, None)
    pass_time(ui, clock, 0.1, 2)
    assert ui.thread.submitted[-1].psi > 0.9 and ui.recipe.psi == 0.6
    fake.names.clear()
    fake.streams[0].active = False
    ui.until(lambda: view(ui).audio_problem)
    pass_time(ui, clock, 0.1, 2)
    assert ui.thread.submitted[-1].psi == 0.6  # what is set, not what was heard last
    assert ui.app.session.notices.all[-1].text.startswith(f"{LINE} is gone.")
    fake.names.append(LINE)
    ui.until(lambda: not view(ui).audio_problem)
    ui.frames(2)
    assert ui.app.session.notices.all[-1].text == f"{LINE} is heard again."
    ui.app.commands.do(ListenTo("", Hearing()))
    assert fake.streams[-1].closed


def test_what_a_session_keeps_and_what_it_may_not_hold(open_window: Open, tmp_path: Path) -> None:
    ui, _ = opened(open_window, tmp_path)
    instrument = music(ui)
    for number in range(1, MAX_LFOS + 4):
        ui.app.commands.do(ChangeLfo(number, Lfo("saw")))
    ui.app.commands.do(SetTempo(90.0))
    kept = instrument.state()
    lfos = tuple(Lfo("saw", number=number) for number in range(1, MAX_LFOS + 1))
    assert kept == MusicState(90.0, lfos=lfos)
    assert instrument.restore(msgspec.Raw(msgspec.json.encode(kept))) is None
    assert instrument.state() == kept
    many = {"lfos": [{}] * 10_000}
    for bad in (many, {"bpm": 0}, {"bpm": 1e400}, {"lfos": [{"period": 0}]}, []):
        instrument.restore(msgspec.Raw(msgspec.json.encode(kept)))
        text = msgspec.json.encode(bad).replace(b"null", b"1e999")
        assert instrument.restore(msgspec.Raw(text))
        assert instrument.state() == MusicState()


def test_a_session_neither_opens_a_microphone_nor_joins_a_network(
    open_window: Open, tmp_path: Path
) -> None:
    ui, _ = opened(open_window, tmp_path)
    instrument = music(ui)
    foreign = MusicState(clock="link", device="Microphone", bpm=99.0)
    assert instrument.restore(msgspec.Raw(msgspec.json.encode(foreign))) is None
    assert instrument.state() == MusicState(bpm=99.0)
    assert instrument._audio is None
    assert instrument._link is None
