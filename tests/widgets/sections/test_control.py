"""The Control section in the real window: switched, learnt and ranged as a user does it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from imgui_bundle import imgui
from msgspec.structs import replace
from pythonosc.udp_client import SimpleUDPClient

from renderer.parameters.bindings import Binding
from renderer.recipe.recipe import Recipe
from tests.visualizer.conftest import Open
from tests.visualizer.control.test_gamepad import Pad
from tests.visualizer.control.test_midi import FakeMidi
from tests.visualizer.driver import Driver
from tests.widgets.test_panels import type_value
from visualizer.control import midi
from visualizer.control import settings as control_settings
from visualizer.control.gamepad import GONE, Gamepads
from visualizer.control.instrument import Control
from visualizer.control.osc import OscServer
from visualizer.control.settings import ControlSettings
from visualizer.control.signal_queue import Signal
from visualizer.instruments.timeline import Playback
from visualizer.session.session import greeting
from visualizer.session.state import State
from widgets.context import Options
from widgets.controls.control_view import Learn, Learning
from widgets.controls.timeline_view import TimelineView

pytestmark = pytest.mark.display

KNOBS = "Knobs 8:0"
FEEDBACK = "Send changes to another program"


def free_port() -> int:
    """A UDP port that nobody has."""
    server = OscServer(0, lambda signal: None)
    server.close()
    return server.port


def begin(
    open_window: Open, tmp_path: Path, settings: ControlSettings | None = None, *sections: str
) -> Driver:
    """A window with these settings from the last run."""
    if settings is not None:
        control_settings.save(tmp_path, settings)
    opened = Options(open_sections=("Control", *sections))
    ui = open_window(state=State(Recipe(), opened))
    ui(lambda c: c.scroll_to_bottom("Panels"))
    return ui


def control(ui: Driver) -> Control:
    """The instrument behind the section."""
    return ui.app.instrument(Control)


def send(ui: Driver, source: str, *values: float | str) -> None:
    """Something comes in."""
    control(ui).inbox.put(Signal(source, values))
    ui.frames(2)


@pytest.fixture
def knobs(monkeypatch: pytest.MonkeyPatch) -> FakeMidi:
    """One MIDI controller is connected."""
    fake = FakeMidi(KNOBS)
    monkeypatch.setattr(midi, "why_not", lambda: "")
    monkeypatch.setattr(midi, "backend", lambda: fake)
    return fake


# -- OSC -----------------------------------------------------------------------------------------


def test_osc_is_off_until_it_is_switched_on(open_window: Open, tmp_path: Path) -> None:
    port = free_port()
    ui = begin(open_window, tmp_path, ControlSettings(port=port))
    assert control(ui)._server is None
    ui(lambda c: c.item_click("**/OSC/osc/Local"))
    SimpleUDPClient("127.0.0.1", port).send_message("/psi", 0.25)
    ui.until(lambda: ui.recipe.psi == 0.25)
    assert ui.thread.submitted[-1].psi == 0.25
    ui(lambda c: c.item_click("**/OSC/osc/Off"))
    assert control(ui)._server is None
    ui.until(lambda: control_settings.load(tmp_path)[0] == ControlSettings(port=port))


def test_a_burst_is_one_step_of_undo(open_window: Open, tmp_path: Path) -> None:
    ui = begin(open_window, tmp_path)
    for number in range(5):
        send(ui, "/psi", number / 10)
        send(ui, "/transform/rotate", number)
    assert (ui.recipe.psi, ui.recipe.transform.rotate_deg) == (0.4, 4.0)
    send(ui, "/undo")
    assert ui.recipe == Recipe()
    assert not ui.app.session.document.can_undo
    send(ui, "/redo")
    assert ui.recipe.psi == 0.4


def test_commands_are_carried_out(open_window: Open, tmp_path: Path) -> None:
    ui = begin(open_window, tmp_path)
    for address in ("/seed/next", "/seed/next", "/seed/previous", "/capture", "/capture"):
        control(ui).inbox.put(Signal(address))
    ui.until(lambda: ui.app.session.last_capture)
    ui.frames(4)
    assert ui.recipe.latent.seed == 1
    assert len(list((tmp_path / "captures").iterdir())) == 1  # not two at the same moment
    send(ui, "/random")
    before = ui.recipe.text
    send(ui, "/surprise")
    assert ui.recipe.text != before
    send(ui, "/reset")
    model = ui.app.session.model
    assert model is not None and ui.recipe == greeting(ui.recipe.model, model)


def test_the_timeline_is_played_and_sought(open_window: Open, tmp_path: Path) -> None:
    ui = begin(open_window, tmp_path)
    playback = ui.app.instrument(Playback)
    send(ui, "/key/add")
    send(ui, "/psi", 0.0)
    send(ui, "/key/add")
    first, last = playback.timeline.times_s
    for share in (0.5, 0.25, 0.0):
        send(ui, "/seek", first + (last - first) * share)
    assert ui.recipe == Recipe()
    send(ui, "/undo")  # all of the fader's way is one step
    assert ui.recipe.psi == 0.0
    send(ui, "/key/next")
    send(ui, "/key/previous")
    assert ui.recipe == Recipe()
    send(ui, "/speed", 2.0)
    send(ui, "/play")
    view = next(iter(playback.views(0.0)))
    assert isinstance(view, TimelineView)
    assert (view.playing, view.speed) == (True, 2.0)


def test_the_port_is_typed_and_a_wrong_one_refused(open_window: Open, tmp_path: Path) -> None:
    ui, port = begin(open_window, tmp_path), free_port()

    def typed(text: str) -> None:
        def body(c: Any) -> None:
            c.item_click("**/Port/##port")
            c.key_chars_replace_enter(text)

        ui(body)

    typed(str(port))
    assert control(ui).settings.port == port
    for text in ("0", "70000", "8000.5", "port"):
        typed(text)
        assert control(ui).settings.port == port
        assert ui.app._entry.refusal.endswith(".")
    ui(lambda c: c.item_click("**/Port/###reset"))
    assert control(ui).settings.port == 9000


def test_a_port_that_is_taken_is_said_and_another_one_helps(
    open_window: Open, tmp_path: Path
) -> None:
    other = OscServer(0, lambda signal: None)
    ui = begin(open_window, tmp_path, ControlSettings(osc=True, port=other.port))
    assert "choose another port" in control(ui)._osc_problem
    assert control(ui)._osc_problem in ui.said, "its section may be closed"
    other.close()
    ui(lambda c: c.item_click("**/OSC/osc/Network"))
    assert control(ui)._osc_problem == ""
    assert control(ui).settings.anywhere


def test_the_list_of_addresses_is_copied(open_window: Open, tmp_path: Path) -> None:
    ui = begin(open_window, tmp_path, ControlSettings(osc=True, port=free_port()))
    lines: list[str] = []

    def body(c: Any) -> None:
        c.item_click("**/###addresses")
        c.yield_(3)
        lines.extend(imgui.get_clipboard_text().splitlines())  # while the driver holds it

    ui(body)
    assert "/psi\t-1 to 2" in lines
    assert "/undo\ttrigger" in lines


def test_what_is_refused_changes_nothing(open_window: Open, tmp_path: Path) -> None:
    ui = begin(open_window, tmp_path)
    send(ui, "/psi", "much")
    send(ui, "/psi", float("nan"))
    assert control(ui)._problem == "/psi takes a number, and a finite one."
    assert ui.recipe == Recipe()


# -- MIDI ----------------------------------------------------------------------------------------


def open_list(c: Any, row: str = "MIDI") -> None:
    """Click on the list of a row, left of its Reset."""
    c.mouse_move(f"**/{row}/###reset")
    position = imgui.get_io().mouse_pos
    c.mouse_move_to_pos((position.x - 100, position.y))
    c.mouse_click(0)
    c.yield_(3)


def test_without_the_packages_midi_is_grey_and_says_why(
    open_window: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(midi, "why_not", lambda: midi.MISSING)
    ui = begin(open_window, tmp_path, ControlSettings(midi=KNOBS))
    assert control(ui)._midi_problem == midi.MISSING
    ui(open_list)
    assert control(ui)._inputs is None  # nothing opened


def test_lamps_follow_once_they_are_switched_on(
    open_window: Open, tmp_path: Path, knobs: FakeMidi
) -> None:
    bindings = (Binding("midi/cc/1/21", "/psi", 0.0, 1.0),)
    ui = begin(open_window, tmp_path, ControlSettings(midi=KNOBS, bindings=bindings))
    assert knobs.sent == []
    ui(lambda c: c.item_click("**/Lamps/lamps/On"))
    ui.until(lambda: knobs.sent)
    assert (knobs.sent[-1].control, knobs.sent[-1].value) == (21, 127)
    send(ui, "/psi", 0.2)
    ui.until(lambda: knobs.sent[-1].value == 25)
    ui.until(lambda: control_settings.load(tmp_path)[0].lamps)


def test_a_controller_is_chosen_and_heard(
    open_window: Open, tmp_path: Path, knobs: FakeMidi
) -> None:
    ui = begin(open_window, tmp_path)

    def body(c: Any) -> None:
        open_list(c)
        c.item_click(f"//$FOCUSED/{KNOBS}")

    ui(body)
    assert list(knobs.open) == [KNOBS]
    knobs.play(KNOBS, "control_change", control=21, value=127)
    ui.frames(2)
    assert control(ui)._heard == "CC 21 1"
    ui(lambda c: c.item_click("**/MIDI/###reset"))
    assert knobs.open == {}


def test_a_controller_that_is_gone_is_said(
    open_window: Open, tmp_path: Path, knobs: FakeMidi
) -> None:
    ui = begin(open_window, tmp_path, ControlSettings(midi="Old knobs"))
    assert control(ui)._midi_problem.startswith("Old knobs cannot be opened")
    assert control(ui)._midi_problem in ui.said, "its section may be closed"


def test_a_controller_that_is_unplugged_meanwhile_is_said_and_comes_back(
    open_window: Open, tmp_path: Path, knobs: FakeMidi
) -> None:
    ui = begin(open_window, tmp_path, ControlSettings(midi=KNOBS))
    knobs.names.clear()
    ui.until(lambda: any("Knobs 8:0 was unplugged." in text for text in ui.said))
    knobs.names.append(KNOBS)
    ui.until(lambda: f"{KNOBS} is connected again." in ui.said)
    knobs.play(KNOBS, "control_change", control=21, value=127)
    ui.frames(2)
    assert control(ui)._heard == "CC 21 1"


# -- learning ------------------------------------------------------------------------------------


def test_a_knob_is_learnt_by_moving_it_and_a_slider(
    open_window: Open, tmp_path: Path, knobs: FakeMidi
) -> None:
    ui = begin(open_window, tmp_path, ControlSettings(midi=KNOBS), "Truncation")
    ui(lambda c: c.item_click("**/###map"))
    ui(lambda c: c.scroll_to_top("Panels"))
    ui(lambda c: c.item_drag_with_delta("**/Psi/##track", (-40, 0)))
    knobs.play(KNOBS, "control_change", control=21, value=64)
    ui.until(lambda: control(ui).settings.bindings != ())
    assert control(ui).settings.bindings == (Binding("midi/cc/1/21", "/psi", -1.0, 2.0),)
    assert "CC 21 now controls Psi." in ui.said
    knobs.play(KNOBS, "control_change", control=21, value=127)
    ui.frames(2)
    assert ui.recipe.psi == 2.0
    ui.until(lambda: control_settings.load(tmp_path)[0].bindings != ())


def test_devices_that_go_while_a_key_is_held_work_again_at_the_first_press(
    open_window: Open, tmp_path: Path, knobs: FakeMidi
) -> None:
    bindings = Binding("pad/1/a", "/seed/next"), Binding("midi/note/1/60", "/seed/next")
    ui = begin(open_window, tmp_path, ControlSettings(midi=KNOBS, bindings=bindings))
    pads = {0: Pad()}
    control(ui).pads = Gamepads(pads.get)

    def press(down: int) -> None:
        if pads:
            pads[0].buttons[0] = down
        ui.frames(3)

    ui.frames(2)
    press(1)
    assert ui.recipe.latent.seed == 1
    del pads[0]
    ui.until(lambda: GONE in ui.said)
    pads[0] = Pad()
    ui.until(lambda: ui.said.count("A gamepad is connected.") == 2)
    press(1)
    assert ui.recipe.latent.seed == 2
    knobs.play(KNOBS, "note_on", note=60, velocity=90)
    ui.frames(2)
    knobs.names = []
    ui.until(lambda: any(f"{KNOBS} was unplugged" in text for text in ui.said))
    knobs.names = [KNOBS]
    ui.until(lambda: f"{KNOBS} is connected again." in ui.said)
    knobs.play(KNOBS, "note_on", note=60, velocity=90)
    ui.frames(2)
    assert ui.recipe.latent.seed == 4


def test_a_fine_controller_is_learnt_and_its_halves_of_before_still_move(
    open_window: Open, tmp_path: Path, knobs: FakeMidi
) -> None:
    def turn(number: int) -> None:
        for half, value in ((21, number >> 7), (53, number & 127)):
            knobs.play(KNOBS, "control_change", control=half, value=value)

    coarse = Binding("midi/cc/1/21", "/transform/zoom", 1.0, 2.0)
    ui = begin(open_window, tmp_path, ControlSettings(midi=KNOBS, bindings=(coarse,)))
    ui.app.commands.do(Learn(address="/psi"))
    turn(8192)
    ui.until(lambda: len(control(ui).settings.bindings) > 1)
    assert control(ui).settings.bindings[1] == Binding("midi/cc14/1/21", "/psi", -1.0, 2.0)
    assert "14-bit CC 21 now controls Psi." in ui.said
    turn(8193)
    ui.frames(2)
    assert ui.recipe.psi == pytest.approx(-1 + 3 * 8193 / 16383, abs=1e-6)
    assert ui.recipe.transform.zoom == pytest.approx(1 + 64 / 127)


def test_the_order_of_learning_does_not_matter_and_keys_do_things(
    open_window: Open, tmp_path: Path, knobs: FakeMidi
) -> None:
    ui = begin(open_window, tmp_path, ControlSettings(midi=KNOBS))
    ui(lambda c: c.item_click("**/###map"))
    knobs.play(KNOBS, "note_on", note=60, velocity=90)
    knobs.play(KNOBS, "note_off", note=60)
    ui.frames(2)

    def pick(c: Any) -> None:
        c.item_click("**/###choose")
        c.key_chars("next seed")
        c.yield_(2)
        c.item_click("**/Next seed##\\/seed\\/next")

    ui(pick)
    assert control(ui).settings.bindings == (Binding("midi/note/1/60", "/seed/next"),)
    for _ in range(2):
        knobs.play(KNOBS, "note_on", note=60, velocity=20)
        knobs.play(KNOBS, "note_off", note=60)
    ui.frames(2)
    assert ui.recipe.latent.seed == 2


def test_learning_is_given_up(open_window: Open, tmp_path: Path) -> None:
    ui = begin(open_window, tmp_path)
    ui(lambda c: c.item_click("**/###map"))
    ui(lambda c: c.scroll_to_bottom("Panels"))
    ui(lambda c: c.item_click("**/###stop"))
    send(ui, "/psi", 0.5)
    assert ui.recipe.psi == 0.5
    assert control(ui).settings.bindings == ()


def test_a_fader_of_another_language_is_tied_from_what_was_heard(
    open_window: Open, tmp_path: Path
) -> None:
    ui = begin(open_window, tmp_path, None, "Transform")
    send(ui, "/2/xy", 0.2, 90.0)
    ui(lambda c: c.item_click("**/unknown/\\/2\\/xy, value 2###1"))
    ui(lambda c: c.scroll_to_top("Panels"))  # Control is so high that Transform is out of sight
    ui(lambda c: type_value(c, "**/Rotate/##track", "10"))
    (binding,) = control(ui).settings.bindings
    assert (binding.source, binding.address) == ("/2/xy#2", "/transform/rotate")
    assert binding.source_high == 127.0
    send(ui, "/2/xy", 0.2, 127.0)
    assert ui.recipe.transform.rotate_deg == 180.0


def test_of_a_pad_what_moves_most_is_learnt(open_window: Open, tmp_path: Path) -> None:
    ui = begin(open_window, tmp_path)
    ui(lambda c: c.item_click("**/###map"))
    send(ui, "/2/xy", 0.2, 0.3)
    assert control(ui).learner.learning == Learning()
    send(ui, "/2/xy", 0.21, 0.5)
    assert control(ui).learner.learning == Learning("/2/xy#2")


# -- the list ------------------------------------------------------------------------------------

BOUND = ControlSettings(bindings=(Binding("midi/cc/1/21", "/psi", -1.0, 2.0),))


def test_ranges_are_set_swapped_and_made_endless(open_window: Open, tmp_path: Path) -> None:
    ui = begin(open_window, tmp_path, BOUND)
    ui(lambda c: type_value(c, "**/binding0/low/##track", "0.2"))
    ui(lambda c: type_value(c, "**/binding0/high/##track", "0.8"))
    send(ui, "midi/cc/1/21", 0.0)
    assert ui.recipe.psi == 0.2
    ui(lambda c: c.item_click("**/binding0/###swap"))
    send(ui, "midi/cc/1/21", 0.0)
    assert ui.recipe.psi == 0.8
    ui(lambda c: c.item_click("**/binding0/###relative"))
    wanted = Binding("midi/cc/1/21", "/psi", 0.8, 0.2, relative=True)
    assert control(ui).settings.bindings == (wanted,)


def test_a_binding_is_removed(open_window: Open, tmp_path: Path) -> None:
    ui = begin(open_window, tmp_path, BOUND)
    ui(lambda c: c.item_click("**/binding0/###remove"))
    assert control(ui).settings.bindings == ()
    ui.until(lambda: control_settings.load(tmp_path)[0].bindings == ())


def test_a_binding_whose_target_is_not_there_is_kept(open_window: Open, tmp_path: Path) -> None:
    gone = replace(BOUND, bindings=(Binding("midi/cc/1/3", "/psi/block/1024"),))
    ui = begin(open_window, tmp_path, gone)
    send(ui, "midi/cc/1/3", 0.5)
    assert ui.recipe == Recipe()
    assert control(ui)._problem == "There is no /psi/block/1024 at the moment."
    assert control(ui).settings == gone


# -- feedback ------------------------------------------------------------------------------------


def test_feedback_is_switched_on_and_a_name_is_refused(open_window: Open, tmp_path: Path) -> None:
    got: list[Signal] = []
    server = OscServer(0, got.append)
    settings = ControlSettings(feedback_port=server.port)
    ui = begin(open_window, tmp_path, settings, FEEDBACK, "Truncation")
    ui(lambda c: c.item_click("**/Send/send/On"))
    ui.until(lambda: Signal("/psi", (1.0,)) in got)
    ui.app.session.edit(replace(ui.app.session.recipe, psi=0.5))
    ui.until(lambda: Signal("/psi", (0.5,)) in got)

    def body(c: Any) -> None:
        c.item_click("**/To/##host")
        c.key_chars_replace_enter("example.com")

    ui(body)
    assert "is not an IP address" in control(ui)._feedback.problem
    server.close()
