"""The main loop: look at events, draw, hand the newest recipe to the render thread, show its frame.

Everything here runs on the main thread; the render thread and the one that reads and writes files
answer through slots and futures that are looked at once a frame.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import numpy as np

from renderer.errors import PictureError
from renderer.frame.frame import Frame
from renderer.recipe.names import display_name
from renderer.recipe.recipe import ModelRef, Recipe
from renderer.recipe.remote_paths import trust
from visualizer.app.frame_intake import Learner
from visualizer.app.registry import all_instruments
from visualizer.instruments.sessions import SessionKeeper
from visualizer.services.action_table import ActionTable
from visualizer.services.background import Background
from visualizer.services.dialogs import Dialogs
from visualizer.services.instrument import Desk, Instrument, show_played
from visualizer.services.jobs import Jobs
from visualizer.services.render_port import Renderers, Rendering, Wake
from visualizer.services.signals import Signals
from visualizer.session.session import Session
from visualizer.session.state import Folders, State, Store
from visualizer.session.undo_stack import UndoStack
from visualizer.sinks.rack import SinkRack
from visualizer.window import frame_pacing
from visualizer.window.frame_pacing import Pacer
from visualizer.window.gestures import Gestures
from visualizer.window.layout import Layout
from visualizer.window.meter import Meter
from visualizer.window.shared_glfw import glfw
from visualizer.window.window import Window
from widgets.actions import Action, OpenFiles
from widgets.context import Context, Entry, Output, Status

DIALOG_POLL_S = 0.1
STILL_S = 0.4
"""Seconds without a change of the recipe after which previews are made."""
FIGURES_S = 1.1
"""The figures of the last second fall to nothing this long after the last picture."""
STOP_S = 0.8
"""Seconds that closing waits for the block of a picture that is being rendered."""
MAX_TURNS, TURNS_S = 24, 0.03
"""Maximum number of key changes, and maximum seconds for them, taken in one redraw."""
MAX_DRAW_ERRORS = 5
"""Number of broken redraws in a row that end the program: it would only flicker."""

Kind = TypeVar("Kind", bound=Instrument)
logger = logging.getLogger(__name__)


class App:
    """The program with an open window.

    Args:
        window: to draw into.
        renderers: turn recipes into frames; started and stopped here.
        wake: what the thread calls when it has something new.
        store: where the state is kept.
        state: of the last run.
        folders: where captures go unless the user chose otherwise.
        recipe: to begin with; None takes the last run's, or the default.
        clock: monotonic seconds.
        choose: file dialogs.
    """

    def __init__(
        self,
        window: Window,
        renderers: Renderers,
        wake: Wake,
        store: Store,
        state: State,
        folders: Folders,
        recipe: Recipe | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        choose: Dialogs | None = None,
    ) -> None:
        # need the window's OpenGL
        from visualizer.services.previews import PreviewStore
        from visualizer.window.texture import ImageTexture

        self.window, self.renderers, self._wake = window, renderers, wake
        self._clock, self._dialogs = clock, choose or Dialogs()
        self._dialogs.wake = wake
        document = UndoStack(recipe or state.recipe)
        for named in (*state.recent_models, state.options.capture_folder):
            trust(named)  # the user did, in an earlier run
        self.session = Session(document, state.options, state.recent_models, folders, clock)
        last = () if state.recipe is None else (state.recipe.model,)
        self.session.known = (*last, *map(ModelRef, state.recent_models[:1]))
        self.layout, self.meter, self._pacer = Layout(), Meter(), Pacer()
        self._gestures = Gestures()
        self._texture = ImageTexture(
            window.gl_version.shader, buffered=not window.draws_in_software
        )
        self._background, self._entry = Background(wake), Entry()
        self._jobs = Jobs(self._background)
        self.commands = ActionTable()
        self.previews = PreviewStore(renderers)
        self._sinks = SinkRack(wake)
        desk = Desk(
            session=self.session,
            window=window,
            layout=self.layout,
            renderers=renderers,
            background=self._background,
            jobs=self._jobs,
            dialogs=self._dialogs,
            previews=self.previews,
            texture=self._texture,
            sinks=self._sinks,
            folders=folders,
            clock=clock,
            do=self.commands.do,
            submit_again=self._submit_again,
            wake_at=self._pacer.wake_at,
            wake=wake,
        )
        kinds = all_instruments(desk)
        self.saving = SessionKeeper(desk, store, state, kinds)
        self.instruments = (*kinds, self.saving)
        for instrument in self.instruments:
            self.commands.add(instrument.handlers())
        # A newcomer is shown what a prompt looks like; later sessions have their own.
        self._learner = Learner(self.session)
        self.session.greets = recipe is None and state.recipe is None
        self._submitted: Recipe | None = None
        self._submitted_s = float("-inf")
        self._wants_screenshot = False
        self._screenshot: np.ndarray | None = None
        self._draw_errors = 0
        self.closed = self.left_behind = False
        """True once the window is closed, and if a thread was still busy then."""
        if store.note:
            self.session.say(store.note, "warning")

    @property
    def thread(self) -> Rendering:
        """The current render thread."""
        return self.renderers.now

    def instrument(self, kind: type[Kind]) -> Kind:
        """Return the instrument of a kind; there is one of each."""
        return next(one for one in self.instruments if isinstance(one, kind))

    # -- the loop --------------------------------------------------------------------------------

    def run(self) -> int:
        """Show the window until it is closed, by the user or a signal; returns the exit status."""
        with Signals(self._ask_close, self._wake) as signals:
            self.start()
            try:
                while not self.window.wants_close:
                    self.frame()
            finally:
                self.close()
        return signals.exit_code

    def _ask_close(self) -> None:
        self.window.ask_close()
        self._wake()

    def start(self) -> None:
        """Start rendering."""
        self.thread.start()
        self._submit()

    def frame(self, *, wait: bool = True) -> None:
        """One turn of the loop: wait until a frame is due, then draw it.

        Args:
            wait: False draws at once, for tests.
        """
        if wait:
            frame_pacing.wait(self._pacer, self._clock, self._noticed, busy=self._busy)
        else:
            glfw.poll_events()
        begin_s = self._clock()
        self._pacer.screen(self.window.refresh_hz)
        self._pacer.begin(begin_s)
        self._collect(begin_s)
        for turn in range(MAX_TURNS):
            if self._turn(begin_s, turn):
                break
        self._present(begin_s)

    def _turn(self, begin_s: float, turn: int) -> bool:
        """Draw all panels once, with one change of each key, and take what they want.

        Returns:
            Whether that was all; else more keys wait, as they do after slow redraws: they are taken
            in further turns, which are not painted, rather than one with each redraw.
        """
        context = self._context(begin_s)
        last = turn == MAX_TURNS - 1 or self._clock() - begin_s > TURNS_S

        def is_seen() -> bool:  # an action may want the window's pixels
            return last or not self.window.queued or bool(context.out.actions)

        self._draw(context, is_seen, further=turn > 0)
        self._apply(context)
        return last or not self.window.queued

    def screenshot(self) -> np.ndarray:
        """Draw a frame and return it, uint8 [H, W, 3]."""
        self._wants_screenshot = True
        self.frame(wait=False)
        assert self._screenshot is not None
        return self._screenshot

    def close(self) -> None:
        """Save the state and take everything down."""
        self.closed = True
        state = self.saving.now(ended=True)
        self._dialogs.close()
        stopped = self.renderers.stop(STOP_S)
        self._wake.close()
        for instrument in self.instruments:
            try:
                instrument.close()
            except Exception:  # one that stumbles must not keep the others from being saved
                logger.exception("closing %s failed", type(instrument).__name__)
        others_ended = self._jobs.close() & self._sinks.end(STOP_S)
        self._background.close()
        self.saving.finish(state)
        self.previews.close()
        self._texture.close()
        self.window.close()
        self.left_behind = not (stopped and others_ended)

    def wait(self, timeout_s: float) -> bool:
        """Wait, each for a limited time, for the threads that were busy when the window was closed;
        returns whether they have ended."""
        stopped = self.renderers.stop(timeout_s)
        return self._jobs.close(timeout_s) & self._sinks.end(timeout_s) & stopped

    # -- before drawing --------------------------------------------------------------------------

    def _noticed(self) -> tuple[bool, bool]:
        touched, self.window.events = self.window.events > 0, 0
        return touched, self._wake.taken()

    def _busy(self) -> bool:
        return self._jobs.busy or self.thread.status.kind in ("starting", "rendering", "loading")

    def _collect(self, now_s: float) -> None:
        """Take what came in since the last frame: pictures, answers, dropped files."""
        if (frame := self.thread.take()) is not None:
            self._take_frame(frame, now_s)
        self._background.poll()
        self._dialogs.poll()
        dropped, self.window.dropped = self.window.dropped, []
        if dropped:
            self._carry_out(OpenFiles(tuple(dropped)))
        self.previews.begin()
        for instrument in self.instruments:
            instrument.poll(now_s)
        moving = any(instrument.moves for instrument in self.instruments)
        self._pacer.moves = moving or self.previews.busy
        if self.window.held:  # what a hand holds may scroll, glide or repeat while it rests
            self._pacer.touched(now_s)

    def _take_frame(self, frame: Frame, now_s: float) -> None:
        if frame.early:  # the whole one is to come: nothing else is learnt of this
            with suppress(PictureError):  # a lost graphics card is told of with the whole one
                if not self._learner.met(frame):
                    self._texture.show(frame)
            return
        settled = self._submitted == self.session.wanted
        if self._learner.name_model(frame) and settled:
            self._submitted = self.session.recipe  # the same picture
        if self._learner.learn(frame) and frame.model is not None:
            self.previews.forget_refused()
        if frame.image is None:
            self.saving.keep_refused(frame.recipe)
            return
        begin_s = time.perf_counter()
        try:
            self._texture.show(frame)
        except PictureError as error:  # the graphics card was lost since it drew this
            logger.exception("a picture could not be fetched")
            self.session.fail(frame.recipe, str(error), "device")
            return
        self.meter.picture(now_s, frame.total_ms, (time.perf_counter() - begin_s) * 1000)
        self.session.frame = frame
        for instrument in self.instruments:
            instrument.saw(frame, now_s)
        self._pacer.wake_at(now_s + FIGURES_S)

    def _context(self, now_s: float) -> Context:
        session, status = self.session, self.thread.status
        notice = session.notices.current(now_s)
        if notice is not None:
            self._pacer.wake_at(notice.until_s)
        if self._entry.refused_until_s > now_s:
            self._pacer.wake_at(self._entry.refused_until_s)
        if self._entry.letters.due_s < math.inf:
            self._pacer.wake_at(self._entry.letters.due_s)
        if (due_s := self._learner.say_notes(self._entry.typed_s, now_s)) is not None:
            self._pacer.wake_at(due_s)
        if self._dialogs.waiting_for_native:
            self._pacer.wake_at(now_s + DIALOG_POLL_S)
        return Context(
            out=Output(session.recipe, session.options),
            entry=self._entry,
            fonts=self.window.fonts,
            now_s=now_s,
            frame=session.frame,
            error=session.error,
            fault=session.fault,
            refusal=session.refusal,
            model=session.model if session.recipe.model.path == session.model_path else None,
            picture=self._texture.picture,
            status=Status(status.kind, status.text, status.share, self._back_to()),
            stats=self.meter.stats(now_s, self.thread.device_name),
            notice=notice,
            messages=session.notices.all,
            recent_models=session.recent,
            capture_folder=str(session.capture_folder),
            last_capture=session.last_capture,
            can_undo=session.document.can_undo,
            can_redo=session.document.can_redo,
            previews=self.previews,
            views={
                type(view): view
                for instrument in self.instruments
                for view in instrument.views(now_s)
            },
        )

    def _back_to(self) -> str:
        """The model that a load goes back to when it is cancelled, by name; else nothing."""
        before = self.session.before_load
        if before is None or self.thread.status.kind != "loading":
            return ""
        return display_name(before.model.path)

    # -- drawing ---------------------------------------------------------------------------------

    def _draw(self, context: Context, is_seen: Callable[[], bool], *, further: bool) -> None:
        self.window.begin_frame(context.options.zoom, further=further)
        try:
            self.layout.draw(context)
            self._dialogs.draw(context)
            self._draw_errors = 0
        except Exception as error:
            # Dear ImGui closes what was left open; the recipe stays as it was.
            logger.exception("a redraw failed")
            self._draw_errors += 1
            if self._draw_errors > MAX_DRAW_ERRORS:
                raise
            context.out.recipe = self.session.recipe
            self.session.say(f"Part of the window could not be drawn: {error}", "error")
        self.window.end_frame(lambda: self._paint(context), is_seen=is_seen)

    def _paint(self, context: Context) -> None:
        """Paint what lies below all panels: their surfaces, and the picture."""
        # needs the window's OpenGL
        from visualizer.window.picture_shader import fill

        size, (x, y) = self.window.framebuffer_size, self.window.framebuffer_scale

        def pixels(box: tuple[float, ...]) -> tuple[float, float, float, float]:
            left, top, right, bottom = box
            return left * x, top * y, right * x, bottom * y

        for surface in context.out.fills:
            fill(pixels(surface.box), surface.colour, size[1])
        picture = self.layout.picture
        if picture.box is not None:
            box, area = pixels(picture.box), pixels(picture.clip)
            self._texture.draw(box, area, size, smooth=context.options.smooth)
        for laid in context.out.laid:
            box, area = pixels(laid.box), pixels(laid.clip)
            smooth = context.options.smooth
            self._texture.draw_other(laid.picture, box, area, size, smooth=smooth)

    def _present(self, begin_s: float) -> None:
        """Show the frame, once everybody who wants its pixels has them."""
        if self._wants_screenshot:
            self._wants_screenshot, self._screenshot = False, self.window.pixels()
        now_s = self._clock()
        self.meter.redraw(now_s, (now_s - begin_s) * 1000)
        self.window.present()
        if self.window.draws_in_software:
            self._pacer.worked(self._clock() - begin_s)

    # -- after drawing ---------------------------------------------------------------------------

    def _apply(self, context: Context) -> None:
        """Take what the panels want."""
        session = self.session
        session.options = context.options
        gesture, burst_s = self._gestures.now()
        edited = session.document.edit(context.recipe, gesture, context.now_s, burst_s)
        for instrument in self.instruments:
            instrument.drawn(context, edited)
        for action in context.out.actions:
            self._carry_out(action)
        if context.out.actions:
            self._pacer.touched(self._clock())
        self._submit()
        self._wish(at_it=gesture is not None)

    def _carry_out(self, action: Action) -> None:
        """Do what a panel asks for; a mistake of ours in it must not take the window away."""
        try:
            self.commands.do(action)
        except Exception as error:
            logger.exception("%s failed", action)
            self.session.say(f"Something went wrong: {type(error).__name__}: {error}", "error")

    def _submit(self) -> None:
        recipe = show_played(self.instruments, self.session)
        if recipe != self._submitted:
            self._submitted, self._submitted_s = recipe, self._clock()
            self.thread.submit(recipe)

    def _submit_again(self) -> None:
        self._submitted = None
        self._submit()

    def _wish(self, *, at_it: bool) -> None:
        """Ask for the panels' previews, but not while one types or drags: a key's picture would
        wait for the preview in work, and that would be of a recipe of a moment ago."""
        still_s = self._submitted_s + STILL_S
        hold = at_it and self.session.frame is not None and self._clock() < still_s
        self.previews.end(hold=hold)
        if hold and self.previews.wanting:
            self._pacer.wake_at(still_s)
