"""The clean output in real windows."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.recipe.recipe import LatentPart, Recipe
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from tests.visualizer.fake import FakeThread
from visualizer.instruments.clean_output import CleanOutput
from visualizer.session.state import State
from visualizer.window import screens
from visualizer.window.display import WindowError
from visualizer.window.screens import Screen
from visualizer.window.shared_glfw import glfw
from widgets.actions import ToggleOutput
from widgets.context import Options
from widgets.output import OutputOptions

FRAMED = OutputOptions(on=True, place="window", box=(40, 50, 300, 200), smooth=False)


def output(ui: Driver) -> CleanOutput:
    return ui.app.instrument(CleanOutput)


def change(ui: Driver, **changes: Any) -> None:
    """Change the options as a panel would."""
    options = ui.app.session.options
    ui.app.session.options = replace(options, output=replace(options.output, **changes))
    ui.frames(2)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[np.ndarray]:
    """The pixels of the output each time that it shows something, uint8 [H, W, 3]."""
    seen: list[np.ndarray] = []
    real = glfw.swap_buffers

    def swap(handle: Any) -> None:
        # PyOpenGL: only once the window is there
        from visualizer.window.gl import GL

        if "Output" in str(glfw.get_window_title(handle)):
            width, height = glfw.get_framebuffer_size(handle)
            GL.glPixelStorei(GL.GL_PACK_ALIGNMENT, 1)
            GL.glReadBuffer(GL.GL_BACK)
            data = GL.glReadPixels(0, 0, width, height, GL.GL_RGB, GL.GL_UNSIGNED_BYTE)
            assert isinstance(data, bytes)
            seen.append(np.frombuffer(data, np.uint8).reshape(height, width, 3)[::-1])
        real(handle)

    monkeypatch.setattr(glfw, "swap_buffers", swap)
    return seen


def two_screens(monkeypatch: pytest.MonkeyPatch) -> list[Screen]:
    """Two screens, of which a test may take one away; both are the virtual one's corners."""
    monitor = glfw.get_primary_monitor()
    known = [Screen("Desk", (0, 0, 1920, 1080), 60, monitor)]
    known.append(Screen("Wall", (1920, 0, 1920, 1080), 60, monitor))
    monkeypatch.setattr(screens, "connected", lambda: tuple(known))
    return known


def test_it_shows_the_picture_alone_with_one_upload(
    open_window: Open, monkeypatch: pytest.MonkeyPatch, shown: list[np.ndarray]
) -> None:
    from visualizer.window.texture import ImageTexture

    picture = np.random.default_rng(0).integers(1, 256, (64, 64, 3), dtype=np.uint8)
    thread = FakeThread(picture=picture)
    ui = open_window(thread=thread, state=State(options=Options(output=FRAMED)))
    ui.until(lambda: output(ui).window is not None and ui.app.session.frame is not None)
    ui.frames(3)
    uploads: list[np.ndarray] = []
    real = ImageTexture.upload
    monkeypatch.setattr(
        ImageTexture, "upload", lambda own, data: (uploads.append(data), real(own, data))[1]
    )
    thread.picture = picture[::-1].copy()
    ui.app.session.edit(Recipe(latent=LatentPart(seed=77)))
    ui.frames(4)
    assert len(uploads) == 1, "one for both windows"
    expected = np.zeros((200, 300, 3), np.uint8)
    expected[4:196, 54:246] = thread.picture.repeat(3, axis=0).repeat(3, axis=1)
    change(ui, fit="pixels")
    assert np.abs(shown[-1].astype(int) - expected).max() <= 1, "black around sharp whole pixels"
    assert not shown[-1][:, :54].any()
    change(ui, fit="fit")
    assert shown[-1][:, 50:250].all() and not shown[-1][:, :50].any()
    change(ui, fit="fill")
    assert shown[-1].all()
    window = output(ui).window
    assert window is not None
    drawn = len(shown)
    ui.frames(5)
    assert len(shown) == drawn, "it is drawn only when something changed"
    assert glfw.get_input_mode(window._handle, glfw.CURSOR) == glfw.CURSOR_HIDDEN


def test_one_key_toggles_it_and_it_is_remembered(open_window: Open) -> None:
    ui = open_window()
    assert output(ui).window is None
    ui(lambda ctx: ctx.key_press(imgui.Key.f10))
    window = output(ui).window
    assert window is not None and window.screen is None, "one screen: a window with a frame"
    glfw.set_window_size(window._handle, 320, 240)
    ui.until(lambda: window.box[2:] == (320, 240))
    ui.frames(2)
    ui = open_window()
    ui.until(lambda: output(ui).window is not None)
    again = output(ui).window
    assert again is not None and again.box[2:] == (320, 240)
    ui(lambda ctx: ctx.key_press(imgui.Key.f10))
    assert output(ui).window is None
    for _ in range(2):  # two toggles in one frame
        ui.app.commands.do(ToggleOutput())
    ui.frames(2)
    assert output(ui).window is None
    ui.app.commands.do(ToggleOutput(on=True))
    ui.frames(2)
    owned = output(ui).window
    assert owned is not None
    glfw.set_window_should_close(owned._handle, True)
    ui.frames(2)
    assert output(ui).window is None
    assert ui.said[-1] == "The output was closed. F10 opens it again."
    assert not ui.app.session.options.output.on


def test_keys_struck_in_it_reach_the_panels(ui: Driver) -> None:
    change(ui, on=True, place="window")
    window = output(ui).window
    assert window is not None
    struck = glfw.set_key_callback(window._handle, cast(Any, None))
    assert struck is not None
    drawer = ui.app.session.options.drawer
    for action in (glfw.PRESS, glfw.RELEASE):
        struck(window._handle, glfw.KEY_F3, 0, action, 0)
        ui.frames(2)
    assert (drawer, ui.app.session.options.drawer) == ("", "Timeline")


def test_it_follows_its_screen(ui: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    known = two_screens(monkeypatch)
    change(ui, on=True)
    window = output(ui).window
    assert window is not None and window.screen == known[1], "where the panels are not"
    wall = known.pop()
    ui.frames(2)
    assert output(ui).window is None
    assert ui.said[-1] == ("The screen Wall is not connected, so the output is closed until it is.")
    ui.frames(5)
    assert len([text for text in ui.said if "Wall" in text]) == 1, "said once"
    known.append(wall)
    ui.frames(2)
    window = output(ui).window
    assert window is not None and window.screen == wall
    assert ui.said[-1] == "Wall is connected and shows the output."
    change(ui, place="1")
    window = output(ui).window
    assert window is not None and window.screen == known[0], "screens have numbers"
    change(ui, place="Nowhere")
    assert output(ui).window is None
    change(ui, on=False)
    change(ui, place="Wall", on=True)
    assert output(ui).window is not None
    assert len([text for text in ui.said if "connected and" in text]) == 1


def test_a_window_that_cannot_be_opened_is_a_sentence(
    ui: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise WindowError("The output cannot be opened: the driver says no.")

    monkeypatch.setattr("visualizer.window.clean_window.create_beside", refuse)
    change(ui, on=True)
    assert ui.said[-1] == "The output cannot be opened: the driver says no."
    assert not ui.app.session.options.output.on


def test_one_that_cannot_be_drawn_is_closed_with_a_sentence(
    ui: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    from visualizer.window.clean_window import CleanWindow

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(CleanWindow, "show", fail)
    change(ui, on=True)
    assert ui.said[-1] == "The output was closed: out of memory"
    assert output(ui).window is None and not ui.app.session.options.output.on


@pytest.mark.parametrize("screen", [None, 0])
def test_only_one_of_two_windows_waits_for_its_screen(
    ui: Driver, monkeypatch: pytest.MonkeyPatch, screen: int | None
) -> None:
    two_screens(monkeypatch)
    waits: dict[bool, int] = {}
    real = glfw.swap_interval

    def noted(interval: int) -> None:
        own = glfw.get_window_size(glfw.get_current_context()) == ui.window.framebuffer_size
        waits[own] = interval
        real(interval)

    monkeypatch.setattr(glfw, "swap_interval", noted)
    change(ui, on=True, place="window" if screen is None else "Wall")
    assert sorted(waits.values()) == [0, 1]
    assert waits[True] == (1 if screen is None else 0), "the audience's screen comes first"
    change(ui, on=False)
    assert waits[True] == 1
