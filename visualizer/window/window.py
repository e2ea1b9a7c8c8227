"""The window: glfw, an OpenGL context, Dear ImGui, fonts and scale; for the main thread only."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cached_property
from typing import Any, cast

import numpy as np
from imgui_bundle import imgui

from stylegan_t.terminal.visible import visible
from visualizer.window import fonts, screens
from visualizer.window.display import (
    MIN_SIZE,
    comfortable_size,
    create_window,
    start_glfw,
)
from visualizer.window.key_chords import Chords
from visualizer.window.screens import Screen
from visualizer.window.shared_glfw import glfw
from widgets import theme

TITLE = "StyleGAN-T Explorer"
SOFTWARE = ("llvmpipe", "softpipe", "swrast", "software")
"""In the names of OpenGL drivers that draw on the processor."""
NO_MONITOR: Any = None
FURTHER_S = 1e-5
"""The time that a further turn of a redraw has for Dear ImGui: the same moment, but it wants some
time."""


class Window:
    """A glfw window that Dear ImGui draws into.

    Args:
        title: for the title bar.
        size: in screen coordinates; None chooses one that suits the screen.
        visible: False makes a hidden window, for checks.
        offscreen: True draws into memory only; no display is needed.
        render: does what `imgui.render` does; the tests' driver needs its own way.

    Raises:
        NoDisplayError: there is no display.
        WindowError: glfw or OpenGL does not start.
    """

    def __init__(
        self,
        title: str,
        size: tuple[int, int] | None = None,
        *,
        maximized: bool = False,
        visible: bool = True,
        offscreen: bool = False,
        render: Callable[[], None] = imgui.render,
    ) -> None:
        start_glfw(offscreen=offscreen)
        self._render = render
        self._look = (0.0, 0.0)
        self._restore: tuple[int, int, int, int] | None = None
        self._refresh_hz: float | None = None
        self.inject: Callable[[], None] | None = None
        """Called before each redraw's events are read: a test puts its own among them."""
        self.dropped: list[str] = []
        """Paths of files that were dropped on the window; the list is emptied when they are
        opened."""
        self.events = 0
        """Counts what the user does with the window."""
        self.chords = Chords()
        self.handle, self.gl_version = create_window(title, size or comfortable_size(), visible)
        glfw.make_context_current(self.handle)
        glfw.swap_interval(1)
        if maximized:
            glfw.maximize_window(self.handle)
        if not offscreen:  # glfw's windows in memory take the least height for the greatest
            glfw.set_window_size_limits(self.handle, *MIN_SIZE, glfw.DONT_CARE, glfw.DONT_CARE)
        self._listen()
        self._start_imgui()

    # -- frames ------------------------------------------------------------------------------

    def begin_frame(self, zoom: float = 1.0, *, further: bool = False) -> None:
        """Start a frame: what is drawn with Dear ImGui until `end_frame` is in it.

        Args:
            zoom: the user's wish for larger text.
            further: whether it goes on with the events of the frame before, in the same redraw.
        """
        scale = self._content_scale()
        if (scale, zoom) != self._look:
            theme.apply(scale, zoom)
            self._look = (scale, zoom)
        imgui.backends.opengl3_new_frame()
        if further:
            imgui.get_io().delta_time = FURTHER_S
        else:
            imgui.backends.glfw_new_frame()
        if self.inject is not None and not further:
            self.inject()
        imgui.new_frame()
        imgui.get_io().mouse_source = imgui.MouseSource.mouse  # whatever `pressed` has said
        if any(imgui.is_mouse_clicked(button) for button in range(3)):
            # The way to where a button went down is no part of the drag that begins there.
            imgui.get_io().mouse_delta = imgui.ImVec2(0, 0)
        if self.queued:
            self.events += 1  # should the loop not come to it in this redraw, then in the next

    @property
    def queued(self) -> bool:
        """Return whether events have come in that the frame in work does not see.

        Dear ImGui takes one change of a key or button a frame, so that each is seen.
        """
        return not imgui.get_current_context().input_events_queue.empty()

    def end_frame(
        self, paint: Callable[[], None] | None = None, *, is_seen: Callable[[], bool] | None = None
    ) -> None:
        """Draw the frame into the back buffer.  `present` shows it.

        Args:
            paint: draws with OpenGL what lies below Dear ImGui's windows.
            is_seen: asked whether it will be shown; else it only takes events, at next to no cost
                where the processor draws.
        """
        # PyOpenGL: only once the window is there, see `visualizer.window.gl`
        from visualizer.window.gl import GL

        self._render()
        if is_seen is not None and not is_seen():
            return
        width, height = self.framebuffer_size
        GL.glViewport(0, 0, width, height)
        # The panels' surface: cleared is many times faster than drawn without a graphics card.
        surface = theme.colour(theme.PANEL)
        GL.glClearColor(surface.x, surface.y, surface.z, 1.0)
        GL.glClear(GL.GL_COLOR_BUFFER_BIT)
        if paint is not None:
            paint()
        imgui.backends.opengl3_render_draw_data(imgui.get_draw_data())

    def pixels(self) -> np.ndarray:
        """The back buffer, uint8 [H, W, 3], row 0 at the top; between `end_frame` and `present`."""
        # PyOpenGL: only once the window is there, see `visualizer.window.gl`
        from visualizer.window.gl import GL

        width, height = self.framebuffer_size
        GL.glPixelStorei(GL.GL_PACK_ALIGNMENT, 1)
        GL.glReadBuffer(GL.GL_BACK)
        data = GL.glReadPixels(0, 0, width, height, GL.GL_RGB, GL.GL_UNSIGNED_BYTE)
        assert isinstance(data, bytes)
        rows = np.frombuffer(data, np.uint8).reshape(height, width, 3)
        return np.ascontiguousarray(rows[::-1])

    def present(self) -> None:
        """Show the frame."""
        glfw.swap_buffers(self.handle)

    @cached_property
    def renderer(self) -> str:
        """Return what OpenGL says that it draws with."""
        # PyOpenGL: only once the window is there, see `visualizer.window.gl`
        from visualizer.window.gl import GL

        return (GL.glGetString(GL.GL_RENDERER) or b"unknown").decode(errors="replace")

    @property
    def draws_in_software(self) -> bool:
        """Return whether the processor draws, because there is no graphics card."""
        return any(name in self.renderer.lower() for name in SOFTWARE)

    # -- state -------------------------------------------------------------------------------

    @property
    def framebuffer_size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return glfw.get_framebuffer_size(self.handle)

    @property
    def framebuffer_scale(self) -> tuple[float, float]:
        """Framebuffer pixels per unit that Dear ImGui counts in; more than 1 on macOS, Wayland."""
        scale = imgui.get_io().display_framebuffer_scale
        return scale.x or 1.0, scale.y or 1.0

    @property
    def refresh_hz(self) -> float:
        """Refreshes a second of the screen that the window is on, as that says; 0 for no screen."""
        if self._refresh_hz is None:  # asking the system takes a while: once for each place
            screen = self._screen()
            self._refresh_hz = float(screen.refresh_hz) if screen else 0.0
        return self._refresh_hz

    @property
    def held(self) -> bool:
        """Return whether a mouse button is down."""
        return imgui.is_any_mouse_down()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height before the screen's scale, as the constructor takes them; of the normal
        window while in full screen."""
        width, height = (
            glfw.get_window_size(self.handle) if self._restore is None else self._restore[2:]
        )
        scale = self._content_scale()
        return round(width / scale), round(height / scale)

    @property
    def centre(self) -> tuple[float, float]:
        """Its middle, in screen coordinates."""
        x, y = glfw.get_window_pos(self.handle)
        width, height = glfw.get_window_size(self.handle)
        return x + width / 2, y + height / 2

    @property
    def maximized(self) -> bool:
        """Return whether the window fills the work area."""
        return bool(glfw.get_window_attrib(self.handle, glfw.MAXIMIZED))

    @property
    def wants_close(self) -> bool:
        """Return whether the user closed it."""
        return bool(glfw.window_should_close(self.handle))

    def set_title(self, title: str) -> None:
        """Change the words in the title bar; they may come from a file."""
        glfw.set_window_title(self.handle, visible(title))

    def ask_close(self) -> None:
        """Close it as the user would."""
        glfw.set_window_should_close(self.handle, True)

    @property
    def fullscreen(self) -> bool:
        """Return whether it covers a screen."""
        return self._restore is not None

    def toggle_fullscreen(self) -> None:
        """Cover the screen that the window is on, or go back to where it was."""
        self._refresh_hz = None
        if self._restore is not None:
            x, y, width, height = self._restore
            self._restore = None
            glfw.set_window_monitor(self.handle, NO_MONITOR, x, y, width, height, 0)
            return
        screen = self._screen()
        if screen is None:
            return
        self._restore = (
            *glfw.get_window_pos(self.handle),
            *glfw.get_window_size(self.handle),
        )
        size, hz = screen.box[2:], screen.refresh_hz
        glfw.set_window_monitor(self.handle, screen.monitor, 0, 0, *size, hz)

    def close(self) -> None:
        """Take everything down; the window cannot be used afterwards."""
        imgui.backends.opengl3_shutdown()
        imgui.backends.glfw_shutdown()
        imgui.destroy_context()
        glfw.destroy_window(self.handle)
        glfw.terminate()

    # -- set-up ------------------------------------------------------------------------------

    def _listen(self) -> None:
        """Count events, so that the loop knows when to redraw.  Dear ImGui chains to these."""
        handle = self.handle

        def noticed(*_: object) -> None:
            self.events += 1

        def struck(_: object, key: int, code: int, action: int, __: int) -> None:
            self.events += 1
            self.chords.heard(key, action, glfw.get_key_name(key, code))

        def pressed(*_: object) -> None:
            self.events += 1
            # What lies below others takes a press only if the mouse was on it in the frame before.
            # Of fingers, which hover nowhere, Dear ImGui leaves the press for the next frame.
            imgui.get_io().add_mouse_source_event(imgui.MouseSource.touch_screen)

        def placed(*_: object) -> None:
            self._refresh_hz = None

        def replugged(*_: object) -> None:
            self._refresh_hz = None
            self.events += 1

        def drop(_: Any, paths: Any) -> None:  # glfw's stub describes the C function
            self.events += 1
            self.dropped.extend(paths)

        glfw.set_drop_callback(handle, cast(Any, drop))
        glfw.set_key_callback(handle, cast(Any, struck))
        glfw.set_mouse_button_callback(handle, pressed)
        glfw.set_window_pos_callback(handle, placed)
        glfw.set_monitor_callback(cast(Any, replugged))
        listeners: tuple[Callable[[Any, Any], object], ...] = (
            glfw.set_cursor_pos_callback,
            glfw.set_cursor_enter_callback,
            glfw.set_scroll_callback,
            glfw.set_char_callback,
            glfw.set_window_focus_callback,
            glfw.set_window_refresh_callback,
            glfw.set_framebuffer_size_callback,
            glfw.set_window_content_scale_callback,
            glfw.set_window_iconify_callback,
        )
        for listen in listeners:
            listen(handle, noticed)

    def _start_imgui(self) -> None:
        imgui.create_context()
        io = imgui.get_io()
        io.set_ini_filename("")  # the program's own state file knows the layout
        io.config_flags |= imgui.ConfigFlags_.nav_enable_keyboard
        io.config_windows_move_from_title_bar_only = True
        io.config_input_text_cursor_blink = False  # a caret that stands needs no redraws
        # An error between begin and end is caught and reported; the frames after it are whole.
        io.config_error_recovery_enable_assert = False
        self.fonts = fonts.load()
        address = ctypes.cast(self.handle, ctypes.c_void_p).value
        assert address is not None
        imgui.backends.glfw_init_for_opengl(address, True)
        imgui.backends.opengl3_init(self.gl_version.shader)

    def _content_scale(self) -> float:
        """Pixels per point that the interface itself must provide.

        Where window coordinates are points already (macOS, Wayland), the framebuffer is larger than
        the window, and Dear ImGui scales by that itself.
        """
        scale = glfw.get_window_content_scale(self.handle)[0] or 1.0
        window, pixels = glfw.get_window_size(self.handle)[0], self.framebuffer_size[0]
        dense = pixels / window if window and pixels else 1.0
        return max(0.5, round(scale / dense, 3))

    def _screen(self) -> Screen | None:
        """The screen that most of the window is on."""
        return screens.holding(self.centre, screens.connected())
