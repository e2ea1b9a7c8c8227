"""The drawer below the picture, in the real window."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from renderer.recipe.recipe import Recipe
from tests.visualizer.driver import Driver
from visualizer.window import layout
from visualizer.window.shared_glfw import glfw
from widgets.context import Context
from widgets.tabs.drawer import Tab

pytestmark = pytest.mark.display


class Body:
    """A tab's body that counts how often it is drawn."""

    def __init__(self) -> None:
        self.drawn = 0

    def draw(self, context: Context) -> Recipe:
        """A button."""
        self.drawn += 1
        imgui.button("inside")
        return context.recipe


@pytest.fixture
def bodies(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Body, Body]]:
    both = Body(), Body()
    tabs = tuple(
        Tab(name, icons.ICON_FA_CLOCK, "For the test.", body.draw)
        for name, body in zip(("One", "Two"), both, strict=True)
    )
    monkeypatch.setattr(layout, "TABS", tabs)
    yield both


def picture_height(ui: Driver) -> float:
    ui.frames(2)
    _, top, _, bottom = ui.app.layout.picture.clip
    return bottom - top


def test_a_closed_drawer_draws_nothing(bodies: tuple[Body, Body], ui: Driver) -> None:
    ui.frames(5)
    assert [body.drawn for body in bodies] == [0, 0]


def test_a_tab_opens_and_closes_it(bodies: tuple[Body, Body], ui: Driver) -> None:
    closed = picture_height(ui)
    ui(lambda c: c.item_click("Drawer/One##tab"))
    assert ui.app.session.options.drawer == "One"
    assert picture_height(ui) < closed - 100
    ui(lambda c: c.item_click("Drawer/Two##tab"))
    before = bodies[0].drawn
    ui.frames(3)
    assert bodies[0].drawn == before and bodies[1].drawn > 2
    ui(lambda c: c.item_click("Drawer/Two##tab"))
    assert picture_height(ui) == closed


def test_its_edge_is_dragged(bodies: tuple[Body, Body], ui: Driver) -> None:
    ui(lambda c: c.item_click("Drawer/One##tab"))
    before = picture_height(ui)
    ui(lambda c: c.item_drag_with_delta("Drawer/drawer edge", (0, -60)))
    assert before - picture_height(ui) == pytest.approx(60, abs=4)
    ui(lambda c: c.item_drag_with_delta("Drawer/drawer edge", (0, -2000)))
    assert picture_height(ui) > 100, "the picture keeps its place"


def test_a_window_without_room_draws_no_body(ui: Driver, bodies: tuple[Body, Body]) -> None:
    ui(lambda c: c.item_click("**/One##tab"))
    glfw.set_window_size_limits(ui.window.handle, *[glfw.DONT_CARE] * 4)
    glfw.set_window_size(ui.window.handle, 60, 40)
    for _ in range(4):
        ui.frames(1)
        assert imgui.get_current_context().error_count_current_frame == 0
    before = bodies[0].drawn
    ui.frames(2)
    assert bodies[0].drawn == before
