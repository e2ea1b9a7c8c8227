"""The visible attributes of the second demo world's scenes, and the loss of a network that
looks."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from stylegan_t.demo.things.attributes import (
    COLUMN,
    NAMES,
    NO_THING,
    OWN_COLOR,
    VALUES,
)

_WEIGHTS = {"thing": 3.0, "other": 1.5, "color": 1.5}
_OTHERS_WEIGHT = 0.5
_DARK_MOON = VALUES["weather"].index("rain")
_NIGHT = VALUES["time"].index("night")
_BESIDE, _LEFT = (VALUES["relation"].index(name) for name in ("beside", "left"))
_SWAPPED = {"thing": "other", "color": "other_color", "other": "thing", "other_color": "color"}


def is_beside(rows: Tensor) -> Tensor:
    """Return where words name two things beside one another and no order, bool [N]."""
    return rows[:, COLUMN["relation"]] == _BESIDE


def swapped(rows: Tensor, where: Tensor) -> Tensor:
    """Rows [N, WIDTH] whose two things change places where `where` [N] says so."""
    result = rows.clone()
    for name, other in _SWAPPED.items():
        column = rows[:, COLUMN[name]]
        result[:, COLUMN[name]] = torch.where(where, rows[:, COLUMN[other]], column)
    return result


def ordered(rows: Tensor) -> Tensor:
    """Rows [N, WIDTH] as a picture tells them: of two things beside one another the first one
    stands to the left."""
    result = rows.clone()
    result[is_beside(rows), COLUMN["relation"]] = _LEFT
    return result


def visible(rows: Tensor, name: str) -> Tensor:
    """Return where an attribute of complete rows [N, WIDTH] can be seen, bool [N]: no colour
    without a thing, no side of several, no moon by day."""
    value = {key: rows[:, COLUMN[key]] for key in NAMES}
    some, pair = value["thing"] != NO_THING, value["relation"] > 0
    if name == "moon":
        return (value["time"] == _NIGHT) & (value["weather"] < _DARK_MOON)
    if name in ("size", "side"):
        return some & ~pair & (value["count"] == 0)
    if name == "color":
        return some & (value["color"] != OWN_COLOR)
    if name == "other_color":
        return pair & (value["other_color"] != OWN_COLOR)
    if name == "other":
        return pair
    return some if name in ("count", "relation") else torch.ones_like(some)


def seeing_loss(logits: list[Tensor], rows: Tensor) -> Tensor:
    """Cross-entropy of what a network sees against complete rows [N, WIDTH]."""
    losses = []
    for k, name in enumerate(NAMES):
        shown = visible(rows, name)
        if shown.any():
            loss = F.cross_entropy(logits[k].float()[shown], rows[shown, k])
            losses.append(loss * _WEIGHTS.get(name, _OTHERS_WEIGHT))
    return torch.stack(losses).sum()
