"""Commands that draw many recipes into one file: `stylegan-t video` and `stylegan-t grid`.

Under `torchrun` every process draws its share, and the first one writes.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from renderer.errors import RendererError
from renderer.pipeline.batch import Batch, Written, write
from stylegan_t.terminal.progress_line import ProgressLine
from visualizer.commands.render import told_of_loads
from visualizer.options.recipe_options import HINTS

if TYPE_CHECKING:
    from renderer.pipeline.renderer import Renderer


def write_batch(batch: Batch, device: str) -> Written | None:
    """Draw a batch, and write it on the first process; None on the others.

    Args:
        batch: the same on all processes.
        device: as it was typed.

    Raises:
        click.ClickException: it cannot be drawn or written.
    """
    progress = ProgressLine.of_first()
    progress.tell("Starting PyTorch")
    # PyTorch starts here, after the line that says so
    from renderer.pipeline.shared_frames import shared_frames
    from stylegan_t.metrics.shards import Shards

    shards = Shards()
    try:
        frames = shared_frames(
            _renderer(device, progress),
            batch,
            shards,
            lambda text: progress.say(f"Note: {text}"),
        )
        if shards.first:
            return write(
                batch.open, frames, lambda done: progress.tell("Rendering", done / batch.count)
            )
        for _ in frames:
            pass
        return None
    except RendererError as error:
        raise click.ClickException(str(error) + HINTS.get(error.fault, "")) from error
    finally:
        progress.done()
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
