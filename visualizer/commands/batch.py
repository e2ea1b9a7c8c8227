"""Commands that draw many recipes into one file: `stylegan-t video` and `stylegan-t grid`.

Workers beside the renderer take their share.  Under `torchrun`, which starts processes on several
computers too, every process draws its share, and the first one writes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from renderer.errors import RendererError
from renderer.pipeline.batch import Batch, Drawn, Written, frames, write
from stylegan_t.terminal.progress_line import ProgressLine
from visualizer.commands.painters import painters
from visualizer.commands.render import told_of_loads
from visualizer.options.recipe_options import HINTS
from visualizer.options.renderer_place import Place

if TYPE_CHECKING:
    from renderer.pipeline.renderer import Renderer


def write_batch(batch: Batch, device: str, place: Place) -> Written | None:
    """Draw a batch, and write it on the first process; None on the others.

    Args:
        batch: the same on all processes.
        device: as it was typed.
        place: of the renderer.

    Raises:
        click.ClickException: it cannot be drawn or written.
    """
    progress = ProgressLine.of_first()
    try:
        if "WORLD_SIZE" in os.environ:
            return _shared(batch, device, place, progress)
        with painters(device, place, progress) as made:
            drawn = _noted(frames(made.pool, batch, made.wait), progress)
            return write(
                batch.open, drawn, lambda done: progress.tell("Rendering", done / batch.count)
            )
    except RendererError as error:
        raise click.ClickException(str(error) + HINTS.get(error.fault, "")) from error
    finally:
        progress.done()


def _noted(drawn: Iterator[Drawn], progress: ProgressLine) -> Iterator[Drawn]:
    """Frames; what the renderer has to say of them is said once."""
    known = set[str]()
    for one in drawn:
        for text in one.notes:
            if text not in known:
                known.add(text)
                progress.say(f"Note: {text}")
        yield one


def _shared(batch: Batch, device: str, place: Place, progress: ProgressLine) -> Written | None:
    """Draw a batch with all processes that `torchrun` started."""
    if not place.here or place.workers != "auto":
        raise click.UsageError("torchrun shares the work itself: leave out --on and --workers.")
    progress.tell("Starting PyTorch")
    # PyTorch starts here, after the line that says so
    from renderer.pipeline.shared_frames import shared_frames
    from stylegan_t.metrics.shards import Shards

    shards = Shards()
    try:
        drawn = _noted(shared_frames(_renderer(device, progress), batch, shards), progress)
        if shards.first:
            return write(
                batch.open, drawn, lambda done: progress.tell("Rendering", done / batch.count)
            )
        for _ in drawn:
            pass
        return None
    finally:
        shards.close()


def _renderer(name: str, progress: ProgressLine) -> Renderer:
    """The renderer of this process: under torchrun each has a GPU, or its share of the cores."""
    # PyTorch is slow to import: not before the options are checked
    import torch

    from renderer.models.device import available_cores
    from renderer.pipeline.renderer import Renderer

    local = os.environ.get("LOCAL_RANK")
    if local is not None and name in ("auto", "cuda") and torch.cuda.is_available():
        name = f"cuda:{local}"
    renderer = Renderer(name, watch=told_of_loads(progress))
    if local is not None and renderer.device.kind == "cpu":
        beside = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
        torch.set_num_threads(max(1, available_cores() // beside))
    return renderer
