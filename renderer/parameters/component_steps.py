"""The parameters of steps along principal components and directions of weights."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from msgspec.structs import replace

from renderer.frame.frame import ModelInfo
from renderer.parameters import ranges
from renderer.parameters.kinds import ParameterError, Value
from renderer.parameters.parameter import Inert, Parameter
from renderer.recipe import component_moves
from renderer.recipe.component_moves import Space
from renderer.recipe.recipe import MAX_MOVES, Recipe

STYLE_COMPONENTS = 8
"""Maximum number of components of each layer's style that have an address."""
NO_MODEL = Inert("No model is loaded yet.", lambda _, model: model is None)
FULL = f"A picture takes at most {MAX_MOVES} steps along components."
WEIGHTS_TEXT = (
    "Moves a row of w along direction {} of those to which its layer's weights answer most, in "
    "standard deviations of random latents."
)


@lru_cache(maxsize=4)
def component_steps(latent_dim: int, styles: tuple[int, ...]) -> tuple[Parameter, ...]:
    """Every step that has an address; `styles` are the lengths of the styles of the rows of w."""
    count = min(latent_dim, component_moves.MAX_COMPONENTS)
    mapped = (component("mapped", 0, index) for index in range(count))
    style = (
        component("style", row, index)
        for row, length in enumerate(styles)
        for index in range(min(length, STYLE_COMPONENTS))
    )
    weights = (
        component("weights", row, index)
        for row in range(len(styles))
        for index in range(min(count, STYLE_COMPONENTS))
    )
    return (*mapped, *style, *weights)


@lru_cache(maxsize=4096)
def component(space: Space, row: int, index: int) -> Parameter:
    """Steps along component `index` of the mapped latent, or of a row's style or weights."""

    def get(recipe: Recipe) -> Value:
        return component_moves.amount_of(recipe.moves, space, row, index)

    def put(recipe: Recipe, amount: Any) -> Recipe:
        moves = component_moves.with_amount(recipe.moves, space, row, index, amount)
        if len(moves) > MAX_MOVES:
            raise ParameterError(FULL)
        return replace(recipe, moves=moves)

    def full(recipe: Recipe, _: ModelInfo | None) -> bool:
        return len(recipe.moves) >= MAX_MOVES and not get(recipe)

    number, what = index + 1, "the mapped latent" if space == "mapped" else "the style of its row"
    text = (
        f"Moves along principal component {number} of {what}, in standard deviations of random "
        "latents."
    )
    of, label = (space, f"Component {number}")
    if space == "weights":
        label, text = f"Weight direction {number}", WEIGHTS_TEXT.format(number)
    if space != "mapped":
        of, label = f"{space}/{row}", f"{label} of row {row}"
    inert = (NO_MODEL, Inert(FULL, full))
    at = f"/move/{of}/{number}"
    return Parameter(at, label, ranges.DEVIATIONS, 0.0, text, get, put, False, str(number), inert)
