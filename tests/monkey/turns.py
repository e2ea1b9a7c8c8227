"""A render thread that is none: real renderer, real files, but every answer on the caller's turn.

With it a monkey's run is the same each time: no thread is ahead or behind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import stylegan_t
from renderer.frame.frame import Frame
from renderer.frame.preview import Granted, shrunk
from renderer.pipeline.renderer import Renderer
from renderer.recipe.recipe import Recipe
from stylegan_t.config import DEMO
from stylegan_t.network import AnyNetwork
from tests.visualizer.real import RealThread
from visualizer.services.render_port import Renderers

PREVIEWS_A_TURN = 4


@dataclass(eq=False)
class TurnThread(RealThread):
    """Draws `generator` under the demo's name, and any file that is opened."""

    def __post_init__(self) -> None:
        """Make the renderer."""

        def load(path: str, /, device: str, *, progress: Callable[[float], None]) -> AnyNetwork:
            if path == DEMO:
                return self.generator
            return stylegan_t.load(path, device, progress=progress)

        self.renderer = Renderer("cpu", load=load)
        self._loaded = ""

    def answer(self, recipe: Recipe) -> Frame:
        """The renderer's frame."""
        self._loaded = recipe.model.path
        self.submitted.clear()  # a monkey submits more than anybody wants to keep
        return self.renderer.render(recipe)

    def take_granted(self) -> list[Granted]:
        """A few previews, of the model in use alone."""
        now, self.wished = self.wished[:PREVIEWS_A_TURN], self.wished[PREVIEWS_A_TURN:]
        granted = []
        for wish in now:
            pixels = None
            if wish.recipe.model.path == self._loaded:
                frame = self.renderer.render(wish.recipe)
                pixels = None if frame.image is None else shrunk(frame, wish.size_px)
            granted.append(Granted(wish, pixels))
        return granted


def turning() -> Renderers:
    """Renderers of one such thread, wherever they are moved to."""
    thread = TurnThread()
    return Renderers(lambda device: thread, "", makers=lambda place: lambda device: thread)
