"""Real keys for the window under test: they go the whole way from the X server."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.visualizer.driver import Driver


def hand(ui: Driver, *commands: list[str]) -> None:
    """Let xdotool do these one after the other, while the window goes on being drawn."""
    for command in commands:
        process = subprocess.Popen(["xdotool", *command])
        while process.poll() is None:
            ui.frames(1)
        assert process.returncode == 0, command
        ui.frames(5)


def handle(ui: Driver) -> str:
    """The window as xdotool calls it, with the keyboard."""
    found = subprocess.run(
        ["xdotool", "search", "--name", "StyleGAN-T Explorer"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()[-1]
    hand(ui, ["windowfocus", "--sync", found])
    return found


def strike(ui: Driver, *keys: str) -> None:
    """Press and let go these keys, by the names that the layout gives them."""
    hand(ui, *(["key", "--clearmodifiers", key] for key in keys))


def type_text(ui: Driver, words: str, delay_ms: int = 60) -> None:
    """Type as a person does."""
    hand(ui, ["type", "--delay", str(delay_ms), words])


def layout(name: str) -> None:
    """Give the keyboard another layout, such as "fr"."""
    subprocess.run(["setxkbmap", name], check=True)


def pass_time(ui: Driver, seconds: float) -> None:
    """Draw for so long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        ui.frames(1)


@contextmanager
def picture_on_clipboard() -> Iterator[None]:
    """Let another program own the clipboard, with a picture and no text on it."""
    command = [sys.executable, "-c", PICTURE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready"
        try:
            yield
        finally:
            process.kill()


PICTURE = """
import ctypes
x = ctypes.CDLL("libX11.so.6")
x.XOpenDisplay.restype = x.XDefaultRootWindow.restype = x.XInternAtom.restype = ctypes.c_ulong
x.XCreateSimpleWindow.restype = ctypes.c_ulong
wide = ctypes.c_ulong
display = wide(x.XOpenDisplay(None))
root = wide(x.XDefaultRootWindow(display))
window = wide(x.XCreateSimpleWindow(display, root, 0, 0, 1, 1, 0, wide(0), wide(0)))
clipboard = wide(x.XInternAtom(display, b"CLIPBOARD", 0))
x.XSetSelectionOwner(display, clipboard, window, wide(0))
x.XSync(display, 0)
print("ready", flush=True)

class Request(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int), ("serial", wide), ("sent", ctypes.c_int)] + [
        (name, wide) for name in ("display", "owner", "asker", "selection", "target", "to", "time")]

class Answer(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int), ("serial", wide), ("sent", ctypes.c_int)] + [
        (name, wide) for name in ("display", "asker", "selection", "target", "to", "time")]

event = (ctypes.c_char * 192)()
while True:
    x.XNextEvent(display, event)
    asked = Request.from_buffer(event)
    if asked.type == 30:  # a SelectionRequest: there is nothing of that kind here
        answer = Answer(31, 0, 0, 0, asked.asker, asked.selection, asked.target, 0, asked.time)
        room = (ctypes.c_char * 192).from_buffer_copy(bytes(answer).ljust(192, b"\\0"))
        x.XSendEvent(display, wide(asked.asker), 0, wide(0), room)
        x.XFlush(display)
"""
"""Owns the clipboard of X and refuses every kind that is asked for, as a picture refuses text."""
