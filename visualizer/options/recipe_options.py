"""Options of the command line that say a recipe, and the recipe that they say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click
from msgspec.structs import replace

from renderer.recipe.recipe import (
    MAX_SEED,
    LatentPart,
    ModelRef,
    Prompt,
    Recipe,
    RecipeError,
    TextPart,
    check,
)
from renderer.recipe.remote_paths import trust
from stylegan_t.demo.built_in import is_built_in
from visualizer.options.paths import typed_path
from visualizer.options.recipe_options_advanced import WordOptions, with_words, word_options

F = TypeVar("F", bound=Callable[..., Any])
SEED = click.IntRange(0, MAX_SEED)
HINTS = {
    "missing": " Name its file with --model FILE, or give --model demo.",
    "tower": ' Name another with --tower, or give --tower "" for the checkpoint\'s own.',
}
"""What can be done about an error on the command line."""


@dataclass(frozen=True, kw_only=True)
class RecipeOptions(WordOptions):
    """What was given on the command line; None leaves the recipe's value."""

    model: str | None
    prompt: tuple[str, ...]
    weight: tuple[float, ...]
    seed: int | None
    to_seed: int | None
    position: float | None
    psi: float | None
    noise: str | None
    noise_seed: int | None
    noise_strength: float | None
    rotate: float | None
    x: float | None
    y: float | None
    zoom: float | None
    precision: str | None
    tower: str | None


def recipe_options(command: F) -> F:
    """Add the options of `RecipeOptions` to a command."""
    options = [
        click.option("--model", metavar="PATH", help='A checkpoint file, or "demo".'),
        click.option("--prompt", multiple=True, metavar="TEXT", help="May be repeated."),
        click.option(
            "--weight",
            multiple=True,
            type=float,
            metavar="W",
            help="Weight of the first, second, ... prompt; 1 by default.",
        ),
        click.option("--seed", type=SEED, metavar="N", help="Seed of the latent."),
        click.option("--to-seed", type=SEED, metavar="N", help="Target seed to interpolate to."),
        click.option(
            "--position", type=float, metavar="T", help="From the seed (0) to the target seed (1)."
        ),
        click.option("--psi", type=float, help="Truncation: 0 is the prompt's average picture."),
        click.option("--noise", type=click.Choice(["const", "random", "none"])),
        click.option("--noise-seed", type=SEED, metavar="N", help="Seed of random noise."),
        click.option("--noise-strength", type=float, metavar="K", help="1 is as trained."),
        click.option("--rotate", type=float, metavar="DEG", help="Counter-clockwise."),
        click.option("--x", type=float, help="Move right, in picture widths."),
        click.option("--y", type=float, help="Move up, in picture heights."),
        click.option("--zoom", type=float, help="Above 1 enlarges the content."),
        click.option(
            "--precision",
            type=click.Choice(["float32", "bfloat16", "float16"]),
            help="Half precision takes half the memory and changes pixels slightly.",
        ),
        click.option(
            "--tower",
            metavar="NAME",
            help='Text tower that reads the prompts: a file, "open_clip:ViT-L-14/openai", or "" '
            "for the checkpoint's own. Nothing is downloaded.",
        ),
    ]
    command = word_options(command)
    for option in reversed(options):
        command = option(command)
    return command


def build_recipe(base: Recipe, options: RecipeOptions) -> Recipe:
    """`base` with every option that was given in place of its value.

    Raises:
        click.UsageError: options that do not fit together, or an impossible value.
    """
    recipe = replace(
        base,
        model=_model(base.model, options),
        text=_text(base.text, options),
        latent=_latent(base.latent, options),
        **_given(psi=options.psi, precision=options.precision),
        noise=replace(
            base.noise,
            **_given(mode=options.noise, seed=options.noise_seed, strength=options.noise_strength),
        ),
        transform=replace(
            base.transform,
            **_given(rotate_deg=options.rotate, x=options.x, y=options.y, zoom=options.zoom),
        ),
    )
    recipe = with_words(recipe, options)
    try:
        check(recipe)
    except RecipeError as error:
        raise click.UsageError(str(error)) from error
    return recipe


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _model(base: ModelRef, options: RecipeOptions) -> ModelRef:
    """The recipe's hash stays, so that another model than its own is noticed."""
    path = options.model
    if path is not None and not is_built_in(path):
        path = str(typed_path(path).absolute())
    tower = options.tower
    if tower and typed_path(tower).is_file():
        tower = str(typed_path(tower).absolute())
    for named in (path, tower):
        trust(named or "")
    return replace(base, **_given(path=path, tower=tower))


def _text(base: TextPart, options: RecipeOptions) -> TextPart:
    prompts = tuple(Prompt(text) for text in options.prompt) or base.prompts
    if len(options.weight) > len(prompts):
        raise click.UsageError(
            f"--weight was given {len(options.weight)} times for {len(prompts)} prompt(s)."
        )
    weighted = [replace(p, weight=w) for p, w in zip(prompts, options.weight, strict=False)]
    # Weights that are named count, whatever a pad in the recipe says.
    pad = None if options.weight else base.pad
    return replace(base, prompts=(*weighted, *prompts[len(weighted) :]), pad=pad)


def _latent(base: LatentPart, options: RecipeOptions) -> LatentPart:
    if options.to_seed is not None and options.position is None and base.position == 0:
        raise click.UsageError("--to-seed needs --position, between 0 and 1, to have an effect.")
    # A seed that is named counts, whatever latent is written out in the recipe.
    return replace(
        base,
        **_given(seed=options.seed, target_seed=options.to_seed, position=options.position),
        values=base.values if options.seed is None else (),
        target_values=base.target_values if options.to_seed is None else (),
    )
