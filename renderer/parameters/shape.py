"""The shape that decides which addresses there are: the model's blocks and rows, the recipe's
lists."""

from __future__ import annotations

import re
from dataclasses import dataclass

from renderer.frame.frame import ModelInfo
from renderer.recipe.component_moves import MAX_COMPONENTS
from renderer.recipe.recipe import Recipe, TextPart
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
    and `seeds` the numbers of seeds that the latent blends, and that of the kept layout."""

    text: TextShape
    layout: TextShape | None
    sources: int
    blocks: tuple[int, ...]
    rows: int
    latent_dim: int
    styles: tuple[int, ...]
    bends: tuple[BendKind, ...]
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
    """Directions go by their names too: `/text/direction/at-night` is `/text/direction/1`."""
    names: dict[str, str] = {}
    for index, name in enumerate(shape.text.directions, 1):
        slug, number = slug_of(name), f"/text/direction/{index}"
        if not slug or slug.isdigit() or f"/text/direction/{slug}" in names:
            continue
        names[f"/text/direction/{slug}"] = number
        for end in ("plus", "minus", "start", "stop"):
            names[f"/text/direction/{slug}/{end}"] = f"{number}/{end}"
    return names


def slug_of(name: str) -> str:
    """A name as part of an address: small letters, "-" for what an address cannot hold."""
    return re.sub(r"[\s#*,/?\[\]{}\x00-\x1f]+", "-", name.strip().lower()).strip("-")[:60]
