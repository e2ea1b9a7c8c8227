"""`stylegan-t video`: the clip of a session or a timeline, without a window.

It uses the same renderer and the same writer as the window's export, so the frames are the same.
Under `torchrun` every process draws every n-th frame and the first one writes; the file is the same
as one process's.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from renderer.files.atomic import ExportError
from renderer.files.embedded_timeline import read_clip_timeline
from renderer.files.video_settings import KINDS, SCALES, SUFFIXES, ClipForm, ClipKind
from renderer.frame.frame import captured_recipe
from renderer.recipe.identity import with_hash
from renderer.recipe.recipe import Recipe
from renderer.timeline.edits import stretched
from renderer.timeline.serialization import timeline_to_json
from renderer.timeline.timeline import (
    LOOPS,
    MAX_FPS,
    MAX_LENGTH_S,
    MIN_LENGTH_S,
    Timeline,
    TimelineError,
    frame_count,
    frame_recipe,
)
from stylegan_t.demo.built_in import is_built_in
from stylegan_t.terminal.console import say
from stylegan_t.terminal.progress_line import ProgressLine
from visualizer.options.out_path import out_path, require_writable
from visualizer.options.paths import typed_path
from visualizer.options.recipe_options import HINTS

if TYPE_CHECKING:
    import numpy as np

    from renderer.frame.frame import Frame
    from renderer.pipeline.renderer import Renderer
    from stylegan_t.metrics.shards import Shards

HASH_BYTES = 64
"""A model's hash in hexadecimal digits; that of each frame's model, and of the one that it is
blended with, travel behind its pixels."""


@click.command(
    epilog="""\b
    stylegan-t video session.json --out clip.mp4
    stylegan-t video session.json --out clip.gif --fps 25 --seconds 3
    stylegan-t video session.json --out frames --scale 2
    torchrun --nproc-per-node 4 -m visualizer video session.json --out clip.mp4
    """
)
@click.argument("session", metavar="FILE")
@click.option(
    "--out",
    required=True,
    metavar="FILE",
    help="Ends in .mp4, .webm or .gif; otherwise a new folder.",
)
@click.option("--fps", type=click.IntRange(1, MAX_FPS), metavar="N", help="Frames per second.")
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
    default="1",
    help="Enlargement factor.",
)
@click.option("--smooth", is_flag=True, help="Enlarge with a Lanczos filter, not as sharp pixels.")
@click.option("--model", metavar="PATH", help='Another checkpoint file for all frames, or "demo".')
@click.option("--device", default="auto", metavar="NAME", help="auto, cuda, cuda:1, mps or cpu.")
@click.option("--overwrite", is_flag=True, help="Replace FILE if it exists; never a folder.")
def video(
    session: str,
    out: str,
    fps: int | None,
    seconds: float | None,
    loop: str | None,
    scale: str,
    smooth: bool,
    model: str | None,
    device: str,
    overwrite: bool,
) -> None:
    """Write the clip of a session: FILE is what the window saved, a timeline alone, or a clip that
    this program made.

    The timeline travels in the file that is written; each picture of a folder carries its recipe.
    """
    kind, path = _out(out, overwrite)
    changes = {"fps": fps, "loop": loop}
    timeline = _timeline(session, {k: v for k, v in changes.items() if v is not None}, seconds)
    if model is not None:
        timeline = _with_model(timeline, model)
    form = ClipForm(
        kind,
        timeline.fps,
        int(scale),
        smooth,
        timeline.loop != "once",
        timeline_to_json(timeline),
    )
    _write(timeline, form, path, device, overwrite)


def _out(out: str, overwrite: bool) -> tuple[ClipKind, Path]:
    """Return what is written, and where."""
    suffix = Path(out).suffix.lower()
    kinds: list[ClipKind] = [kind for kind in KINDS if SUFFIXES[kind] == suffix]
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
        timeline = read_clip_timeline(typed_path(session))
    except TimelineError as error:
        raise click.ClickException(str(error)) from error
    if not timeline.keys:
        raise click.ClickException(
            f"{session} has no key frames: add some in the window, with K, and save the session."
        )
    timeline = replace(timeline, **changes)
    if seconds is None:
        return timeline
    if math.isnan(seconds):
        raise click.UsageError("--seconds must be a number.")
    return stretched(timeline, seconds)


def _with_model(timeline: Timeline, model: str) -> Timeline:
    """All key frames with another model; their hashes stay, so that the difference is noticed."""
    path = model if is_built_in(model) else str(typed_path(model).absolute())
    keys = []
    for key in timeline.keys:
        ref = replace(key.recipe.model, path=path)
        keys.append(replace(key, recipe=replace(key.recipe, model=ref)))
    return replace(timeline, keys=tuple(keys))


# -- writing -------------------------------------------------------------------------------------


def _write(timeline: Timeline, form: ClipForm, path: Path, device: str, overwrite: bool) -> None:
    progress, count = ProgressLine.of_first(), frame_count(timeline)
    progress.tell("Starting PyTorch")
    # PyTorch starts here, after the line that says so
    from renderer.files.video import Clip
    from stylegan_t.metrics.shards import Shards
    from visualizer.commands.grid import shared_renderer

    shards = Shards()
    try:
        frames = _drawn(shared_renderer(device, progress), timeline, shards, progress)
        if not shards.first:
            for _ in frames:
                pass
            return
        with Clip(path, form, overwrite=overwrite) as clip:
            for number, (pixels, recipe) in enumerate(frames, 1):
                clip.add(pixels, recipe)
                progress.tell("Rendering", number / count)
            clip.finish()
            width, height = clip.size
    except ExportError as error:
        raise click.ClickException(str(error)) from error
    finally:
        progress.done()
        shards.close()
    say(f"{path}  {count} frames, {width} x {height} pixels, {count / form.fps:.2f} s")


def _drawn(
    renderer: Renderer, timeline: Timeline, shards: Shards, progress: ProgressLine
) -> Iterator[tuple[np.ndarray, Recipe]]:
    """The frames in order, uint8 [H, W, 3], with their recipes; on the first process alone.

    In each round every process draws one frame; the first collects them.
    """
    count, notes = frame_count(timeline), set[str]()
    join = _Join(shards)
    for start in range(0, count, shards.world):
        index = start + shards.rank
        # A process without a frame of its own draws the last: it must know how large they are.
        frame = _frame(renderer, frame_recipe(timeline, min(index, count - 1)))
        for note in frame.notes:
            if note not in notes:
                notes.add(note)
                progress.say(f"Note: {note}")
        parts = join.collect(frame)
        for number, part in enumerate(parts[: count - start]):
            recipe = frame_recipe(timeline, start + number)
            yield part.pixels, with_hash(recipe, *part.hashes)


def _frame(renderer: Renderer, recipe: Recipe) -> Frame:
    frame = renderer.render(recipe)
    if frame.error is not None:
        raise click.ClickException(frame.error + HINTS.get(frame.fault, ""))
    return frame


@dataclass(frozen=True)
class _Part:
    """A frame, and the hashes of the model that drew it and of the one that this was blended
    with; empty where there is none."""

    pixels: np.ndarray
    hashes: tuple[str, str]


class _Join:
    """Brings the frames of all processes together, on the first; all have one size."""

    def __init__(self, shards: Shards) -> None:
        self._shards = shards
        self._size: tuple[int, int] | None = None

    def collect(self, frame: Frame) -> list[_Part]:
        """This round's frames in the order of the processes; on others than the first, none."""
        found = captured_recipe(frame).model
        own = _Part(frame.pixels(), (found.sha256, found.blend.sha256))
        if self._shards.world == 1:
            return [own]
        return self._gathered(own)

    def _gathered(self, own: _Part) -> list[_Part]:
        # PyTorch is slow to import: not before the options are checked
        import numpy as np
        import torch
        import torch.distributed as dist

        from renderer.files.video import of_size

        size = self._agreed((own.pixels.shape[1], own.pixels.shape[0]))
        digits = "".join(sha256.ljust(HASH_BYTES) for sha256 in own.hashes).encode()
        flat = np.concatenate(
            [of_size(own.pixels, size).reshape(-1), np.frombuffer(digits, np.uint8)]
        )
        mine = torch.from_numpy(flat)
        if not self._shards.first:
            dist.gather(mine, None, 0)
            return []
        rows = [torch.empty_like(mine) for _ in range(self._shards.world)]
        dist.gather(mine, rows, 0)
        return [_part(row.numpy(), size) for row in rows]

    def _agreed(self, size: tuple[int, int]) -> tuple[int, int]:
        """The size of the very first frame, on all processes."""
        if self._size is None:
            # PyTorch is slow to import: not before the options are checked
            import torch
            import torch.distributed as dist

            told = torch.tensor(size)
            dist.broadcast(told, 0)
            self._size = (int(told[0]), int(told[1]))
        return self._size


def _part(row: np.ndarray, size: tuple[int, int]) -> _Part:
    pixels, digits = row[: -2 * HASH_BYTES], row[-2 * HASH_BYTES :].tobytes().decode("ascii")
    hashes = digits[:HASH_BYTES].strip(), digits[HASH_BYTES:].strip()
    return _Part(pixels.reshape(size[1], size[0], 3), hashes)
