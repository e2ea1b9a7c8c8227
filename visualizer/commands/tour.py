"""`stylegan-t tour`: a minute in which the window plays its four jobs, live or on film."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from renderer.files.atomic import save_new
from renderer.files.video_settings import SUFFIXES, VIDEO_SUFFIXES, VideoKind, VideoSettings
from renderer.pipeline.batch import Drawn, FrameFile, write
from stylegan_t.errors import ExplainedError
from stylegan_t.files.whole import cannot_write
from stylegan_t.terminal.progress_line import ProgressLine
from visualizer.options.out_path import out_path, require_writable
from visualizer.options.paths import typed_path

if TYPE_CHECKING:
    import numpy as np

    from visualizer.app.tour_film import Film

DEFAULT_FOLDER = "stylegan-t-tour"
"""The film's folder when there is no display to watch it on and no other place was named."""
SIZE = "1600x900"


@click.command(
    short_help="Watch the tool play, or film it.",
    epilog="Example: stylegan-t tour --clip tour.mp4 --stills pictures/   (needs no display)",
)
@click.option("--clip", metavar="FILE", help="Record a video: .mp4, .webm or .gif.")
@click.option("--stills", metavar="FOLDER", help="Save a screenshot of each step.")
@click.option("--fps", default=25, show_default=True, type=click.IntRange(1, 60))
@click.option("--size", default=SIZE, show_default=True, metavar="WxH", help="Size of the window.")
@click.option("--device", default="auto", metavar="NAME", help="auto, cuda, cuda:1, mps or cpu.")
@click.option("--overwrite", is_flag=True, help="Replace FILE if it exists.")
@click.pass_context
def tour(
    ctx: click.Context,
    clip: str | None,
    stills: str | None,
    fps: int,
    size: str,
    device: str,
    overwrite: bool,
) -> None:
    """Watch the tool play its four jobs: live prompts, scrubbing, style mixing, capture.

    With a display and no options it plays in the window; take over whenever you like.  Without a
    display it is filmed in memory or on a virtual display, into the folder stylegan-t-tour.
    """
    # the window's libraries: not before the options are checked
    from visualizer.window.display import has_display

    if clip is None and stills is None:
        if has_display():
            # the window's libraries: not before the options are checked
            from visualizer.app.start import run

            ctx.exit(run(device=device, tour=True))
        clip, stills = f"{DEFAULT_FOLDER}/tour.mp4", DEFAULT_FOLDER
        _make_folder(Path(DEFAULT_FOLDER))
    path = None if clip is None else out_path(clip, VIDEO_SUFFIXES, overwrite, "--clip")
    folder = None if stills is None else _make_folder(typed_path(stills))
    if folder is not None:
        require_writable(folder, folder)
    width, height = _size(size)
    # PyTorch is slow to import: not before the options are checked
    from visualizer.app import tour_film
    from visualizer.window import offscreen

    try:
        with (
            offscreen.somewhere() as place,
            tour_film.stage(device, (width, height), offscreen=place == "memory") as film,
        ):
            _film(film, path, folder, fps, overwrite)
    except ExplainedError as error:
        raise click.ClickException(str(error)) from error


def _film(film: Film, path: Path | None, folder: Path | None, fps: int, overwrite: bool) -> None:
    progress, saved, count = ProgressLine(True), list[Path](), film.count(fps)

    def tell(number: int) -> None:
        progress.tell("Recording the tour", number / count)

    frames = _frames(film, folder, fps, saved)
    if path is None:
        for number, _ in enumerate(frames, 1):
            tell(number)
    else:
        write(lambda: _opened(path, fps, overwrite), frames, tell)
        saved.insert(0, path)
    progress.done()
    for file in saved:
        click.echo(file)


def _opened(path: Path, fps: int, overwrite: bool) -> FrameFile:
    # PyAV is slow to import: not before the options are checked
    from renderer.files.video import VideoFile

    kinds: dict[str, VideoKind] = {suffix: kind for kind, suffix in SUFFIXES.items()}
    return VideoFile(path, VideoSettings(kinds[path.suffix.lower()], fps), overwrite=overwrite)


def _frames(film: Film, folder: Path | None, fps: int, saved: list[Path]) -> Iterator[Drawn]:
    """The film's frames; stills are saved into `folder` on the way, and their paths added."""
    for shot in film.shots(fps):
        if folder is not None and shot.still:
            saved.append(_save_still(folder, shot.step, shot.pixels))
        yield Drawn(shot.pixels, None)


def _save_still(folder: Path, step: int, pixels: np.ndarray) -> Path:
    """Each step's picture under a name of its own; nothing is replaced."""
    # Pillow is slow to import: not before the options are checked
    from renderer.files.images import encode_png

    return save_new(folder, f"step-{step + 1:02d}", ".png", encode_png(pixels, None))


def _make_folder(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.ClickException(cannot_write(error, folder)) from error
    return folder


def _size(text: str) -> tuple[int, int]:
    try:
        width, height = (int(part) for part in text.lower().split("x"))
    except ValueError as error:
        raise click.UsageError(f"--size must look like {SIZE}, not {text!r}.") from error
    if not (720 <= width <= 7680 and 480 <= height <= 4320):
        raise click.UsageError("--size must be between 720x480 and 7680x4320.")
    return width, height
