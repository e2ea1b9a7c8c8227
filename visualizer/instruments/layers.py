"""Looks inside the synthesis while the Layers tab is open; not at all while it is not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from renderer.frame.layer_report import Choice, LayerReport
from renderer.pipeline.preemption import PATIENCE_S
from renderer.recipe.identity import unhashed
from renderer.recipe.recipe import Recipe
from visualizer.services.action_table import Handler, on
from visualizer.services.instrument import Desk, Instrument
from visualizer.services.probe import Probe, Unwanted
from visualizer.session import dropped_files
from widgets.context import Context
from widgets.tabs.layer_mark import LayerMark
from widgets.tabs.layer_view import (
    ATLAS,
    CHANNEL,
    SPECTRUM,
    TITLE,
    ChooseChannel,
    LayersView,
    MarkPlace,
    SaveLayer,
    ShowBends,
)

if TYPE_CHECKING:  # at run time it needs PyTorch, which is imported with the first look
    from renderer.pipeline.inspector import Inspector


class LayerInspector(Instrument):
    """Asks the render thread for a report of each new picture, one at a time."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._view = LayersView()
        self._inspector: Inspector | None = None
        self._known: tuple[Recipe, Choice] | None = None
        self._sha256 = ""
        self._probe = Probe(desk)
        desk.layout.picture.overlays.append(LayerMark())

    def handlers(self) -> Iterable[Handler]:
        """Return the handlers of what the tab and the picture ask for."""
        return (
            on(ChooseChannel, lambda action: self._show(choice=action.choice)),
            on(ShowBends, lambda action: self._show(bending=action.on)),
            on(SaveLayer, self._save),
            on(MarkPlace, lambda action: self._show(mark=action.place)),
        )

    def views(self, now_s: float) -> Iterable[object]:
        """Return what is known, for the panel."""
        return (self._view,)

    def drawn(self, context: Context, edited: bool) -> None:
        """Look at a new picture while the tab is open; let everything go when it is not."""
        if context.options.drawer == TITLE:
            self._look()
        elif self._inspector is not None:
            self._let_go()
            self._view = replace(self._view, report=None, problem="")

    def _let_go(self) -> None:
        self._probe.forget()
        self._inspector = self._known = None

    def _save(self, action: SaveLayer) -> None:
        """Write what is seen, in its colours, among the captures; it carries the recipe."""
        report, known, session = self._view.report, self._known, self.desk.session
        if report is None or known is None:
            return
        view, folder = report.view, session.capture_folder
        channel = "mean" if view.channel is None else f"channel-{view.channel}"
        stem = f"layer-{view.layer}-{'all' if action.everything else channel}"
        pixels = view.atlas if action.everything else view.picture

        def work() -> Path:
            return dropped_files.save_image(folder, stem, pixels, known[0], ".png")

        def done(path: Path) -> None:
            session.last_capture = str(path)
            session.say(f"Saved {path.name}", "good")

        self.desk.background.run(work, done, lambda sentence: session.say(sentence, "error"))

    def _show(self, **changes: Any) -> None:
        self._view = replace(self._view, **changes)

    def _look(self) -> None:
        frame = self.desk.session.frame
        if frame is None or frame.model is None or self._probe.busy:
            return
        if frame.model.sha256 != self._sha256:  # another file under the same path
            self._let_go()
            self._sha256 = frame.model.sha256
        wanted = unhashed(frame.recipe), self._view.choice
        if wanted != self._known:
            self._known = wanted
            self._ask(*wanted)

    def _ask(self, recipe: Recipe, choice: Choice) -> None:
        # PyTorch: not before it has started behind the splash
        from renderer.pipeline.inspector import Inspector

        inspector = self._inspector = self._inspector or Inspector()

        def work(renderer: Any, unwanted: Unwanted) -> LayerReport:
            return inspector.look(renderer, recipe, choice, unwanted)

        def done(report: LayerReport | None) -> None:
            if report is None:
                self._known = None
            else:
                self._take(report)

        def failed(sentence: str) -> None:
            self._show(report=None, problem=sentence)

        self._probe.ask(work, "Reading layers", done, failed, recipe, PATIENCE_S)

    def _take(self, report: LayerReport) -> None:
        """Show a report; its pictures become textures."""
        view = report.view
        pictures = ((CHANNEL, view.picture), (ATLAS, view.atlas), (SPECTRUM, view.spectrum))
        for name, pixels in pictures:
            self.desk.previews.put(name, pixels)
        self._show(report=report, problem="")
