"""Input as plain values, and what puts it among a window's own events."""

from __future__ import annotations

import os
import shutil
from typing import Any

from imgui_bundle import imgui

from tests.monkey.remote import Remote
from visualizer.window.shared_glfw import glfw
from visualizer.window.window import Window
from widgets.actions import Action, OpenModel

Event = tuple[Any, ...]
"""`("move", x, y)`, `("button", number, down)`, `("wheel", x, y)`, `("key", name, down)`,
`("text", characters)`, `("clipboard", text)`, `("drop", paths)`, `("size", width, height)`,
`("focus", has)`, `("copy", from, to)`, `("remove", path)`, `("osc", packet, ...)`,
`("midi", message, ...)`, `("script", call, ...)`, `("model", path)`: opened as a model, whatever it
is, `("do", action)`: what a panel asks for, `("slow", seconds)`: how much longer redraws take from
now on, `("neighbour", call, ...)`: another window, `("line", signal)`: to the renderer in another
process, `("output", choices)`, `("preset", way, number, part, ...)`, and those of
`STAGE`.  Keys have Dear ImGui's names."""

STAGE = {
    "midi": "knobs",
    "clock": "clock",
    "cable": "cable",
    "sound": "hear",
    "pad": "pad",
    "program": "program",
}
"""Events that are calls of a `tests.monkey.stage.Stage`."""
MODIFIERS = {
    "left_ctrl": imgui.Key.mod_ctrl,
    "left_shift": imgui.Key.mod_shift,
    "left_alt": imgui.Key.mod_alt,
}
NUMBERS = {
    "left_ctrl": glfw.KEY_LEFT_CONTROL,
    "left_shift": glfw.KEY_LEFT_SHIFT,
    "left_alt": glfw.KEY_LEFT_ALT,
}


class Hands:
    """Does with a window what a user does; one call of `act` is what comes between two redraws.

    Args:
        window: whose events these become.
        remote: what plays it from outside.
        frame_s: what Dear ImGui takes each redraw for; as long as it took unless given.  A key that
            is down for long is repeated, and a second click soon after the first is a double one.
    """

    def __init__(self, window: Window, remote: Remote, frame_s: float | None = None) -> None:
        self.window, self._remote, self._frame_s = window, remote, frame_s
        self.at = (-1.0, -1.0)
        self.down: set[int] = set()
        self.keys: set[str] = set()
        self._waiting: list[Event] = []
        self.slow_s = 0.0
        self.wishes: list[Action] = []
        window.inject = self._inject

    def act(self, events: list[Event]) -> None:
        """Take what the next redraw should see."""
        self._waiting.extend(events)
        for kind, *values in events:
            if kind == "drop":
                self.window.dropped.extend(values[0])
            elif kind == "size":
                glfw.set_window_size(self.window.handle, *values)
            elif kind == "clipboard":
                imgui.set_clipboard_text(values[0])
            elif kind == "copy":
                shutil.copyfile(*values)
            elif kind == "remove":
                os.unlink(values[0])
            elif kind == "model":
                self.wishes.append(OpenModel(values[0]))
            elif kind == "slow":
                self.slow_s = values[0]
            elif kind == "neighbour":
                self._remote.neighbour.act(*values)
            elif kind == "do":
                self.wishes.append(values[0])
            elif kind == "preset":
                self.wishes.append(self._remote.preset(*values))
            elif kind == "line":
                self._remote.line.signal(*values)
            elif kind in ("osc", "script", "output"):
                getattr(self._remote, kind)(*values)
            elif kind in STAGE:
                getattr(self._remote.stage, STAGE[kind])(*values)
        self.window.events += len(events)

    def let_go(self) -> list[Event]:
        """What releases all keys and buttons."""
        return [
            *(("button", number, False) for number in sorted(self.down)),
            *(("key", name, False) for name in sorted(self.keys)),
        ]

    def _inject(self) -> None:
        """Between the window's own events and the redraw."""
        io = imgui.get_io()
        if self._frame_s is not None:
            io.delta_time = self._frame_s
        # The backend puts the display's own mouse there; this one stays where it is.
        io.add_mouse_pos_event(*self.at)
        for event in self._waiting:
            self._put(io, *event)
        self._waiting.clear()

    def _put(self, io: imgui.IO, kind: str, *values: Any) -> None:
        if kind == "move":
            self.at = (values[0], values[1])
            io.add_mouse_pos_event(*self.at)
        elif kind == "button":
            (self.down.add if values[1] else self.down.discard)(values[0])
            io.add_mouse_button_event(*values)
        elif kind == "wheel":
            io.add_mouse_wheel_event(*values)
        elif kind == "text":
            io.add_input_characters_utf8(values[0])
        elif kind == "focus":
            io.add_focus_event(values[0])
        elif kind == "key":
            self._key(io, *values)

    def _key(self, io: imgui.IO, name: str, down: bool) -> None:
        (self.keys.add if down else self.keys.discard)(name)
        number = NUMBERS.get(name, glfw.KEY_A)  # the chords only tell modifiers from the rest
        self.window.chords.heard(number, glfw.PRESS if down else glfw.RELEASE)
        if name in MODIFIERS:
            io.add_key_event(MODIFIERS[name], down)
        io.add_key_event(getattr(imgui.Key, name), down)
