"""Latent mathematics: seeds, interpolation, prompt blends, mixing and placement.

Pure functions on small tensors in main memory, computed in float64 so that every machine and
device starts from the same numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal

import torch
from torch import Tensor

from renderer.errors import PictureError
from renderer.recipe import seed_plane
from renderer.recipe.parts.seeds import seed_weights
from renderer.recipe.recipe import LatentPart, TransformPart

Blend = Literal["lerp", "slerp"]
Interpolation = Callable[[Tensor, Tensor, float], Tensor]
_TINY = 1e-9
"""Below this a direction has no meaning; in float64, far above rounding."""
_MEAN_STEPS = 32
NO_DIRECTION = 1e-6
"""A text this short points nowhere: its prompts have cancelled each other out."""


def fold_seed(seed: int) -> int:
    """Fold a seed of 63 bits into the 32 that PyTorch's CPU generator listens to.

    Seeds below 2^32 stay as they are; larger ones are stirred (Knuth's multiplicative hash), so
    that 1 and 2^32 + 1 are different pictures.
    """
    low, high = seed & 0xFFFFFFFF, seed >> 32
    return low ^ (high * 0x9E3779B1 & 0xFFFFFFFF)


def seed_latent(seed: int, z_dim: int) -> Tensor:
    """The latent of a seed: [1, z_dim] float32, a sample of N(0, I), the same on every machine.

    Args:
        seed: from 0 to 2^63 - 1.
        z_dim: number of values.
    """
    generator = torch.Generator().manual_seed(fold_seed(seed))
    return torch.randn(1, z_dim, generator=generator, dtype=torch.float64).float()


def latent(part: LatentPart, z_dim: int) -> Tensor:
    """The latent that a recipe asks for: [1, z_dim] float32.

    Raises:
        PictureError: it is written out with more or fewer values than `z_dim`.
    """
    interpolate: Interpolation = slerp if part.blend == "slerp" else lerp
    z = _origin(part, z_dim)
    if part.position:
        goal = part.target_values
        target = _written(goal, z_dim) if goal else seed_latent(part.target_seed, z_dim)
        z = interpolate(z, target, part.position)
    if part.morph is not None and part.morph.position:
        z = interpolate(z, latent(part.morph.to, z_dim), part.morph.position)
    return z


def _origin(part: LatentPart, z_dim: int) -> Tensor:
    if part.values:
        return _written(part.values, z_dim)
    return blended_seeds(part, z_dim) if part.seeds else plane_latent(part, z_dim)


def blended_seeds(part: LatentPart, z_dim: int) -> Tensor:
    """The latent between the seeds of `part`, by their weights: [1, z_dim] float32.

    "slerp" takes the mean of the directions on the sphere and the geometric mean of the norms, so
    that of two seeds it is the great arc; "lerp" the plain mean.  One seed alone is exactly its
    own latent.  Where the weights cancel out, their plain sum stands.
    """
    weighed = zip(part.seeds, seed_weights(part.seeds, part.pad), strict=True)
    kept = [(item.seed, weight) for item, weight in weighed if weight]
    if not kept:
        return torch.zeros(1, z_dim)
    rows = torch.cat([seed_latent(seed, z_dim) for seed, _ in kept]).double()
    if len(kept) == 1:
        return rows.float()
    shares = torch.tensor([weight for _, weight in kept], dtype=torch.float64)[:, None]
    total = float(shares.sum())
    if abs(total) <= _TINY:
        return (shares * rows).sum(dim=0, keepdim=True).float()
    shares = shares / total
    if part.blend == "lerp":
        return (shares * rows).sum(dim=0, keepdim=True).float()
    norms = _norm(rows)
    mean = _mean_on_sphere(rows / norms, shares[:, 0])
    return (mean * (shares * norms.log()).sum().exp()).float()


def plane_latent(part: LatentPart, z_dim: int) -> Tensor:
    """The latent at the place of `part` on the plane of seeds: [1, z_dim] float32.

    Between four seeds: along the arc from left to right above and below, then down between the two.
    So it is that of a seed at every whole step, continuous everywhere, and of their norm between.
    """
    seeds, right, down = seed_plane.corners(part)
    upper = _between(seeds[0], seeds[1], right, z_dim)
    if not down:
        return upper
    return slerp(upper, _between(seeds[2], seeds[3], right, z_dim), down)


def _between(left: int, right: int, share: float, z_dim: int) -> Tensor:
    first = seed_latent(left, z_dim)
    return slerp(first, seed_latent(right, z_dim), share) if share else first


def _written(values: Sequence[float], z_dim: int) -> Tensor:
    if len(values) != z_dim:
        raise PictureError(
            f"This latent has {len(values)} values, but the model takes {z_dim}: it was saved with "
            "another model. Choose a seed instead."
        )
    return torch.tensor([values], dtype=torch.float64).float()


def lerp(a: Tensor, b: Tensor, t: float) -> Tensor:
    """Interpolate on the straight line from `a` (t = 0) to `b` (t = 1); other `t` extrapolate.

    The ends are met exactly.  `a` and `b` are of one shape; a new tensor of `a`'s type.

    Raises:
        ValueError: `a` and `b` differ in shape.
    """
    _same_shape(a, b)
    return (a.double() * (1 - t) + b.double() * t).to(a.dtype)


def slerp(a: Tensor, b: Tensor, t: float) -> Tensor:
    """Interpolate on the great arc from `a` to `b`, keeping the norm a Gaussian latent would have.

    The direction turns evenly; the norm goes geometrically from that of `a` to that of `b`, and
    beyond the ends it stays.  Between opposite vectors there is no one arc: any is taken.

    Args:
        a, b: [N, dim], not zero.
        t: unitless position; 0 gives `a`, 1 gives `b`, values outside extrapolate the arc.

    Returns:
        [N, dim] of `a`'s type, a new tensor.

    Raises:
        ValueError: `a` and `b` differ in shape.

    Source: Shoemake 1985; White 2016, "Sampling Generative Networks", for its use on latents.
    """
    _same_shape(a, b)
    p, q = a.double(), b.double()
    norm_p, norm_q = _norm(p), _norm(q)
    u = p / norm_p
    side, angle = _turn(u, q / norm_q)
    direction = torch.cos(t * angle) * u + torch.sin(t * angle) * side
    share = min(max(t, 0.0), 1.0)
    return (direction * norm_p ** (1 - share) * norm_q**share).to(a.dtype)


def weighted(embeddings: Tensor, weights: Sequence[float], blend: Blend = "lerp") -> Tensor:
    """One text embedding from several, before its norm is looked at.

    "lerp" sums the embeddings by weight; "slerp" takes their mean on the unit sphere, where only
    the weights' ratios count (for two prompts: the great arc between them).  Prompts of weight 0
    have no say.  Where the weights cancel out there is no direction to take: the plain sum, about
    zero, is returned.

    Args:
        embeddings: [N, c_dim] of unit norm.
        weights: N numbers of any sign.
        blend: see above.

    Returns:
        [1, c_dim] float64.

    Source: Buss and Fillmore 2001, "Spherical averages", for three prompts and more.
    """
    shares = torch.tensor(list(weights), dtype=torch.float64)
    kept = shares != 0
    shares, rows = shares[kept], embeddings.double()[kept]
    total = (shares[:, None] * rows).sum(dim=0, keepdim=True)
    if blend == "slerp" and abs(float(shares.sum())) > _TINY:
        total = _mean_on_sphere(rows, shares / shares.sum())
    return total


def unit(rows: Tensor) -> Tensor:
    """Rows [N, dim] at unit norm; a row of about zero has no direction and stays."""
    norm = rows.norm(dim=-1, keepdim=True)
    return torch.where(norm > NO_DIRECTION, rows / norm.clamp_min(NO_DIRECTION), rows)


def mix_rows(
    rows: Tensor,
    sources: Sequence[Tensor],
    weights: Sequence[Sequence[float]],
    keep_norm: bool = False,
) -> Tensor:
    """Mix rows of w with those of other pictures, for the latent or the text part alone.

    Every row becomes `rows + sum of weight * (source - rows)`, so the order of the sources does not
    matter.  One source of weight 1 takes its place; positive weights that sum to more than one
    (and more than the largest of them) are brought down to that, with the others: they share.

    Args:
        rows: [num_ws, dim].
        sources: of the same shape each.
        weights: for each source, how much each row takes of it; other values than 0 to 1
            extrapolate.
        keep_norm: bring mixed rows to the interpolated norm; so a mix of text embeddings has unit
            norm too.

    Returns:
        [num_ws, dim], a new tensor; what is not mixed is unchanged.
    """
    mixed = rows.clone()
    alike: dict[tuple[float, ...], list[int]] = {}
    for row, own in enumerate(zip(*weights, strict=True)):
        if any(own):
            alike.setdefault(own, []).append(row)
    if not alike:
        return mixed
    every = torch.stack(list(sources))
    for own, where in alike.items():
        taken = [index for index, weight in enumerate(own) if weight]
        parts = every[taken][:, where]
        mixed[where] = _mixed(rows[where], parts, [own[index] for index in taken], keep_norm)
    return mixed


def _mixed(a: Tensor, parts: Tensor, weights: list[float], keep_norm: bool) -> Tensor:
    """Rows [n, dim] that all take the same of `parts` [sources, n, dim]; no weight is 0."""
    if len(weights) == 1:
        if weights[0] == 1:
            return parts[0]
        mixed = torch.lerp(a, parts[0], weights[0])
    else:
        mixed = a + (_column(_shared(weights), a) * (parts - a)).sum(dim=0)
    return mixed * (_mixed_norm(a, parts, weights) / _norm(mixed)) if keep_norm else mixed


def _shared(weights: list[float]) -> list[float]:
    """The weights, brought down where the positive ones sum to more than there is room for."""
    positive = [weight for weight in weights if weight > 0]
    share = min(1.0, max(1.0, *positive) / sum(positive)) if positive else 1.0
    return [weight * share for weight in weights]


def _mixed_norm(a: Tensor, parts: Tensor, weights: list[float]) -> Tensor:
    """The norm between those of all that is mixed, within their range even beyond the ends."""
    shares = [max(weight, 0.0) for weight in weights]
    total = max(1.0, sum(shares))
    if len(shares) == 1:
        return torch.lerp(_norm(a), _norm(parts[0]), shares[0] / total)
    column = _column([share / total for share in shares], a)
    return _norm(a) + (column * (_norm(parts) - _norm(a))).sum(dim=0)


def _column(values: list[float], like: Tensor) -> Tensor:
    return torch.tensor(values, dtype=like.dtype, device=like.device)[:, None, None]


def transform_matrix(part: TransformPart) -> Tensor:
    """The matrix that makes the generator's Fourier input move the content as `part` says.

    The content is first enlarged by `zoom`, then turned counter-clockwise, then moved right and
    up.  The model wants the inverse of that: from places on the picture to places in the content,
    in units where the picture spans [-0.5, 0.5], x to the right and y *down*.

    Returns:
        [3, 3] float32.
    """
    angle = math.radians(part.rotate_deg)
    cos, sin = math.cos(angle) / part.zoom, math.sin(angle) / part.zoom
    turn_back = torch.tensor([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]], dtype=torch.float64)
    move_back = torch.tensor([[1, 0, -part.x], [0, 1, part.y], [0, 0, 1]], dtype=torch.float64)
    return (turn_back @ move_back).float()


def _same_shape(a: Tensor, b: Tensor) -> None:
    if a.shape != b.shape:
        raise ValueError(f"The two ends differ in shape: {tuple(a.shape)} and {tuple(b.shape)}.")


def _norm(x: Tensor) -> Tensor:
    return x.norm(dim=-1, keepdim=True).clamp_min(_TINY)


def _turn(u: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    """From unit vectors `u` to `v`: the unit tangent at `u` that points there, and the angle."""
    cos = (u * v).sum(dim=-1, keepdim=True)
    side = v - cos * u
    length = side.norm(dim=-1, keepdim=True)
    side = torch.where(length > _TINY, side / length.clamp_min(_TINY), _any_side(u))
    return side, torch.atan2(length, cos)


def _any_side(u: Tensor) -> Tensor:
    """Some unit vector at a right angle to each row of `u`."""
    axis = torch.zeros_like(u).scatter(-1, u.abs().argmin(dim=-1, keepdim=True), 1.0)
    side = axis - (axis * u).sum(dim=-1, keepdim=True) * u
    return side / _norm(side)


def _mean_on_sphere(rows: Tensor, shares: Tensor) -> Tensor:
    """Weighted mean of unit vectors [N, dim] along the sphere, [1, dim]; shares sum to one."""
    if len(rows) == 1:
        return rows
    if len(rows) == 2:
        return slerp(rows[:1], rows[1:], float(shares[1]))
    flat = (shares[:, None] * rows).sum(dim=0, keepdim=True)
    mean = flat if float(flat.norm()) > 1e-6 else rows[shares.abs().argmax()][None]
    mean = mean / _norm(mean)
    for _ in range(_MEAN_STEPS):
        side, angle = _turn(mean.expand_as(rows), rows)
        step = (shares[:, None] * angle * side).sum(dim=0, keepdim=True)
        length = _norm(step)
        mean = torch.cos(length) * mean + torch.sin(length) * step / length
        if float(length) < 1e-7:
            break
    return mean
