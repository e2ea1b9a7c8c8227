"""The monkey itself: opens the window, acts in it, and looks whether everything still holds."""

from __future__ import annotations

import gc
import time
import traceback
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

from imgui_bundle import imgui

from renderer.parameters.parameters import Parameters, parameters_of
from tests.monkey import line, proofs, rules
from tests.monkey.acts import Act, Scene
from tests.monkey.choice import choose
from tests.monkey.fence import fenced
from tests.monkey.gauges import Sample, sample
from tests.monkey.hands import Event, Hands
from tests.monkey.holdings import holdings
from tests.monkey.items import Items, watched
from tests.monkey.remote import Remote
from tests.monkey.rules import BrokenRuleError, Keepsakes
from tests.monkey.stage import hush, records
from tests.monkey.world import World, build
from visualizer.app.app import App
from visualizer.instruments import gallery
from visualizer.instruments.gallery import Gallery
from visualizer.services.dialogs import Dialogs
from visualizer.services.render_port import Renderers, Wake
from visualizer.session import dropped_files
from visualizer.session.seats import take_seat
from visualizer.session.state import Folders, Store
from visualizer.window.shared_glfw import glfw
from visualizer.window.window import TITLE, Window
from widgets.chrome.file_source import LocalFiles

FRAME_S = 1 / 30
"""What a redraw takes by the clock of a run that can be repeated."""
LOOK_EVERY = 25
"""Acts between two looks at what is slow to look at."""
SETTLE_EVERY = 40
SETTLE_S = 90.0
REOPEN_EVERY = 600
SAMPLE_S = 20.0
REST_S = 1.3
"""After a second without work the renderer gives free memory back."""
REST_WITHIN_S = 12.0
"""What comes to no rest within this time is not measured."""
JOB_S = 60.0
"""So long a job is waited for before the next redraw; nothing that a tiny model does takes it."""
KEPT = 50
PAINT_EVERY = 4
"""Unless time is real, only so many redraws reach OpenGL: without a graphics card that takes most
of the time, and Dear ImGui has seen the input all the same."""
SIZE = (960, 640)

MakeThread = Callable[[Wake], Renderers]


@dataclass
class Tally:
    """What a run came to."""

    seed: int
    step: int = 0
    events: int = 0
    redraws: int = 0
    reopened: int = 0
    settled: int = 0
    proved: int = 0
    undone: int = 0
    saved: int = 0
    restless: int = 0
    slowest_s: float = 0.0
    slowest_step: int = 0
    met: set[tuple[str, str]] = field(default_factory=set)
    acts: Counter[str] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)
    last: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT))


class FailureError(Exception):
    """A run that broke a rule; the message says which, where, and how to see it again."""


class Monkey:
    """Acts in a real window.  A context manager; `close` ends it.

    Args:
        home: an empty folder, for everything.
        seed: decides all that is done.
        make_thread: makes render threads, one for each time the window is opened.
        real: time is the real time, and the render thread runs beside.
        tell: gets a line for each act.
        stay: the window is never closed before the end: what grows in it goes on growing.
        relatives: recorded networks that it plays with, in the place of StyleGAN-T.
        alive: called before each redraw.
    """

    def __init__(
        self,
        home: Path,
        seed: int,
        make_thread: MakeThread,
        *,
        real: bool = False,
        tell: Callable[[str], None] = lambda line: None,
        stay: bool = False,
        relatives: Sequence[str] = (),
        alive: Callable[[], None] = lambda: None,
    ) -> None:
        self._alive = alive
        self.tally, self._home, self._real, self._tell = Tally(seed), home, real, tell
        self._make_thread, self._now_s, self._begin_s = make_thread, 0.0, time.monotonic()
        self._stay = stay
        self.world: World = build(home, relatives)
        self._items, self._remote = Items(), Remote(home, real=real)
        self._keepsakes = Keepsakes(self._capture_folders, self._saved)
        with ExitStack() as stack:
            self._ears = stack.enter_context(rules.listening())
            self._fence = stack.enter_context(fenced(home, line.is_ours))
            stack.enter_context(watched(self._items))
            stack.enter_context(self._remote.standing())
            stack.enter_context(_confined(home))
            if not real:  # as many files at once as there are, however fast the processor is
                stack.enter_context(mock.patch.object(gallery, "CHUNK_S", float("inf")))
            self._open()
            self._stack = stack.pop_all()

    def close(self) -> None:
        """Close the window and take the fence down."""
        try:
            self.app.close()
            self._remote.closed()
        finally:
            self._stack.close()

    # -- one act -----------------------------------------------------------------------------

    def step(self) -> None:
        """Do one act.

        Raises:
            FailureError: a rule is broken.
        """
        tally = self.tally
        tally.step += 1
        rng = Random(f"{tally.seed}/{tally.step}")
        act = choose(rng)
        tally.acts[act.__name__] += 1
        try:
            self._perform(act, rng)
            rules.recipe_is_sound(self.app.session.recipe)
            self._now_and_then()
        except Exception as error:
            raise FailureError(self._report(error)) from error

    def _perform(self, act: Act, rng: Random) -> None:
        scene = Scene(self._items, self.world, self._size, self.tally.met, self._parameters)
        said: list[str] = []
        try:
            for moment in act(scene, rng):
                said.extend(str(event)[:120] for event in moment)
                self._redraw(moment)
        finally:
            line = f"{self.tally.step} {act.__name__} {' '.join(said)[:600]}"
            self.tally.last.append(line)
            self._tell(line)
        if self.app.window.wants_close:
            if self._stay:
                glfw.set_window_should_close(self.app.window.handle, False)
            else:
                self._reopen()

    def _now_and_then(self) -> None:
        step = self.tally.step
        if step % LOOK_EVERY == 0:
            rules.document_is_sound(self.app)
            self._keepsakes.look()
            self.tally.saved = self._keepsakes.count
            if self.world.mark.exists():
                raise BrokenRuleError("the code in a hostile file was run")
        if step % SETTLE_EVERY == 0:
            self._settle()
        if step % REOPEN_EVERY == 0 and not self._stay:
            self._reopen()

    def _redraw(self, events: list[Event]) -> None:
        if not self._real:
            self._await_threads()  # of the last redraw, before a hand takes the file away
        self._alive()
        self._items.begin()
        self._hands.act(events)
        before, begin_s = imgui.get_frame_count(), time.perf_counter()
        self._now_s += FRAME_S + self._hands.slow_s
        if self._real:
            time.sleep(self._hands.slow_s)
        while self._hands.wishes:
            self.app.commands.do(self._hands.wishes.pop(0))
        with self._paint():
            self.app.frame(wait=False)
        tally, took_s = self.tally, time.perf_counter() - begin_s
        tally.events += len(events)
        tally.redraws += 1
        if took_s > tally.slowest_s:
            tally.slowest_s, tally.slowest_step = took_s, tally.step
        if imgui.get_frame_count() <= before:
            raise BrokenRuleError("there was no redraw")
        rules.always(self.app, self._ears, self._fence.breaches)
        if self._real:
            time.sleep(0.001)

    def _await_threads(self) -> None:
        """Whatever was asked for beside the window is done before the next redraw."""
        for job in self.app._jobs._threads:
            job.join(JOB_S)
        glimpses = self.app._dialogs.glimpses
        for thread in (self.app._background._files, self._gallery._thread, glimpses._thread):
            thread.submit(int).result()  # they do one after the other

    @contextmanager
    def _paint(self) -> Iterator[None]:
        """Whether this redraw is painted, too."""
        if self._real or self.tally.redraws % PAINT_EVERY == 0:
            yield
            return
        window = self.app.window
        with (
            mock.patch.object(window, "end_frame", lambda paint, is_seen: imgui.render()),
            mock.patch.object(window, "present", lambda: None),
        ):
            yield

    # -- longer things -----------------------------------------------------------------------

    def _settle(self) -> None:
        """Let go of everything, and wait until the picture is that of the recipe."""
        self._remote.line.signal("continue")
        self._redraw(self._hands.let_go())
        hush(self.app)
        self._redraw([])
        end_s, quiet = time.monotonic() + SETTLE_S, 0
        if not any(instrument.moves for instrument in self.app.instruments):
            rng = Random(f"{self.tally.seed}/{self.tally.step}/undo")
            steps = rng.choice((1, 3, 12))
            self.tally.undone += proofs.there_and_back(self.app, steps, lambda: self._redraw([]))
        while quiet < 3:
            if any(instrument.moves for instrument in self.app.instruments):
                return  # what plays or wanders never comes to rest
            self._redraw([])
            busy = self.app.thread.status.kind in ("starting", "rendering", "loading")
            quiet = 0 if busy or self.app._jobs.busy else quiet + 1
            if time.monotonic() > end_s:
                return self._still_busy()
        rules.picture_belongs(self.app)
        if self._real:
            self.tally.proved += proofs.rendered_again(self.app)
        if not records(self.app):
            proofs.takes_are_whole(self._home / "captures")
        self._remote.stage.forget()
        self.tally.settled += 1
        self._sample()

    def _still_busy(self) -> None:
        """A clip or a sheet may take longer than anybody waits; a picture may not."""
        if not self.app._jobs.busy:
            raise BrokenRuleError(f"the renderer is still at it: {self.app.thread.status}")

    def _reopen(self) -> None:
        """Close the window and open it again: what was there must be there again."""
        session = self.app.session
        before = session.recipe if session.own is None else session.own[0]
        self.app.close()
        self._remote.closed()
        self.tally.reopened += 1
        del self.app, self._gallery, self._hands
        gc.collect()  # a program opens its window once: nothing there waits for the next one
        self._open()
        rules.survived(before, self.app.session)
        rules.always(self.app, self._ears, self._fence.breaches)

    def _open(self) -> None:
        wake, store = Wake(), Store(self._home, take_seat(self._home))
        last = store.load()
        self.app = App(
            Window(TITLE, SIZE),
            self._make_thread(wake),
            wake,
            store,
            last,
            Folders(self._home, self._home / "captures"),
            clock=time.monotonic if self._real else lambda: self._now_s,
            choose=Dialogs(use_native=False),
        )
        self._gallery = self.app.instrument(Gallery)
        frame_s = None if self._real else FRAME_S
        self._hands = Hands(self.app.window, self._remote, frame_s)
        self._remote.opened(self.app)
        self.app.start()
        for _ in range(4):
            self._redraw([])
        self._sample(at_once=True)

    def _sample(self, at_once: bool = False) -> None:
        """Measure, always after the same rest: what is in use varies with what is being done."""
        samples = self.tally.samples
        at_s = time.monotonic() - self._begin_s
        if samples and at_s - samples[-1].at_s < SAMPLE_S and not at_once:
            return
        gc.collect()
        if self._real and not self._rested():
            self.tally.restless += 1
            return
        held = holdings(self.app) | {
            "renderers": float(self._remote.line.alive),
            "there_mb": self._remote.line.memory_mb,
        }
        samples.append(sample(time.monotonic() - self._begin_s, self.tally.reopened, held))
        if samples[-1].textures > rules.MAX_TEXTURES:
            raise BrokenRuleError(f"there are {samples[-1].textures} textures")
        if samples[-1].memory_mb > rules.MAX_MEMORY_MB:
            raise BrokenRuleError(f"{samples[-1].memory_mb:.0f} MB are in use")
        if held["windows"] > 1:
            raise BrokenRuleError("a window that was closed is still in memory")

    def _rested(self) -> bool:
        """Wait until nothing has been in work for a while; returns whether that came."""
        end_s = time.monotonic() + REST_WITHIN_S
        idle_s = time.monotonic()
        while time.monotonic() - idle_s < REST_S:
            self._redraw([])
            time.sleep(0.02)
            now_s = time.monotonic()
            if self.app._busy() or self.app.previews.wanting:
                idle_s = now_s
            if now_s > end_s:
                return False
        return True

    # -- small things ------------------------------------------------------------------------

    def _size(self) -> tuple[float, float]:
        size = imgui.get_main_viewport().size
        return size.x, size.y

    def _parameters(self) -> Parameters:
        return parameters_of(self.app.session.recipe, self.app.session.model)

    def _saved(self, path: Path) -> None:
        if path.is_relative_to(self._home / "captures"):  # elsewhere lie broken files, too
            proofs.whole(path)

    def _capture_folders(self) -> list[Path]:
        return [self._home / "captures", self.app.session.capture_folder]

    def _report(self, error: BaseException) -> str:
        tally = self.tally
        lines = "\n".join(tally.last)
        if not isinstance(error, BrokenRuleError):
            lines += "\n" + "".join(traceback.format_exception(error)[-5:])
        return (
            f"{lines}\n\nseed {tally.seed}, step {tally.step}: {type(error).__name__}: {error}\n"
            f"See it again: --replay {tally.seed} --until {tally.step}"
        )

    def __enter__(self) -> Monkey:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


@contextmanager
def _confined(home: Path) -> Iterator[None]:
    """The program's own file dialog leads nowhere else, and no file manager is opened."""
    ask = LocalFiles.ask

    def asked(source: LocalFiles, path: str, suffixes: tuple[str, ...], answer: Any) -> None:
        inside = Path(path or "/").resolve().is_relative_to(home.resolve())
        ask(source, path if inside else str(home), suffixes, answer)

    with (
        mock.patch.object(LocalFiles, "ask", asked),
        mock.patch.object(dropped_files, "show_in_file_manager", lambda folder: True),
    ):
        yield
