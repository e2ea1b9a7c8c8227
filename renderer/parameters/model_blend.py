"""The parameters of two models in one: how far each part's weights go towards the second's."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from msgspec.structs import replace

from renderer.parameters import ranges
from renderer.parameters.parameter import Inert, Parameter
from renderer.recipe.paths import Path, read, written
from renderer.recipe.recipe import MAX_BLOCKS, ModelBlend, Recipe

NO_SECOND = Inert(
    "There is no second model to blend with.", lambda recipe, _: not recipe.model.blend.path
)


def model_blend(blocks: tuple[int, ...]) -> Iterator[Parameter]:
    """The parameters of the blend of a model whose blocks have these resolutions."""
    yield blend_of_all(blocks)
    text = "The weights of the mapping network, which shapes the latent: 0 first, 1 second model."
    path: Path = ("model", "blend", "mapping")
    yield _weight("/blend/mapping", "Blend of the mapping", "Mapping", text, path)
    for index, size in enumerate(blocks):
        yield blend_of_block(index, size)


@lru_cache(maxsize=64)
def blend_of_block(index: int, size: int) -> Parameter:
    """The blend of one resolution block, `size` pixels wide; blocks count from 0."""
    text = f"The weights of the {size} px block: 0 first model, 1 second, between a blend."
    path: Path = ("model", "blend", "weights", index)
    return _weight(f"/blend/block/{size}", f"Blend at {size} px", f"{size} px", text, path)


@lru_cache(maxsize=64)
def blend_of_all(blocks: tuple[int, ...]) -> Parameter:
    """The blend of all parts at once; where they differ, it reads as their mean."""
    count = len(blocks) or MAX_BLOCKS

    def get(recipe: Recipe) -> float:
        blend = recipe.model.blend
        shares = [blend.mapping, *blend.weights[:count]]
        shares += [0.0] * (count + 1 - len(shares))
        first = shares[0]
        return first if all(share == first for share in shares) else sum(shares) / len(shares)

    def put(recipe: Recipe, weight: Any) -> Recipe:
        return replace(recipe, model=replace(recipe.model, blend=even(recipe.model.blend, weight)))

    def even(blend: ModelBlend, weight: float) -> ModelBlend:
        return replace(blend, mapping=weight, weights=(weight,) * count)

    text = "The weights of all parts: 0 is the first model, 1 the second, between is a blend."
    return Parameter(
        "/blend/all", "Blend", ranges.BLEND, 0.0, text, get, put, short="All", inert=(NO_SECOND,)
    )


def _weight(address: str, label: str, short: str, text: str, path: Path) -> Parameter:
    def get(recipe: Recipe) -> Any:
        return read(recipe, path)

    def put(recipe: Recipe, value: Any) -> Recipe:
        return written(recipe, path, value)

    inert = (NO_SECOND,)
    return Parameter(address, label, ranges.BLEND, 0.0, text, get, put, short=short, inert=inert)
