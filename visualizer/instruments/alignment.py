"""Measures how far pictures show what their words say, while the Alignment section is open."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace as changed
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from renderer.frame.alignment_report import CURVE_PSI, Alignment, Gauge, gauge_of
from renderer.pipeline.preemption import PATIENCE_S
from renderer.recipe.identity import unhashed
from renderer.recipe.recipe import Recipe
from stylegan_t.errors import BROKEN_JSON
from visualizer.services.action_table import Handler, on
from visualizer.services.instrument import Desk, Instrument
from visualizer.services.probe import Probe, Unwanted
from widgets.context import Context
from widgets.sections.alignment_view import TITLE, AlignmentView, SwitchGauge

if TYPE_CHECKING:  # at run time it needs PyTorch, which is imported with the first measuring
    from renderer.pipeline.aligner import Aligner

REST_S = 0.4
"""Seconds without a change of the recipe after which the curve over psi is measured."""


class AlignmentState(Struct, frozen=True):
    """The state in a session: whether CLIP measures, which takes time."""

    clip: bool = False


_STATE = msgspec.json.Decoder(AlignmentState)


class AlignmentMeter(Instrument):
    """Asks the render thread for one measurement at a time: of the picture, then of its curve."""

    name: ClassVar[str] = "alignment"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._state = AlignmentState()
        self._view = AlignmentView()
        self._aligner: Aligner | None = None
        self._measured: Recipe | None = None
        self._curve_of: Recipe | None = None
        self._curve: dict[float, Alignment] = {}
        self._since_s = 0.0
        self._sha256 = ""
        self._probe = Probe(desk)

    def handlers(self) -> Iterable[Handler]:
        """The switch of the section."""
        return (on(SwitchGauge, self._switch),)

    def views(self, now_s: float) -> Iterable[object]:
        """Return what is known, for the panel."""
        return (self._view,)

    def state(self) -> AlignmentState:
        """Return whether CLIP measures."""
        return self._state

    def restore(self, state: Raw | None) -> str | None:
        """Take whether CLIP measures."""
        self._state = AlignmentState()
        try:
            if state is not None:
                self._state = _STATE.decode(state)
        except BROKEN_JSON:
            return "The setting for Alignment could not be read, so CLIP does not measure pictures."
        return None

    def drawn(self, context: Context, edited: bool) -> None:
        """Measure what is new while the section is open; let everything go when it is not."""
        session = self.desk.session
        gauge = self._gauge()
        on = gauge.kind == "judge" or (gauge.kind == "clip" and self._state.clip)
        sha256 = session.model.sha256 if session.model is not None else ""
        if (gauge, on, sha256) != (self._view.gauge, self._view.on, self._sha256):
            self._forget()
            self._view, self._sha256 = AlignmentView(gauge, on), sha256
        options = context.options
        if not (options.show_sidebar and TITLE in options.open_sections):
            self._forget()
        elif on and not self._probe.busy and not self._view.problem:
            self._next()

    # -- measuring ---------------------------------------------------------------------------

    def _gauge(self) -> Gauge:
        """Return what can measure; where the model gives no picture, why that is so."""
        session = self.desk.session
        model = session.recipe.model
        if session.failed is not None and session.failed.model == model:
            return Gauge(reason=f"There is no picture to measure. {session.error}")
        return gauge_of(session.model if model.path == session.model_path else None, session.recipe)

    def _switch(self, action: SwitchGauge) -> None:
        self._state = AlignmentState(action.on)
        self._view = changed(self._view, problem="")

    def _forget(self) -> None:
        """Let the gauge and all that it said go."""
        if self._aligner is None and not self._view.problem:
            return
        self._probe.forget()
        self._aligner = self._measured = self._curve_of = None
        self._curve = {}
        self._view = AlignmentView(self._view.gauge, self._view.on)

    def _next(self) -> None:
        """Measure the current picture if it is new, else a point of its curve."""
        frame, now_s = self.desk.session.frame, self.desk.clock()
        if frame is None:
            return
        recipe, wanted = unhashed(frame.recipe), unhashed(self.desk.session.recipe)
        if recipe.model != wanted.model:
            return
        if recipe != self._measured:
            self._measured, self._since_s = recipe, now_s
            self._take_curve_of(recipe)
            self._measure(recipe, self._took, PATIENCE_S)
            self.desk.wake_at(now_s + REST_S)
            return
        psi = next((psi for psi in CURVE_PSI if psi not in self._curve), None)
        resting = recipe == wanted and self.desk.thread.status.kind == "idle"
        if psi is None or not resting or now_s - self._since_s < REST_S:
            return

        def took(alignment: Alignment) -> None:
            self._curve[psi] = alignment
            self._show_curve()

        self._measure(replace(recipe, psi=psi), took, 0.0)

    def _take_curve_of(self, recipe: Recipe) -> None:
        """Begin another curve, unless only psi is another."""
        of = replace(recipe, psi=0.0)
        if of != self._curve_of:
            self._curve_of, self._curve = of, {}
            self._show_curve()

    def _measure(
        self, recipe: Recipe, took: Callable[[Alignment], None], patience_s: float
    ) -> None:
        # PyTorch: not before it has started behind the splash
        from renderer.pipeline.aligner import Aligner

        aligner = self._aligner = self._aligner or Aligner(self._view.gauge)

        def work(renderer: Any, unwanted: Unwanted) -> Alignment:
            return aligner.measure(renderer, recipe, unwanted)

        def done(alignment: Alignment | None) -> None:
            if alignment is not None:
                took(alignment)
            elif recipe == self._measured:
                self._measured = None

        def failed(sentence: str) -> None:
            self._view = changed(self._view, now=None, problem=sentence)

        about = self.desk.session.recipe
        self._probe.ask(work, "Measuring alignment", done, failed, about, patience_s)

    def _took(self, alignment: Alignment) -> None:
        self._view = changed(self._view, now=alignment)
        self.desk.wake_at(self._since_s + REST_S)

    def _show_curve(self) -> None:
        points = tuple(
            (psi, one.score) for psi, one in sorted(self._curve.items()) if one.score is not None
        )
        self._view = changed(self._view, curve=points)
