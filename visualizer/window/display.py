"""From a display to a bare window with OpenGL, or to a sentence that says why there is none."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections import deque
from dataclasses import dataclass
from typing import Any

from visualizer.errors import VisualizerError
from visualizer.window.screens import Screen
from visualizer.window.shared_glfw import glfw

logger = logging.getLogger(__name__)

MIN_SIZE = (720, 480)
DEFAULT_SIZE = (1600, 900)
SCREEN_SHARE = 0.92
"""A new window is at most this share of the screen's work area, in both directions."""

NO_DISPLAY = (
    "The window needs a display, and there is none here. "
    "Without one, `stylegan-t render` makes pictures, "
    "and `xvfb-run -a stylegan-t` opens the window on a virtual display."
)


class WindowError(VisualizerError, RuntimeError):
    """The window cannot be opened; the message is for the user."""


class NoDisplayError(WindowError):
    """There is no display to open a window on."""


@dataclass(frozen=True)
class GLVersion:
    """An OpenGL version to ask for, with the shader version that Dear ImGui then writes."""

    major: int
    minor: int
    core: bool
    shader: str


GL_VERSIONS = (
    GLVersion(3, 3, True, "#version 150"),
    GLVersion(3, 2, True, "#version 150"),
    GLVersion(3, 0, False, "#version 130"),
)


def has_display() -> bool:
    """Return whether a window can be hoped for.  On Linux a display names itself in the
    environment."""
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


_problems: deque[str] = deque(maxlen=20)
"""Complaints of glfw since `start_glfw`; its last word explains a failure."""


def start_glfw(*, offscreen: bool = False) -> None:
    """Start glfw.

    Args:
        offscreen: windows are only drawn into memory, through EGL; they need no display.

    Raises:
        NoDisplayError: there is no display.
    """
    if not (offscreen or has_display()):
        raise NoDisplayError(NO_DISPLAY)
    _problems.clear()
    glfw.init_hint(glfw.PLATFORM, glfw.PLATFORM_NULL if offscreen else glfw.ANY_PLATFORM)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the callback has the same words
        glfw.set_error_callback(remember_problem)
        started = glfw.init()
    if not started:
        reason = _problems[-1] if _problems else "glfw does not start"
        logger.info("glfw: %s", reason)
        raise NoDisplayError(NO_DISPLAY)
    if sys.platform.startswith("linux"):
        # PyOpenGL guesses from the session; glfw knows, and it is imported after this.
        by_egl = glfw.get_platform() in (glfw.PLATFORM_WAYLAND, glfw.PLATFORM_NULL)
        os.environ.setdefault("PYOPENGL_PLATFORM", "egl" if by_egl else "glx")


def remember_problem(code: int, text: bytes | str) -> None:
    """Keep what glfw complains about."""
    words = text.decode(errors="replace") if isinstance(text, bytes) else text
    _problems.append(f"{words} ({code})")


def create_window(title: str, size: tuple[int, int], visible: bool) -> tuple[Any, GLVersion]:
    """A window with the newest of the OpenGL versions that this machine has.

    Raises:
        WindowError: it has none of them; glfw is taken down.
    """
    for version in GL_VERSIONS:
        _hint(version)
        glfw.window_hint(glfw.SCALE_TO_MONITOR, glfw.TRUE)
        glfw.window_hint(glfw.VISIBLE, glfw.TRUE if visible else glfw.FALSE)
        if handle := glfw.create_window(*size, title, None, None):
            return handle, version
    glfw.terminate()
    reason = _problems[-1].rstrip(".") if _problems else "no reason was given"
    raise WindowError(
        f"OpenGL 3.0 or newer is not available: {reason}. Install your graphics card's driver, or "
        "Mesa to draw without a card (on Debian and Ubuntu: `apt install libgl1-mesa-dri`); "
        "`stylegan-t doctor` tells more."
    )


def create_beside(
    main: Any, version: GLVersion, title: str, size: tuple[int, int], screen: Screen | None
) -> Any:
    """A second window that shares the textures of `main`, which has this version of OpenGL.

    Args:
        main: the other window.
        version: of its OpenGL.
        title: for the title bar.
        size: in screen coordinates.
        screen: to cover, in the mode that it is in; None opens a window with a frame.

    Raises:
        WindowError: it cannot be opened.
    """
    _hint(version)
    glfw.window_hint(glfw.FOCUSED, glfw.FALSE)
    glfw.window_hint(glfw.FOCUS_ON_SHOW, glfw.FALSE)
    monitor: Any = None
    if screen is not None:
        monitor = screen.monitor
        mode = glfw.get_video_mode(monitor)
        glfw.window_hint(glfw.REFRESH_RATE, mode.refresh_rate if mode else glfw.DONT_CARE)
    handle = glfw.create_window(*size, title, monitor, main)
    if not handle:
        reason = _problems[-1].rstrip(".") if _problems else "no reason was given"
        raise WindowError(f"The output cannot be opened: {reason}.")
    return handle


def _hint(version: GLVersion) -> None:
    """Tell glfw about the next window whatever all windows of the program have in common."""
    glfw.default_window_hints()
    if glfw.get_platform() == glfw.PLATFORM_NULL:
        glfw.window_hint(glfw.CONTEXT_CREATION_API, glfw.EGL_CONTEXT_API)
    glfw.window_hint(glfw.CONTEXT_VERSION_MAJOR, version.major)
    glfw.window_hint(glfw.CONTEXT_VERSION_MINOR, version.minor)
    if version.core:
        glfw.window_hint(glfw.OPENGL_PROFILE, glfw.OPENGL_CORE_PROFILE)
        glfw.window_hint(glfw.OPENGL_FORWARD_COMPAT, glfw.TRUE)
    # Full screen stays where it is while one works on another screen: a performer's picture.
    glfw.window_hint(glfw.AUTO_ICONIFY, glfw.FALSE)
    glfw.window_hint_string(glfw.X11_CLASS_NAME, "stylegan-t")
    glfw.window_hint_string(glfw.X11_INSTANCE_NAME, "stylegan-t")


def comfortable_size() -> tuple[int, int]:
    """The default size, or less where the screen is small."""
    monitor = glfw.get_primary_monitor()
    if not monitor:
        return DEFAULT_SIZE
    _, _, width, height = glfw.get_monitor_workarea(monitor)
    # The window is made larger by the screen's scale; its size here is before that.
    scale = 1.0 if sys.platform == "darwin" else glfw.get_monitor_content_scale(monitor)[0] or 1.0
    room = (int(width * SCREEN_SHARE / scale), int(height * SCREEN_SHARE / scale))
    return (
        max(MIN_SIZE[0], min(DEFAULT_SIZE[0], room[0])),
        max(MIN_SIZE[1], min(DEFAULT_SIZE[1], room[1])),
    )
