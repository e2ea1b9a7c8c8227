"""Options of the command line that say a recipe, and the recipe that they say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click
from msgspec.structs import replace

from renderer.recipe.recipe import ModelRef, Recipe, RecipeError, TextPart, to_json
from renderer.recipe.remote_paths import trust
from renderer.recipe.templates import completed
from visualizer.options.blend_options import BlendOptions, blend_options, with_blend
from visualizer.options.declared_options import option_of, with_declared
from visualizer.options.paths import typed_model, typed_path
from visualizer.options.recipe_options_advanced import AdvancedOptions, with_words, word_options
from visualizer.options.wildcard_options import (
    WildcardOptions,
    lists_of,
    wildcard_options,
    with_wildcards,
)

F = TypeVar("F", bound=Callable[..., Any])
HINTS = {
    "missing": " Name its file with --model FILE, or give --model demo.",
    "missing second": ' Name its file with --blend FILE, or give --blend "" for none.',
    "second": ' Name another with --blend FILE, or give --blend "" for none.',
    "tower": ' Name another with --tower, or give --tower "" for the checkpoint\'s own.',
}
"""Remedies for an error on the command line."""


@dataclass(frozen=True, kw_only=True)
class RecipeOptions(AdvancedOptions, BlendOptions, WildcardOptions):
    """Options of the command line; None leaves the recipe's value."""

    model: str | None
    prompt: tuple[str, ...]
    weight: tuple[float, ...]
    seed: int | None
    to_seed: int | None
    position: float | None
    psi: float | None
    psi_cutoff: int | None
    psi_towards: str | None
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
        click.option(
            "--model", metavar="PATH", help='A checkpoint file, "demo-2" (the default) or "demo".'
        ),
        click.option("--prompt", multiple=True, metavar="TEXT", help="May be repeated."),
        click.option(
            "--weight",
            multiple=True,
            type=float,
            metavar="W",
            help="Weight of the first, second, ... prompt; 1 by default.",
        ),
        option_of("seed", "N"),
        option_of("to_seed", "N"),
        option_of("position", "T"),
        option_of("psi"),
        option_of("psi_cutoff", "N"),
        option_of("psi_towards"),
        option_of("noise"),
        option_of("noise_seed", "N"),
        option_of("noise_strength", "K"),
        option_of("rotate", "DEG"),
        option_of("x"),
        option_of("y"),
        option_of("zoom"),
        option_of("precision"),
        click.option(
            "--tower",
            metavar="NAME",
            help='Text tower that reads the prompts: a file, "open_clip:ViT-L-14/openai", or "" '
            "for the checkpoint's own. Nothing is downloaded.",
        ),
    ]
    command = blend_options(word_options(wildcard_options(command)))
    for option in reversed(options):
        command = option(command)
    return command


def build_recipe(base: Recipe, options: RecipeOptions, *, far: bool = False) -> Recipe:
    """`base` with every option that was given in place of its value; models may be `far` away.

    Raises:
        click.UsageError: options that do not fit together, or an impossible value.
    """
    if options.to_seed is not None and options.position is None and base.latent.position == 0:
        raise click.UsageError("--to-seed needs --position, between 0 and 1, to have an effect.")
    model = _model(base.model, options, far=far)
    recipe = replace(base, model=model, text=_text(base.text, options))
    recipe = with_declared(recipe, options)
    recipe = completed(with_words(recipe, options), lists_of(options))
    try:
        to_json(recipe)  # what cannot be saved is not worth drawing
    except RecipeError as error:
        raise click.UsageError(str(error)) from error
    return recipe


def _model(base: ModelRef, options: RecipeOptions, *, far: bool) -> ModelRef:
    """The recipe's hash stays, so that another model than its own is noticed."""
    path = options.model
    if path is not None:
        path = typed_model(path, far=far)
    tower = options.tower
    if tower and not far and typed_path(tower).is_file():
        tower = str(typed_path(tower).absolute())
    trust(tower or "")
    return replace(
        base,
        path=base.path if path is None else path,
        tower=base.tower if tower is None else tower,
        blend=with_blend(base.blend, options.blend, options.blend_weight, far=far),
    )


def _text(base: TextPart, options: RecipeOptions) -> TextPart:
    base, prompts = with_wildcards(base, options.prompt, options)
    if len(options.weight) > len(prompts):
        raise click.UsageError(
            f"--weight was given {len(options.weight)} times for {len(prompts)} prompt(s)."
        )
    weighted = [replace(p, weight=w) for p, w in zip(prompts, options.weight, strict=False)]
    # Weights that are named count, whatever a pad in the recipe says.
    pad = None if options.weight else base.pad
    return replace(base, prompts=(*weighted, *prompts[len(weighted) :]), pad=pad)
