from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.visualizer.conftest import Open
from visualizer.window import display
from visualizer.window.display import NO_DISPLAY, NoDisplayError, WindowError
from visualizer.window.shared_glfw import glfw
from visualizer.window.window import Window

ROOT = Path(__file__).parents[3]
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11 is Linux's")


def without_display(name: str | None) -> subprocess.CompletedProcess[str]:
    """Run the program where no window can open."""
    unwanted = ("DISPLAY", "WAYLAND_DISPLAY")
    environment = {key: value for key, value in os.environ.items() if key not in unwanted}
    if name is not None:
        environment["DISPLAY"] = name
    return subprocess.run(
        [sys.executable, "-m", "visualizer"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.slow
@linux
@pytest.mark.parametrize("name", [None, ":4095"])
def test_without_a_display_two_sentences_and_status_2(name: str | None) -> None:
    result = without_display(name)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.strip() == NO_DISPLAY
    assert NO_DISPLAY.count(". ") == 1
    assert "`stylegan-t render`" in NO_DISPLAY
    assert "`xvfb-run -a stylegan-t`" in NO_DISPLAY


@linux
def test_the_environment_tells_whether_there_is_a_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(NoDisplayError):
        Window("test")
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert display.has_display()


def picky(accepts: Callable[[int, int], bool], monkeypatch: pytest.MonkeyPatch) -> None:
    """Make glfw refuse windows with OpenGL versions that `accepts` does not like."""
    asked: dict[int, int] = {}
    create, hint, reset = glfw.create_window, glfw.window_hint, glfw.default_window_hints

    def remember(name: int, value: int) -> None:
        asked[name] = value
        hint(name, value)

    def forget() -> None:
        asked.clear()
        reset()

    def sometimes(*arguments: Any) -> Any:
        version = (asked[glfw.CONTEXT_VERSION_MAJOR], asked[glfw.CONTEXT_VERSION_MINOR])
        if accepts(*version):
            return create(*arguments)
        display.remember_problem(65543, b"GLX: Failed to create context: GLXBadFBConfig")
        return None

    monkeypatch.setattr(glfw, "window_hint", remember)
    monkeypatch.setattr(glfw, "default_window_hints", forget)
    monkeypatch.setattr(glfw, "create_window", sometimes)


@pytest.mark.display
@pytest.mark.parametrize("newest", [(3, 3), (3, 2), (3, 0)])
def test_an_older_opengl_will_do(
    open_window: Open, monkeypatch: pytest.MonkeyPatch, newest: tuple[int, int]
) -> None:
    picky(lambda *version: version <= newest, monkeypatch)
    ui = open_window()
    assert (ui.window.gl_version.major, ui.window.gl_version.minor) == newest
    assert ui.app.screenshot().max() > 100  # shaders of this version draw, the picture's too


@pytest.mark.display
def test_without_any_opengl_the_reason_and_the_remedy_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    picky(lambda *_: False, monkeypatch)
    with pytest.raises(WindowError, match=r"GLXBadFBConfig.*Install your graphics card's driver"):
        Window("test")


@pytest.mark.display
@linux
def test_on_a_dense_screen_everything_is_twice_as_large(
    open_window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(glfw, "get_window_content_scale", lambda _: (2.0, 2.0))
    ui = open_window()
    from imgui_bundle import imgui

    assert imgui.get_style().font_scale_dpi == 2.0
    assert imgui.get_style().frame_padding.x == 18.0
    assert ui.window.size == (640, 450)


@pytest.mark.display
def test_drops_and_events_are_noticed(open_window: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    callbacks: list[Any] = []
    original = glfw.set_drop_callback

    def keep(handle: Any, callback: Any) -> Any:
        callbacks.append(callback)
        return original(handle, callback)

    monkeypatch.setattr(glfw, "set_drop_callback", keep)
    ui = open_window()
    ui.window.events = 0
    callbacks[0](ui.window.handle, ["/a b.png", "/日本.pkl"])
    assert ui.window.dropped == ["/a b.png", "/日本.pkl"]
    assert ui.window.events == 1


@pytest.mark.slow
def test_python_and_dear_imgui_share_one_glfw() -> None:
    """Two copies work by chance on Linux, and not at all elsewhere."""
    program = "import visualizer.app.start, glfw; print(glfw._glfw._name)"
    command = [sys.executable, "-c", program]
    environment = {key: os.environ[key] for key in os.environ if key != "PYGLFW_LIBRARY"}
    path = subprocess.check_output(command, cwd=ROOT, env=environment, text=True).strip()
    assert "imgui_bundle" in path


@pytest.mark.display
def test_full_screen_stays_when_something_else_takes_the_focus(open_window: Open) -> None:
    handle = open_window().window.handle
    assert glfw.get_window_attrib(handle, glfw.AUTO_ICONIFY) == glfw.FALSE


@pytest.mark.display
def test_the_screen_tells_its_refreshes_once_for_each_place(
    open_window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, asked = open_window().window, list[Any]()
    monkeypatch.setattr(window, "_screen", lambda: asked.append(None))
    known = window.refresh_hz
    assert not asked
    x, y = glfw.get_window_pos(window.handle)
    glfw.set_window_pos(window.handle, x + 40, y + 30)
    while not asked:
        glfw.wait_events_timeout(1.0)
        assert window.refresh_hz in (0.0, known)
