"""Small snapshots with a hole in one place, for a piece of a pickle stream to be put in."""

from __future__ import annotations

import copyreg
import functools
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import _utils

from tests.stylegan_t.reference.opcodes import STOP, put_together, stream, take_apart
from tests.stylegan_t.reference.snapshot import SMALLEST, SMALLEST_WITH_TEXT, snapshot_bytes

HOLE = "<a hole>"
SMALL_TOWER = {"width": 4, "heads": 1, "layers": 1}
Payload = dict[str, Any]


@dataclass(frozen=True)
class Reduced:
    """Pickles as a call of `function`, and a state."""

    function: Any
    arguments: tuple[Any, ...]
    state: Any = None

    def __reduce__(self) -> tuple[Any, ...]:
        if self.state is None:
            return self.function, self.arguments
        return self.function, self.arguments, self.state


def rebuilt_tensor(storage: object = HOLE, size: Any = (8, 8), stride: Any = (8, 1)) -> Reduced:
    """What pickle writes for a tensor."""
    arguments = (storage, 0, size, stride, False, OrderedDict())
    return Reduced(_utils._rebuild_tensor_v2, arguments)


@dataclass(frozen=True)
class Place:
    """Where a hole is.

    `dig` puts the hole into the payload.  In `strict` places nothing but what belongs there may
    stand; in the others a snapshot may hold anything that no name in it makes suspicious.
    """

    name: str
    dig: Callable[[Payload], object]
    strict: bool = True
    fixture: str = SMALLEST
    with_d: bool = True


def _fc0(payload: Payload) -> Any:
    return payload["G_ema"].mapping.mlp.fc0


def _set(target: dict[Any, Any], key: object, value: object = HOLE) -> None:
    target[key] = value


def _storage_bytes(payload: Payload) -> None:
    nested = Reduced(torch.storage._load_from_bytes, (HOLE,))
    _set(_fc0(payload)._parameters, "weight", rebuilt_tensor(nested))


def _state(payload: Payload) -> None:
    kind, make = type(payload["G_ema"]), vars(copyreg)["_reconstructor"]
    payload["G_ema"] = Reduced(make, (kind, object, None), HOLE)


PLACES = [
    Place("G_ema", lambda p: _set(p, "G_ema")),
    Place("the state of G_ema", _state),
    Place("an attribute", lambda p: setattr(p["G_ema"].synthesis, "note", HOLE)),
    Place("a gain", lambda p: setattr(_fc0(p), "weight_gain", HOLE)),
    Place("a parameter", lambda p: _set(_fc0(p)._parameters, "weight"), with_d=False),
    Place("a buffer", lambda p: _set(p["G_ema"].mapping._buffers, "x_avg")),
    Place("a module", lambda p: _set(p["G_ema"].synthesis._modules, "b8")),
    Place("a hook", lambda p: _set(p["G_ema"]._forward_hooks, 0)),
    Place("a storage", lambda p: _set(_fc0(p)._parameters, "weight", rebuilt_tensor())),
    Place("the bytes of a storage", _storage_bytes),
    Place(
        "a size",
        lambda p: _set(_fc0(p)._parameters, "weight", rebuilt_tensor(None, (HOLE, 8))),
    ),
    Place(
        "the tokenizer",
        lambda p: setattr(p["G_ema"].mapping.clip, "tokenizer", HOLE),
        strict=False,
        fixture=SMALLEST_WITH_TEXT,
    ),
    Place(
        "the picture half of the tower",
        lambda p: _set(p["G_ema"].mapping.clip.model._modules, "visual"),
        strict=False,
        fixture=SMALLEST_WITH_TEXT,
    ),
    Place("G", lambda p: _set(p, "G"), strict=False),
    Place("D", lambda p: _set(p, "D"), strict=False),
    Place("an attribute of D", lambda p: setattr(p["D"].dino, "note", HOLE), strict=False),
    Place("a hook of D", lambda p: _set(p["D"]._forward_hooks, 0), strict=False),
    Place("training_set_kwargs", lambda p: _set(p, "training_set_kwargs"), strict=False),
    Place("a path", lambda p: _set(p["training_set_kwargs"], "path"), strict=False),
    Place("another key", lambda p: _set(p, "more"), strict=False),
]
"""Holes inside a snapshot; `whole`, `before` and `behind` are the places around it."""


def fill(place: Place, piece: bytes) -> bytes:
    """The snapshot with `piece`, which pushes one value, in its hole."""
    before, behind = _halves(place)
    return before + piece + behind


def whole(piece: bytes) -> bytes:
    """A file that holds nothing else."""
    return stream(piece)


def before(piece: bytes) -> bytes:
    """A good snapshot; `piece` is pushed and popped before it."""
    good = plain()
    return good[:2] + piece + b"0" + good[2:]


def behind(piece: bytes) -> bytes:
    """A good snapshot; `piece` is pushed and popped after it."""
    return plain().removesuffix(STOP) + piece + b"0" + STOP


@functools.cache
def plain() -> bytes:
    """A good snapshot, without frames."""
    return put_together(take_apart(_snapshot(SMALLEST, None, True)))


@functools.cache
def _halves(place: Place) -> tuple[bytes, bytes]:
    ops = take_apart(_snapshot(place.fixture, place.dig, place.with_d))
    [at] = [index for index, op in enumerate(ops) if op.argument == HOLE]
    return put_together(ops[:at]), put_together(ops[at + 1 :])


def _snapshot(fixture: str, edit: Callable[[Payload], object] | None, with_d: bool) -> bytes:
    return snapshot_bytes(fixture, with_d=with_d, vit_width=8, clip_options=SMALL_TOWER, edit=edit)
