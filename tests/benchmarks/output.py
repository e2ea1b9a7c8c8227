"""The price of the clean output and of sinks: frames per second with and without, taking turns.

    xvfb-run -a -s "-screen 0 3840x1080x24" python -m tests.benchmarks.output

Every frame shows another picture of a renderer that answers at once, so nothing but the window is
measured.  The clean output is a window of 1920 x 1080.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from renderer.recipe.recipe import LatentPart, Recipe
from tests.benchmarks.tables import Table, plain, spread
from tests.visualizer.fake import FakeThread, renderers_with
from visualizer.app.app import App
from visualizer.instruments.output import Output
from visualizer.services.render_port import Wake
from visualizer.session.state import Folders, State, Store
from visualizer.sinks.layouts import with_alpha
from visualizer.sinks.sink import Picture, Sink
from visualizer.window.window import Window
from widgets.output import OutputOptions

SIDE = 512
FRAMES, ROUNDS, WARM = 60, 6, 5
OUTPUT = OutputOptions(place="window", box=(1900, 0, 1920, 1080))


class Measuring(Sink):
    """Takes pictures as NDI does, up to the library, and notes how old they are then."""

    def __init__(self) -> None:
        self.ages_ms: list[float] = []

    def take(self, picture: Picture) -> None:
        """Bring it into the layout that receivers want."""
        with_alpha(picture.pixels())
        self.ages_ms.append((time.monotonic() - picture.time_s) * 1000)


def measured() -> list[Table]:
    """The tables."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        thread = FakeThread()
        pixels = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
        window, folders = Window("benchmark", (1280, 900)), Folders(home, home)
        app = App(window, renderers_with(thread), Wake(), Store(home), State(), folders)
        app.start()
        rates: dict[str, list[float]] = {"alone": [], "clean output": [], "sink": []}
        sink, count, report = Measuring(), 0, None
        sinks = app.instrument(Output).desk.sinks
        for _ in range(ROUNDS):
            for way, samples in rates.items():
                wanted = replace(OUTPUT, on=way == "clean output")
                app.session.options = replace(app.session.options, output=wanted)
                if way == "sink":
                    sinks.open("benchmark", "Benchmark", lambda: sink)
                begin_s = 0.0
                for frame in range(FRAMES + WARM):
                    if frame == WARM:
                        begin_s = time.perf_counter()
                    count += 1
                    thread.picture = np.roll(pixels, count, 0)
                    app.session.edit(Recipe(latent=LatentPart(seed=count)))
                    app.frame(wait=False)
                samples.append(FRAMES / (time.perf_counter() - begin_s))
                report = sinks.report("benchmark") or report
                sinks.close("benchmark", 5.0)
        where = window.renderer
        app.close()
    rows = [
        (way, f"{statistics.median(samples):.1f}", f"{min(samples):.1f}", f"{max(samples):.1f}")
        for way, samples in rates.items()
    ]
    note = f"{where}; pictures of {SIDE} pixels, {ROUNDS} turns of {FRAMES} frames each."
    dropped = 0 if report is None else report.dropped
    ages = (("shown until taken", *spread(sink.ages_ms)),)
    return [
        Table("window with outputs", ("", "median fps", "min", "max"), tuple(rows), note),
        Table(
            "age of a picture at a sink",
            ("", "median ms", "p99 ms", "runs"),
            ages,
            f"{dropped} dropped in the last turn.",
        ),
    ]


if __name__ == "__main__":
    for table in measured():
        print(plain(table))
