"""`stylegan-t grid`: many pictures of one recipe in one file, in rows and columns.

Under `torchrun` every process draws its share of the cells; the file is the same as one process's.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec.structs import replace

from renderer.files.atomic import ExportError
from renderer.files.images import encode, read_sheet
from renderer.files.kinds import PICTURE_SUFFIXES
from renderer.files.sheet_image import SheetImage, places
from renderer.frame.frame import captured_recipe
from renderer.recipe import contact_sheet
from renderer.recipe.contact_sheet import Sheet
from renderer.recipe.recipe import ModelRef, Recipe, RecipeError
from stylegan_t.errors import ExplainedError
from stylegan_t.terminal.console import say
from stylegan_t.terminal.progress_line import ProgressLine
from visualizer.commands.render import start_recipe, told_of_loads
from visualizer.options.grid_axes import AXIS, parse_axis
from visualizer.options.out_path import out_path, write_out
from visualizer.options.paths import typed_path
from visualizer.options.recipe_options import HINTS, RecipeOptions, build_recipe, recipe_options
from visualizer.window.system_fonts import label_fonts

if TYPE_CHECKING:
    import numpy as np

    from renderer.frame.frame import Frame
    from renderer.pipeline.renderer import Renderer
    from stylegan_t.metrics.shards import Shards


@click.command(
    epilog="""\b
    stylegan-t grid --prompt "a red house" --rows seed=0..7 --columns psi=0..1 --out sheet.png
    stylegan-t grid --prompt "a house" --prompt "a boat" --rows prompt --columns seed=0..4 \\
        --out words.png
    stylegan-t grid --rows mixing=0..3:0..1 --columns seed=10..14 --out mixing.png
    stylegan-t grid --recipe sheet.png --psi 0.5 --out again.png
    """
)
@recipe_options
@click.option("--rows", metavar="AXIS", help=f"What varies from row to row: {AXIS}.")
@click.option("--columns", metavar="AXIS", help="What varies from column to column.")
@click.option(
    "--labels/--no-labels", default=None, help="Label rows and columns with their values."
)
@click.option("--recipe", "recipe_file", metavar="FILE", help="A picture or JSON to start from.")
@click.option("--out", required=True, metavar="FILE", help="Ends in .png, .jpg or .webp.")
@click.option("--device", default="auto", metavar="NAME", help="auto, cuda, cuda:1, mps or cpu.")
@click.option("--overwrite", is_flag=True, help="Replace FILE if it exists.")
def grid(
    rows: str | None,
    columns: str | None,
    labels: bool | None,
    recipe_file: str | None,
    out: str,
    device: str,
    overwrite: bool,
    **options: Any,
) -> None:
    """Make a sheet: rows and columns of pictures that each vary one thing.

    An AXIS is a name with a span, both ends included: seed=0..7 counts seeds, psi=0..1:5 and
    position=0..1:5 go in five steps, prompt takes each --prompt, and mixing=0..3:0..1 lays the
    latents of seeds 0 to 3 over the resolution blocks 0 to 1, coarsest first.  The file carries the
    recipe and the sheet: given as --recipe, it is drawn again.
    """
    path = out_path(out, PICTURE_SUFFIXES, overwrite)
    base = Recipe() if recipe_file is None else start_recipe(recipe_file)
    recipe = build_recipe(base, RecipeOptions(**options))
    sheet = _sheet(recipe_file, rows, columns, labels)
    _draw(sheet, recipe, device, path, overwrite)


def _sheet(
    recipe_file: str | None, rows: str | None, columns: str | None, labels: bool | None
) -> Sheet:
    """The sheet of the options; without any, the one in the file that is started from."""
    if rows is None and columns is None:
        try:
            known = None if recipe_file is None else read_sheet(typed_path(recipe_file))
        except RecipeError as error:
            raise click.ClickException(str(error)) from error
        if known is None:
            raise click.UsageError(f"Say what to vary with --rows and --columns: {AXIS}.")
        return known if labels is None else replace(known, labels=labels)
    sheet = Sheet(
        parse_axis(rows or "none"), parse_axis(columns or "none", "--columns"), labels is not False
    )
    if problem := contact_sheet.clash(sheet):
        raise click.UsageError(problem)
    return sheet


# -- drawing -------------------------------------------------------------------------------------


def _draw(sheet: Sheet, recipe: Recipe, device: str, path: Path, overwrite: bool) -> None:
    progress = ProgressLine.of_first()
    progress.tell("Starting PyTorch")
    # PyTorch starts here, after the line that says so
    from stylegan_t.metrics.shards import Shards

    shards = Shards()
    try:
        renderer = shared_renderer(device, progress)
        pixels, model = _pictures(renderer, sheet, recipe, path.suffix, shards, progress)
        if not shards.first:
            return
        data = encode(pixels, replace(recipe, model=model), path.suffix, sheet=sheet)
        write_out(path, data, overwrite)
    except ExplainedError as error:
        raise click.ClickException(str(error)) from error
    finally:
        progress.done()
        shards.close()
    rows, columns = contact_sheet.size(sheet, recipe)
    height, width = pixels.shape[:2]
    say(f"{path}  {rows} x {columns} pictures, {width} x {height} pixels")


def _pictures(
    renderer: Renderer,
    sheet: Sheet,
    recipe: Recipe,
    suffix: str,
    shards: Shards,
    progress: ProgressLine,
) -> tuple[np.ndarray, ModelRef]:
    """The whole sheet, uint8 [H, W, 3], and the model that drew it."""
    todo = list(places(sheet, recipe))
    # A process without a cell of its own draws one all the same: it must know how large they are.
    todo = todo[shards.rank :: shards.world] or todo[:1]
    image, model = None, recipe.model
    for done, (row, column, cell) in enumerate(todo, 1):
        frame = _frame(renderer, cell)
        pixels = frame.pixels()
        if image is None:
            if problem := contact_sheet.too_large(sheet, recipe, pixels.shape[0], suffix):
                raise ExportError(problem)
            fonts = label_fonts(sheet, recipe)
            image, model = (
                SheetImage(sheet, recipe, pixels.shape[0], fonts),
                captured_recipe(frame).model,
            )
        image.place(row, column, pixels)
        progress.tell("Rendering", done / len(todo))
    assert image is not None, "a grid has at least one cell"
    return _joined(image.pixels, shards), model


def _frame(renderer: Renderer, recipe: Recipe) -> Frame:
    frame = renderer.render(recipe)
    if frame.error is not None:
        raise click.ClickException(frame.error + HINTS.get(frame.fault, ""))
    return frame


def _joined(pixels: np.ndarray, shards: Shards) -> np.ndarray:
    """The sheets of all processes laid over one another; where a cell is missing, it is white."""
    if shards.world == 1:
        return pixels
    # PyTorch is slow to import: not before the options are checked
    import torch
    import torch.distributed as dist

    dist.reduce(torch.from_numpy(pixels), 0, dist.ReduceOp.MIN)
    return pixels


def shared_renderer(name: str, progress: ProgressLine) -> Renderer:
    """Under torchrun each process has a GPU, or its share of the cores."""
    # PyTorch is slow to import: not before the options are checked
    import torch

    from renderer.models.device import DeviceError, available_cores
    from renderer.pipeline.renderer import Renderer

    local = os.environ.get("LOCAL_RANK")
    if local is not None and name in ("auto", "cuda") and torch.cuda.is_available():
        name = f"cuda:{local}"
    try:
        renderer = Renderer(name, watch=told_of_loads(progress))
    except DeviceError as error:
        raise click.ClickException(str(error)) from error
    if local is not None and renderer.device.kind == "cpu":
        beside = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
        torch.set_num_threads(max(1, available_cores() // beside))
    return renderer
