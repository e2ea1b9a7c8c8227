"""A dialog in the middle of the window, over everything else."""

from __future__ import annotations

from imgui_bundle import imgui

from widgets import scopes, theme


def modal(title: str) -> scopes.Scope:
    """Draw into a dialog in the middle of the window; true if it is open.

    It is as large as what is in it, and scrolls where the window is smaller.
    """
    centre, size = imgui.get_main_viewport().get_center(), imgui.get_main_viewport().size
    imgui.set_next_window_size_constraints((0.0, 0.0), (size.x, size.y))
    imgui.set_next_window_pos(centre, imgui.Cond_.appearing, (0.5, 0.5))
    flags = (
        imgui.WindowFlags_.always_auto_resize
        | imgui.WindowFlags_.no_title_bar
        | imgui.WindowFlags_.no_saved_settings
        | imgui.WindowFlags_.horizontal_scrollbar
    )
    # In whole pixels: for a part of one, Dear ImGui would bring a scrollbar.
    padding = (float(round(theme.em(1.4))), float(round(theme.em(1.2))))
    with scopes.style(imgui.StyleVar_.window_rounding, theme.em(0.6)):
        return scopes.modal(title, flags, padding)
