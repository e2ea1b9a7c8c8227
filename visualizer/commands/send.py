"""`stylegan-t send`: plays, listens and sends pictures to other programs, without a window."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click
from msgspec import Raw
from msgspec.structs import replace

from renderer.files.embedded_timeline import read_video_timeline
from renderer.files.kinds import identify
from renderer.recipe.fresh import FRESH
from renderer.recipe.recipe import ModelRef, Recipe
from renderer.timeline.timeline import LOOPS, MAX_FPS, Loop, Timeline, recipe_at
from stylegan_t.demo.built_in import is_built_in
from stylegan_t.errors import ExplainedError
from stylegan_t.terminal.console import say
from stylegan_t.terminal.home import ensure_home
from stylegan_t.terminal.progress_line import ProgressLine
from visualizer.commands.preset_option import NamedPreset, preset_option
from visualizer.commands.render import start_recipe
from visualizer.options.output_options import OutputWish, sink_options
from visualizer.options.paths import typed_path
from visualizer.services.signals import Signals
from visualizer.session.session_file import read_session
from visualizer.sinks.kinds import KINDS
from widgets.actions import Tone
from widgets.context import Options
from widgets.controls.recording_view import Record
from widgets.controls.timeline_view import TogglePlay
from widgets.output import OutputOptions

if TYPE_CHECKING:
    from visualizer.app.stage import Stage

RATE_S = 1.0
"""Seconds between two looks at the rate."""
LOGGED_S = 10.0
"""Seconds between two lines of it where no person looks."""


@click.command(
    short_help="Send pictures to other programs, without a window.",
    epilog="""\b
    stylegan-t send take-0001.take --ndi Stage
    stylegan-t send session.json --camera --loop loop
    stylegan-t send demo --ndi Stage --osc 9000 --midi "nanoKONTROL2"
    stylegan-t send --preset stage.json
    stylegan-t send --recipe house.png --record --osc 9000 --seconds 60
    """,
)
@click.argument("file", required=False)
@click.option("--recipe", "recipe_file", metavar="FILE", help="A picture or JSON to start from.")
@sink_options
@preset_option
@click.option("--record", is_flag=True, help="Record a take and a video among the captures.")
@click.option("--osc", type=click.IntRange(1, 65535), metavar="PORT", help="Listen to OSC there.")
@click.option("--anywhere", is_flag=True, help="With --osc: listen to other computers too.")
@click.option("--midi", metavar="NAME", help="Listen to a MIDI controller of that name.")
@click.option("--loop", type=click.Choice(LOOPS), help="Replaces the timeline's own setting.")
@click.option(
    "--fps",
    type=click.IntRange(1, MAX_FPS),
    default=60,
    show_default=True,
    metavar="N",
    help="Maximum number of pictures per second.",
)
@click.option("--seconds", type=click.FloatRange(0.1), metavar="S", help="End after S seconds.")
@click.option("--device", default="auto", metavar="NAME", help="auto, cuda, cuda:1, mps or cpu.")
def send(
    file: str | None,
    recipe_file: str | None,
    output: OutputWish,
    preset: NamedPreset | None,
    record: bool,
    osc: int | None,
    anywhere: bool,
    midi: str | None,
    loop: Loop | None,
    fps: int,
    seconds: float | None,
    device: str,
) -> None:
    """Send pictures to other programs without a window: no display is needed.

    FILE is a take, a timeline, a session or a video, which is played, or "demo" or a checkpoint
    file. A session brings its moments and its music along. What listens is what was set up in the
    window or --preset, or what --osc and --midi name. A mapped gamepad is heard where there is a
    display; Windows and macOS always have one. It ends with the timeline where that plays once and
    nothing listens, after --seconds, or with Ctrl+C.
    """
    _check_sinks(output, record or preset is not None)
    if anywhere and osc is None:
        raise click.UsageError("--anywhere says who may send OSC: give --osc too.")
    timeline, recipe, parts = _source(file, recipe_file)
    if timeline is not None and loop is not None:
        timeline = replace(timeline, loop=loop)
    elif loop is not None:
        raise click.UsageError("--loop needs a timeline or a take to play.")
    progress = ProgressLine()
    stage = _stage(recipe, output, device, fps, progress)
    stage.restore(parts)
    if preset is not None:
        _set_up(stage, preset, output, record)
    _listen(stage, osc, anywhere, midi)
    _perform(stage, timeline, record, seconds, progress)


def _check_sinks(output: OutputWish, record: bool) -> None:
    if not output.sinks and not record:
        options = ", ".join(f"--{kind.key}" for kind in KINDS)
        raise click.UsageError(f"Say where the pictures go: {options} or --record.")
    for kind in (kind for kind in KINDS if kind.key in output.sinks):
        if not kind.here:
            raise click.ClickException(f"{kind.title} does not exist on this system.")
        if kind.missing:
            raise click.ClickException(f"{kind.title}: {kind.missing}")


_Source = tuple[Timeline | None, Recipe, Mapping[str, Raw]]


def _source(file: str | None, recipe_file: str | None) -> _Source:
    """Return the timeline to be played, if any, the first recipe, and the parts of a session."""
    recipe = FRESH if recipe_file is None else start_recipe(recipe_file)
    if file is None:
        return None, recipe, {}
    if is_built_in(file):
        return None, replace(recipe, model=ModelRef(file)), {}
    path = typed_path(file)
    kind = identify(path)
    if kind == "model":
        return None, replace(recipe, model=ModelRef(str(path.absolute()))), {}
    if kind in ("picture", "recipe"):
        return None, start_recipe(file), {}
    try:
        session = read_session(path) if kind == "session" else None
        timeline = read_video_timeline(path, say)
    except ExplainedError as error:
        raise click.ClickException(str(error)) from error
    parts = {} if session is None else session.parts
    if not timeline.empty:
        return timeline, recipe_at(timeline, 0.0), parts
    if session is None:
        raise click.ClickException(f"{path.name} has no key frames.")
    return None, session.recipe, parts


def _stage(
    recipe: Recipe, output: OutputWish, device: str, fps: int, progress: ProgressLine
) -> Stage:
    progress.tell("Starting PyTorch")
    # PyTorch starts here, after the line that says so
    from renderer.models.device import DeviceError, choose
    from renderer.pipeline.render_thread import RenderThread
    from visualizer.app.stage import Bell, Stage
    from visualizer.services.render_port import Renderers
    from visualizer.session.state import folders

    def tell(text: str, tone: Tone) -> None:
        if stage.pictures or text != _refusal(stage):  # else it is the last word of the command
            progress.say(text if tone in ("info", "good") else f"Note: {text}")

    ensure_home()
    bell, options = Bell(), Options(output=output.applied(OutputOptions()))
    try:
        choose(device)
        renderers = Renderers(lambda wanted: RenderThread(wanted, bell), device)
    except DeviceError as error:
        progress.done()
        raise click.ClickException(str(error)) from error
    stage = Stage(renderers, bell, recipe, options, folders(), tell, fps=fps)
    return stage


def _set_up(stage: Stage, preset: NamedPreset, output: OutputWish, record: bool) -> None:
    """Take a preset, with the sinks of the command line beside its own."""
    # the window's libraries: not before the options are checked
    from visualizer.instruments.presets import Presets

    name, parts = preset
    stage.instrument(Presets).take(parts, name)
    options = stage.session.options
    wanted = output.applied(options.output)
    stage.session.options = replace(options, output=wanted)
    if not wanted.sinks and not record:
        raise click.ClickException(f"The preset {name} sends pictures to no other program.")


def _listen(stage: Stage, osc: int | None, anywhere: bool, midi: str | None) -> None:
    """Listen to what the command line names, without keeping it for the window."""
    # what the window needs, too: not before the options are checked
    from visualizer.control.instrument import Control

    control = stage.instrument(Control)
    changes: dict[str, object] = {}
    if osc is not None:
        changes |= {"osc": True, "port": osc, "anywhere": anywhere}
    if midi is not None:
        changes["midi"] = midi
    control.settings = replace(control.settings, **changes)


def _perform(
    stage: Stage,
    timeline: Timeline | None,
    record: bool,
    seconds: float | None,
    progress: ProgressLine,
) -> None:
    """Play until it is over; say the rate meanwhile, and at the end."""
    # as above
    from visualizer.control.instrument import Control
    from visualizer.instruments.recorder import Recorder
    from visualizer.instruments.timeline import Playback

    stopped, control = threading.Event(), stage.instrument(Control)
    began_s, begun, rate = time.monotonic(), False, _Rate(stage, progress)

    def goes_on() -> bool:
        nonlocal begun, began_s
        rate.tell()
        if stage.pictures and not begun:  # the time counts from the first picture
            begun, began_s = True, time.monotonic()
            if timeline is not None:
                stage.play(timeline)
                stage.do(TogglePlay())
            if record:
                stage.do(Record(True))
        if stopped.is_set() or _failed(stage, record):
            return False
        if begun and seconds is not None and time.monotonic() - began_s >= seconds:
            return False
        ended = begun and timeline is not None and not stage.instrument(Playback).moves
        return not (ended and not control.listens and seconds is None)

    with Signals(stopped.set, stopped.set) as signals:
        stage.run(goes_on)
    progress.done()
    if not stage.pictures and not signals.heard:
        raise click.ClickException(_refusal(stage) or "No picture was drawn.")
    spent_s = max(time.monotonic() - began_s, 1e-3)
    count, per_s = stage.pictures, stage.pictures / spent_s
    say(f"Sent {count} picture{'s' * (count != 1)} in {spent_s:.1f} s: {per_s:.1f} per second.")
    if stage.instrument(Recorder).broken or (_failed(stage, record) and not signals.heard):
        sys.exit(1)


def _failed(stage: Stage, record: bool) -> bool:
    """Return whether no sink is left, or there is no picture to begin with."""
    # as above
    from visualizer.instruments.recorder import Recorder

    recorder, options = stage.instrument(Recorder), stage.session.options
    records = record and (recorder.recording or not recorder.broken)
    unheard = not options.output.sinks and not records
    return unheard or (bool(_refusal(stage)) and not stage.pictures)


def _refusal(stage: Stage) -> str:
    """Return why there is no picture; a model that is refused is not replaced by another here."""
    refused = stage.session.refused
    return stage.session.error or ("" if refused is None else refused.sentence)


class _Rate:
    """Tells how many pictures are drawn and taken per second."""

    def __init__(self, stage: Stage, progress: ProgressLine) -> None:
        self._stage, self._progress = stage, progress
        self._count, self._since_s = 0, time.monotonic()
        self._every_s = RATE_S if progress.moving else LOGGED_S

    def tell(self) -> None:
        now_s, stage = time.monotonic(), self._stage
        if now_s - self._since_s < self._every_s:
            return
        per_s = (stage.pictures - self._count) / (now_s - self._since_s)
        self._count, self._since_s = stage.pictures, now_s
        self._progress.tell("; ".join([f"{per_s:.1f} pictures per second", *self._sinks()]))

    def _sinks(self) -> list[str]:
        reports = (self._stage.sinks.report(kind.key) for kind in KINDS)
        return [
            f"{report.title} {report.per_s:.0f}/s{f', {report.status}' if report.status else ''}"
            for report in reports
            if report is not None
        ]
