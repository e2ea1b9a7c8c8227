"""A render thread with a real renderer and a tiny model: it answers at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from renderer.frame.frame import Frame
from renderer.frame.preview import Granted
from renderer.pipeline.renderer import Renderer
from renderer.recipe.recipe import Recipe
from stylegan_t.network import AnyNetwork
from tests.renderer.fakes import tiny_model
from tests.visualizer.fake import FakeThread


@dataclass(eq=False)
class RealThread(FakeThread):
    """Draws with `generator`.  `jobs` are the labels of the work that was asked for; while `holds`
    it is kept in `held`, each with its future."""

    generator: AnyNetwork = field(default_factory=tiny_model)
    jobs: list[str] = field(default_factory=list)
    holds: bool = False
    held: list[tuple[Callable[[Any], Any], Future[Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make the renderer."""

        def load(path: str, /, device: str, *, progress: Callable[[float], None]) -> AnyNetwork:
            return self.generator

        self.renderer = Renderer("cpu", load=load)

    def answer(self, recipe: Recipe) -> Frame:
        """The renderer's frame."""
        return self.renderer.render(recipe)

    def take_granted(self) -> list[Granted]:
        """No previews."""
        return []

    def run(self, work: Callable[[Any], Any], label: str) -> Future[Any]:
        """Do `work` with the renderer, at once or when it is let go."""
        future: Future[Any] = Future()
        self.jobs.append(label)
        self.held.append((work, future))
        if not self.holds:
            self.let_go()
        return future

    def let_go(self) -> None:
        """Do what is held."""
        while self.held:
            work, future = self.held.pop(0)
            try:
                future.set_result(work(self.renderer))
            except Exception as error:
                future.set_exception(error)
