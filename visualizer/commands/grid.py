"""`stylegan-t grid`: many pictures of one recipe in one file, in rows and columns."""

from __future__ import annotations

from typing import Any

import click
from msgspec.structs import replace

from renderer.files.images import read_sheet
from renderer.files.kinds import IMAGE_SUFFIXES
from renderer.pipeline.batch import grid_batch
from renderer.recipe import contact_sheet
from renderer.recipe.contact_sheet import Sheet
from renderer.recipe.fresh import FRESH
from renderer.recipe.recipe import RecipeError
from renderer.recipe.sheet_prompts import with_prompts
from renderer.recipe.wildcards import Lists
from stylegan_t.terminal.console import say
from visualizer.commands.batch import write_batch
from visualizer.commands.render import start_recipe
from visualizer.options.grid_axes import AXIS, parse_axis
from visualizer.options.out_path import out_path
from visualizer.options.paths import typed_path
from visualizer.options.recipe_options import RecipeOptions, build_recipe, recipe_options
from visualizer.options.renderer_place import Place, drawing_options
from visualizer.options.wildcard_options import lists_of
from visualizer.window.system_fonts import label_fonts


@click.command(
    short_help="Draw a grid of pictures that each vary one thing.",
    epilog="""\b
    stylegan-t grid --prompt "a red house" --rows seed=0..7 --columns psi=0..1 --out sheet.png
    stylegan-t grid --prompt "a house" --prompt "a boat" --rows prompt --columns seed=0..4 \\
        --out words.png
    stylegan-t grid --rows mixing=0..3:0..1 --columns seed=10..14 --out mixing.png
    stylegan-t grid --recipe sheet.png --psi 0.5 --out again.png
    """,
)
@recipe_options
@click.option("--rows", metavar="AXIS", help=f"What varies from row to row: {AXIS}.")
@click.option("--columns", metavar="AXIS", help="What varies from column to column.")
@click.option(
    "--labels/--no-labels", default=None, help="Label rows and columns with their values."
)
@click.option("--recipe", "recipe_file", metavar="FILE", help="A picture or JSON to start from.")
@click.option("--out", required=True, metavar="FILE", help="Ends in .png, .jpg or .webp.")
@drawing_options
@click.option("--overwrite", is_flag=True, help="Replace FILE if it exists.")
def grid(
    rows: str | None,
    columns: str | None,
    labels: bool | None,
    recipe_file: str | None,
    out: str,
    device: str,
    place: Place,
    overwrite: bool,
    **options: Any,
) -> None:
    """Make a sheet: rows and columns of pictures that each vary one thing.

    An AXIS is a name with a span, both ends included: seed=0..7 counts seeds, psi=0..1:5 and
    position=0..1:5 go in five steps, prompt takes each --prompt, and mixing=0..3:0..1 lays the
    latents of seeds 0 to 3 over the resolution blocks 0 to 1, coarsest first.  model=@FOLDER:5
    draws with five of a training run's snapshots, model=A,B with two checkpoints.  The file carries
    the recipe and the sheet: given as --recipe, it is drawn again.
    """
    path = out_path(out, IMAGE_SUFFIXES, overwrite)
    base = FRESH if recipe_file is None else start_recipe(recipe_file)
    given = RecipeOptions(**options)
    recipe = build_recipe(base, given, far=place.elsewhere)
    sheet = _sheet(recipe_file, rows, columns, labels, far=place.elsewhere)
    if rows or columns:
        sheet = _drawn(sheet, recipe.text.wildcard_seed, lists_of(given))
    batch = grid_batch(sheet, recipe, path, lambda: label_fonts(sheet, recipe), overwrite=overwrite)
    if (written := write_batch(batch, device, place)) is not None:
        height, across = contact_sheet.size(sheet, recipe)
        size = " x ".join(str(side) for side in written.size)
        say(f"{path}  {height} x {across} pictures, {size} pixels")


def _drawn(sheet: Sheet, seed: int, lists: Lists) -> Sheet:
    """`sheet` with the wildcards of its prompts drawn."""
    axes = (sheet.rows, sheet.columns)
    made = [with_prompts(one, one.prompts, seed, lists) if one.prompts else one for one in axes]
    return replace(sheet, rows=made[0], columns=made[1])


def _sheet(
    recipe_file: str | None,
    rows: str | None,
    columns: str | None,
    labels: bool | None,
    *,
    far: bool,
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
        parse_axis(rows or "none", far=far),
        parse_axis(columns or "none", "--columns", far=far),
        labels is not False,
    )
    if problem := contact_sheet.clash(sheet):
        raise click.UsageError(problem)
    return sheet
