"""Text boxes whose text counts when they are left, not at every keystroke."""

from __future__ import annotations

from imgui_bundle import imgui

from widgets.context import Context
from widgets.controls.tooltips import bubble


def typed_text(context: Context, name: str, value: str, width: float) -> str | None:
    """Draw a text box; returns its text when it is left, if it was changed.

    Args:
        context: this UI frame.
        name: identifies the box among its siblings.
        value: the text while nothing is being typed.
        width: in pixels.
    """
    item, entry = imgui.get_id(name), context.entry
    text = entry.text if entry.item == item else value
    imgui.set_next_item_width(width)
    _, text = imgui.input_text(name, text, imgui.InputTextFlags_.auto_select_all)
    if imgui.is_item_active():
        entry.item, entry.text = item, text
    bubble(context, item)
    if not imgui.is_item_deactivated():
        return None
    edited = imgui.is_item_deactivated_after_edit()
    entry.item = 0
    return text.strip() if edited else None
