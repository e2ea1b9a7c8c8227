"""Every control can be reached in windows of all sizes, with text of all sizes."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.recipe.contact_sheet import Sheet, of_sources
from renderer.recipe.recipe import (
    Direction,
    LayoutLock,
    MixingPart,
    MixSource,
    MixTrack,
    Pad,
    Prompt,
    Recipe,
    TextPart,
)
from renderer.timeline.edits import with_key
from renderer.timeline.timeline import Timeline
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from tests.visualizer.reach import controls, out_of_reach, overlapping, restless
from tests.visualizer.real import RealThread
from visualizer.services.dialogs import MODEL, SAVE_SESSION
from visualizer.session.state import State
from visualizer.window.layout import TABS
from visualizer.window.shared_glfw import glfw
from widgets.actions import ShowDialog
from widgets.context import Options
from widgets.controls.grid_view import SetSheet
from widgets.controls.timeline_view import SetTimeline
from widgets.tabs.layer_view import LayersView

pytestmark = pytest.mark.display

SIZES = ((720, 480), (1000, 700), (1024, 768), (1280, 800))
ZOOMS = (1.0, 1.5, 2.0, 2.5)
SECTIONS = (
    *("Prompt", "Directions", "Text strength", "Words this model knows", "More examples"),
    *("Truncation", "Rows and blocks", "Latent", "Path to the target", "Wander", "Saved latents"),
    *("Components", "Mixing", "Layers of this source", "Noise", "Noise of each block"),
    *(
        "Transform",
        "Model",
        "Blend",
        "Training run",
        "Capture",
        "Output",
        "Control",
        "Send changes to another program",
    ),
    *("Performance",),
)
MENUS = ("File", "Edit", "View", "Help")
DIALOGS = {
    "shortcuts": "Shortcuts",
    "messages": "Messages",
    "about": "About",
    "tower": "Text tower",
}
RICH = Recipe(
    text=TextPart(
        tuple(Prompt(words) for words in ("a cat on a sofa", "b", "c", "d", "a house " * 90)),
        pad=Pad(),
        directions=(Direction("", "at night", "at noon", 0.5),),
    ),
    layout=LayoutLock(psi=0.5),
    mixing=MixingPart(
        (MixSource(5, latent=MixTrack((1.0, 0.5))), MixSource(6, prompt="a boat " * 40))
    ),
)


def rich(open_window: Open) -> Driver:
    """A window with everything in it that a panel or a tab can show."""
    ui = open_window(state=State(RICH, Options(open_sections=SECTIONS, drawer="")))
    timeline = Timeline()
    for index in range(4):
        timeline = with_key(timeline, float(index), replace(RICH, psi=0.2 * index))
    ui.app.commands.do(SetTimeline(timeline))
    ui.app.layout.prompt.directions.opened = 0
    return ui


def shown(ui: Driver, zoom: float, tab: str) -> None:
    ui.app.session.options = replace(ui.app.session.options, zoom=zoom, drawer=tab)
    ui.frames(3)


@pytest.mark.parametrize("size", SIZES)
def test_every_control_of_every_tab_can_be_reached(open_window: Open, size: Any) -> None:
    ui = rich(open_window)
    glfw.set_window_size(ui.window.handle, *size)
    lost: list[str] = []

    def look(c: Any) -> None:
        c.yield_(2)
        lost.extend(f"{where}: {problem}" for problem in [*out_of_reach(c), *restless(c)])
        if tab and len(controls(c, "Drawer")) <= len(TABS):
            lost.append(f"{where}: nothing but the tabs")

    for zoom in ZOOMS:
        for tab in ("", *(tab.title for tab in TABS if tab.title != "Layers")):
            where = f"{zoom:.0%} {tab}"
            for sheet in (Sheet(), of_sources(Sheet(), 4)) if tab == "Grid" else (None,):
                if sheet is not None:
                    ui.app.commands.do(SetSheet(sheet))
                shown(ui, zoom, tab)
                ui(look)
    assert not lost, "\n".join(lost)


def test_every_control_of_every_panel_can_be_reached(open_window: Open) -> None:
    ui = rich(open_window)
    glfw.set_window_size(ui.window.handle, *SIZES[0])  # panels are nowhere narrower
    lost: list[str] = []
    for zoom in ZOOMS:
        shown(ui, zoom, "")

        def walk(c: Any, zoom: float = zoom) -> None:
            c.scroll_to_top("//Panels")
            while True:
                c.yield_(2)
                panels = imgui.internal.find_window_by_name("Panels")
                where = f"{zoom:.0%} at {panels.scroll.y:.0f}"
                lost.extend(f"{where}: {problem}" for problem in out_of_reach(c))
                lost.extend(f"{where}: {problem}" for problem in overlapping(c, "Panels"))
                if panels.scroll.y >= panels.scroll_max.y:
                    break
                step = 0.9 * (panels.inner_rect.max.y - panels.inner_rect.min.y)
                panels.scroll.y = min(panels.scroll.y + step, panels.scroll_max.y)

        ui(walk)
    assert not lost, "\n".join(lost)


def test_every_control_of_layers_and_alignment_can_be_reached(open_window: Open) -> None:
    """They show what a model really does."""
    options = Options(drawer="Layers", open_sections=("Alignment",))
    ui = open_window(thread=RealThread(), state=State(Recipe(), options))
    ui.until(lambda: ui.app._context(0.0).see(LayersView).report)
    lost: list[str] = []
    for size, zoom in itertools.product(SIZES, ZOOMS):
        glfw.set_window_size(ui.window.handle, *size)
        shown(ui, zoom, "Layers")

        def look(c: Any, where: str = f"{size} {zoom:.0%}") -> None:
            c.yield_(2)
            assert len(controls(c, "Drawer")) > len(TABS)
            lost.extend(f"{where}: {problem}" for problem in [*out_of_reach(c), *restless(c)])

        ui(look)
    assert not lost, "\n".join(lost)


def test_every_entry_of_every_menu_can_be_reached(open_window: Open) -> None:
    ui = rich(open_window)
    glfw.set_window_size(ui.window.handle, *SIZES[0])
    lost: list[str] = []
    for zoom in ZOOMS:
        shown(ui, zoom, "")

        def walk(c: Any, zoom: float = zoom) -> None:
            for menu in MENUS:
                c.item_click(f"##MainMenuBar/##MenuBar/{menu}")
                c.yield_(2)
                name = imgui.get_current_context().nav_window.name
                assert len(controls(c, name)) > 3
                lost.extend(f"{zoom:.0%} {menu}: {one}" for one in out_of_reach(c, (name,)))
                c.popup_close_all()

        ui(walk)
    assert not lost, "\n".join(lost)


def test_every_control_of_every_dialog_can_be_reached(open_window: Open, tmp_path: Path) -> None:
    ui = rich(open_window)
    glfw.set_window_size(ui.window.handle, *SIZES[0])
    ui.app.session.say("A word. " * 200)
    lost: list[str] = []
    for zoom in ZOOMS:
        shown(ui, zoom, "")

        def look(title: str, zoom: float = zoom) -> None:
            def body(c: Any) -> None:
                c.yield_(3)
                assert controls(c, title)
                lost.extend(f"{zoom:.0%} {problem}" for problem in out_of_reach(c, (title,)))
                c.popup_close_all()

            ui(body)

        for name, title in DIALOGS.items():
            ui.app.commands.do(ShowDialog(name))  # pyright: ignore[reportArgumentType]
            look(title)
        for question in (MODEL, SAVE_SESSION):
            ui.app._dialogs.ask(question, tmp_path, lambda path: None)
            look("File browser")
            browser = ui.app._dialogs._browser
            assert browser is not None
            browser.open = False
            ui.frames(2)
            ui.app._dialogs._browser = None
    assert not lost, "\n".join(lost)
