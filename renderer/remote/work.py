"""The work behind the calls of a window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from renderer.errors import PictureError
from renderer.frame.alignment_report import Alignment
from renderer.frame.frame import Frame, ModelInfo
from renderer.models.text_towers import OpenTower
from renderer.pipeline.aligner import Aligner
from renderer.pipeline.inspector import Inspector
from renderer.pipeline.render_thread import RenderThread
from renderer.pipeline.renderer import Renderer
from renderer.remote import calls, frames
from renderer.remote.calls import Procedure, Unwanted
from renderer.remote.flow_control import Packing
from renderer.remote.folders import Folders
from renderer.remote.messages import Model
from renderer.remote.uploads import Uploads
from stylegan_t.progress import Progress

Work = Callable[[Renderer, Unwanted], Any]
BesideWork = Callable[[Progress], Any]


class Bench:
    """Things that stay between calls: the last look at layers, the gauge in use.

    Args:
        folders: that may be listed.
        uploads: takes files of the window's computer.
        open_tower: opens text towers.
        thread: draws, and takes the towers that are opened.
    """

    def __init__(
        self, folders: Folders, uploads: Uploads, open_tower: OpenTower, thread: RenderThread
    ) -> None:
        self.folders, self.uploads = folders, uploads
        self.inspector = Inspector()
        self._open_tower, self._thread = open_tower, thread
        self._aligner: Aligner | None = None

    def aligned(self, renderer: Renderer, ask: calls.Align, unwanted: Unwanted) -> Alignment:
        """Measure with the gauge that is asked for; the one before is let go."""
        if self._aligner is None or self._aligner.gauge != ask.gauge:
            self._aligner = Aligner(ask.gauge)
        return self._aligner.measure(renderer, ask.recipe, unwanted)

    def opened(self, ask: calls.OpenTower, tell: Progress) -> calls.OpenedTower:
        """Open a text tower, and hand it to the renderer.

        Raises:
            PictureError: it cannot be opened; one sentence.
        """
        try:
            tower = self._open_tower(ask.spec, download=ask.download, progress=tell)
        except ValueError as error:
            raise PictureError(str(error)) from error
        label = "Switching the text tower"
        kept = self._thread.run(lambda renderer: renderer.keep_tower(ask.spec, tower), label)
        kept.result()
        return calls.OpenedTower(tower.name, tower.c_dim)


def beside(arguments: Any, bench: Bench) -> BesideWork:
    """The work of a call that needs no turn of the renderer: gets what it tells how far it is."""

    def work(tell: Progress) -> Any:
        match arguments:
            case calls.Listing(folder, kind):
                return bench.folders.listed(folder, kind)
            case calls.BeginUpload():
                return bench.uploads.begin(arguments, tell)
            case calls.Piece():
                return bench.uploads.take(arguments)
            case calls.EndUpload():
                return bench.uploads.end(arguments, tell)
            case calls.DropUpload():
                return bench.uploads.drop(arguments)
            case calls.OpenTower():
                return bench.opened(arguments, tell)
        raise PictureError("The renderer does not know how to do that.")

    return work


def work_of(procedure: Procedure[Any, Any], arguments: Any, bench: Bench) -> Work:
    """The work of a call: gets the renderer, and a way to ask whether it is unwanted."""

    def work(renderer: Renderer, unwanted: Unwanted) -> Any:
        match arguments:
            case calls.LoadAhead(recipe, paths):
                renderer.load_ahead(recipe, paths, unwanted)
            case calls.Use(path, precision):
                renderer.use(path, precision)
            case calls.ComponentsOf(recipe, space, row):
                return renderer.components(recipe, space, row)
            case calls.DirectionOf(recipe, move):
                return renderer.direction(recipe, move)
            case calls.Inspect(recipe, choice):
                return calls.inspected(bench.inspector.look(renderer, recipe, choice, unwanted))
            case calls.Align():
                return bench.aligned(renderer, arguments, unwanted)
            case _ if procedure is calls.LOOK_AGAIN:
                renderer.look_again()
            case _:
                raise PictureError(f"The renderer does not know how to {procedure.name}.")
        return calls.Nothing()

    return work


def drawn(frame: Frame, packing: Packing) -> calls.Drawn:
    """A frame as the result of a call; its models come with it.

    Args:
        frame: of an export.
        packing: how its picture goes.
    """
    infos: list[ModelInfo] = []

    def number_of(info: ModelInfo | None) -> int | None:
        if info is None:
            return None
        infos.append(info)
        return len(infos)

    picture = frames.message(frame, 0, 0, packing, number_of)
    known = {number: Model(number, info) for number, info in enumerate(infos, 1)}
    return calls.Drawn(picture, known.get(picture.model or 0), known.get(picture.second or 0))
