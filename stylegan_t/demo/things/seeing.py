"""What can be seen of a scene of the second demo world, and the loss of a network that looks."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from stylegan_t.demo.things.attributes import COLUMN, NAMES, NO_THING, OWN_COLOR, VALUES

_WEIGHTS = {"thing": 3.0, "other": 1.5, "color": 1.5}
_OTHERS_WEIGHT = 0.5
_DARK_MOON = VALUES["weather"].index("rain")
_NIGHT = VALUES["time"].index("night")


def visible(rows: Tensor, name: str) -> Tensor:
    """Where an attribute of complete rows [N, WIDTH] can be seen, bool [N]: no colour without a
    thing, no side of several, no moon by day."""
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
