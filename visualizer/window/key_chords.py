"""Keeps a key and the modifiers it was struck with together, however slow the redraws are.

Ctrl+A is four events.  When A goes down and Ctrl goes up between two redraws, Dear ImGui would see
A with no Ctrl at the end of that frame, and a text box would select nothing; when A goes down just
before Ctrl does, it would see Ctrl+A.  Its queue stops where one key changes twice in a frame: two
changes of a key that does not exist, put in before a modifier goes up or down after a key, leave
that for the next frame.

Dear ImGui has no key for "+", which is a key of its own on many keyboards and on every keypad: what
is written on it counts.
"""

from __future__ import annotations

from imgui_bundle import imgui

from visualizer.window.shared_glfw import glfw

BREAK = imgui.Key.f24
"""Stands on next to no keyboard, and means nothing here."""
MODIFIERS = frozenset(
    {
        glfw.KEY_LEFT_CONTROL,
        glfw.KEY_RIGHT_CONTROL,
        glfw.KEY_LEFT_SHIFT,
        glfw.KEY_RIGHT_SHIFT,
        glfw.KEY_LEFT_ALT,
        glfw.KEY_RIGHT_ALT,
        glfw.KEY_LEFT_SUPER,
        glfw.KEY_RIGHT_SUPER,
    }
)

SIGNS = {"+": imgui.Key.equal, "-": imgui.Key.minus}
"""Keys by what is written on them, as the commands name them: "+" is above "=" where those share
a key."""


class Chords:
    """Hears of every key before Dear ImGui does."""

    def __init__(self) -> None:
        self._struck = False

    def heard(self, key: int, action: int, written: str | None = None) -> None:
        """A key went down or up.

        Args:
            key: glfw's number of it.
            action: glfw's `PRESS`, `RELEASE` or `REPEAT`.
            written: what it types without modifiers, if anything.
        """
        if (sign := SIGNS.get(written or "")) is not None:
            imgui.get_io().add_key_event(sign, action != glfw.RELEASE)
        if key not in MODIFIERS:
            self._struck = self._struck or action == glfw.PRESS
        elif action != glfw.REPEAT and self._struck:
            self._struck = False
            io = imgui.get_io()
            io.add_key_event(BREAK, True)
            io.add_key_event(BREAK, False)
