"""The Moments tab and its keys, with a real mouse and keyboard."""

from __future__ import annotations

from typing import Any

import pytest
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.recipe.moments import MAX_MOMENTS
from renderer.recipe.recipe import Prompt, Recipe, TextPart
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from visualizer.control.instrument import Control
from visualizer.session.state import State
from widgets.context import Options
from widgets.controls.moments_view import MomentsView, SetFade, StoreMoment

pytestmark = pytest.mark.display
Key, Mod = imgui.Key, imgui.Key.mod_ctrl
DAY = Recipe(text=TextPart((Prompt("day"),)), psi=0.2)
NIGHT = replace(DAY, text=TextPart((Prompt("night"),)), psi=0.8)


@pytest.fixture
def stage(open_window: Open) -> Driver:
    ui = open_window(state=State(DAY, Options(drawer="Moments", drawer_em=20.0)))
    ui.app.commands.do(SetFade(0.0))
    return ui


def view(ui: Driver) -> MomentsView:
    """What the tab shows."""
    return ui.app._context(0.0).see(MomentsView)


def names(ui: Driver) -> dict[int, str]:
    """The moments by number."""
    return {moment.number: moment.shown for moment in view(ui).moments.items}


def choose(c: Any, number: int, *entries: str) -> None:
    """Right-click a pad, and take an entry of its menu."""
    c.item_click(f"**/pad{number}/pad", 1)
    for entry in entries:
        c.item_click(f"//$FOCUSED/{entry}")


def test_pads_are_filled_hit_dragged_and_emptied(stage: Driver) -> None:
    stage(lambda c: c.item_click("**/pad1/pad"))
    assert view(stage).moments.find(1) is not None and view(stage).at_it
    stage.app.session.edit(NIGHT)
    stage(lambda c: c.item_click("**/pad2/pad"))
    stage(lambda c: c.item_click("**/pad1/pad"))
    assert stage.recipe == DAY
    stage.app.session.edit(NIGHT)
    stage.frames(2)
    assert view(stage).current == 1 and not view(stage).at_it

    def store_over(c: Any) -> None:
        c.key_down(Mod)
        c.item_click("**/pad1/pad")
        c.key_up(Mod)

    stage(store_over)
    assert names(stage)[1].startswith("night")
    stage(lambda c: c.item_click("**/###undo moments"))
    assert names(stage)[1].startswith("day")
    stage(lambda c: c.item_drag_and_drop("**/pad1/pad", "**/pad5/pad"))
    stage(lambda c: c.item_drag_and_drop("**/pad5/pad", "**/pad2/pad"))
    assert {n: text[:3] for n, text in names(stage).items()} == {2: "day", 5: "nig"}
    stage(lambda c: choose(c, 5, "Delete"))
    assert [*names(stage)] == [2]


def test_the_menu_renames_chooses_parts_cuts_and_maps(stage: Driver) -> None:
    stage.app.commands.do(StoreMoment(3))
    stage.app.commands.do(SetFade(60.0))
    stage.app.session.edit(NIGHT)
    stage.frames(2)

    def rename(c: Any) -> None:
        choose(c, 3, "Rename")
        c.key_chars("Dawn")
        c.key_press(Key.enter)

    stage(rename)
    assert names(stage) == {3: "Dawn"}

    def hold(c: Any) -> None:
        choose(c, 3)
        c.menu_click("//$FOCUSED/Change only/psi")
        c.item_click("//$FOCUSED/view")
        c.key_press(Key.escape)
        c.key_press(Key.escape)

    stage(hold)
    assert view(stage).moments.items[0].parts == ("psi", "view")
    stage(lambda c: choose(c, 3, "Cut to it"))
    assert stage.recipe == replace(NIGHT, psi=DAY.psi)

    def play(c: Any) -> None:
        choose(c, 3)
        c.menu_click("//$FOCUSED/Play it with/MIDI learn…")

    stage(play)
    learning = stage.app.instrument(Control).learner.learning
    assert learning is not None and learning.address == "/moment/3"


def test_digits_recall_at_once_and_with_ctrl_store(stage: Driver) -> None:
    stage(lambda c: c.key_press(Mod | Key._1))
    stage.app.session.edit(NIGHT)
    stage.frames(2)
    stage(lambda c: c.key_press(Mod | Key._2))
    seen: list[float] = []

    def play(c: Any) -> None:
        for key in (Key._1, Key._2, Key._1, Key._2, Key.keypad1):
            c.key_press(key)
            c.yield_(2)
            seen.append(stage.recipe.psi)

    stage(play)
    assert seen == [0.2, 0.8, 0.2, 0.8, 0.2]


def test_digits_type_in_a_text_box_and_in_text_that_missed_one(stage: Driver) -> None:
    stage.app.commands.do(StoreMoment(2))
    stage.app.session.edit(NIGHT)

    def typed(c: Any) -> None:
        c.item_click("**/prompt0/##text")
        c.key_press(Key.end)
        c.key_chars("2")
        c.key_press(Key.escape)

    stage(typed)
    assert stage.recipe.text.prompts[0].text == "night2"

    def missed(c: Any) -> None:
        for letter in "qwz":
            c.key_chars(letter)
        c.key_chars("2")
        c.key_press(Key._2)

    stage(missed)
    assert stage.recipe.psi == NIGHT.psi


def test_ninety_nine_pads_are_drawn_as_far_as_they_are_seen(stage: Driver) -> None:
    for number in range(1, MAX_MOMENTS + 1):
        stage.app.commands.do(StoreMoment(number))
    stage.frames(3)
    stage(lambda c: c.item_click("**/fade/##track"))
    assert len(view(stage).moments.items) == MAX_MOMENTS
