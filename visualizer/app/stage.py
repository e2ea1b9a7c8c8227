"""Everything of the window that plays, listens and sends, without a window: no OpenGL, no display.

The same instruments work with the same document; only no panels are drawn.  Frames come from the
render thread, the newest recipe wins, and each picture goes to all sinks that are on.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from msgspec import Raw

from renderer.frame.frame import Frame
from renderer.recipe.recipe import Recipe
from renderer.timeline.timeline import Timeline
from visualizer.app.frame_intake import Learner
from visualizer.app.registry import STAGE, made
from visualizer.control.gamepad import WindowlessGamepads
from visualizer.control.instrument import Control
from visualizer.instruments.recorder import Recorder
from visualizer.services.action_table import ActionTable
from visualizer.services.background import Background
from visualizer.services.dialogs import Dialogs
from visualizer.services.instrument import Desk, Instrument, show_played
from visualizer.services.jobs import Jobs
from visualizer.services.render_port import Renderers
from visualizer.session.session import Session
from visualizer.session.state import Folders
from visualizer.session.undo_stack import UndoStack
from visualizer.sinks.rack import SinkRack
from widgets.actions import Action, Tone
from widgets.context import Options

REST_S = 0.5
"""Maximum number of seconds between two turns while nothing happens."""
STOP_S, CLOSE_S = 2.0, 5.0
"""Seconds that the end waits for the picture in work, and for sinks that write what they have."""

Kind = TypeVar("Kind", bound=Instrument)
logger = logging.getLogger(__name__)


class Bell:
    """Wakes the loop, from any thread."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def __call__(self) -> None:
        self._event.set()

    def wait(self, timeout_s: float) -> None:
        """Wait until it rings, at most so long."""
        self._event.wait(timeout_s)
        self._event.clear()


class Stage:
    """A document that is played and sent without a window.

    Args:
        renderers: turn recipes into frames; started and stopped here.
        bell: what the render thread calls when it has something new.
        recipe: to begin with.
        options: the sinks that are on, and whether recording makes a video.
        folders: of the program's own files, and of recordings.
        tell: gets each message for the user.
        fps: maximum number of turns a second.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        renderers: Renderers,
        bell: Bell,
        recipe: Recipe,
        options: Options,
        folders: Folders,
        tell: Callable[[str, Tone], object],
        *,
        fps: int = 60,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bell, self._tell, self._clock, self._period_s = bell, tell, clock, 1 / fps
        self.renderers, self._commands = renderers, ActionTable()
        self.session = Session(UndoStack(recipe), options, (), folders, clock)
        self._background = Background(bell)
        self._jobs, self.sinks = Jobs(self._background), SinkRack(bell)
        nothing = cast(Any, None)  # none of these instruments draws
        desk = Desk(
            session=self.session,
            window=nothing,
            layout=nothing,
            renderers=renderers,
            background=self._background,
            jobs=self._jobs,
            dialogs=Dialogs(use_native=False),
            previews=nothing,
            texture=nothing,
            sinks=self.sinks,
            folders=folders,
            clock=clock,
            do=self.do,
            submit_again=self._submit_again,
            wake_at=self._wake_at,
            wake=bell,
        )
        self.instruments = made(desk, STAGE)
        control = self.instrument(Control)
        control.keeps = False  # the settings on the disk are the window's
        control.pads = WindowlessGamepads()
        for instrument in self.instruments:
            self._commands.add(instrument.handlers())
        self._learner = Learner(self.session)
        self._submitted: Recipe | None = None
        self._due_s = self._began_s = clock()
        self._told = 0
        self._strange: set[type[Action]] = set()
        self.pictures = 0
        """Number of pictures that were sent so far."""

    def instrument(self, kind: type[Kind]) -> Kind:
        """Return the instrument of a kind; there is one of each."""
        return next(one for one in self.instruments if isinstance(one, kind))

    def do(self, action: Action) -> None:
        """Carry out an action; one that needs the window is told, once."""
        kind = type(action)
        if kind in self._commands.kinds:
            self._commands.do(action)
        elif kind not in self._strange:
            self._strange.add(kind)
            self.session.say(f"{kind.__name__} needs the window, so it was left out.", "warning")

    def restore(self, parts: Mapping[str, Raw]) -> None:
        """Take what a session remembers, as far as it can be used; the rest is told."""
        for instrument in self.instruments:
            part = parts.get(instrument.name)
            told = None if part is None else instrument.restore(part)
            if told is not None:
                self.session.say(told, "warning")

    def play(self, timeline: Timeline) -> None:
        """Put a timeline into the document's place; it is played by the action for that."""
        self.session.document.amend(timeline=timeline)

    def run(self, goes_on: Callable[[], bool]) -> None:
        """Play, listen and send as long as it goes on; close everything at the end."""
        self.renderers.now.start()
        try:
            while goes_on():
                self.turn()
                self._rest()
        finally:
            self.close()

    def turn(self) -> None:
        """Take what came, let instruments play, and ask for the picture of what they made."""
        now_s = self._began_s = self._clock()
        self._due_s = now_s + REST_S
        if (frame := self.renderers.now.take()) is not None and not frame.early:
            self._take(frame, now_s)
        self._background.poll()
        for instrument in self.instruments:
            instrument.poll(now_s)
        self._learner.say_notes(float("-inf"), now_s)
        self._submit()
        self._tell_all()

    def close(self) -> None:
        """End recordings and sinks properly."""
        for instrument in self.instruments:
            try:
                instrument.close()
            except Exception:  # one that stumbles must not keep the others from being closed
                logger.exception("closing %s failed", type(instrument).__name__)
        self.instrument(Recorder).poll(self._clock())  # says where the recording is
        self.renderers.stop(STOP_S)
        self._jobs.close()
        self.sinks.end(CLOSE_S)
        self._background.close()
        self._tell_all()

    # -- inside ------------------------------------------------------------------------------

    def _rest(self) -> None:
        """Wait until something has come or is due; a turn has its time, whatever comes."""
        moves = any(instrument.moves for instrument in self.instruments)
        next_s = self._began_s + self._period_s
        if (left_s := next_s - self._clock()) > 0:
            time.sleep(left_s)
        if not moves and (left_s := self._due_s - self._clock()) > 0:
            self._bell.wait(left_s)

    def _take(self, frame: Frame, now_s: float) -> None:
        settled = self._submitted == self.session.wanted
        if self._learner.name_model(frame) and settled:
            self._submitted = self.session.recipe  # the same picture
        self._learner.learn(frame)
        if frame.image is None:
            return
        self.session.frame = frame
        self.pictures += 1
        for instrument in self.instruments:
            instrument.saw(frame, now_s)

    def _submit(self) -> None:
        recipe = show_played(self.instruments, self.session)
        if recipe != self._submitted:
            self._submitted = recipe
            self.renderers.now.submit(recipe)

    def _submit_again(self) -> None:
        self._submitted = None
        self._submit()

    def _wake_at(self, time_s: float) -> None:
        self._due_s = min(self._due_s, time_s)

    def _tell_all(self) -> None:
        said = self.session.notices.count
        new = said - self._told
        if new:
            for notice in self.session.notices.all[-new:]:
                self._tell(notice.text, notice.tone)
        self._told = said
