"""A dialog in the middle of the window, over everything else."""

from __future__ import annotations

from imgui_bundle import imgui

from widgets import theme


def begin_modal(title: str) -> bool:
    """Begin a dialog in the middle of the window; when True, `imgui.end_popup` must follow.

    It is as large as what is in it, and scrolls where the window is smaller.
    """
    centre, size = imgui.get_main_viewport().get_center(), imgui.get_main_viewport().size
    imgui.set_next_window_size_constraints((0.0, 0.0), (size.x, size.y))
    imgui.set_next_window_pos(centre, imgui.Cond_.appearing, (0.5, 0.5))
    imgui.push_style_var(imgui.StyleVar_.window_rounding, theme.em(0.6))
    # In whole pixels: for a part of one, Dear ImGui would bring a scrollbar.
    padding = (float(round(theme.em(1.4))), float(round(theme.em(1.2))))
    imgui.push_style_var(imgui.StyleVar_.window_padding, padding)
    flags = (
        imgui.WindowFlags_.always_auto_resize
        | imgui.WindowFlags_.no_title_bar
        | imgui.WindowFlags_.no_saved_settings
        | imgui.WindowFlags_.horizontal_scrollbar
    )
    opened = imgui.begin_popup_modal(title, None, flags)[0]
    imgui.pop_style_var(2)
    return opened
