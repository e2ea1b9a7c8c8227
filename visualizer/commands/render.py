"""`stylegan-t render`: a picture from options, or from the recipe in a file, without a window.

It uses the same `Renderer` as the window, so the pixels are the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace as replace_place
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec.structs import replace

from renderer.files.atomic import save_new, write_made
from renderer.files.kinds import IMAGE_SUFFIXES, identify, mistaken
from renderer.files.prompt_file import read_prompts
from renderer.frame.frame import captured_recipe
from renderer.pipeline.batch import in_order
from renderer.recipe.fresh import FRESH
from renderer.recipe.recipe import Recipe, RecipeError
from stylegan_t.errors import ExplainedError
from stylegan_t.terminal.console import say
from stylegan_t.terminal.progress_line import ProgressLine
from visualizer.commands.painters import painters
from visualizer.options.out_path import out_path
from visualizer.options.paths import typed_path
from visualizer.options.recipe_options import HINTS, RecipeOptions, build_recipe, recipe_options
from visualizer.options.renderer_place import Place, drawing_options
from visualizer.options.wildcard_options import drawn_prompt, lists_of, next_seed
from visualizer.session.session_file import read_session

if TYPE_CHECKING:
    from renderer.frame.frame import Frame
    from renderer.pipeline.loading import Activity, Watch

MAX_PROMPTS_RENDERED = 10_000


@click.command(
    short_help="Make a picture, or one for each line of a list.",
    epilog='Example: stylegan-t render --prompt "a red house at sunset" --seed 3 --out house.png',
)
@recipe_options
@click.option("--recipe", "recipe_file", metavar="FILE", help="A picture or JSON to start from.")
@click.option(
    "--prompts",
    "prompt_file",
    metavar="FILE",
    help="Make a picture of each line of a text file; # begins a comment.",
)
@click.option("--out", required=True, metavar="FILE", help="Ends in .png, .jpg or .webp.")
@drawing_options
@click.option("--overwrite", is_flag=True, help="Replace FILE if it exists.")
def render(
    recipe_file: str | None,
    prompt_file: str | None,
    out: str,
    device: str,
    place: Place,
    overwrite: bool,
    **options: Any,
) -> None:
    """Make a picture from options, or from the recipe that a picture of this program carries.

    Other options override what the recipe says.  The picture carries its recipe.  With --prompts
    there are as many pictures as the file has prompts: house.png becomes house-0001.png and so on,
    and no file is ever replaced.
    """
    several = prompt_file is not None
    if several and (options["prompt"] or overwrite):
        other = "--prompt" if options["prompt"] else "--overwrite"
        raise click.UsageError(f"--prompts and {other} cannot be used together.")
    path = out_path(out, IMAGE_SUFFIXES, overwrite or several)
    base = FRESH if recipe_file is None else start_recipe(recipe_file)
    given = RecipeOptions(**options)
    recipe = build_recipe(base, given, far=place.elsewhere)
    recipes = [recipe] if prompt_file is None else _of_prompts(recipe, prompt_file, given)
    progress = ProgressLine(logs=False)
    for number, frame in enumerate(_drawn(recipes, device, place, progress), 1):
        if frame.error is not None:
            where = f"Prompt {number} of {len(recipes)}: " if several else ""
            raise click.ClickException(where + frame.error + HINTS.get(frame.fault, ""))
        written = _save(frame, path, overwrite, numbered=several)
        for note in frame.notes:
            ProgressLine().say(f"Note: {note}")
        height, width = (0, 0) if frame.image is None else frame.image.shape[:2]
        say(f"{written}  {width} x {height} pixels, {frame.total_ms:.0f} ms on {frame.device}")


def _of_prompts(recipe: Recipe, prompt_file: str, options: RecipeOptions) -> list[Recipe]:
    """`recipe` with each prompt of a file in place of its own."""
    try:
        lines = read_prompts(typed_path(prompt_file), MAX_PROMPTS_RENDERED)
    except ExplainedError as error:
        raise click.ClickException(str(error)) from error
    lists, first, made = lists_of(options), recipe.text.wildcard_seed, list[Recipe]()
    for index, words in enumerate(lines):
        seed = next_seed(first, index)
        prompts = (drawn_prompt(words, seed, 0, lists),)
        text = replace(recipe.text, prompts=prompts, pad=None, wildcard_seed=seed)
        made.append(replace(recipe, text=text))
    return made


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


def _drawn(
    recipes: Sequence[Recipe], device: str, place: Place, progress: ProgressLine
) -> Iterator[Frame]:
    """The frames of recipes in their order; workers draw their share of several."""
    if len(recipes) == 1:
        place = replace_place(place, workers="none")

    with painters(device, place, progress) as made:

        def ask(index: int) -> Future[Frame]:
            return made.pool.draw(recipes[index], f"Picture {index + 1} of {len(recipes)}")

        for frame in in_order(len(recipes), lambda: made.pool.width, ask, made.wait):
            progress.done()
            yield frame


def told_of_loads(progress: ProgressLine) -> Watch:
    """Tells how far loads are, and that the renderer draws when they are done."""

    def watch(event: Activity, text: str, share: float | None) -> None:
        progress.tell(text.partition(", ")[0] or "Rendering", share or 0.0)

    return watch


def _save(frame: Frame, path: Path, overwrite: bool, *, numbered: bool) -> Path:
    """Write the picture; a `numbered` one under the next free name.  Returns its path."""
    # Pillow is slow to import: not before the options are checked
    from renderer.files.images import encode

    try:
        data = encode(frame.pixels(), captured_recipe(frame), path.suffix)
        if numbered:
            return save_new(path.parent, path.stem, path.suffix, data)
        write_made(path, data, overwrite)
    except ExplainedError as error:
        raise click.ClickException(str(error)) from error
    return path
