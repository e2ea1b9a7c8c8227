"""Keys of moments: a digit goes to one, with Ctrl it stores one; the number block does so too."""

from __future__ import annotations

from imgui_bundle import imgui

from widgets.context import Context
from widgets.controls.key_names import MAIN
from widgets.controls.moments_view import RecallMoment, StoreMoment

Key = imgui.Key
KEYS = tuple(
    (getattr(Key, f"_{number}"), getattr(Key, f"keypad{number}")) for number in range(1, 10)
)
"""The two keys of each number from 1."""
DIGITS = frozenset("123456789")
RECALL_KEYS, STORE_KEYS = "1 to 9", f"{MAIN}+1 to 9"


def listen(context: Context, *, ctrl: bool, shift: bool, typing: bool) -> None:
    """Ask for the moment whose key went down.

    A digit acts at once and each time, however fast they follow each other; in the middle of text
    that was meant for a box it does nothing.
    """
    if shift or imgui.get_io().key_alt or (not ctrl and (typing or context.entry.letters.text)):
        return
    for number, keys in enumerate(KEYS, 1):
        if any(imgui.is_key_pressed(key, False) for key in keys):
            context.entry.letters.end()
            context.ask(StoreMoment(number) if ctrl else RecallMoment(number))
