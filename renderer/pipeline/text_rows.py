"""The text of each row of w: a blend of prompts, its strength, and what directions do to it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from renderer.pipeline.cache_keys import Turn
from renderer.pipeline.latents import NO_DIRECTION, Blend, Interpolation, lerp, slerp, unit


@dataclass(frozen=True, eq=False)
class TextRows:
    """The text of the rows of w, and how far it has come.

    `rows` is [1, c_dim] float32 where all rows are alike, else [num_ws, c_dim].  `norm` is the
    norm before it was brought to one, `angle_deg` the angle to the plain blend, both of the row
    that turned furthest.
    """

    rows: Tensor
    norm: float
    angle_deg: float


def strengthened(neutral: Tensor, text: Tensor, strength: float, blend: Blend) -> Tensor:
    """Interpolate from the neutral text (strength 0) to a text (1) and beyond: [1, c_dim].

    On the sphere with "slerp", straight with "lerp", and straight where one of them points nowhere.
    """
    shortest = min(float(neutral.norm()), float(text.norm()))
    interpolate: Interpolation = slerp if blend == "slerp" and shortest > NO_DIRECTION else lerp
    return interpolate(neutral, text, strength)


def turned(text: Tensor, differences: Tensor, turns: Sequence[Turn], num_ws: int) -> Tensor:
    """Add directions to a text, row by row.

    Args:
        text: [1, c_dim] float64.
        differences: [len(turns), c_dim], `plus` less `minus` of each.
        turns: how much of each goes to which rows.
        num_ws: rows of w.

    Returns:
        [1, c_dim] where every direction goes to all rows, else [num_ws, c_dim].
    """
    count = 1 if all((turn.start, turn.stop) == (0, num_ws) for turn in turns) else num_ws
    amounts = torch.zeros(count, len(turns), dtype=text.dtype)
    for index, turn in enumerate(turns):
        amounts[turn.start : turn.stop, index] = turn.amount
    return text + amounts @ differences


def finished(raw: Tensor, plain: Tensor, normalize: bool) -> TextRows:
    """The text as it goes to the model.

    Args:
        raw: [rows, c_dim] float64, what all the steps have made.
        plain: [1, c_dim] float64, the plain blend of prompts.
        normalize: bring every row to unit norm.
    """
    rows = unit(raw) if normalize else raw
    angles = angles_deg(raw, plain)
    furthest = int(angles.argmax())
    return TextRows(rows.float(), float(raw[furthest].norm()), float(angles[furthest]))


def angles_deg(rows: Tensor, text: Tensor) -> Tensor:
    """Angles of rows [N, dim] to one [1, dim], in degrees; 0 where one of them points nowhere.

    By half the chord, which is exact for small angles where the cosine is not.
    """
    a, b = unit(rows), unit(text)
    known = (a.norm(dim=1) > 0.5) & (b.norm(dim=1) > 0.5)
    half = ((a - b).norm(dim=1) / 2).clamp_max(1.0)
    return torch.where(known, torch.asin(half) * (360 / math.pi), torch.zeros_like(half))
