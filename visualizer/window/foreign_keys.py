"""Keys that are struck in another window of the program, for the main one.

Dear ImGui hears only its own window, but a click into the output must not make the keyboard mute.
"""

from __future__ import annotations

from typing import Any

from imgui_bundle import imgui

from visualizer.window.shared_glfw import glfw
from visualizer.window.window import Window

OTHER_NAMES = {
    "left": "left_arrow",
    "right": "right_arrow",
    "up": "up_arrow",
    "down": "down_arrow",
    "left_control": "left_ctrl",
    "right_control": "right_ctrl",
}
"""Keys that glfw and Dear ImGui call differently."""
MODIFIERS = (
    (imgui.Key.mod_ctrl, (glfw.KEY_LEFT_CONTROL, glfw.KEY_RIGHT_CONTROL)),
    (imgui.Key.mod_shift, (glfw.KEY_LEFT_SHIFT, glfw.KEY_RIGHT_SHIFT)),
    (imgui.Key.mod_alt, (glfw.KEY_LEFT_ALT, glfw.KEY_RIGHT_ALT)),
    (imgui.Key.mod_super, (glfw.KEY_LEFT_SUPER, glfw.KEY_RIGHT_SUPER)),
)
PRINTABLE = 128
"""glfw's keys below this type something; their names follow the keyboard's layout."""


def _table() -> dict[int, imgui.Key]:
    """Dear ImGui's key for each of glfw's."""
    found: dict[int, imgui.Key] = {}
    for name in dir(glfw):
        if name.startswith("KEY_"):
            own = name[4:].lower().replace("kp_", "keypad")
            own = f"_{own}" if own.isdecimal() else OTHER_NAMES.get(own, own)
            if own in imgui.Key.__members__:
                found[getattr(glfw, name)] = imgui.Key[own]
    return found


KEYS = _table()


def key_of(key: int, written: str | None) -> imgui.Key | None:
    """Dear ImGui's key for one of glfw's; None where it has none.

    Args:
        key: glfw's number, which is the key's place on an American keyboard.
        written: what it types without modifiers, if anything.
    """
    if written and key < PRINTABLE and written.isascii() and written.isalnum():
        name = f"_{written}" if written.isdecimal() else written.lower()
        return imgui.Key.__members__.get(name, KEYS.get(key))
    return KEYS.get(key)


def forward_keys(handle: Any, owner: Window) -> None:
    """Let the main window hear the keys of the window `handle`."""

    def struck(_: object, key: int, code: int, action: int, __: int) -> None:
        written = glfw.get_key_name(key, code)
        owner.events += 1
        io = imgui.get_io()
        owner.chords.heard(key, action, written)  # first: a modifier may have to wait
        for modifier, sides in MODIFIERS:
            io.add_key_event(modifier, any(glfw.get_key(handle, side) for side in sides))
        known = key_of(key, written)
        if known is not None and action != glfw.REPEAT:
            io.add_key_event(known, action == glfw.PRESS)

    def typed(_: object, code: int) -> None:
        owner.events += 1
        imgui.get_io().add_input_character(code)

    glfw.set_key_callback(handle, struck)
    glfw.set_char_callback(handle, typed)
