"""How smoothly the window moves when redraws are slow: run it by hand.

    python -m tests.benchmarks.motion [--seconds 20] [--delays 0 5 20 40 60]

Plays the tour and a timeline in the real program, with redraws that take the processor longer by
so many milliseconds, and prints for each: redraws and new pictures a second, the longest time
between two redraws, and how many of the window's contents, looked at twice a second, differ from
the one before.  The timeline holds a picture for its first third.  Needs a display, or Xvfb.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from msgspec.structs import replace

from renderer.recipe.recipe import LatentPart, Recipe
from renderer.timeline.timeline import KeyFrame, Timeline
from tests.benchmarks import ui
from tests.benchmarks.tables import Table, number, plain
from visualizer.app.app import App
from widgets.chrome.tour import StartTour, StopTour
from widgets.controls.timeline_view import Seek, SetTimeline, TogglePlay

LOOK_S = 0.5
WARM_UP_S = 2.0
LOAD = bytes(1 << 16)
Play = Callable[[App], None]


@dataclass
class Seen:
    """What the screen showed: when it was redrawn, with which picture, and how it looked."""

    redraws_s: list[float] = field(default_factory=list)
    pictures: list[int] = field(default_factory=list)
    looks: list[bytes] = field(default_factory=list)

    def row(self, name: str, delay_ms: float, seconds: float) -> tuple[str, ...]:
        """One line of the table."""
        changed = sum(before != after for before, after in pairwise(self.looks))
        pictures = sum(before != after for before, after in pairwise(self.pictures))
        longest_s = max(after - before for before, after in pairwise(self.redraws_s))
        return (
            f"{name}, + {delay_ms:.0f} ms",
            number(len(self.redraws_s) / seconds),
            number(pictures / seconds),
            number(longest_s * 1000),
            f"{changed} of {len(self.looks) - 1}",
        )


def tour(app: App) -> None:
    """Begin the tour."""
    app.commands.do(StartTour())


def playback(app: App) -> None:
    """Play a timeline that rests at first, and then goes to another seed and psi and back."""
    first = Recipe(model=app.session.recipe.model, latent=LatentPart(seed=1, target_seed=2))
    other = replace(first, latent=LatentPart(seed=5), psi=0.4)
    keys = (KeyFrame(0.0, first), KeyFrame(4.0, first), KeyFrame(8.0, other))
    app.commands.do(StopTour())
    app.commands.do(SetTimeline(Timeline(keys, 12.0, loop="loop")))
    app.commands.do(Seek(0.0))
    app.commands.do(TogglePlay())


def watch(app: App, play: Play, delay_s: float, seconds: float) -> Seen:
    """Let it play, with redraws that are longer by `delay_s`."""
    present, seen, looked_s = app.window.present, Seen(), 0.0

    def slowly() -> None:
        nonlocal looked_s
        now_s = time.perf_counter()
        while time.perf_counter() < now_s + delay_s:
            hashlib.sha256(LOAD)  # the processor's, but not Python's: as drawing in software is
        if now_s - looked_s >= LOOK_S:
            looked_s = now_s
            seen.looks.append(hashlib.sha256(app.window.pixels().tobytes()).digest())
        present()
        seen.redraws_s.append(time.perf_counter())
        seen.pictures.append(-1 if app.session.frame is None else app.session.frame.serial)

    app.window.present = slowly
    play(app)
    ui.loop(app, WARM_UP_S)
    for found in (seen.redraws_s, seen.pictures, seen.looks):
        found.clear()
    ui.loop(app, seconds)
    app.window.present = present
    return seen


def measured(seconds: float, delays_ms: list[float]) -> Table:
    """The whole table."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="stylegan-t-bench-") as home:
        app = ui.opened("demo", Path(home))
        for play in (tour, playback):
            for delay_ms in delays_ms:
                seen = watch(app, play, delay_ms / 1000, seconds)
                rows.append(seen.row(play.__name__, delay_ms, seconds))
        app.close()
    heads = ("", "redraws/s", "pictures/s", "longest gap ms", "looks that differ")
    note = f"{seconds:.0f} s each; OpenGL by {app.window.renderer}, {app.thread.device_name}."
    return Table("What moves by itself, by how much longer redraws take", heads, tuple(rows), note)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="How smoothly the window moves.")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--delays", type=float, nargs="+", default=[0, 5, 20, 40, 60])
    options = parser.parse_args()
    print(plain(measured(options.seconds, options.delays)))


if __name__ == "__main__":
    if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
        command = ["xvfb-run", "-a", "-s", "-screen 0 1920x1080x24", sys.executable, "-m"]
        sys.exit(subprocess.call([*command, "tests.benchmarks.motion", *sys.argv[1:]]))
    main()
