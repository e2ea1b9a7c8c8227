"""Tools on the picture: the chosen one follows the left button, the middle one always pans."""

from __future__ import annotations

from typing import Any

import pytest
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.recipe.recipe import Recipe
from tests.visualizer.driver import Driver
from widgets.context import Context
from widgets.picture.tools import Hand
from widgets.picture.viewport import View

pytestmark = pytest.mark.display
PICTURE = "Picture/picture"


class Recorder:
    """A tool that remembers the hand, and moves psi by the way of a drag."""

    def __init__(self) -> None:
        self.hands: list[Hand] = []

    def use(self, context: Context, hand: Hand) -> Recipe:
        """Drag to the right for more psi."""
        self.hands.append(hand)
        if not hand.held or not hand.delta[0]:
            return context.recipe
        return replace(context.recipe, psi=context.recipe.psi + hand.delta[0] / 1000)


@pytest.fixture
def tool(ui: Driver) -> Recorder:
    recorder = Recorder()
    ui.app.layout.picture.tools["travel"] = recorder
    ui.frames(2)
    return recorder


def test_a_drag_goes_to_the_tool_and_is_one_step_of_undo(ui: Driver, tool: Recorder) -> None:
    before = ui.recipe.psi
    ui(lambda c: c.item_drag_with_delta(PICTURE, (80, 0)))
    assert ui.recipe.psi == pytest.approx(before + 0.08, abs=0.02)
    assert ui.app.layout.picture.view == View()
    assert sum(hand.pressed for hand in tool.hands) == 1
    assert sum(hand.released for hand in tool.hands) == 1
    ui.app.session.document.undo()
    assert ui.recipe.psi == before


def test_the_hand_moves_the_view(ui: Driver, tool: Recorder) -> None:
    ui(lambda c: c.key_press(imgui.Key.h))
    assert ui.app.session.options.tool == "hand"
    before = ui.recipe.psi
    ui(lambda c: c.item_drag_with_delta(PICTURE, (80, 0)))
    assert ui.recipe.psi == before
    assert ui.app.layout.picture.view.centre[0] == pytest.approx(80, abs=15)


def test_the_middle_button_always_moves_the_view(ui: Driver, tool: Recorder) -> None:
    before = ui.recipe.psi

    def drag(c: Any) -> None:
        c.mouse_move(PICTURE)
        c.mouse_down(2)
        c.mouse_move_to_pos((900, 500))
        c.mouse_up(2)

    ui(drag)
    assert ui.recipe.psi == before
    assert ui.app.layout.picture.view.centre != (0.0, 0.0)


def test_a_hand_knows_where_it_is_on_the_picture(ui: Driver, tool: Recorder) -> None:
    tool.hands.clear()
    ui(lambda c: c.mouse_move(PICTURE))
    middle = pytest.approx((0.5, 0.5), abs=0.05)
    assert any(hand.at == middle and hand.hovered for hand in tool.hands)


def test_tools_are_chosen_by_their_buttons(ui: Driver) -> None:
    ui(lambda c: c.item_click("//##MainMenuBar/##MenuBar/###place"))
    assert ui.app.session.options.tool == "place"
    ui(lambda c: c.item_click("//##MainMenuBar/##MenuBar/###travel"))
    assert ui.app.session.options.tool == "travel"


def test_typing_chooses_no_tool(ui: Driver) -> None:
    def type_it(c: Any) -> None:
        c.item_click("**/prompt0/##text")
        c.key_chars("mh")

    ui(type_it)
    assert ui.app.session.options.tool == "travel"


def test_the_way_to_a_press_is_no_part_of_the_drag(ui: Driver, tool: Recorder) -> None:
    """Both may come within one redraw, when redraws are slow."""
    left, top, right, bottom = ui.app.layout.picture.box or (0, 0, 0, 0)
    io, before = imgui.get_io(), ui.recipe.psi
    steps = iter(range(10))

    def inject() -> None:
        step = next(steps)
        if step == 0:
            io.add_mouse_pos_event(left + 5, top + 5)
        elif step == 1:
            io.add_mouse_pos_event((left + right) / 2, (top + bottom) / 2)
            io.add_mouse_button_event(0, True)
        elif step == 3:
            io.add_mouse_button_event(0, False)

    ui.window.inject = inject
    ui.frames(6)
    ui.window.inject = None
    assert any(hand.pressed for hand in tool.hands), "it was a press on the picture"
    assert ui.recipe.psi == before
