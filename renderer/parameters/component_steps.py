"""The parameters of steps along directions: components, directions of weights, vectors."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from msgspec.structs import replace

from renderer.frame.frame import ModelInfo
from renderer.parameters import ranges
from renderer.parameters.kinds import ParameterError, Value
from renderer.parameters.parameter import Inert, Parameter
from renderer.parameters.slugs import free_slugs
from renderer.recipe import component_moves
from renderer.recipe.recipe import MAX_MOVES, Move, Recipe, Vector

STYLE_COMPONENTS = 8
"""Maximum number of components of each layer's style that have an address."""
NO_MODEL = Inert("No model is loaded yet.", lambda _, model: model is None)
FULL = f"A picture takes at most {MAX_MOVES} steps along directions."
DEVIATIONS = "in standard deviations of random latents."
MAPPED_TEXT = f"Moves along principal component {{}} of the mapped latent, {DEVIATIONS}"
STYLE_TEXT = f"Moves along principal component {{}} of the style of its row, {DEVIATIONS}"
WEIGHTS_TEXT = (
    "Moves a row of w along direction {} of those to which its layer's weights answer most, "
    f"{DEVIATIONS}"
)
BLOCK_TEXT = (
    "Moves all rows of a block along direction {} of those to which the weights of its layers "
    f"answer most, {DEVIATIONS}"
)
VECTOR_TEXT = "Moves w along this direction; 1 adds it as it stands in its file."


@lru_cache(maxsize=4)
def component_steps(
    latent_dim: int, styles: tuple[int, ...], blocks: tuple[int, ...]
) -> tuple[Parameter, ...]:
    """Every step along a component that has an address.

    `styles` are the lengths of the styles of the rows of w, `blocks` the sizes of the blocks.
    """
    count = min(latent_dim, component_moves.MAX_COMPONENTS)
    few = range(min(count, STYLE_COMPONENTS))
    moves = [Move("mapped", index) for index in range(count)]
    for row, length in enumerate(styles):
        moves += [Move("style", index, row=row) for index in range(min(length, STYLE_COMPONENTS))]
    moves += [Move("weights", index, row=row) for row in range(len(styles)) for index in few]
    moves += [Move("block", index, row=block) for block in range(len(blocks)) for index in few]
    return tuple(step_along(move, blocks) for move in moves)


def named_steps(directions: tuple[Move, ...], blocks: tuple[int, ...]) -> Iterator[Parameter]:
    """The steps along directions with a name that have no address otherwise."""
    for direction in directions:
        counted = component_moves.MAX_COMPONENTS if direction.space == "mapped" else None
        if direction.space == "vector" or direction.component >= (counted or STYLE_COMPONENTS):
            yield step_along(direction, blocks, address_of(direction, directions, blocks))


def address_of(direction: Move, directions: tuple[Move, ...], blocks: tuple[int, ...]) -> str:
    """The address of the steps along a direction.

    Args:
        direction: a move, whatever its amount.
        directions: all directions with a name: the address of a vector is made of its name.
        blocks: the sizes of the model's blocks.
    """
    number, row = direction.component + 1, direction.row
    match direction.space:
        case "mapped":
            return f"/move/mapped/{number}"
        case "block":
            return f"/move/block/{blocks[row] if row < len(blocks) else row}/{number}"
        case "vector":
            vectors = [one for one in directions if one.space == "vector"]
            slugs = free_slugs([one.name for one in vectors], "direction")
            places = [one.place for one in vectors]
            known = direction.place in places
            return f"/move/vector/{slugs[places.index(direction.place)] if known else 'new'}"
    return f"/move/{direction.space}/{row}/{number}"


@lru_cache(maxsize=4096)
def step_along(direction: Move, blocks: tuple[int, ...], address: str = "") -> Parameter:
    """Steps along a direction of a model with blocks of these sizes."""
    direction = component_moves.unmoved(direction)

    def get(recipe: Recipe) -> Value:
        return component_moves.amount_of(recipe.moves, direction)

    def put(recipe: Recipe, amount: Any) -> Recipe:
        moves = component_moves.with_amount(recipe.moves, direction, amount)
        if len(moves) > MAX_MOVES:
            raise ParameterError(FULL)
        return replace(recipe, moves=moves)

    def full(recipe: Recipe, _: ModelInfo | None) -> bool:
        places = {move.place for move in recipe.moves}
        return len(places) >= MAX_MOVES and direction.place not in places

    def misfitting(_: Recipe, model: ModelInfo | None) -> bool:
        return model is not None and bool(misfit(direction.vector, model))

    label, text = _words(direction, blocks)
    inert = (NO_MODEL, Inert(FULL, full), Inert(MISFIT, misfitting))
    at, short = address or address_of(direction, (), blocks), direction.name
    return Parameter(
        at,
        direction.name or label,
        ranges.STEPS if direction.space == "vector" else ranges.DEVIATIONS,
        0.0,
        text,
        get,
        put,
        False,
        short or str(direction.component + 1),
        inert,
    )


MISFIT = "This direction is of a model with another w."


def misfit(vector: Vector | None, model: ModelInfo) -> str:
    """Return why a vector moves nothing in a model, in a sentence; empty where it does."""
    if vector is None:
        return ""
    if vector.rows not in (1, model.num_ws):
        return (
            f"This direction has {vector.rows} rows; w of {model.name} has {model.num_ws}, so it "
            "takes 1 or as many."
        )
    if vector.columns not in (model.latent_dim, model.w_dim):
        wanted = sorted({model.latent_dim, model.w_dim})
        return (
            f"This direction has {vector.columns} numbers in a row; {model.name} takes "
            f"{' or '.join(map(str, wanted))}."
        )
    return ""


def words_of(direction: Move, blocks: tuple[int, ...]) -> str:
    """Return what a direction is called that has no name."""
    return _words(direction, blocks)[0]


def _words(direction: Move, blocks: tuple[int, ...]) -> tuple[str, str]:
    """The label and the text of the steps along a direction."""
    number, row = direction.component + 1, direction.row
    match direction.space:
        case "mapped":
            return f"Component {number}", MAPPED_TEXT.format(number)
        case "style":
            return f"Component {number} of row {row}", STYLE_TEXT.format(number)
        case "weights":
            return f"Weight direction {number} of row {row}", WEIGHTS_TEXT.format(number)
        case "block":
            size = f"{blocks[row]} px block" if row < len(blocks) else f"block {row}"
            return f"Weight direction {number} of the {size}", BLOCK_TEXT.format(number)
    return "Direction", VECTOR_TEXT
