"""Full screen that hides the panels."""

from __future__ import annotations

from imgui_bundle import imgui
from msgspec.structs import replace

from tests.visualizer.driver import Driver
from visualizer.instruments.viewing import HINT


def test_full_screen_hides_all_but_the_picture_when_asked(ui: Driver) -> None:
    def panels() -> bool:
        return imgui.internal.find_window_by_name("Status").active

    ui(lambda ctx: ctx.key_press(imgui.Key.f11))
    assert ui.window.fullscreen and panels(), "by default they stay"
    options = ui.app.session.options
    ui.app.session.options = replace(options, bare_fullscreen=True)
    ui.frames(3)
    assert not panels()
    assert ui.app.layout.hint == HINT
    box = ui.app.layout.picture.box
    assert box is not None and box[3] - box[1] > 0.9 * imgui.get_main_viewport().size.y
    ui(lambda ctx: ctx.key_press(imgui.Key.f11))
    assert not ui.window.fullscreen and panels()


def test_the_choice_is_in_the_view_menu(ui: Driver) -> None:
    ui(lambda ctx: ctx.menu_check("//##MainMenuBar/View/Full screen hides panels"))
    assert ui.app.session.options.bare_fullscreen
