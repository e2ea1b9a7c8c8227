"""Changing a mixing track: whole blocks, single layers, and the usual choices of blocks.

Pure functions on `MixTrack`.  `rows` is always the half-open range of rows of w that a block owns.
A row either follows its block or has a weight of its own; setting a block takes its rows along.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from renderer.recipe.recipe import MixTrack

Rows = tuple[int, int]

KINDS = ("Coarse", "Middle", "Fine", "All", "None")
"""The usual choices of blocks, see `kind_of`."""
COARSE_PX, MIDDLE_PX = 8, 32
"""The largest resolutions that count as coarse and as middle styles.  Source: Karras et al. 2019,
"A Style-Based Generator Architecture for Generative Adversarial Networks", figure 3."""


def kind_of(resolution: int) -> str:
    """Return what a block of that many pixels decides: "Coarse" layout, "Middle" shapes, "Fine"
    look."""
    if resolution <= COARSE_PX:
        return "Coarse"
    return "Middle" if resolution <= MIDDLE_PX else "Fine"


def of_kind(kind: str, blocks: Sequence[int]) -> MixTrack:
    """The track that takes all of the blocks of one kind, and nothing of the others.

    Args:
        kind: one of `KINDS`.
        blocks: resolutions, coarsest first.
    """
    return track([float(kind in (kind_of(size), "All")) for size in blocks])


def track(weights: Sequence[float], rows: Sequence[tuple[int, float]] = ()) -> MixTrack:
    """The track with these weights, written as briefly as it can be: zeros at the end go."""
    end = len(weights)
    while end and weights[end - 1] == 0.0:
        end -= 1
    return MixTrack(tuple(weights[:end]), tuple(sorted(rows)))


def with_block(old: MixTrack, index: int, weight: float, rows: Rows) -> MixTrack:
    """The track in which block `index` has `weight`, and all of its rows follow it again."""
    weights = [old.of_block(i) for i in range(max(len(old.weights), index + 1))]
    weights[index] = weight
    return track(weights, [own for own in old.rows if not rows[0] <= own[0] < rows[1]])


def with_row(old: MixTrack, row: int, weight: float | None) -> MixTrack:
    """The track in which one row has `weight`, or, with None, follows its block again."""
    rows = [own for own in old.rows if own[0] != row]
    return track(old.weights, rows if weight is None else [*rows, (row, weight)])


def block_weight(of: MixTrack, index: int, rows: Rows) -> float:
    """Return how much block `index` takes: the mean over its rows."""
    if not of.rows:
        return of.of_block(index)
    weights = [of.of_row(row, index) for row in range(*rows)]
    return sum(weights) / len(weights) if weights else of.of_block(index)


def uneven(of: MixTrack, rows: Rows) -> bool:
    """Return whether one of the rows goes its own way."""
    return any(rows[0] <= row < rows[1] for row, _ in of.rows)


def rest(tracks: Sequence[MixTrack], index: int, rows: Rows) -> float:
    """Return what the main picture keeps of block `index`, 0 to 1, when all of `tracks` take
    theirs."""
    if not any(of.rows for of in tracks):
        return _kept(of.of_block(index) for of in tracks)
    span = range(*rows)
    kept = [_kept(of.of_row(row, index) for of in tracks) for row in span]
    return sum(kept) / len(kept) if kept else 1.0


def _kept(weights: Iterable[float]) -> float:
    return min(max(1.0 - sum(weights), 0.0), 1.0)
