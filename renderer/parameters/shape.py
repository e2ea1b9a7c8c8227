"""The shape that decides which addresses there are: the model's blocks and rows, the recipe's
lists."""

from __future__ import annotations

from dataclasses import dataclass

from renderer.frame.frame import ModelInfo
from renderer.parameters.component_steps import address_of
from renderer.parameters.slugs import free_slugs, slug_of
from renderer.recipe.component_moves import MAX_COMPONENTS, unmoved
from renderer.recipe.recipe import Move, Recipe, TextPart
from stylegan_t.config import BendKind


@dataclass(frozen=True)
class TextShape:
    """A text's number of prompts, the names of its directions, and whether the pad is on."""

    prompts: int
    directions: tuple[str, ...]
    pad: bool


@dataclass(frozen=True)
class Shape:
    """The shape that decides which addresses there are: `styles` are the lengths of the styles of
    the rows of w, `latent_dim` is that of a mapped latent, `bends` are kinds,
    `directions` the directions of the latent that have a name, and `seeds` the numbers of seeds
    that the latent blends, and that of the kept layout."""

    text: TextShape
    layout: TextShape | None
    sources: int
    blocks: tuple[int, ...]
    rows: int
    latent_dim: int
    styles: tuple[int, ...]
    bends: tuple[BendKind, ...]
    directions: tuple[Move, ...]
    seeds: tuple[int, int]


def shape_of(recipe: Recipe, model: ModelInfo | None) -> Shape:
    """The shape of a recipe on a model, as far as addresses depend on it."""
    return Shape(
        _text_shape(recipe.text),
        None if recipe.layout is None else _text_shape(recipe.layout.text),
        len(recipe.mixing.sources),
        model.blocks if model else (),
        model.num_ws if model else 0,
        model.latent_dim if model else 0,
        _styles(model) if model else (),
        tuple(bend.kind for bend in recipe.bends),
        tuple(unmoved(move) for move in recipe.moves if move.name),
        (len(recipe.latent.seeds), len(recipe.layout.latent.seeds) if recipe.layout else 0),
    )


def _styles(model: ModelInfo) -> tuple[int, ...]:
    """The length of the style that each row of w makes; one that is not known may be any."""
    owned = {layer.row: layer.channels for layer in model.layers if not layer.shared}
    return tuple(owned.get(row, MAX_COMPONENTS) for row in range(model.num_ws))


def _text_shape(part: TextPart) -> TextShape:
    names = tuple(direction.name for direction in part.directions)
    return TextShape(len(part.prompts), names, part.pad is not None)


def aliases(shape: Shape) -> dict[str, str]:
    """Directions go by their names too: `/text/direction/at-night` is `/text/direction/1`, and
    `/move/smile` is `/move/mapped/3`."""
    names: dict[str, str] = {}
    for index, name in enumerate(shape.text.directions, 1):
        slug, number = slug_of(name), f"/text/direction/{index}"
        if not slug or slug.isdigit() or f"/text/direction/{slug}" in names:
            continue
        names[f"/text/direction/{slug}"] = number
        for end in ("plus", "minus", "start", "stop"):
            names[f"/text/direction/{slug}/{end}"] = f"{number}/{end}"
    slugs = free_slugs([direction.name for direction in shape.directions], "direction")
    for slug, direction in zip(slugs, shape.directions, strict=True):
        names[f"/move/{slug}"] = address_of(direction, shape.directions, shape.blocks)
    return names
