"""The renderer over lines of several delays and rates, beside one in this process.

    python -m tests.benchmarks.remote [--seconds 4] [--rounds 5] [--host me@box] [--first 9]

For each line: a key to its picture (median, and the 99th of a hundred), a drag (pictures a second,
bytes a second, the age of a picture when it comes), and how soon exact pixels follow at rest.  A
line's delay is there and back; lines are shaped in this process, on both ways.
"""

from __future__ import annotations

import argparse
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from statistics import median, quantiles
from typing import Any, BinaryIO

from msgspec.structs import replace

from renderer.frame.frame import Frame
from renderer.pipeline.render_thread import RenderThread
from renderer.recipe.recipe import ModelRef, Recipe
from renderer.remote.client import RemoteThread
from renderer.remote.connection import Connection, ProcessConnection, here, over_ssh
from renderer.remote.folders import Folders
from renderer.remote.server import Server
from stylegan_t.demo.built_in import BUILT_IN
from tests.renderer.fakes import CountingLoader, tiny_model
from visualizer.cli import LARGE_PAGES

LINES = (
    ("this process", None, None),
    ("raw pipe", 0.0, 0.0),
    ("20 ms, 50 Mbit/s", 0.020, 50e6),
    ("100 ms, 50 Mbit/s", 0.100, 50e6),
    ("20 ms, 5 Mbit/s", 0.020, 5e6),
    ("100 ms, 5 Mbit/s", 0.100, 5e6),
)
"""Name, delay there and back in seconds, bits a second (0 for no limit)."""
KEYS = 40
BASE = 2048
"""Four channels at 512 pixels."""
WAIT_S = 30.0
PIECE = 4096
Figures = tuple[float, float, float, float, float, float]


class Shaped:
    """A connection whose bytes take their time.

    Args:
        inner: the connection.
        delay_s: there and back.
        bits_s: bits a second on each way; 0 for no limit.
    """

    def __init__(self, inner: Connection, delay_s: float, bits_s: float) -> None:
        self._inner, self.bytes = inner, 0
        reads, mouth = os.pipe()
        ear, writes = os.pipe()
        self.reads, self.writes = os.fdopen(reads, "rb"), os.fdopen(writes, "wb")
        self._mouth, self._ear = os.fdopen(mouth, "wb"), os.fdopen(ear, "rb")
        for source, sink in ((inner.reads, self._mouth), (self._ear, inner.writes)):
            self._road(source, sink, delay_s / 2, bits_s / 8)

    def _road(self, source: BinaryIO, sink: BinaryIO, delay_s: float, rate: float) -> None:
        on_way: queue.Queue[tuple[float, bytes]] = queue.Queue(
            max(4, int(rate * max(delay_s, 0.02) / PIECE) + 4) if rate else 0
        )

        def enter() -> None:
            free_s = 0.0
            while data := os.read(source.fileno(), PIECE):
                now_s = time.monotonic()
                free_s = max(free_s, now_s) + (len(data) / rate if rate else 0.0)
                self.bytes += len(data) if sink is self._mouth else 0
                on_way.put((free_s + delay_s, data))
            on_way.put((0.0, b""))

        def leave() -> None:
            while True:
                due_s, data = on_way.get()
                time.sleep(max(due_s - time.monotonic(), 0.0))
                try:
                    if not data:
                        sink.close()
                        return
                    sink.write(data)
                    sink.flush()
                except (OSError, ValueError):
                    return

        for work in (enter, leave):
            threading.Thread(target=_quietly, args=(work,), daemon=True).start()

    def said(self) -> str:
        """See `Connection`."""
        return self._inner.said()

    def complaint(self) -> str:
        """See `Connection`."""
        return self._inner.complaint()

    def ending(self) -> str:
        """See `Connection`."""
        return ""

    def close(self) -> None:
        """See `Connection`."""
        self._inner.close()
        self._mouth.close()


def _quietly(work: Callable[[], None]) -> None:
    try:
        work()
    except (OSError, ValueError):
        return


def small_renderer(wake: Callable[[], None], resolution: int = 512) -> RenderThread:
    """A render thread with a model of a few thousand weights."""
    loader = CountingLoader()
    loader.make = lambda name: tiny_model(1, resolution, base=BASE)
    return RenderThread("cpu", wake, load=loader)


def serve_small() -> None:
    """Be the renderer at the other end: in a process of its own, as there always is."""
    Server(sys.stdin.buffer, sys.stdout.buffer, small_renderer, Folders(())).run()
    os._exit(0)


class Player:
    """Plays on a renderer, and keeps the time."""

    def __init__(self, thread: Any, woken: threading.Event, recipe: Recipe) -> None:
        self.thread, self.woken, self.recipe = thread, woken, recipe

    def frames(self, until: Callable[[Frame], bool], limit_s: float = WAIT_S) -> list[Frame]:
        """Take frames until one is enough, or for so long."""
        end_s, came = time.monotonic() + limit_s, []
        while time.monotonic() < end_s:
            if (frame := self.thread.take()) is not None:
                assert frame.error is None, frame.error
                came.append(frame)
                if until(frame):
                    break
            self.woken.wait(0.002)
            self.woken.clear()
        return came

    def key(self, psi: float, *, exact: bool = False) -> float:
        """Seconds from a change to its picture."""
        begun_s = time.monotonic()
        self.thread.submit(replace(self.recipe, psi=psi))
        self.frames(lambda f: f.recipe.psi == psi and not f.early and f.exact >= exact)
        return time.monotonic() - begun_s

    def drag(self, seconds: float) -> tuple[float, float]:
        """Pictures a second, and the median age of one in seconds."""
        begun_s, sent, ages = time.monotonic(), dict[float, float](), list[float]()
        while (now_s := time.monotonic()) - begun_s < seconds:
            psi = 0.2 + (now_s - begun_s) / 10
            sent[psi] = now_s
            self.thread.submit(replace(self.recipe, psi=psi))
            for frame in self.frames(lambda f: False, 0.016):
                if frame.recipe.psi in sent and not frame.early:
                    ages.append(time.monotonic() - sent[frame.recipe.psi])
        return len(ages) / seconds, median(ages) if ages else float("nan")


def measured(player: Player, line: list[Shaped], seconds: float) -> Figures:
    """The figures of one line."""
    player.key(0.11)
    player.drag(1.0)
    keys = [player.key(0.3 + at / 1000) for at in range(KEYS)]
    before = line[0].bytes if line else 0
    rate, age_s = player.drag(seconds)
    carried = (line[0].bytes - before) / seconds if line else 0.0
    rest_s = player.key(0.77, exact=True)
    late_s = quantiles(keys, n=100)[-1]
    return median(keys) * 1e3, late_s * 1e3, rate, age_s * 1e3, carried / 1e6, rest_s * 1e3


def played(name: str, connect: Callable[[], Connection] | None, shape: Any, args: Any) -> Figures:
    """Measure one line; without `connect`, a renderer in this process."""
    woken, lines = threading.Event(), list[Shaped]()
    if connect is None:
        thread: Any = shape(woken.set)
    else:
        delay_s, bits_s = shape

        def shaped() -> Shaped:
            lines.append(Shaped(connect(), delay_s, bits_s))
            return lines[-1]

        thread = RemoteThread(shaped, name, woken.set)
    thread.start()
    try:
        return measured(Player(thread, woken, args.recipe), lines, args.seconds)
    finally:
        thread.stop(5.0)


def table(title: str, local: Any, connect: Callable[[], Connection], args: Any) -> None:
    """Print the rows of one model: medians of rounds, in each of which every line has its turn."""
    print(f"\n{title}\n{'line':20} key ms     p99  drag/s  age ms    MB/s rest ms", flush=True)
    lines = [line for line in LINES if not args.line or line[0] in args.line]
    came: dict[str, list[Figures]] = {name: [] for name, *_ in lines}
    for _ in range(args.rounds):
        for name, delay_s, bits_s in lines:
            inside = delay_s is None
            shape = local if inside else (delay_s, bits_s)
            came[name].append(played(name, None if inside else connect, shape, args))
    for name, rounds in came.items():
        figures = (median(each) for each in zip(*rounds, strict=True))
        print(f"{name:20} " + " ".join(f"{one:7.2f}" for one in figures), flush=True)


def first(name: str, make: Callable[[Callable[[], None]], Any], times: int) -> str:
    """A row on the first picture: until the renderer answers, until its picture is there."""
    answered, shown = list[float](), list[float]()
    for _ in range(times):
        woken, begun_s = threading.Event(), time.monotonic()
        thread = make(woken.set)
        thread.start()
        thread.submit(Recipe())
        while (frame := thread.take()) is None or frame.early:
            if len(answered) == len(shown) and getattr(thread, "ready", True):
                answered.append(time.monotonic() - begun_s)
            woken.wait(0.002)
            woken.clear()
        if len(answered) == len(shown):
            answered.append(time.monotonic() - begun_s)
        shown.append(time.monotonic() - begun_s)
        thread.stop(5.0)
    return f"{name:20} {median(answered):9.2f} {median(shown):9.2f}"


def first_pictures(args: Any) -> None:
    """Print how long the first picture takes, from the start of the renderer; PyTorch is imported
    here already."""
    print(f"first picture of {Recipe().model.path}, s  answers   picture", flush=True)
    there = here("cpu")
    print(first("this process", lambda wake: RenderThread("cpu", wake), args.first))
    for name, command in (
        ("a process of its own", there),
        *((("over ssh", over_ssh(args.host, "cpu")),) if args.host else ()),
    ):

        def make(wake: Callable[[], None], line: list[str] = command) -> RemoteThread:
            return RemoteThread(partial(ProcessConnection, line), "there", wake)

        print(first(name, make, args.first), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the renderer over lines.")
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--host", default="", help="over ssh instead of a process on this computer")
    parser.add_argument("--models", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--line", action="append", choices=[line[0] for line in LINES])
    parser.add_argument("--serve-small", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--first", type=int, default=0, help="measure only so many first pictures")
    args = parser.parse_args()
    os.environ.setdefault(LARGE_PAGES, "1")  # as the program asks for, before PyTorch reads it
    if args.serve_small:
        serve_small()
    if args.first:
        first_pictures(args)
        return
    command = over_ssh(args.host, "cpu") if args.host else here("cpu")
    for model in BUILT_IN if args.models else ():
        args.recipe = Recipe(model=ModelRef(model))
        title = f"{model}, at {args.host or 'a process of its own'}"
        table(title, partial(RenderThread, "cpu"), partial(ProcessConnection, command), args)
    args.recipe = Recipe(model=ModelRef("small"))

    there = [sys.executable, "-m", "tests.benchmarks.remote", "--serve-small"]
    title = "512 px, a few thousand weights, at a process of its own"
    table(title, small_renderer, partial(ProcessConnection, there), args)


if __name__ == "__main__":
    main()
