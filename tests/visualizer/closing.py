"""The real program, busy with something, until it is closed.  A process of its own.

    python -m tests.visualizer.closing WHAT

WHAT is one of `BUSY`; "busy" is printed once it is at it.  Then it ends by itself when a line comes
in, as if the window were closed, or by a signal.
"""

from __future__ import annotations

import importlib
import sys
import threading
import time
from collections.abc import Callable

from msgspec.structs import replace

import stylegan_t
from renderer.files.video_settings import VideoKind, VideoSettings
from renderer.recipe.contact_sheet import Axis, Sheet
from renderer.recipe.recipe import LatentPart
from renderer.timeline.timeline import KeyFrame, Timeline
from tests.renderer.fakes import CountingLoader
from visualizer.app.app import App
from visualizer.app.shutdown import show
from visualizer.app.start import open_app
from visualizer.control.osc import OscSender
from visualizer.control.osc_packets import Message
from visualizer.instruments.grid import Sheets
from visualizer.instruments.timeline import Playback
from visualizer.services.instrument import Instrument
from widgets.controls.control_view import ChangeOsc
from widgets.controls.grid_view import SaveSheet, SetSheet
from widgets.controls.timeline_view import ExportVideo, SetTimeline, SetVideoSettings

LONG_S = 60.0
OSC_PORT = 17_913
Done = Callable[[], object]
"""Whether the program is at it."""


def resting(app: App, loader: CountingLoader) -> Done:
    """Nothing is going on."""
    return lambda: app.session.frame is not None and app.thread.status.kind == "idle"


def rendering(app: App, loader: CountingLoader) -> Done:
    """A picture that takes seconds, in blocks of a fifth of one."""
    loader.block_s = 0.2
    return lambda: loader.calls["block"] >= 1


def computing(app: App, loader: CountingLoader) -> Done:
    """A picture in the middle of one large product of matrices, which nothing interrupts."""
    import torch

    begun = threading.Event()

    def compute() -> None:
        a = torch.rand(6000, 6000)
        begun.set()
        for _ in range(20):
            a = a @ a

    loader.before_synthesis = compute
    return begun.is_set


def grinding(app: App, loader: CountingLoader) -> Done:
    """A picture in the middle of many small steps, between which nobody asks."""
    import torch

    begun = threading.Event()

    def grind() -> None:
        a, end_s = torch.rand(8, 8), time.monotonic() + LONG_S
        begun.set()
        while time.monotonic() < end_s:
            a = torch.nn.functional.conv2d(a[None, None], a[None, None, :3, :3], padding=1)[0, 0]

    loader.before_synthesis = grind
    return begun.is_set


def hanging(app: App, loader: CountingLoader) -> Done:
    """A picture that never comes."""
    loader.block_s = LONG_S
    return lambda: loader.calls["block"] >= 1


def loading(app: App, loader: CountingLoader) -> Done:
    """A model that is long in coming."""
    loader.load_s = 0.3
    return lambda: app.thread.status.kind == "loading"


def waiting(app: App, loader: CountingLoader) -> Done:
    """Many jobs for the renderer, the first of which takes its time."""
    for _ in range(50):
        app.thread.run(lambda renderer: time.sleep(0.05), "Waiting")
    return lambda: app.thread.status.text == "Waiting"


def filming(kind: VideoKind) -> Callable[[App, CountingLoader], Done]:
    """A clip on its way into a file."""

    def at_it(app: App, loader: CountingLoader) -> Done:
        rests, started = resting(app, loader), False
        keys = tuple(
            KeyFrame(60.0 * seed, replace(app.session.recipe, latent=LatentPart(seed=seed)))
            for seed in range(2)
        )
        playback = app.instrument(Playback)

        def begun() -> bool:
            nonlocal started
            if not started and rests():
                app.commands.do(SetTimeline(Timeline(keys, length_s=60.0)))
                app.commands.do(SetVideoSettings(VideoSettings(kind)))
                app.commands.do(ExportVideo())
                started = True
            return (progress := playback._export.progress) is not None and progress.share > 0.02

        return begun

    return at_it


def tiling(app: App, loader: CountingLoader) -> Done:
    """A sheet on its way into a file."""
    rests, started = resting(app, loader), False
    sheets = app.instrument(Sheets)

    def begun() -> bool:
        nonlocal started
        if not started and rests():
            app.commands.do(SetSheet(Sheet(Axis("seed", count=60), Axis("psi", count=40))))
            app.commands.do(SaveSheet())
            started = True
        return (progress := sheets._export.progress) is not None and progress.share > 0.004

    return begun


def listening(app: App, loader: CountingLoader) -> Done:
    """A flood of messages comes in."""
    app.commands.do(ChangeOsc("local", OSC_PORT))
    sender = OscSender("127.0.0.1", OSC_PORT)

    def flood() -> None:
        for number in range(1_000_000):
            sender.send([Message("/psi", (number % 100 / 100,))])
            time.sleep(0.0005)

    threading.Thread(target=flood, daemon=True).start()
    return lambda: app.session.recipe.psi != 1.0


BUSY: dict[str, Callable[[App, CountingLoader], Done]] = {
    "resting": resting,
    "rendering": rendering,
    "computing": computing,
    "grinding": grinding,
    "hanging": hanging,
    "loading": loading,
    "waiting": waiting,
    "filming an mp4": filming("mp4"),
    "filming a gif": filming("gif"),
    "filming pictures": filming("png"),
    "tiling": tiling,
    "listening": listening,
}


class Busy(Instrument):
    """Looks, on the window's own turn, whether the program is at it."""

    def __init__(self, app: App, done: Done) -> None:
        super().__init__(next(iter(app.instruments)).desk)
        self._done, self._said = done, False

    @property
    def moves(self) -> bool:
        """Until then frames come at full pace."""
        return not self._said

    def poll(self, now_s: float) -> None:
        """Say it once."""
        if not self._said and self._done():
            self._said = True
            print("busy", flush=True)


def preload() -> None:
    """Import everything that the program imports until it has shown a picture."""
    for name in (
        "renderer.files.video",
        "renderer.pipeline.render_thread",
        "visualizer.services.previews",
        "visualizer.window.texture",
    ):
        importlib.import_module(name)


def main(what: str) -> int:
    """Open the window, be busy, and be closed."""
    loader = CountingLoader()
    stylegan_t.load = loader
    app = open_app(None, "cpu", None)
    kinds = (*app.instruments[:-1], Busy(app, BUSY[what](app, loader)))
    app.instruments = (*kinds, app.saving)

    def watch() -> None:
        sys.stdin.readline()
        app._ask_close()

    threading.Thread(target=watch, daemon=True).start()
    return show(app)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
