"""The tour in the window: it plays the document, names each step, and leaves everything as it was.

It starts with one step of undo, so whatever happens, what the user had is a Ctrl+Z away.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from renderer.recipe.identity import hash_learnt, same_picture
from renderer.recipe.recipe import Recipe
from visualizer.instruments import tour_steps
from visualizer.instruments.tour_steps import STEPS, Step
from visualizer.services.action_table import Handler, on
from visualizer.services.instrument import Desk, Instrument
from visualizer.session.undo_stack import Steps
from widgets.chrome.tour import NextStep, StartTour, StopTour, TourView
from widgets.context import Context
from widgets.controls import grid_view, timeline_view
from widgets.controls.key_names import MAIN
from widgets.controls.timeline_view import HoldTimeline
from widgets.latent.wander import Wander

LEAD_S = 1.0
"""Seconds that each step stands still before it begins: time to read its title."""
OF_TABS = (
    *(timeline_view.AddKey, timeline_view.DragKey, timeline_view.ExportVideo),
    *(timeline_view.Seek, timeline_view.SetAutoKey, timeline_view.SetVideoSettings),
    *(timeline_view.SetSpeed, timeline_view.SetTimeline, timeline_view.StepKey),
    *(timeline_view.TogglePlay, timeline_view.UpdateKey, grid_view.SaveSheet, grid_view.SetSheet),
)
"""Actions of the tabs whose contents a step may stand in for."""


class Tour(Instrument):
    """Plays `tour_steps.STEPS`."""

    def __init__(self, desk: Desk, steps: tuple[Step, ...] = STEPS) -> None:
        super().__init__(desk)
        self.steps = steps
        self._index: int | None = None
        self._began_s = 0.0
        self._before: Steps | None = None
        self._base = Recipe()
        self._shown = Recipe()
        self.finished = 0
        """Number of times that it has come to its end."""

    @property
    def running(self) -> bool:
        """Return whether it plays."""
        return self._index is not None

    @property
    def index(self) -> int | None:
        """The step that it is at, or None when it does not play."""
        return self._index

    @property
    def moves(self) -> bool:
        """While it plays, frames come at full pace."""
        return self.running

    def handlers(self) -> Iterable[Handler]:
        """Start, stop, go on."""
        return (
            on(StartTour, lambda _: self.start()),
            on(StopTour, lambda _: self.stop()),
            on(NextStep, lambda _: self._next()),
        )

    def start(self) -> None:
        """Begin at the first step, with the demo model."""
        if self.running:
            self.stop()
        session = self.desk.session
        self._before = session.document.steps
        self.desk.do(Wander(False))
        self.desk.do(HoldTimeline(True))
        session.own = session.recipe, session.options
        session.edit(tour_steps.start(session.recipe))
        self._shown = session.recipe
        self._begin(0)

    def stop(self) -> None:
        """End it, and bring back what was there before."""
        session = self.desk.session
        if self._before is None or session.own is None:
            return
        session.document.take_steps(self._before)
        session.options = session.own[1]
        self._end()
        session.say(
            "The tour is over; everything is as it was before. F1 lists all shortcuts.", "good"
        )

    def poll(self, now_s: float) -> None:
        """Play on."""
        if self._index is None:
            return
        if not same_picture(self._shown, self.desk.session.recipe):
            self._hand_over()  # undone, restored from a file, or moved from outside
            return
        step = self.steps[self._index]
        share = self._share(now_s)
        recipe = step.at(self._base, share)
        self._shown = hash_learnt(recipe, self.desk.session.recipe.model)
        self.desk.session.document.amend(self._shown)
        if share >= 1.0:
            self._next()

    def views(self, now_s: float) -> Iterable[object]:
        """Return where it is, and what a tab sees in place of what is the user's."""
        if self._index is None:
            return (TourView(),)
        step, share = self.steps[self._index], self._share(now_s)
        view = TourView(
            True,
            self._index,
            len(self.steps),
            step.title,
            step.text,
            share,
            now_s - self._began_s,
            step.area,
        )
        return (view,) if step.shows is None else (view, step.shows(self._base, share))

    def drawn(self, context: Context, edited: bool) -> None:
        """End the tour when the user changes something."""
        if self._index is None:
            return
        if self.steps[self._index].shows is not None:
            # What is asked of the tour's own timeline or sheet is not for the user's.
            kept = [action for action in context.out.actions if not isinstance(action, OF_TABS)]
            edited = edited or len(kept) < len(context.out.actions)
            context.out.actions[:] = kept
        if edited:
            self._hand_over()

    def _hand_over(self) -> None:
        self._end()
        self.desk.session.say(f"You took over. {MAIN}+Z brings back what you had before the tour.")

    def _end(self) -> None:
        self._index = self._before = self.desk.session.own = None
        self.desk.do(HoldTimeline(False))

    def _share(self, now_s: float) -> float:
        assert self._index is not None
        seconds = self.steps[self._index].seconds
        return min(max((now_s - self._began_s - LEAD_S) / (seconds - LEAD_S), 0.0), 1.0)

    def _begin(self, index: int) -> None:
        step, session = self.steps[index], self.desk.session
        self._index, self._began_s = index, self.desk.clock()
        self._base = session.recipe
        session.options = msgspec.structs.replace(
            session.options,
            show_sidebar=True,
            open_sections=step.sections,
            drawer=step.drawer,
        )

    def _next(self) -> None:
        if self._index is None:
            return
        if self._index + 1 < len(self.steps):
            self._begin(self._index + 1)
        else:
            self.finished += 1
            self.stop()
