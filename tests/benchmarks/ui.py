"""How fast the window is, measured on the real program: run it by hand.

    python -m tests.benchmarks.ui [--model demo] [--seconds 10]

Prints: start to the first redraw and to the first picture; time from a key press to the picture
that follows it; pictures a second while psi is dragged; the whole time of a redraw, swap included,
while the renderer is busy; processor time while nothing happens.  Needs a display, or Xvfb.
"""

from __future__ import annotations

import time

BEGIN_S = time.perf_counter()

import argparse  # noqa: E402 - the clock starts before the imports: they are part of the start
import json  # noqa: E402
import math  # noqa: E402
import os  # noqa: E402
import random  # noqa: E402
import resource  # noqa: E402
import shutil  # noqa: E402
import statistics  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
import threading  # noqa: E402
from collections.abc import Sequence  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

import msgspec  # noqa: E402
from imgui_bundle import imgui  # noqa: E402

from visualizer.app import start  # noqa: E402
from visualizer.app.app import App  # noqa: E402

PROMPT = (200.0, 110.0)
"""A place inside the prompt's text box, in a window with its panels as at first."""
KEYS = 40
WORDS = "a red house at sunset with a tree by the sea and a moon "


def percentile(samples: Sequence[float], share: float) -> float:
    """The sample below which `share` (0 to 1) of all lie."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def told(name: str, samples: Sequence[float], unit: str = "ms") -> None:
    """Print median and 99th percentile."""
    median, worst = statistics.median(samples), percentile(samples, 0.99)
    print(f"{name}: median {median:.1f} {unit}, p99 {worst:.1f} {unit}, {len(samples)} samples")


def event(app: App, *calls: tuple[str, tuple[object, ...]]) -> None:
    """Draw one frame in which Dear ImGui sees these input events."""
    io = imgui.get_io()

    def inject() -> None:
        io.add_mouse_pos_event(*PROMPT)
        for name, arguments in calls:
            getattr(io, name)(*arguments)

    app.window.inject = inject
    app.window.events += 1
    app.frame()
    app.window.inject = lambda: io.add_mouse_pos_event(*PROMPT)


def key_to_picture(app: App) -> list[float]:
    """Milliseconds from each of some key presses to its picture's presentation."""
    for down in (True, False):
        event(app, ("add_mouse_button_event", (0, down)))
    times = []
    for index in range(KEYS):
        rest_s = time.perf_counter() + random.uniform(0.1, 0.3)
        while time.perf_counter() < rest_s:
            app.frame()
        character = WORDS[index % len(WORDS)]
        wanted = app.session.recipe.text.prompts[0].text + character
        begin_s = time.perf_counter()
        event(app, ("add_input_character", (ord(character),)))
        while _shown(app) != wanted:
            app.frame()
            assert time.perf_counter() - begin_s < 20, "the picture does not come"
        times.append((time.perf_counter() - begin_s) * 1000)
    return times


def _shown(app: App) -> str:
    """The prompt of the picture on the screen."""
    return app.session.frame.recipe.text.prompts[0].text if app.session.frame else ""


def drag(app: App, seconds: float) -> tuple[float, float, list[float]]:
    """Drag psi to and fro.  Returns pictures a second, redraws a second, ms of each redraw."""
    shown, redraws, last = 0, [], None
    begin_s = time.perf_counter()
    while (passed_s := time.perf_counter() - begin_s) < seconds:
        psi = round(0.5 + 0.5 * math.sin(passed_s * 2), 4)
        app.session.edit(msgspec.structs.replace(app.session.recipe, psi=psi), "drag")
        until_s = app._pacer.last_frame_s + app._pacer.period_s
        time.sleep(max(0.0, until_s - time.monotonic()))
        work_s = time.perf_counter()
        app.frame(wait=False)
        redraws.append((time.perf_counter() - work_s) * 1000)
        if app.session.frame is not last:
            shown, last = shown + 1, app.session.frame
    return shown / seconds, len(redraws) / seconds, redraws


def idle(app: App, seconds: float) -> float:
    """Percent of one core that the program uses while nothing happens."""
    app.window.inject = None
    loop(app, 12.0)  # until the last notice and the last figures have gone
    used_s, begin_s = _cpu_s(), time.perf_counter()
    loop(app, seconds)
    return 100 * (_cpu_s() - used_s) / (time.perf_counter() - begin_s)


def loop(app: App, seconds: float) -> None:
    """The main loop for a while."""
    timer = threading.Timer(seconds, app._wake)  # the loop sleeps: be back in time
    timer.start()
    while timer.is_alive():
        app.frame()


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def opened(model: str, home: Path, marks: dict[str, float] | None = None) -> App:
    """Open the window and wait for the first picture.

    Args:
        model: what to show.
        home: where the program keeps its things.
        marks: gets the seconds from the start of this module to "first redraw" and "first picture".
    """
    os.environ["STYLEGAN_T_HOME"] = str(home)
    marks, splash = {} if marks is None else marks, start.splash

    def noted(*arguments: Any) -> None:
        splash(*arguments)
        marks.setdefault("first redraw", time.perf_counter() - BEGIN_S)

    start.splash = noted
    app = start.open_app(model, "auto", None)
    start.splash = splash
    app.start()
    while app.session.frame is None and app.session.error is None:
        app.frame()
    marks["first picture"] = time.perf_counter() - BEGIN_S
    if app.session.error is not None:
        sys.exit(app.session.error)
    return app


def started(home: Path, begun_s: float) -> None:
    """Print as JSON when the first redraw and the first picture came, in seconds since `begun_s`
    (of the system's clock), and how much memory was in use at most."""
    late_s = time.time() - begun_s - (time.perf_counter() - BEGIN_S)
    marks: dict[str, float] = {}
    app = opened("demo", home, marks)
    found = {name: seconds + late_s for name, seconds in marks.items()}
    app.close()
    print(json.dumps({**found, "MB": peak_megabytes()}))


def peak_megabytes() -> float:
    """The most memory that this process had so far; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    return int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024


def main() -> None:
    """Open the window and measure."""
    parser = argparse.ArgumentParser(description="How fast the window is.")
    parser.add_argument("--model", default="demo")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--start", nargs=2, metavar=("HOME", "BEGUN"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.start:
        started(Path(options.start[0]), float(options.start[1]))
        return
    home = Path(tempfile.mkdtemp(prefix="stylegan-t-bench-"))
    marks: dict[str, float] = {}
    app = opened(options.model, home, marks)
    for name, seconds in marks.items():
        print(f"start to {name}: {seconds:.2f} s")
    told("key press to its picture", key_to_picture(app))
    pictures, redraws, times = drag(app, options.seconds)
    print(f"dragging psi: {pictures:.1f} pictures/s, {redraws:.1f} redraws/s")
    told("redraw while rendering", times)
    print(f"idle: {idle(app, options.seconds):.2f}% of one core")
    app.close()
    shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
        command = ["xvfb-run", "-a", "-s", "-screen 0 1920x1080x24", sys.executable, "-m"]
        sys.exit(subprocess.call([*command, "tests.benchmarks.ui", *sys.argv[1:]]))
    main()
