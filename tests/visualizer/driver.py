"""Drives a real window: the Dear ImGui Test Engine clicks and types, on a virtual display."""

from __future__ import annotations

import ctypes
import itertools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imgui_bundle._imgui_bundle as binding
from imgui_bundle import imgui

from renderer.recipe.identity import unhashed
from renderer.recipe.recipe import Recipe
from tests.visualizer.fake import FakeThread, renderers_with
from visualizer.app.app import App
from visualizer.services.dialogs import Dialogs
from visualizer.services.render_port import Wake
from visualizer.session.state import Folders, State, Store
from visualizer.window.window import TITLE, Window

engine_api = imgui.test_engine
TIMEOUT_S = 60.0
SIZE = (1280, 900)
Body = Callable[[Any], None]


def _render_without_gil() -> Callable[[], None]:
    """`ImGui::Render` through ctypes, which lets other threads run: the engine's test is one."""
    render = ctypes.CDLL(binding.__file__)._ZN5ImGui6RenderEv
    render.restype, render.argtypes = None, []
    return render


class Driver:
    """An app with a fake renderer, and hands to use it with.

    Args:
        home: folder for state and captures.
        thread: answers recipes; a fake by default.
        state: of the last run; None reads it from `home`.
        recipe: to begin with.
    """

    _names = itertools.count()

    def __init__(
        self,
        home: Path,
        *,
        thread: FakeThread | None = None,
        state: State | None = None,
        recipe: Recipe | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.thread, self.home = thread or FakeThread(), home
        store = Store(home)
        last = store.load() if state is None else state
        self.window = Window(TITLE, SIZE, render=_render_without_gil())
        self.app = App(
            self.window,
            renderers_with(self.thread),
            Wake(),
            store,
            last,
            Folders(home, home / "captures"),
            recipe,
            clock=clock,
            choose=Dialogs(use_native=False),
        )
        self._engine = engine_api.create_context()
        config = engine_api.get_io(self._engine)
        config.config_run_speed = engine_api.TestRunSpeed.fast
        config.config_saved_settings = False
        config.config_capture_enabled = False
        engine_api.start(self._engine, imgui.get_current_context())
        self.app.start()
        self.frames(4)

    @property
    def recipe(self) -> Recipe:
        """The document's recipe, without the hash that it gets from the model."""
        return unhashed(self.app.session.recipe)

    @property
    def said(self) -> list[str]:
        """Everything that the program told the user."""
        return [notice.text for notice in self.app.session.notices.all]

    def frames(self, count: int = 2) -> None:
        """Draw some frames."""
        for _ in range(count):
            self.app.frame(wait=False)
            engine_api.post_swap(self._engine)

    def until(self, condition: Callable[[], Any], timeout_s: float = 10.0) -> None:
        """Draw until `condition` holds."""
        end = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < end, "it did not happen"
            self.frames(1)

    def __call__(self, body: Body) -> None:
        """Run `body` with the engine's context, as a user would act, and wait until it is done."""
        test = engine_api.register_test(self._engine, "ui", f"test{next(self._names)}")
        test.test_func = body
        engine_api.queue_test(self._engine, test)
        end = time.monotonic() + TIMEOUT_S
        while not engine_api.is_test_queue_empty(self._engine):
            assert time.monotonic() < end, test.output.log.get_text()
            self.frames(1)
        self.frames(2)
        assert test.output.status == engine_api.TestStatus.success, test.output.log.get_text()

    def close(self) -> None:
        """Take everything down, in the order that the engine wants."""
        engine_api.stop(self._engine)
        self.app.close()
        engine_api.destroy_context(self._engine)
