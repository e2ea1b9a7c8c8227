"""The clean output: a second window that shows the picture and nothing else.

It shares the main window's textures, so a picture is uploaded once for both.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from visualizer.window.display import create_beside
from visualizer.window.foreign_keys import forward_keys
from visualizer.window.gl import GL
from visualizer.window.picture_shader import Box, PictureShader
from visualizer.window.screens import Screen
from visualizer.window.shared_glfw import glfw
from visualizer.window.window import Window
from widgets.context import Preview
from widgets.output import Fit, WindowBox

TITLE = "StyleGAN-T Output"
FIRST_SIDE = 640
"""Width and height of its first frame, in screen coordinates."""


def fitted_box(picture: tuple[int, int], room: tuple[int, int], fit: Fit) -> Box:
    """The place of a picture in a window, in whole pixels.

    Args:
        picture: its width and height in pixels.
        room: those of the window.
        fit: "fit" shows all of it, "fill" covers the window, "pixels" shows each pixel as a square
            of whole pixels, the largest with which all of it is seen, but at least one.
    """
    shares = [there / own for own, there in zip(picture, room, strict=True)]
    scale = max(shares) if fit == "fill" else min(shares)
    if fit == "pixels":
        scale = float(max(1, int(scale)))
    width, height = (max(1, round(side * scale)) for side in picture)
    left, top = (room[0] - width) // 2, (room[1] - height) // 2
    return float(left), float(top), float(left + width), float(top + height)


class CleanWindow:
    """The window; for the main thread only.  The main window's context is current between calls.

    Args:
        owner: the main window, whose textures are shared and to which its keys go.
        screen: to cover; None opens a window with a frame.
        box: of the frame, left, top, width and height in screen coordinates; None puts it anywhere.

    Raises:
        WindowError: it cannot be opened.
    """

    def __init__(self, owner: Window, screen: Screen | None, box: WindowBox | None = None) -> None:
        self.screen, self._owner = screen, owner
        self._drawn: tuple[object, ...] = ()
        size = screen.box[2:] if screen else box[2:] if box else (FIRST_SIDE, FIRST_SIDE)
        self._handle = create_beside(owner.handle, owner.gl_version, TITLE, size, screen)
        if screen is None and box is not None:
            glfw.set_window_pos(self._handle, *box[:2])
        glfw.set_input_mode(self._handle, glfw.CURSOR, glfw.CURSOR_HIDDEN)
        self.box: WindowBox = self._place()
        """Left, top, width and height in screen coordinates."""
        self._listen()
        with self._current():
            self._shader = PictureShader(owner.gl_version.shader)
            glfw.swap_interval(1 if self._waits else 0)
        glfw.swap_interval(0 if self._waits else 1)
        if screen is not None:  # one with a frame would vanish behind the panels
            glfw.focus_window(owner.handle)

    def show(self, changes: int, shown: Preview | None, fit: Fit, *, smooth: bool) -> None:
        """Draw the picture, unless exactly this is drawn already.

        Args:
            changes: tells one picture in the texture from the next.
            shown: the texture; None shows black.
            fit: see `fitted_box`.
            smooth: large pixels are smoothed rather than sharp.
        """
        size = glfw.get_framebuffer_size(self._handle)
        wanted = (changes, shown, fit, smooth, size)
        if wanted == self._drawn or not all(size):
            return
        self._drawn = wanted
        with self._current():
            GL.glViewport(0, 0, *size)
            GL.glClearColor(0.0, 0.0, 0.0, 1.0)
            GL.glClear(GL.GL_COLOR_BUFFER_BIT)
            if shown is not None:
                box = fitted_box((shown.width, shown.height), size, fit)
                area = (0.0, 0.0, float(size[0]), float(size[1]))
                self._shader.draw(shown, box, area, size, smooth=smooth)
            glfw.swap_buffers(self._handle)

    @property
    def wants_close(self) -> bool:
        """Return whether the user closed it."""
        return bool(glfw.window_should_close(self._handle))

    @property
    def lost(self) -> bool:
        """Return whether it no longer covers its screen, as when that was disconnected."""
        return self.screen is not None and not glfw.get_window_monitor(self._handle)

    def close(self) -> None:
        """Take it down."""
        with self._current():
            self._shader.close()
        glfw.destroy_window(self._handle)
        glfw.swap_interval(1)

    @property
    def _waits(self) -> bool:
        """Return whether this window waits for its screen, and the main window no longer does.

        Only one of two may, or both get half the pace.  Without a compositor the audience would see
        a picture torn that does not wait; Wayland and macOS never tear, and let a window wait for
        ever that is not seen.
        """
        platforms = (glfw.PLATFORM_X11, glfw.PLATFORM_WIN32)
        return self.screen is not None and glfw.get_platform() in platforms

    def _place(self) -> WindowBox:
        return (*glfw.get_window_pos(self._handle), *glfw.get_window_size(self._handle))

    @contextmanager
    def _current(self) -> Iterator[None]:
        """Draw here; what the main window drew before is complete then."""
        glfw.make_context_current(self._handle)
        try:
            yield
        finally:
            glfw.make_context_current(self._owner.handle)

    def _listen(self) -> None:
        """Wake the main loop when something is to be drawn or done."""

        def noticed(*_: object) -> None:
            self._owner.events += 1

        def placed(*_: object) -> None:
            self.box = self._place()
            self._owner.events += 1

        def damaged(*_: object) -> None:
            self._drawn = ()
            self._owner.events += 1

        listeners: tuple[tuple[Any, Any], ...] = (
            (glfw.set_window_close_callback, noticed),
            (glfw.set_framebuffer_size_callback, noticed),
            (glfw.set_window_pos_callback, placed),
            (glfw.set_window_size_callback, placed),
            (glfw.set_window_refresh_callback, damaged),
        )
        for listen, heard in listeners:
            listen(self._handle, heard)
        forward_keys(self._handle, self._owner)
