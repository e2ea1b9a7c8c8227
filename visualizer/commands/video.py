"""`stylegan-t video`: the video of a session or a timeline, without a window.

It uses the same renderer and the same writer as the window's export, so the files are the same.
"""

from __future__ import annotations

import math
import os
import re
from pathlib import Path

import click
from msgspec.structs import replace

from renderer.files.embedded_timeline import read_video_timeline
from renderer.files.video_settings import (
    FITS,
    KINDS,
    SCALES,
    SUFFIXES,
    Fit,
    Size,
    VideoKind,
    VideoSettings,
)
from renderer.frame.layer_report import MAX_CHANNELS_SHOWN, LayerChoice
from renderer.pipeline.batch import video_batch
from renderer.recipe.recipe import Recipe
from renderer.timeline.edits import stretched, with_recipes
from renderer.timeline.frame_rate import frame_rate
from renderer.timeline.timeline import (
    LOOPS,
    MAX_FPS,
    MAX_LENGTH_S,
    MIN_LENGTH_S,
    Timeline,
    TimelineError,
)
from stylegan_t.terminal.console import say
from visualizer.commands.batch import write_batch
from visualizer.options.out_path import out_path, require_writable
from visualizer.options.paths import typed_model, typed_path
from visualizer.options.renderer_place import Place, drawing_options


@click.command(
    short_help="Write the video of a session.",
    epilog="""\b
    stylegan-t video session.json --out clip.mp4
    stylegan-t video session.json --out clip.gif --fps 25 --seconds 3
    stylegan-t video session.json --out frames --scale 2
    stylegan-t video session.json --layer b16.conv0 --channels 3,7 --out layer.mp4
    stylegan-t video take-0001.take --out clip.mp4 --fps 60 --size 1920x1080
    stylegan-t video session.json --out clip.mp4 --on me@box --workers cuda:1,cuda:2
    torchrun --nproc-per-node 4 -m visualizer video session.json --out clip.mp4
    """,
)
@click.argument("session", metavar="FILE")
@click.option(
    "--out",
    required=True,
    metavar="FILE",
    help="Ends in .mp4, .webm or .gif; otherwise a new folder.",
)
@click.option(
    "--fps",
    type=click.FloatRange(1, MAX_FPS),
    metavar="N",
    help="Frames per second; 29.97 is television's 30000/1001.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(MIN_LENGTH_S, MAX_LENGTH_S),
    metavar="S",
    help="Length of the timeline; key frames move in proportion.",
)
@click.option("--loop", type=click.Choice(LOOPS), help="Replaces the timeline's own setting.")
@click.option(
    "--scale",
    type=click.Choice([str(scale) for scale in SCALES]),
    help="Enlargement factor.",
)
@click.option(
    "--size",
    callback=lambda ctx, param, value: _size(value),
    metavar="WxH",
    help="Exact width and height in pixels, such as 1920x1080.",
)
@click.option(
    "--fit",
    type=click.Choice(FITS),
    help="With --size, for another shape: wide (the default) draws more around the square that the "
    "model was trained on, fit puts the frame on black, fill cuts off its edges.",
)
@click.option(
    "--smooth/--sharp",
    default=None,
    help="Enlarge with a Lanczos filter (the default with --size), or as sharp pixels.",
)
@click.option(
    "--layer",
    metavar="LAYER",
    help="Show what comes out of a layer, such as b16.conv0, in the place of the picture. The "
    "Layers tab lists the layers.",
)
@click.option(
    "--channels",
    metavar="LIST",
    help=f"With --layer: up to {MAX_CHANNELS_SHOWN} channels side by side, such as 3,7,12, or all "
    "of them small; the mean is the default.",
)
@click.option("--model", metavar="PATH", help='Another checkpoint file for all frames, or "demo".')
@drawing_options
@click.option("--overwrite", is_flag=True, help="Replace FILE if it exists; never a folder.")
def video(
    session: str,
    out: str,
    fps: float | None,
    seconds: float | None,
    loop: str | None,
    scale: str | None,
    size: Size | None,
    fit: Fit | None,
    smooth: bool | None,
    layer: str | None,
    channels: str | None,
    model: str | None,
    device: str,
    place: Place,
    overwrite: bool,
) -> None:
    """Write the video of a session: FILE is what the window saved, a take that it recorded, a
    timeline alone, or a video that this program made.

    The timeline travels in the file that is written; each picture of a folder carries its recipe.
    """
    kind, path = _out(out, overwrite)
    form = _form(kind, scale, size, fit, smooth)
    changes = {"fps": None if fps is None else frame_rate(fps), "loop": loop}
    timeline = _timeline(session, {k: v for k, v in changes.items() if v is not None}, seconds)
    if model is not None:
        timeline = _with_model(timeline, typed_model(model, far=place.elsewhere))
    seen = _layer(layer, channels)
    batch = video_batch(timeline, form, path, overwrite=overwrite, layer=seen)
    if (written := write_batch(batch, device, place)) is not None:
        width, height = written.size
        length = f"{batch.count} frames, {width} x {height} pixels"
        say(f"{path}  {length}, {batch.count / timeline.fps:.2f} s")


def _layer(name: str | None, channels: str | None) -> LayerChoice | None:
    """The layer that is shown in the place of the picture, or a usage error."""
    if name is None:
        if channels is not None:
            raise click.UsageError("--channels needs --layer, whose channels they are.")
        return None
    words = [word.strip() for word in (channels or "mean").lower().split(",")]
    if words in (["all"], ["mean"]):
        return LayerChoice(name, everything=words == ["all"])
    if len(words) > MAX_CHANNELS_SHOWN or not all(re.fullmatch(r"\d{1,5}", word) for word in words):
        raise click.UsageError(
            f"--channels is written as 3,7,12 (at most {MAX_CHANNELS_SHOWN}), all or mean, not "
            f"{str(channels)[:40]!r}."
        )
    return LayerChoice(name, tuple(map(int, words)))


def _size(text: str | None) -> Size | None:
    """Read a width and height as they are typed."""
    if text is None:
        return None
    found = re.fullmatch(r"(\d{1,5})[x×](\d{1,5})", text.strip().lower(), re.ASCII)
    if found is None:
        raise click.UsageError(f"--size is written as 1920x1080, not {text[:40]!r}.")
    return int(found[1]), int(found[2])


def _form(
    kind: VideoKind, scale: str | None, size: Size | None, fit: Fit | None, smooth: bool | None
) -> VideoSettings:
    """The settings of the file, or a usage error where they contradict each other."""
    if size is None and fit is not None:
        raise click.UsageError("--fit says how frames lie in a size: give --size too.")
    if size is not None and scale is not None:
        raise click.UsageError("--size and --scale contradict each other: give one of them.")
    smooth = size is not None if smooth is None else smooth
    form = VideoSettings(
        kind, scale=int(scale or SCALES[0]), size=size, fit=fit or FITS[0], smooth=smooth
    )
    if form.refusal:
        raise click.UsageError(form.refusal)
    return form


def _out(out: str, overwrite: bool) -> tuple[VideoKind, Path]:
    """Return what is written, and where."""
    suffix = Path(out).suffix.lower()
    kinds: list[VideoKind] = [kind for kind in KINDS if SUFFIXES[kind] == suffix]
    if not kinds:
        known = ", ".join(SUFFIXES[kind] for kind in KINDS if SUFFIXES[kind])
        raise click.UsageError(f"--out must end in {known}, or name a new folder, not {out!r}.")
    if suffix:
        return kinds[0], out_path(out, (suffix,), overwrite)
    path = typed_path(out)
    if os.path.lexists(path):
        raise click.ClickException(f"{path} exists already: name a new folder.")
    if not os.path.isdir(path.parent):
        raise click.ClickException(f"There is no folder {path.parent} to write {path.name} to.")
    require_writable(path, path.parent)
    return "png", path


def _timeline(session: str, changes: dict[str, int | str], seconds: float | None) -> Timeline:
    try:
        timeline = read_video_timeline(typed_path(session), say)
    except TimelineError as error:
        raise click.ClickException(str(error)) from error
    if timeline.empty:
        raise click.ClickException(
            f"{session} has no key frames: add some in the window, with K, and save the session."
        )
    timeline = replace(timeline, **changes)
    if seconds is None:
        return timeline
    if math.isnan(seconds):
        raise click.UsageError("--seconds must be a number.")
    return stretched(timeline, seconds)


def _with_model(timeline: Timeline, path: str) -> Timeline:
    """All recipes with another model; their hashes stay, so that the difference is noticed."""

    def drawn_with(recipe: Recipe) -> Recipe:
        return replace(recipe, model=replace(recipe.model, path=path))

    return with_recipes(timeline, drawn_with)
