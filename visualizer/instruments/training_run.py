"""A training run that is open: its folder is looked at again and again, snapshots are shown."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Raw, Struct
from msgspec.structs import replace

from renderer.files.training_log import Curve, Stamps, log_stamps, read_curves
from renderer.files.training_run import RunFiles, Snapshot, run_files
from renderer.frame.frame import Frame
from renderer.recipe.identity import hashed
from renderer.recipe.names import model_key
from renderer.recipe.recipe import MAX_CHARACTERS, Recipe
from renderer.recipe.remote_paths import may_open, trust
from stylegan_t.errors import BROKEN_JSON
from visualizer.services import dialogs
from visualizer.services.action_table import Handler, on
from visualizer.services.instrument import Desk, Instrument
from visualizer.services.jobs import Job
from widgets.actions import OpenModel
from widgets.controls.run_view import (
    BrowseRun,
    CloseRun,
    FollowRun,
    OpenRun,
    RunView,
    ShowNewest,
    ShowSnapshot,
)
from widgets.sections.training_run import TITLE

LOOK_S = 2.0
"""Seconds between two looks at the folder."""
SETTLED_S = 0.15
"""Seconds that the slider must rest before a snapshot is loaded."""
AHEAD_S = 0.5
"""Seconds after a picture after which the neighbouring snapshots are loaded."""
GESTURE = "snapshot"


class RunState(Struct, frozen=True):
    """The part of an open run that a session remembers."""

    folder: Annotated[str, Meta(max_length=MAX_CHARACTERS)] = ""
    follow: bool = False


NOTHING = RunFiles()

OUT_OF_REACH = (
    "Training runs are read on this computer, and the renderer is on {}: upload a snapshot of the "
    "run, or render here (File > Renderer)."
)


@dataclass
class _Open:
    """A run that is open: what was found in its folder, and what is to be shown next."""

    folder: Path
    files: RunFiles = NOTHING
    curves: tuple[Curve, ...] = ()
    stamps: Stamps = ()
    looked: bool = False
    job: Job | None = None
    next_s: float = 0.0
    wanted: int | None = None
    due_s: float = 0.0
    newer: bool = False
    ahead_s: float = math.inf
    ahead_of: str = ""


@dataclass(frozen=True)
class _Look:
    """The findings of a look at the folder; `curves` are None where the logs are as they were."""

    files: RunFiles
    stamps: Stamps
    curves: tuple[Curve, ...] | None


_STATE = msgspec.json.Decoder(RunState)


class TrainingRun(Instrument):
    """Keeps a run's folder in sight, and loads the snapshot that the user is at."""

    name = "run"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._run: _Open | None = None
        self._follow = False

    def handlers(self) -> Iterable[Handler]:
        """Return the handlers of what the Training run section asks for."""
        return (
            on(OpenRun, lambda action: self._open(Path(action.path))),
            on(BrowseRun, lambda _: self._browse()),
            on(CloseRun, lambda _: self.close()),
            on(ShowSnapshot, lambda action: self._want(action.place)),
            on(ShowNewest, lambda _: self._show_newest()),
            on(FollowRun, lambda action: self._set_follow(action.on)),
        )

    def views(self, now_s: float) -> Iterable[object]:
        """Return what the panels see of the run."""
        run, reason = self._run, self._out_of_reach()
        if run is None:
            return (RunView(out_of_reach=reason),)
        return (
            RunView(
                out_of_reach=reason,
                folder=str(run.folder),
                snapshots=run.files.snapshots,
                shown=self._shown(run),
                newer=run.newer,
                follow=self._follow,
                curves=run.curves,
                problem=run.files.problem,
                unfinished=run.files.unfinished,
            ),
        )

    def _out_of_reach(self) -> str:
        place = self.desk.renderers.place
        return OUT_OF_REACH.format(place.name) if place.elsewhere else ""

    def state(self) -> RunState:
        """Return the folder, and whether it is followed."""
        return RunState(str(self._run.folder) if self._run else "", self._follow)

    def restore(self, state: Raw | None) -> str | None:
        """Open the folder of the last time; the model is the recipe's."""
        self.close()
        self._follow = False
        if state is None:
            return None
        try:
            kept = _STATE.decode(state)
        except BROKEN_JSON:
            return "The training run could not be restored."
        self._follow = kept.follow
        if kept.folder and may_open(kept.folder):
            self._run = _Open(Path(kept.folder))
        return None

    def close(self) -> None:
        """Forget the run."""
        if self._run is not None and self._run.job is not None:
            self._run.job.stop()
        self._run = None

    def poll(self, now_s: float) -> None:
        """Look at the folder when it is time to, and load what the slider rests on."""
        run = self._run
        if run is None:
            return
        if run.job is None and now_s >= run.next_s:
            self._look(run, first=False)
        if run.wanted is not None and now_s >= run.due_s:
            place, run.wanted = run.wanted, None
            self._show(run, place)
        if now_s >= run.ahead_s:
            run.ahead_s = math.inf
            self._load_ahead(run)
        self.desk.wake_at(min(run.next_s, run.due_s if run.wanted is not None else run.next_s))

    def saw(self, frame: Frame, now_s: float) -> None:
        """Note that a snapshot has drawn: its neighbours may be loaded when nothing else is to
        do."""
        run, path = self._run, frame.recipe.model.path
        if run is None or path == run.ahead_of or frame.recipe.model.blend.path:
            return
        if self._place_of(run, path) is not None:
            run.ahead_s, run.ahead_of = now_s + AHEAD_S, path
            self.desk.wake_at(run.ahead_s)

    # -- the folder ----------------------------------------------------------------------------

    def _browse(self) -> None:
        folder = self._run.folder.parent if self._run else Path.home()
        self.desk.dialogs.ask(dialogs.RUN, folder, self._open)

    def _open(self, folder: Path) -> None:
        trust(str(folder))
        options = self.desk.session.options
        if TITLE not in options.open_sections:
            sections = (*options.open_sections, TITLE)
            self.desk.session.options = replace(options, open_sections=sections)
        self.close()
        self._run = _Open(folder)
        self._look(self._run, first=True)

    def _look(self, run: _Open, *, first: bool) -> None:
        known = run.stamps

        def work(job: Job) -> _Look:
            stamps = log_stamps(run.folder)
            curves = None if stamps == known else read_curves(run.folder)
            return _Look(run_files(run.folder), stamps, curves)

        def done(look: _Look) -> None:
            if run is self._run:
                self._found(run, look, first=first)

        def failed(sentence: str) -> None:
            run.job, run.next_s = None, self.desk.clock() + LOOK_S
            self.desk.session.say(sentence, "error")

        run.job = self.desk.jobs.start("Looking at the training run", work, done, failed)

    def _found(self, run: _Open, look: _Look, *, first: bool) -> None:
        before = run.files.snapshots
        run.job, run.next_s = None, self.desk.clock() + LOOK_S
        gone = not look.files.snapshots and bool(look.files.problem) and bool(before)
        # A folder that went away keeps what it had: it may come back.
        run.files = RunFiles(before, look.files.problem) if gone else look.files
        if not gone and look.curves is not None:
            run.curves, run.stamps = look.curves, look.stamps
        if first and look.files.problem:
            self.desk.session.say(look.files.problem, "warning")
        if first and look.files.snapshots:
            self._show_newest()
        elif not gone and run.files.snapshots[-1:] and run.files.snapshots[-1] not in before:
            self._came(run)
        run.looked = True

    def _came(self, run: _Open) -> None:
        """A newest snapshot is there that was not there before."""
        last = len(run.files.snapshots) - 1
        if not run.looked and (not self._follow or self._shown(run) == last):
            return  # as the last time
        if self._follow and run.wanted is None and not self._out_of_reach():
            self._show_newest()
            return
        run.newer = True
        newest = run.files.snapshots[-1].name
        self.desk.session.say(f"A newer snapshot was written: {newest} (F9 shows it)")

    def _set_follow(self, on: bool) -> None:
        self._follow = on
        readable = self._run is not None and self._run.files.snapshots and not self._out_of_reach()
        if on and readable:
            self._show_newest()

    # -- showing -------------------------------------------------------------------------------

    def _place_of(self, run: _Open, path: str) -> int | None:
        key = model_key(path)
        for place, snapshot in enumerate(run.files.snapshots):
            if snapshot.path == key or snapshot.path == path:
                return place
        return None

    def _shown(self, run: _Open) -> int | None:
        if run.wanted is not None:
            return min(run.wanted, len(run.files.snapshots) - 1)
        return self._place_of(run, self.desk.session.recipe.model.path)

    def _want(self, place: int) -> None:
        """Load a snapshot as soon as the slider rests: the last one that is wanted counts."""
        run = self._run
        if run is not None and run.files.snapshots:
            run.wanted, run.due_s = place, self.desk.clock() + SETTLED_S
            self.desk.wake_at(run.due_s)

    def _show_newest(self) -> None:
        run = self._run
        if run is None or not run.files.snapshots:
            self.desk.session.say("No training run with a snapshot is open.", "warning")
            return
        run.wanted = None
        self._show(run, len(run.files.snapshots) - 1)

    def _show(self, run: _Open, place: int) -> None:
        """Let a snapshot draw; everything else of the recipe stays."""
        session = self.desk.session
        if reason := self._out_of_reach():
            session.say(reason, "warning")
            return
        snapshot: Snapshot = run.files.snapshots[min(place, len(run.files.snapshots) - 1)]
        if snapshot == run.files.snapshots[-1]:
            run.newer = False
        recipe, path = session.recipe, snapshot.path
        if model_key(recipe.model.path) == path:
            self.desk.do(OpenModel(recipe.model.path))  # it may have been written again
            return
        wanted = replace(recipe, model=hashed(replace(recipe.model, path=path), ""))
        if path not in session.unusable:
            session.edit(wanted, GESTURE)
            return

        def again(_: object) -> None:
            session.edit(wanted, GESTURE)

        future = self.desk.thread.run(lambda renderer: renderer.look_again(), "Trying again")
        self.desk.background.watch(future, again, session.say)

    def _load_ahead(self, run: _Open) -> None:
        """Load the neighbours of the snapshot that is shown, until the user does something."""
        recipe: Recipe = self.desk.session.recipe
        place = self._shown(run)
        if place is None or run.wanted is not None or recipe.model.blend.path:
            return
        if self._out_of_reach():
            return
        near = (place + 1, place - 1)
        paths = [run.files.snapshots[i].path for i in near if 0 <= i < len(run.files.snapshots)]

        def busy() -> bool:
            return run is not self._run or self.desk.session.recipe != recipe

        def work(renderer: Any) -> None:
            renderer.load_ahead(recipe, paths, busy)

        future = self.desk.thread.run(work, "Loading the snapshots next to it")
        self.desk.background.watch(future, lambda _: None, lambda _: None)
