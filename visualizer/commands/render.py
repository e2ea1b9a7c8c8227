"""`stylegan-t render`: a picture from options, or from the recipe in a file, without a window.

It uses the same `Renderer` as the window, so the pixels are the same.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from renderer.files.atomic import write_made
from renderer.files.kinds import IMAGE_SUFFIXES, identify, mistaken
from renderer.frame.frame import captured_recipe
from renderer.recipe.fresh import FRESH
from renderer.recipe.recipe import Recipe, RecipeError
from stylegan_t.errors import ExplainedError
from stylegan_t.terminal.console import say
from stylegan_t.terminal.progress_line import ProgressLine
from visualizer.options.out_path import out_path
from visualizer.options.paths import typed_path
from visualizer.options.recipe_options import HINTS, RecipeOptions, build_recipe, recipe_options
from visualizer.session.session_file import read_session

if TYPE_CHECKING:
    from renderer.frame.frame import Frame
    from renderer.pipeline.loading import Activity, Watch


@click.command(
    epilog='Example: stylegan-t render --prompt "a red house at sunset" --seed 3 --out house.png'
)
@recipe_options
@click.option("--recipe", "recipe_file", metavar="FILE", help="A picture or JSON to start from.")
@click.option("--out", required=True, metavar="FILE", help="Ends in .png, .jpg or .webp.")
@click.option("--device", default="auto", metavar="NAME", help="auto, cuda, cuda:1, mps or cpu.")
@click.option("--overwrite", is_flag=True, help="Replace FILE if it exists.")
def render(recipe_file: str | None, out: str, device: str, overwrite: bool, **options: Any) -> None:
    """Make a picture from options, or from the recipe that a picture of this program carries.

    Other options override what the recipe says.  The picture carries its recipe.
    """
    path = out_path(out, IMAGE_SUFFIXES, overwrite)
    base = FRESH if recipe_file is None else start_recipe(recipe_file)
    recipe = build_recipe(base, RecipeOptions(**options))
    frame = _render(recipe, device)
    _save(frame, path, overwrite)
    for note in frame.notes:
        ProgressLine().say(f"Note: {note}")
    size = frame.model.resolution if frame.model else 0
    say(f"{path}  {size} x {size} pixels, {frame.total_ms:.0f} ms on {frame.device}")


def start_recipe(recipe_file: str) -> Recipe:
    """The recipe in a picture, a JSON file or a session.

    Raises:
        click.ClickException: it holds none, or cannot be read.
    """
    # Pillow is slow to import: not before the options are checked
    from renderer.files.images import read_recipe

    path = typed_path(recipe_file)
    kind = identify(path)
    try:
        if kind == "session":
            return read_session(path).recipe
        if kind in ("timeline", "video"):
            raise RecipeError(
                f"{mistaken(path, kind, 'one recipe')} Render it with stylegan-t video."
            )
        if kind == "model":
            raise RecipeError(f"{mistaken(path, kind, 'a recipe')} Name it with --model.")
        return read_recipe(path)
    except ExplainedError as error:
        raise click.ClickException(str(error)) from error


def _render(recipe: Recipe, device: str) -> Frame:
    progress = ProgressLine(logs=False)
    progress.tell("Starting PyTorch")
    # PyTorch is slow to import: not before the options are checked
    from renderer.models.device import DeviceError
    from renderer.pipeline.renderer import Renderer

    try:
        frame = Renderer(device, watch=told_of_loads(progress)).render(recipe)
    except DeviceError as error:
        raise click.ClickException(str(error)) from error
    finally:
        progress.done()
    if frame.error is not None:
        raise click.ClickException(frame.error + HINTS.get(frame.fault, ""))
    return frame


def told_of_loads(progress: ProgressLine) -> Watch:
    """Tells how far loads are, and that the renderer draws when they are done."""

    def watch(event: Activity, text: str, share: float | None) -> None:
        progress.tell(text.partition(", ")[0] or "Rendering", share or 0.0)

    return watch


def _save(frame: Frame, path: Path, overwrite: bool) -> None:
    # Pillow is slow to import: not before the options are checked
    from renderer.files.images import encode

    try:
        data = encode(frame.pixels(), captured_recipe(frame), path.suffix)
        write_made(path, data, overwrite)
    except ExplainedError as error:
        raise click.ClickException(str(error)) from error
