"""Offscreen drawing when there is no display: in memory, or on a virtual display."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from visualizer.window import display
from visualizer.window.display import NoDisplayError, WindowError

START_S = 10.0
NOWHERE = (
    "There is no display here, OpenGL cannot draw into memory (EGL), and there is no Xvfb. "
    "On Debian and Ubuntu: `apt install libegl1 libgl1-mesa-dri`, or `apt install xvfb`."
)
Place = Literal["display", "memory"]


@contextmanager
def somewhere() -> Iterator[Place]:
    """A place for a window: the display, else memory, else a virtual display of its own.

    Raises:
        NoDisplayError: there is none of them.
    """
    if display.has_display():
        yield "display"
    elif draws_in_memory():
        yield "memory"
    else:
        with virtual_display():
            yield "display"


def draws_in_memory() -> bool:
    """Return whether a window can be drawn into memory; tried in a process of its own, which may
    fail as hard as graphics drivers do."""
    command = [sys.executable, "-m", "visualizer.window.offscreen"]
    try:
        tried = subprocess.run(command, capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return tried.returncode == 0


@contextmanager
def virtual_display() -> Iterator[None]:
    """Run Xvfb, and let `DISPLAY` name it meanwhile.

    Raises:
        NoDisplayError: Xvfb is not there, or does not start.
    """
    program = shutil.which("Xvfb")
    if program is None:
        raise NoDisplayError(NOWHERE)
    reading, writing = os.pipe()
    options = ["-displayfd", str(writing), "-screen", "0", "1920x1080x24", "-nolisten", "tcp"]
    server = subprocess.Popen(
        [program, *options],
        pass_fds=[writing],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    before = os.environ.get("DISPLAY")
    try:
        with os.fdopen(reading) as answer:
            number = answer.readline().strip()  # empty when the server has ended
        if not number:
            raise NoDisplayError(NOWHERE)
        os.environ["DISPLAY"] = f":{number}"
        yield
    finally:
        if before is None:
            os.environ.pop("DISPLAY", None)
        else:
            os.environ["DISPLAY"] = before
        server.terminate()
        server.wait(START_S)


def _try() -> int:
    """Draw a small window into memory; the status of the process that tries it."""
    # only in the process that tries it
    from visualizer.window.window import Window

    try:
        window = Window("try", (320, 240), offscreen=True)
    except WindowError:
        return 1
    window.begin_frame()
    window.end_frame()
    drawn = window.pixels().any()
    window.close()
    return 0 if drawn else 1


if __name__ == "__main__":
    sys.exit(_try())
