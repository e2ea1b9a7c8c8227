"""From the command to an open window: fast to something on the screen, then everything else."""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import click
import msgspec
from imgui_bundle import imgui

from renderer.pipeline.painter import MakeWorker
from renderer.recipe.fresh import FRESH
from renderer.recipe.recipe import ModelRef, Recipe
from renderer.recipe.remote_paths import trust
from renderer.remote.wire import LineError
from stylegan_t.terminal.home import ensure_home
from visualizer.app.app import App
from visualizer.app.shutdown import AT_EXIT, show
from visualizer.instruments.presets import Presets
from visualizer.options.output_options import NO_WISH, OutputWish
from visualizer.options.renderer_place import HERE, Place
from visualizer.services.render_port import Renderers, Rendering, Wake
from visualizer.session import state
from visualizer.session.preset_file import Parts
from visualizer.session.seats import take_seat
from visualizer.window.display import WindowError
from visualizer.window.shared_glfw import glfw
from visualizer.window.window import TITLE, Window
from widgets import scopes, theme
from widgets.actions import OpenFiles
from widgets.chrome.tour import StartTour

logger = logging.getLogger(__name__)
SWITCH_S = 0.0005
"""Seconds that a thread may keep Python to itself: short, so that the window is not held up."""


def open_app(model: str | None, device: str, recipe: Recipe | None, place: Place = HERE) -> App:
    """Open the window, show that it is loading, and prepare everything behind that.

    Otherwise the end of Python closes it.

    Raises:
        WindowError: the window cannot be opened, or there is no such device or folder of the
            program.
    """
    ensure_home()
    try:
        folders = state.folders()
    except click.ClickException as error:
        raise WindowError(f"{state.HOME_VARIABLE} cannot be used: {error.message}") from error
    store = state.Store(folders.state, take_seat(folders.state))
    last = store.load()
    known = last.window or state.WindowSize()
    size = (known.width, known.height) if last.window else None
    window = Window(TITLE, size, maximized=known.maximized)
    splash(window, "Starting PyTorch…", last.options.zoom)
    # Importing PyTorch holds Python for a second or more, so it happens now, behind the splash;
    # in a thread it would stall the window all the same.
    import torch

    logger.info("PyTorch %s", torch.__version__)
    splash(window, "Preparing the renderer…", last.options.zoom)
    # These need PyTorch, too.
    from renderer.models.device import DeviceError, choose
    from renderer.models.worker_devices import worker_devices
    from renderer.pipeline.render_thread import RenderThread
    from renderer.remote.workers import workers_on

    gc.freeze()  # modules stay: going over all of them again would stop the window for 0.1 s
    sys.setswitchinterval(SWITCH_S)
    wake = Wake()

    def makers(place: Place) -> Callable[[str], Rendering]:
        if place.here:
            return lambda wanted: RenderThread(wanted, wake)
        return lambda wanted: place.thread(wanted, wake)

    def workers(place: Place, thread: Rendering) -> Sequence[MakeWorker]:
        if isinstance(thread, RenderThread):
            return workers_on(worker_devices(place.workers, thread.device))
        return ()  # they are where the renderer is

    try:
        note = choose(device).note if place.here else ""  # its devices are known there
        renderers = Renderers(makers(place), device, place, makers, workers, wake)
    except (DeviceError, LineError) as error:
        window.close()
        raise WindowError(str(error)) from error
    app = App(window, renderers, wake, store, last, folders, _first(model, recipe, last.recipe))
    app.session.greets = recipe is None and last.recipe is None  # whatever model was named
    AT_EXIT.hold(app)
    if model is None and (former := app.session.met_again()):
        app.session.say(former)
    if note:
        app.session.say(note, "warning")
    return app


def _first(model: str | None, recipe: Recipe | None, last: Recipe | None) -> Recipe | None:
    """The recipe to begin with, or None for the one of the last run."""
    chosen = recipe or last
    if model is None:
        return recipe if chosen else FRESH
    trust(model)
    return msgspec.structs.replace(chosen or Recipe(), model=ModelRef(path=model))


def splash(window: Window, text: str, zoom: float = 1.0) -> None:
    """Show the program's name and what is being done, while nothing else can be shown."""
    glfw.poll_events()
    for _ in range(2):  # some window managers show nothing of the first frame
        window.begin_frame(zoom)
        size = imgui.get_main_viewport().size
        draw = imgui.get_foreground_draw_list()
        for line, font, height, tint, below in (
            (TITLE, window.fonts.bold, theme.em(theme.HERO_PX / theme.FONT_PX), theme.TEXT, -1.6),
            (text, window.fonts.body, theme.em(1), theme.DIM, 0.6),
        ):
            with scopes.font(font, height / theme.em(1) * theme.FONT_PX):
                width = imgui.calc_text_size(line).x
            at = ((size.x - width) / 2, size.y / 2 + theme.em(below))
            draw.add_text(font, height, at, theme.ink(tint), line)
        window.end_frame()
        window.present()


def run(
    model: str | None = None,
    device: str = "auto",
    recipe: Recipe | None = None,
    *,
    tour: bool = False,
    file: Path | None = None,
    place: Place = HERE,
    output: OutputWish = NO_WISH,
    preset: tuple[str, Parts] | None = None,
) -> int:
    """Open the window and show it until it is closed.

    Args:
        model: a checkpoint's path or a built-in one; None opens the one of the last run.
        device: "auto", "cuda", "mps" or "cpu".
        recipe: to begin with; None goes on where the last run ended.
        tour: begin with the tour.
        file: opened as if it was dropped on the window.
        place: where pictures are computed.
        output: where else the picture goes.
        preset: the name and the parts of what is set up around the picture.

    Returns:
        The program's exit status: 0, or 2 when there is no display or no such device.
    """
    try:
        app = open_app(model, device, recipe, place)
    except WindowError as error:
        print(error, file=sys.stderr)
        return 2
    if preset is not None:
        app.instrument(Presets).take(preset[1], preset[0])
    options = app.session.options
    wanted = output.applied(options.output)
    app.session.options = msgspec.structs.replace(options, output=wanted)
    if tour:
        app.commands.do(StartTour())
    if file is not None:
        app.commands.do(OpenFiles((str(file),)))
    return show(app)
