"""The user's gestures: which edits belong together, and whether one is under way."""

from __future__ import annotations

from collections.abc import Hashable

from imgui_bundle import imgui

from visualizer.session.undo_stack import BURST_S

ARROWS = (imgui.Key.left_arrow, imgui.Key.right_arrow, imgui.Key.up_arrow, imgui.Key.down_arrow)


class Gestures:
    """Looks at Dear ImGui's mouse and keyboard, once in every UI frame."""

    def __init__(self) -> None:
        self._presses = 0

    def now(self) -> tuple[Hashable, float | None]:
        """Return what the edits of this frame belong to, for `UndoStack.edit`: a drag, a burst of
        keys with its longest pause in seconds, or nothing."""
        if imgui.is_mouse_clicked(0):
            self._presses += 1
        if imgui.is_mouse_down(0):
            return ("drag", self._presses), None
        if imgui.get_io().want_text_input:
            return ("typing", imgui.internal.get_active_id()), BURST_S
        if any(imgui.is_key_down(key) for key in ARROWS):
            return ("arrows", imgui.internal.get_focus_id()), BURST_S
        return None, None
