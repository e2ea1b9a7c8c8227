"""Cache keys: the part of a recipe that each stage depends on, without what has no effect.

Keys are for one model: they know its blocks and rows, so that what a recipe says beyond them does
not matter either.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from renderer.frame.frame import ModelInfo
from renderer.parameters.component_steps import misfit
from renderer.recipe.parts.seeds import seed_weights
from renderer.recipe.recipe import (
    Bend,
    Canvas,
    Direction,
    LatentPart,
    LayoutLock,
    MixingPart,
    MixSource,
    MixTrack,
    Move,
    NoisePart,
    Recipe,
    TextPart,
)


class Turn(NamedTuple):
    """The effect of a direction on the text of the rows of w from `start` up to but without
    `stop`."""

    plus: str
    minus: str
    amount: float
    start: int
    stop: int


def latent_key(part: LatentPart) -> Hashable:
    """The latent: at position 0 its target does not matter, nor the kind of interpolation."""
    origin: Hashable = ("values", *part.values) if part.values else (part.seed, part.x, part.y)
    if part.seeds:
        weighted = zip(part.seeds, seed_weights(part.seeds, part.pad), strict=True)
        origin = tuple((item.seed, weight) for item, weight in weighted if weight), part.blend
    goal = (part.target_values or part.target_seed, part.position) if part.position else None
    morph = None
    if part.morph is not None and part.morph.position:
        morph = latent_key(part.morph.to), part.morph.position
    return origin, goal, morph, part.blend if goal or morph else None


def turns(directions: Sequence[Direction], num_ws: int) -> tuple[Turn, ...]:
    """Return what the directions do to the rows of w; those that do nothing are left out."""
    found = []
    for d in directions:
        stop = num_ws if d.stop is None else min(d.stop, num_ws)
        if d.amount and d.plus != d.minus and d.start < stop:
            found.append(Turn(d.plus, d.minus, d.amount, d.start, stop))
    return tuple(found)


def text_key(part: TextPart, info: ModelInfo) -> Hashable:
    """The text of all rows: prompts of weight 0 and directions that do nothing do not matter."""
    if not info.c_dim:
        return None
    weighted = zip(part.prompts, part.weights, strict=True)
    prompts = tuple((prompt.text, weight) for prompt, weight in weighted if weight)
    strength = None if part.strength == 1 else (part.strength, part.neutral)
    return prompts, part.blend, part.normalize, strength, turns(part.directions, info.num_ws)


class Truncation(NamedTuple):
    """The psi of each row of w, and whether it draws towards the nearest of several means."""

    psis: tuple[float, ...]
    nearest: bool


def psi_key(recipe: Recipe, info: ModelInfo) -> Truncation:
    """The truncation of all rows; where psi is 1, what it draws towards does not matter."""
    cutoff = info.num_ws if recipe.psi_cutoff is None else recipe.psi_cutoff
    psis = tuple(
        recipe.psi_of_block(block) if row < cutoff else 1.0
        for block, (start, stop) in enumerate(info.rows_of_block)
        for row in range(start, stop)
    )
    return Truncation(psis, recipe.psi_towards == "nearest" and any(psi != 1 for psi in psis))


def row_weights(track: MixTrack, info: ModelInfo) -> tuple[float, ...]:
    """Return how much each row of w takes by `track`."""
    single = dict(track.rows)
    return tuple(
        single.get(row, track.of_block(block))
        for block, (start, stop) in enumerate(info.rows_of_block)
        for row in range(start, stop)
    )


def source_latent(source: MixSource) -> LatentPart:
    """The latent that a mixing source takes from."""
    return LatentPart(seed=source.seed, values=source.values)


def mixing_key(part: MixingPart, normalize: bool, info: ModelInfo) -> Hashable:
    """The mixing, or None when nothing is mixed; a source that no track takes does not matter.

    `normalize` is the recipe's `TextPart.normalize`: it has a say in mixed text alone.
    """
    latents = [
        (latent_key(source_latent(source)), source.prompt if info.has_classes else "", weights)
        for source in part.sources
        if source.latent.active and any(weights := row_weights(source.latent, info))
    ]
    spoken = info.takes_text
    texts = [
        (source.prompt, weights)
        for source in part.sources
        if spoken and source.text.active and any(weights := row_weights(source.text, info))
    ]
    if not latents and not texts:
        return None
    return tuple(latents), tuple(texts), normalize if texts else None


def mapped_key(moves: Sequence[Move]) -> tuple[tuple[int, float], ...]:
    """The steps in the mapped latent, as (component, amount), each component once."""
    return tuple((component, amount) for _, component, amount in _steps(moves, "mapped"))


def style_key(moves: Sequence[Move], info: ModelInfo) -> tuple[tuple[int, int, float], ...]:
    """The steps in styles, as (row of w, component, amount), each component of a row once."""
    return tuple(step for step in _steps(moves, "style") if step[0] < info.num_ws)


def row_key(moves: Sequence[Move], info: ModelInfo) -> Hashable:
    """Return what moves rows of w along directions."""
    return mapped_key(moves), row_moves(moves, info)


def row_moves(moves: Sequence[Move], info: ModelInfo) -> tuple[Move, ...]:
    """The steps that move single rows of w, blocks of them, or all by a vector, in one order."""
    most = {"weights": info.num_ws, "block": len(info.blocks), "vector": 1}
    return tuple(
        replace(move, name="")
        for move in moves
        if move.amount and move.row < most.get(move.space, 0) and not misfit(move.vector, info)
    )


def _steps(moves: Sequence[Move], space: str) -> list[tuple[int, int, float]]:
    sums: dict[tuple[int, int], float] = {}
    for move in moves:
        if move.space == space:
            place = 0 if space == "mapped" else move.row, move.component
            sums[place] = sums.get(place, 0.0) + move.amount
    return [(row, component, amount) for (row, component), amount in sorted(sums.items()) if amount]


def layout_key(lock: LayoutLock | None, info: ModelInfo) -> Hashable:
    """Return what row 0 of w keeps, or None without a lock."""
    if lock is None:
        return None
    return latent_key(lock.latent), text_key(lock.text, info), lock.psi


def w_key(recipe: Recipe, info: ModelInfo) -> Hashable:
    """All rows of w."""
    return (
        latent_key(recipe.latent),
        text_key(recipe.text, info),
        psi_key(recipe, info),
        mixing_key(recipe.mixing, recipe.text.normalize, info),
        row_key(recipe.moves, info),
        layout_key(recipe.layout, info),
        recipe.psi_towards if recipe.layout is not None else None,
    )


def noise_key(part: NoisePart, info: ModelInfo) -> Hashable:
    """The noise: only fresh noise has a seed, and no noise has no strength."""
    strengths = noise_strengths(part, info)
    if part.mode == "none" or not any(strengths):
        return None
    return part.mode, strengths, part.seed if part.mode == "random" else None


def noise_strengths(part: NoisePart, info: ModelInfo) -> tuple[float, ...]:
    """Return what multiplies the noise of each block."""
    return tuple(part.of_block(index) for index in range(len(info.blocks)))


def bend_key(bends: Sequence[Bend], info: ModelInfo) -> Hashable:
    """The bends that change anything, by the layers of the model, in the order in which they
    act."""
    return tuple(
        own
        for layer in info.layers
        if (own := tuple(bend for bend in bends if bend.layer == layer.name and bend.acts))
    )


def canvas_key(canvas: Canvas, info: ModelInfo) -> tuple[int, int] | None:
    """The rows and columns of cells of the picture; None is the trained square."""
    cells = canvas.cells(info.grid)
    return None if cells == (info.grid, info.grid) else cells


def drawing_key(recipe: Recipe, info: ModelInfo) -> Hashable:
    """Return what the synthesis depends on beside w."""
    noise = noise_key(recipe.noise, info)
    edits = style_key(recipe.moves, info), bend_key(recipe.bends, info)
    return noise, recipe.transform, recipe.precision, edits, canvas_key(recipe.canvas, info)
