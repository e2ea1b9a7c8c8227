"""What a long history costs, in memory, on the disk and in every redraw: run it by hand.

    python -m tests.benchmarks.history [--redraws 200]

Needs a display, or Xvfb.  The recipes change as they do at work: now a prompt, now a seed, now a
weight of the mixing.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec.structs import replace

from renderer.recipe.history import (
    MAX_ENTRIES,
    MAX_STARS,
    History,
    StoredHistory,
    Storing,
    from_stored,
)
from renderer.recipe.recipe import (
    LatentPart,
    MixingPart,
    MixSource,
    MixTrack,
    Prompt,
    Recipe,
    TextPart,
)
from tests.visualizer.fake import FakeThread, renderers_with
from visualizer.app.app import App
from visualizer.instruments.history import HistoryKeeper
from visualizer.services.render_port import Wake
from visualizer.session.state import Folders, State, Store
from visualizer.window.window import TITLE, Window
from widgets.context import Options

SIZES = (0, 100, 1_000, MAX_ENTRIES)
ROW = "{:>8} {:>10} {:>12} {:>10} {:>10} {:>10}"


def recipes(count: int) -> Iterator[Recipe]:
    """Recipes as somebody at work makes them."""
    recipe = Recipe()
    for number in range(count):
        share = number / count
        match number % 4:
            case 0:
                words = f"a red house at sunset with a tree by the sea, number {number}"
                recipe = replace(recipe, text=TextPart((Prompt(words), Prompt("a boat", share))))
            case 1:
                recipe = replace(recipe, latent=LatentPart(seed=number))
            case 2:
                recipe = replace(recipe, psi=share)
            case _:
                source = MixSource(latent=MixTrack((share, 0.0, 1.0)))
                recipe = replace(recipe, mixing=MixingPart((source,)))
        yield recipe


def filled(count: int) -> History:
    """A history of `count` pictures, every fifth with a star."""
    history, last = History(), 0
    for number, recipe in enumerate(recipes(count)):
        entry = history.add(recipe, last)
        last = entry.number
        if number % 5 == 0 and history.stars < MAX_STARS:
            history.star(entry.number, True)
    return history


def kept(count: int) -> None:
    """Print what a history of `count` takes in memory and in a session file."""
    tracemalloc.start()
    history = filled(count)
    megabytes = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    begin_s = time.perf_counter()
    data = msgspec.json.encode(Storing().stored(history.entries))
    write_ms = (time.perf_counter() - begin_s) * 1000
    begin_s = time.perf_counter()
    entries = from_stored(msgspec.json.decode(data, type=StoredHistory))
    read_ms = (time.perf_counter() - begin_s) * 1000
    figures = (f"{megabytes:.1f} MB", f"{len(entries)}", f"{len(data) / 1000:.0f} kB")
    print(ROW.format(count, *figures, f"{write_ms:.1f} ms", f"{read_ms:.1f} ms"))


def redraws(app: App, count: int) -> str:
    """Median and 99th percentile of one redraw."""
    took = []
    for _ in range(count):
        begin_s = time.perf_counter()
        app.frame(wait=False)
        took.append((time.perf_counter() - begin_s) * 1000)
    took.sort()
    return f"{statistics.median(took):.1f} / {took[int(count * 0.99)]:.1f}"


def shown(count: int, turns: int, home: Path) -> None:
    """Print what the History tab costs with `count` pictures."""
    state = State(Recipe(psi=-1.0), Options(drawer="History", show_sidebar=False))
    thread, window = FakeThread(), Window(TITLE, (1600, 900))
    app = App(window, renderers_with(thread), Wake(), Store(home), state, Folders(home, home))
    app.start()
    keeper = app.instrument(HistoryKeeper)
    keeper._history = filled(count)
    redraws(app, 20)
    opened = redraws(app, turns)
    app.session.options = replace(app.session.options, drawer="")
    redraws(app, 5)
    print(f"{count:>8} {opened:>16} {redraws(app, turns):>16}")
    app.close()


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--redraws", type=int, default=200)
    turns: int = parser.parse_args().redraws
    print(ROW.format("pictures", "memory", "in session", "size", "write", "read"))
    for count in SIZES:
        kept(count)
    print(f"\n{'pictures':>8} {'redraw, open':>16} {'closed':>16}   (ms, median / p99)")
    for count in SIZES:
        with tempfile.TemporaryDirectory() as home:
            shown(count, turns, Path(home))


if __name__ == "__main__":
    main()
