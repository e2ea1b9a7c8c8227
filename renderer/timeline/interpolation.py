"""Recipes between two recipes: what the frames between two key frames are made of.

Pure, and of plain values only: no tensor is touched.  The rules, part by part:

* Numbers go straight from one end to the other, `zoom` by equal factors.
* The weights of two blended models go straight, too.
* What cannot be halved (which models, the precision, the canvas, the seed of noise, how prompts are
  blended) stays as it is at the start and steps at the very end, unless it has no effect on one
  side: then the other side's is used from the beginning, and nothing jumps.
* Lists (directions, moves, mixing sources, bends) are matched by what they are; what one side
  lacks comes from, or goes to, an amount of nothing.
* Where both sides together are more than a recipe may hold, the start's stay until the end.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from msgspec.structs import replace

from renderer.recipe.parts.bends import neutral
from renderer.recipe.recipe import (
    MAX_BENDS,
    MAX_MOVES,
    MAX_SOURCES,
    Bend,
    LayoutLock,
    MixingPart,
    MixSource,
    MixTrack,
    ModelBlend,
    ModelRef,
    Move,
    NoisePart,
    Recipe,
    TransformPart,
)
from renderer.timeline.latent_interpolation import latent_between
from renderer.timeline.matching import known, line, paired
from renderer.timeline.text_interpolation import text_between


def between(a: Recipe, b: Recipe, t: float) -> Recipe:
    """The recipe `t` of the way from `a` (0) to `b` (1); at the ends the very recipes.

    Args:
        a, b: sound recipes, see `renderer.recipe.recipe.check`; so is the result.
        t: unitless; what lies outside 0 to 1 counts as the nearer end.
    """
    if t <= 0.0 or a == b:
        return a
    if t >= 1.0:
        return b
    return Recipe(
        model=_model(a.model, b.model, t),
        text=text_between(a.text, b.text, t),
        latent=latent_between(a.latent, b.latent, t),
        psi=line(a.psi, b.psi, t),
        psi_blocks=_psi_blocks(a, b, t),
        psi_cutoff=a.psi_cutoff,
        psi_towards=a.psi_towards,
        moves=_moves(a.moves, b.moves, t),
        noise=noise_between(a.noise, b.noise, t),
        mixing=mixing_between(a.mixing, b.mixing, t),
        transform=_transform(a.transform, b.transform, t),
        layout=_layout(a, b, t),
        canvas=a.canvas,
        bends=_bends(a.bends, b.bends, t),
        precision=a.precision,
    )


def _model(a: ModelRef, b: ModelRef, t: float) -> ModelRef:
    """Interpolate the weights of a blend; a second model that one side lacks fades in or out."""
    x, y = a.blend, b.blend
    if (a.path, a.tower) != (b.path, b.tower) or (x.path and y.path and x.path != y.path):
        return a
    if not x.path and not y.path:
        return a
    x, y = (part if part.path else ModelBlend() for part in (x, y))
    count = max(len(x.weights), len(y.weights))
    first, second = ((*part.weights, *[0.0] * (count - len(part.weights))) for part in (x, y))
    blend = replace(
        x if x.path else y,
        mapping=line(x.mapping, y.mapping, t),
        weights=tuple(line(low, high, t) for low, high in zip(first, second, strict=True)),
    )
    return replace(a, blend=blend)


# -- the rest ------------------------------------------------------------------------------------


def noise_between(a: NoisePart, b: NoisePart, t: float) -> NoisePart:
    """The noise between two; `t` from 0 to 1.  No noise is noise of strength 0, of any kind."""
    if a == b:
        return a
    kind = b if _silent(a) else a
    count = max(len(a.blocks), len(b.blocks))
    first, second = ([*part.blocks, *[1.0] * (count - len(part.blocks))] for part in (a, b))
    return NoisePart(
        mode=kind.mode,
        seed=kind.seed,
        strength=line(_strength(a), _strength(b), t),
        blocks=tuple(line(low, high, t) for low, high in zip(first, second, strict=True)),
    )


def _strength(part: NoisePart) -> float:
    return 0.0 if part.mode == "none" else part.strength


def _silent(part: NoisePart) -> bool:
    return _strength(part) == 0.0


def mixing_between(a: MixingPart, b: MixingPart, t: float) -> MixingPart:
    """The mixing between two; `t` from 0 to 1.

    A source that both have, with tracks over the same single layers, changes its weights.  Else it
    stands there twice, the one fading out while the other fades in: a layer that has a weight of
    its own on one side alone would have to know its block otherwise.
    """
    if a == b:
        return a
    pairs: list[tuple[MixSource | None, MixSource | None]] = []
    for x, y in paired(a.sources, b.sources, lambda s: (s.seed, s.values, s.prompt)):
        together = x is None or y is None or (_alike(x.latent, y.latent) and _alike(x.text, y.text))
        pairs += [(x, y)] if together else [(x, None), (None, y)]
    if len(pairs) > MAX_SOURCES:
        return a
    return MixingPart(tuple(_source(x, y, t) for x, y in pairs))


def _alike(a: MixTrack, b: MixTrack) -> bool:
    """Return whether the same single layers go their own way."""
    return [row for row, _ in a.rows] == [row for row, _ in b.rows]


def _source(x: MixSource | None, y: MixSource | None, t: float) -> MixSource:
    return replace(
        known(x, y),
        latent=_track(x and x.latent, y and y.latent, t),
        text=_track(x and x.text, y and y.text, t),
    )


def _track(x: MixTrack | None, y: MixTrack | None, t: float) -> MixTrack:
    if x is None or y is None:
        rows = (x or y or MixTrack()).rows
        nothing = MixTrack(rows=tuple((row, 0.0) for row, _ in rows))
        x, y = x or nothing, y or nothing
    count = max(len(x.weights), len(y.weights))
    weights = (line(x.of_block(i), y.of_block(i), t) for i in range(count))
    pairs = zip(x.rows, y.rows, strict=True)
    return MixTrack(
        tuple(weights), tuple((row, line(low, high, t)) for (row, low), (_, high) in pairs)
    )


def _psi_blocks(a: Recipe, b: Recipe, t: float) -> tuple[float | None, ...]:
    """A block that has a truncation of its own on one side comes from, or goes to, the common."""
    values: list[float | None] = []
    for index in range(max(len(a.psi_blocks), len(b.psi_blocks))):
        own = [
            index < len(part) and part[index] is not None for part in (a.psi_blocks, b.psi_blocks)
        ]
        mine = line(a.psi_of_block(index), b.psi_of_block(index), t)
        values.append(mine if any(own) else None)
    return tuple(values)


def _moves(a: Sequence[Move], b: Sequence[Move], t: float) -> tuple[Move, ...]:
    pairs = paired(a, b, lambda move: move.place)
    if len(pairs) > MAX_MOVES:
        return tuple(a)
    return tuple(_moved(x, y, t) for x, y in pairs)


def _moved(x: Move | None, y: Move | None, t: float) -> Move:
    amount = line(x.amount if x else 0.0, y.amount if y else 0.0, t)
    return replace(known(x, y), amount=amount)


def _bends(a: Sequence[Bend], b: Sequence[Bend], t: float) -> tuple[Bend, ...]:
    """A bend that one side lacks, or has turned off, fades in or out."""

    def what(bend: Bend) -> Hashable:
        return bend.layer, bend.kind, bend.seed, bend.channels

    pairs = paired(a, b, what)
    if len(pairs) > MAX_BENDS:
        return tuple(a)
    return tuple(_bent(x, y, t) for x, y in pairs)


def _bent(x: Bend | None, y: Bend | None, t: float) -> Bend:
    same = known(x, y)
    if not ((x and x.on) or (y and y.on)):
        return same
    low, high = (bend if bend and bend.on else neutral(same) for bend in (x, y))
    amount = line(low.amount, high.amount, t)
    if same.kind == "scale":
        amount = low.amount * (high.amount / low.amount) ** t
    vertical = line(low.vertical, high.vertical, t)
    return replace(same, amount=amount, vertical=vertical, on=True)


def _transform(a: TransformPart, b: TransformPart, t: float) -> TransformPart:
    """Angles are plain numbers: from 0 to 720 degrees are two turns."""
    zoom = a.zoom * (b.zoom / a.zoom) ** t
    zoom = min(max(zoom, min(a.zoom, b.zoom)), max(a.zoom, b.zoom))
    straight = {
        name: line(getattr(a, name), getattr(b, name), t)
        for name in a.__struct_fields__
        if name != "zoom"
    }
    return TransformPart(**straight, zoom=zoom)


def _layout(a: Recipe, b: Recipe, t: float) -> LayoutLock | None:
    """A picture whose layout is free counts as one that is locked to itself."""
    if a.layout is None and b.layout is None:
        return None
    first, second = (
        part.layout or LayoutLock(part.text, part.latent, part.psi_of_block(0)) for part in (a, b)
    )
    return LayoutLock(
        text=text_between(first.text, second.text, t),
        latent=latent_between(first.latent, second.latent, t),
        psi=line(first.psi, second.psi, t),
    )
