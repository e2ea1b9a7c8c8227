"""The menu of a control's sources in the real window: by the mouse, by keys, on every kind of
control."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.parameters.bindings import BEAT, EVERY, Binding, binding_for, source_label
from renderer.parameters.kinds import Number
from renderer.parameters.lfo import Lfo
from renderer.parameters.parameters import parameters_of
from renderer.recipe.recipe import MixingPart, MixSource, Pad, Prompt, Recipe, TextPart
from tests.monkey.rules import listening
from tests.visualizer.conftest import Open
from tests.visualizer.control.test_midi import FakeMidi
from tests.visualizer.driver import Driver
from tests.widgets.sections.test_control import KNOBS, control, knobs, send
from tests.widgets.test_panels import PSI, Right, type_value
from visualizer.control import settings as control_settings
from visualizer.control.settings import ControlSettings
from visualizer.session.state import State
from widgets.context import Options
from widgets.controls.control_view import ControlView
from widgets.controls.music_view import ChangeLfo

__all__ = ["knobs"]
pytestmark = pytest.mark.display
Key = imgui.Key
MENU = "//$FOCUSED/"


def opened(
    open_window: Open, home: Path, recipe: Recipe | None = None, *sections: str, midi: str = ""
) -> Driver:
    """A window with some sections, and no bindings yet."""
    control_settings.save(home, ControlSettings(midi=midi))
    options = Options(open_sections=sections or ("Truncation",))
    return open_window(state=State(recipe or Recipe(), options))


def bindings(ui: Driver) -> tuple[Binding, ...]:
    """Everything that is mapped."""
    return control(ui).settings.bindings


def view(ui: Driver) -> ControlView:
    """The controls' view."""
    (found,) = control(ui).views(ui.app._clock())
    assert isinstance(found, ControlView)
    return found


def choose(ui: Driver, item: str, entry: str) -> None:
    """Choose an entry of a control's menu, and close it."""

    def body(c: Any) -> None:
        c.item_click(item, Right)
        c.menu_click(f"{MENU}{entry}")
        c.key_press(Key.escape, 3)

    ui(body)


def remove(c: Any, index: int) -> None:
    """Take a binding of psi away, in its menu."""
    c.item_click(PSI, Right)
    c.item_click(f"{MENU}binding{index}/remove")


def test_a_slider_gets_a_new_lfo_a_range_and_loses_it_again(
    open_window: Open, tmp_path: Path
) -> None:
    ui = opened(open_window, tmp_path)
    choose(ui, PSI, "LFO/New LFO")
    assert bindings(ui) == (Binding("lfo/1", "/psi", -0.75, 0.75, around=True),)
    ui.frames(3)
    played = view(ui).played["/psi"]
    assert isinstance(played, float) and view(ui).mapped["/psi"] == bindings(ui)
    assert ui.thread.submitted[-1].psi != ui.recipe.psi == 1.0

    def narrow(c: Any) -> None:
        c.item_click(PSI, Right)
        for end, value in (("low", "-0.25"), ("high", "0.5")):
            type_value(c, f"{MENU}binding0/{end}/##track", value)
        c.item_click(f"{MENU}binding0/around")

    ui(narrow)
    assert bindings(ui) == (Binding("lfo/1", "/psi", -1.0, 2.0),)
    ui(lambda c: remove(c, 0))
    assert bindings(ui) == ()
    ui.frames(2)
    assert view(ui).played == {}
    ui.app.commands.do(ChangeLfo(2, Lfo("saw")))
    choose(ui, PSI, "LFO/LFO 2##lfo\\/2")
    assert [one.source for one in bindings(ui)] == ["lfo/2"]
    choose(ui, PSI, "LFO/LFO 2##lfo\\/2")  # another click takes it away
    assert bindings(ui) == ()


def test_learning_from_the_menu_shows_and_is_stopped(
    open_window: Open, tmp_path: Path, knobs: FakeMidi
) -> None:
    ui = opened(open_window, tmp_path, midi=KNOBS)
    choose(ui, PSI, "MIDI learn…")
    learning = view(ui).learning
    assert learning is not None and learning.address == "/psi"
    assert "Turn a knob" in ui.app.session.notices.all[-1].text
    choose(ui, PSI, "Stop MIDI learn")
    assert view(ui).learning is None
    choose(ui, PSI, "MIDI learn…")
    knobs.play(KNOBS, "control_change", control=7, value=64)
    ui.until(lambda: bindings(ui) != ())
    assert bindings(ui) == (Binding("midi/cc/1/7", "/psi", -1.0, 2.0),)
    ui.frames(1)
    knobs.play(KNOBS, "control_change", control=7, value=0)
    ui.frames(2)
    assert ui.recipe.psi == -1.0 and view(ui).active == {"midi/cc/1/7"}


def test_every_kind_of_control_has_the_menu(open_window: Open, tmp_path: Path) -> None:
    prompts = tuple(Prompt(text) for text in "abcd")
    recipe = Recipe(
        text=TextPart(prompts=prompts, pad=Pad()), mixing=MixingPart((MixSource(), MixSource()))
    )
    ui = opened(open_window, tmp_path, recipe)
    for section, item, entry, address in (
        ("Prompt", "**/pad/surface", "Pad y/Audio/Audio low##audio\\/low", "/text/pad/y"),
        ("Prompt", "**/Normalise", "Gamepad/Gamepad A##pad\\/1\\/a", "/text/normalize"),
        (
            "Truncation",
            "**/Towards/towards/Average",
            "Beat/Every 4 beats##beat\\/4",
            "/psi/towards",
        ),
        ("Latent", "**/Seed/##seed", "Beat/Every 2 beats##beat\\/2", "/latent/seed"),
        (
            "Mixing",
            "**/source1/latent0/##track",
            "Gamepad/Gamepad left stick ↔##pad\\/1\\/lx",
            "/mixing/2/latent/8",
        ),
    ):
        ui.app.session.options = replace(ui.app.session.options, open_sections=(section,))
        ui.frames(3)
        choose(ui, item, entry)
        assert bindings(ui)[-1].address == address
    assert [one.source for one in bindings(ui)] == [
        *("audio/low", "pad/1/a", "beat/4", "beat/2", "pad/1/lx")
    ]
    ui.frames(2)
    assert {"/psi/towards", "/latent/seed"} <= {*view(ui).played}


def test_the_menu_key_opens_it_and_the_address_is_copied(open_window: Open, tmp_path: Path) -> None:
    ui = opened(open_window, tmp_path)

    copied: list[str] = []

    def copy(c: Any, item: str) -> None:
        c.item_click(item)
        c.nav_move_to(item)
        c.key_press(Key.menu)
        c.yield_(2)
        c.item_click(f"{MENU}Copy OSC address")
        c.yield_(3)
        copied.append(imgui.get_clipboard_text())  # while the driver holds it

    for item in (PSI, "**/Towards/towards/Average"):
        ui(lambda c, item=item: copy(c, item))
    assert copied == ["/psi", "/psi/towards"]
    send(ui, "/psi", 0.25)
    assert ui.recipe.psi == 0.25


def test_every_value_can_be_played_around_what_is_set(open_window: Open, tmp_path: Path) -> None:
    known = [(one, one.kind) for one in parameters_of(Recipe(), None)]
    played = [one for one, kind in known if isinstance(kind, Number) and kind.logarithmic]
    assert played  # the zoom at least, whose slider has no place for zero
    mapped = tuple(binding_for("lfo/1", one, 0.0) for one in played)
    assert all(one.around and one.low < 0 for one in mapped)
    control_settings.save(tmp_path, ControlSettings(bindings=mapped))
    ui = open_window(state=State(Recipe(), Options(open_sections=("Control",))))
    with listening() as ears:
        ui.frames(3)
    assert not ears.heard
    assert bindings(ui) == mapped


def test_the_menu_begins_with_the_name_and_grows_within_the_window(
    open_window: Open, tmp_path: Path
) -> None:
    ui = opened(open_window, tmp_path, None, "Prompt", "Truncation")
    height, boxes, feet = imgui.get_text_line_height(), [], []

    def grow(c: Any) -> None:
        c.item_click(PSI, Right)
        boxes.extend(
            c.item_info(f"{MENU}{item}").rect_full for item in ("Reset", "Copy OSC address")
        )
        for every in EVERY:
            c.menu_click(f"{MENU}Beat/{source_label(f'{BEAT}{every}')}##beat\\/{every}")
            c.key_press(Key.left_arrow)
        c.yield_(3)
        last = c.item_info(f"{MENU}binding{len(EVERY) - 1}/remove").rect_full
        feet.append((last.max.y, imgui.get_main_viewport().size.y))
        c.key_press(Key.escape, 3)

    ui(grow)
    (reset, copy), ((foot, lowest),) = boxes, feet
    assert 0 <= copy.min.y - reset.max.y < height  # the name stands above both
    assert foot <= lowest


def test_a_button_within_a_row_has_the_menu_of_what_it_does(
    open_window: Open, tmp_path: Path
) -> None:
    ui = opened(open_window, tmp_path, None, "Latent")
    for item, address in (
        ("**/Seed/###random", "/random"),
        ("**/Seed/###next", "/seed/next"),
        ("**/Seed/###previous", "/seed/previous"),
        ("**/Seed/##seed", "/latent/seed"),
        ("**/Target/###random", "/latent/target"),
        ("**/###wander on map", "/wander"),
    ):
        choose(ui, item, "MIDI learn…")
        learning = view(ui).learning
        assert learning is not None and learning.address == address
        choose(ui, item, "Stop MIDI learn")
