"""A renderer at the other end of a line, as work sees it that is done with a renderer."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from renderer.errors import Abandoned
from renderer.frame.alignment_report import Alignment, Gauge
from renderer.frame.frame import Frame, ModelInfo
from renderer.frame.layer_report import Choice, LayerReport
from renderer.pipeline.elsewhere import Elsewhere
from renderer.recipe.parts.moves import Move, Space, Vector
from renderer.recipe.recipe import Precision, Recipe
from renderer.remote import calls, frames
from renderer.remote.calls import Procedure
from renderer.remote.upload import Upload
from stylegan_t.progress import Progress, Steps

ASK_S = 0.05
"""Seconds between two questions whether an answer is still wanted."""
Abandon = Callable[[], bool]


class Caller(Protocol):
    """A sender of calls: `renderer.remote.client.RemoteThread`."""

    @property
    def device_kind(self) -> str: ...
    def call(
        self,
        procedure: Procedure[Any, Any],
        arguments: Any,
        label: str,
        tell: Progress | None = None,
    ) -> Future[Any]: ...
    def give_up(self, future: Future[Any]) -> None: ...


@dataclass(frozen=True)
class RemoteDevice:
    """The device of a renderer elsewhere: its kind, "cuda", "mps" or "cpu"."""

    kind: str


class RemoteRenderer(Elsewhere):
    """Does what `renderer.pipeline.renderer.Renderer` does, by asking.

    Args:
        caller: sends calls.
        label: the status of the renderer during each.
    """

    def __init__(self, caller: Caller, label: str) -> None:
        self._caller, self._label = caller, label

    @property
    def device(self) -> RemoteDevice:
        """Return where it computes."""
        return RemoteDevice(self._caller.device_kind)

    def render(
        self,
        recipe: Recipe,
        abandon: Abandon | None = None,
        early: Callable[[Frame], None] | None = None,
    ) -> Frame:
        """Return the exact picture of a recipe; no early ones come."""
        return frame_of(self._ask(calls.DRAW, calls.Draw(recipe), abandon), recipe)

    def look_again(self) -> None:
        """See `Renderer.look_again`."""
        self._ask(calls.LOOK_AGAIN, calls.Nothing())

    def load_ahead(self, recipe: Recipe, paths: Iterable[str], abandon: Abandon) -> None:
        """See `Renderer.load_ahead`."""
        some = tuple(paths)[: calls.MAX_AHEAD]
        self._ask(calls.LOAD_AHEAD, calls.LoadAhead(recipe, some), abandon)

    def use(self, path: str, precision: Precision) -> None:
        """See `Renderer.use`."""
        self._ask(calls.USE, calls.Use(path, precision))

    def components(self, recipe: Recipe, space: Space, row: int = 0) -> tuple[float, ...]:
        """See `Renderer.components`."""
        return self._ask(calls.COMPONENTS, calls.ComponentsOf(recipe, space, row))

    def direction(self, recipe: Recipe, move: Move) -> Vector:
        """See `Renderer.direction`."""
        return self._ask(calls.DIRECTION, calls.DirectionOf(recipe, move))

    def listed(self, folder: str, kind: calls.Listable = "model") -> Future[calls.Listed]:
        """Ask for a listing, see `renderer.remote.folders.Folders.listed`; the future holds it."""
        return self._caller.call(calls.LIST, calls.Listing(folder, kind), self._label)

    def uploaded(self, path: Path, tell: Steps) -> str:
        """Upload a file, see `renderer.remote.upload.Upload`; returns its path there."""

        def send(procedure: Procedure[Any, Any], ask: Any, hear: Progress | None) -> Future[Any]:
            return self._caller.call(procedure, ask, self._label, hear)

        return Upload(send, path, tell).run()

    def opened_tower(
        self, spec: str, *, download: bool, tell: Progress, abandon: Abandon
    ) -> calls.OpenedTower:
        """Open a text tower there, for recipes that name it; see `calls.OpenTower`.

        Raises:
            PictureError: it cannot be opened; one sentence.
        """
        return self._ask(calls.OPEN_TOWER, calls.OpenTower(spec, download), abandon, tell)

    def inspected(
        self, recipe: Recipe, choice: Choice, abandon: Abandon | None = None
    ) -> LayerReport:
        """See `Elsewhere.inspected`."""
        return calls.report(self._ask(calls.INSPECT, calls.Inspect(recipe, choice), abandon))

    def aligned(self, recipe: Recipe, gauge: Gauge, abandon: Abandon | None = None) -> Alignment:
        """See `Elsewhere.aligned`."""
        return self._ask(calls.ALIGN, calls.Align(recipe, gauge), abandon)

    def _ask(
        self,
        procedure: Procedure[Any, Any],
        arguments: Any,
        abandon: Abandon | None = None,
        tell: Progress | None = None,
    ) -> Any:
        shares: list[float] = []
        future = self._caller.call(procedure, arguments, self._label, shares.append)
        while True:
            with contextlib.suppress(NotYet):
                return future.result(ASK_S)
            if abandon is not None and abandon():
                self._caller.give_up(future)
                raise Abandoned
            if tell is not None and shares:
                tell(shares[-1])


def frame_of(came: calls.Drawn, recipe: Recipe) -> Frame:
    """The frame that answers a draw of `recipe`.

    Raises:
        LineError: the picture is damaged.
    """
    known = {one.number: one.info for one in (came.model, came.second) if one is not None}

    def info_of(number: int | None) -> ModelInfo | None:
        return None if number is None else known.get(number)

    return frames.frame(came.picture, recipe, info_of)
