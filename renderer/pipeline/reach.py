"""Parts of a recipe that lie beyond a model's blocks and rows, and what is said of them."""

from __future__ import annotations

from collections.abc import Iterator

from renderer.frame.frame import ModelInfo
from renderer.recipe.recipe import Recipe
from stylegan_t.errors import enumerated

MOST_TOLD = 3


def beyond_notes(recipe: Recipe, info: ModelInfo) -> tuple[str, ...]:
    """Return what is said of truncation, noise and steps that have no effect because the model has
    fewer blocks or rows; a recipe that was made with a larger model may well have such."""
    told = list(dict.fromkeys(_beyond(recipe, info)))
    if not told:
        return ()
    shown = told[:MOST_TOLD] + ["more"] * (len(told) > MOST_TOLD)
    return (
        f"This model has {len(info.blocks)} blocks and {info.num_ws} rows of w, counted from 0, so "
        f"{enumerated(shown)} {'have' if shown[1:] else 'has'} no effect.",
    )


def _beyond(recipe: Recipe, info: ModelInfo) -> Iterator[str]:
    blocks = len(info.blocks)
    for index, psi in enumerate(recipe.psi_blocks[blocks:], blocks):
        if psi is not None:
            yield f"the truncation of block {index}"
    for index, strength in enumerate(recipe.noise.blocks[blocks:], blocks):
        if strength != 1:
            yield f"the noise of block {index}"
    for move in recipe.moves:
        if move.amount and move.space == "block" and move.row >= blocks:
            yield f"the step of block {move.row}"
        if move.amount and move.space in ("style", "weights") and move.row >= info.num_ws:
            yield f"the step of row {move.row}"
