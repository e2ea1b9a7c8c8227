"""Snapshots of relatives and files of weights alone: whole, with holes for pieces, and damaged."""

from __future__ import annotations

import functools
import io
import pickle
import pickletools
import zipfile
from argparse import Namespace
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch

from tests.stylegan_t.family.recorded import recorded
from tests.stylegan_t.hostile.places import HOLE
from tests.stylegan_t.hostile.streams import Case
from tests.stylegan_t.reference import family_snapshot
from tests.stylegan_t.reference.opcodes import put_together, take_apart

SMALLEST = ("sg2_orig", "sg3_t_cond", "xl_uncond")
OF_USUAL_DESIGN = "sg2_orig"
Payload = dict[str, Any]


@dataclass(frozen=True)
class Wrapped:
    """A file, the pickle in it that says most, and what makes a file of another such pickle."""

    whole: bytes
    stream: bytes
    around: Callable[[bytes], bytes]


def snapshot(name: str, dig: Callable[[Payload], object] = lambda held: None) -> bytes:
    """A small snapshot: G_ema alone, whose payload `dig` may change."""
    with family_snapshot.original_names():
        held = family_snapshot.payload(name)
        held["G"] = None
        dig(held)
        return pickle.dumps(held, protocol=4)


def zipped(value: object) -> Wrapped:
    """What torch saves today."""
    target = io.BytesIO()
    torch.save(value, target)
    with zipfile.ZipFile(target) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    [inner] = [name for name in files if name.endswith("data.pkl")]

    def around(stream: bytes) -> bytes:
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            for name, data in files.items():
                archive.writestr(name, stream if name == inner else data)
        return made.getvalue()

    return Wrapped(target.getvalue(), files[inner], around)


def legacy(value: object) -> Wrapped:
    """What torch saved before 1.6."""
    target = io.BytesIO()
    torch.save(value, target, _use_new_zipfile_serialization=False)
    data, ends = target.getvalue(), [0]
    for _ in range(4):
        *_, (_, _, last) = pickletools.genops(data[ends[-1] :])
        assert last is not None
        ends.append(ends[-1] + last + 1)
    before, stream, behind = data[: ends[3]], data[ends[3] : ends[4]], data[ends[4] :]
    return Wrapped(data, stream, lambda stream: before + stream + behind)


def plain(value: object) -> Wrapped:
    """A plain pickle."""
    data = pickle.dumps(value, protocol=4)
    return Wrapped(data, data, bytes)


FORMS = {"zip": zipped, "older form": legacy, "pickle": plain}


def files() -> dict[str, Wrapped]:
    """Small good files: snapshots, and weights alone in every form."""
    found = {}
    for name in SMALLEST:
        data = snapshot(name)
        found[f"snapshot of {name}"] = Wrapped(data, data, bytes)
    weights = {"g_ema": recorded(OF_USUAL_DESIGN).state}
    return found | {f"weights, {form}": make(weights) for form, make in FORMS.items()}


# -- holes ---------------------------------------------------------------------------------------


def _state(held: Payload, *path: str) -> dict[str, Any]:
    """The state of a part of G_ema."""
    part = held["G_ema"]
    for name in path:
        part = part.meta["state"]["_modules"][name]
    return part.meta["state"]


def _meta(key: str) -> Callable[[Payload], object]:
    return lambda held: held["G_ema"].meta.update({key: HOLE})


def _in_layer(group: str, key: object) -> Callable[[Payload], object]:
    return lambda held: _state(held, "mapping", "fc0")[group].update({key: HOLE})


STRICT: dict[str, Callable[[Payload], object]] = {
    "G_ema": lambda held: held.update(G_ema=HOLE),
    "type": _meta("type"),
    "version": _meta("version"),
    "class_name": _meta("class_name"),
    "state": _meta("state"),
    "a parameter": _in_layer("_parameters", "weight"),
    "another parameter": _in_layer("_parameters", "more"),
    "a buffer": lambda held: _state(held, "mapping")["_buffers"].update(w_avg=HOLE),
    "a module": lambda held: _state(held)["_modules"].update(synthesis=HOLE),
    "the modules": lambda held: _state(held).update(_modules=HOLE),
    "an activation": lambda held: _state(held, "mapping", "fc0").update(activation=HOLE),
    "a gain": lambda held: _state(held, "mapping", "fc0").update(bias_gain=HOLE),
}
"""Places of a snapshot where nothing but what belongs there may stand."""
LOOSE: dict[str, Callable[[Payload], object]] = {
    "module_src": _meta("module_src"),
    "more metadata": _meta("more"),
    "an attribute": lambda held: _state(held).update(note=HOLE),
    "a hook": lambda held: _state(held)["_forward_hooks"].update({0: HOLE}),
    "_init_kwargs": lambda held: _state(held).update(_init_kwargs=HOLE),
    "an argument": lambda held: _state(held).update(_init_args=(HOLE,)),
    "hidden buffers": lambda held: _state(held).update(_non_persistent_buffers_set={HOLE}),
    "D": lambda held: held.update(D=HOLE),
    "augment_pipe": lambda held: held.update(augment_pipe=HOLE),
    "training_set_kwargs": lambda held: held["training_set_kwargs"].update(path=HOLE),
}
"""Places where a snapshot may hold anything that no name in it makes suspicious."""
WEIGHTS: dict[str, tuple[Callable[[Payload], object], bool]] = {
    "a tensor": (lambda state: {**state, "mapping.w_avg": HOLE}, True),
    "all": (lambda state: {"g_ema": HOLE}, True),
    "beside": (lambda state: {"g_ema": state, "args": HOLE}, False),
    "in a list beside": (lambda state: {"g_ema": state, "args": [HOLE]}, False),
    "an argument beside": (lambda state: {"g_ema": state, "args": Namespace(x=HOLE)}, False),
    "a key beside": (lambda state: {"g_ema": state, HOLE: 1}, False),
    "a key": (lambda state: OrderedDict({**state, HOLE: 1}), False),
}
"""What a file of weights holds, and whether nothing else than a tensor may stand in its hole."""


def _halves(stream: bytes) -> tuple[bytes, bytes]:
    ops = take_apart(stream)
    [at] = [index for index, op in enumerate(ops) if op.argument == HOLE]
    return put_together(ops[:at]), put_together(ops[at + 1 :])


@functools.cache
def _dug(place: str) -> tuple[bytes, bytes]:
    return _halves(snapshot("sg2_orig", (STRICT | LOOSE)[place]))


def fill_snapshot(place: str, piece: bytes) -> bytes:
    """A snapshot with `piece`, which pushes one value, in one of its places."""
    before, behind = _dug(place)
    return before + piece + behind


@functools.cache
def _dug_weights(form: str, place: str) -> tuple[Callable[[bytes], bytes], bytes, bytes]:
    wrapped = FORMS[form](WEIGHTS[place][0](dict(recorded(OF_USUAL_DESIGN).state)))
    return (wrapped.around, *_halves(wrapped.stream))


def fill_weights(form: str, place: str, piece: bytes) -> bytes:
    """A file of weights alone with `piece`, which pushes one value, in one of its places."""
    around, before, behind = _dug_weights(form, place)
    return around(before + piece + behind)


# -- damage --------------------------------------------------------------------------------------

SOURCES = {
    "a program": "import os\nos.system('touch marker')\n",
    "a long one": "x = 1\n" * 300_000,
    "no text": 7,
    "none": None,
    "half a character": "\ud800",
    "bytes": b"import os",
}


def sources() -> Iterator[Case]:
    """Source texts of every kind: none is read, so that all of them load."""
    for name, source in SOURCES.items():
        yield (
            name,
            snapshot("sg2_orig", lambda held, s=source: held["G_ema"].meta.update(module_src=s)),
        )


def cuts(count: int = 60) -> Iterator[Case]:
    """Every good file, cut off at many places: a fixed share of it, and near both ends."""
    for name, wrapped in files().items():
        size = len(wrapped.whole)
        ends = {size * k // count for k in range(count)} | {size - k for k in range(1, 12)}
        for end in sorted(ends | set(range(1, 12))):
            yield f"{name}, cut at {end}", wrapped.whole[:end]


def swapped() -> Iterator[Case]:
    """Parts of one network in the place of another's."""
    for name in SMALLEST:
        for other in ("sg2_resnet", *SMALLEST):
            for part in ("mapping", "synthesis"):
                if name != other:
                    yield f"{part} of {other} in {name}", snapshot(name, _swap(other, part))


def _swap(other: str, part: str) -> Callable[[Payload], object]:
    def change(held: Payload) -> None:
        found = family_snapshot.payload(other)["G_ema"].meta["state"]["_modules"][part]
        _state(held)["_modules"][part] = found

    return change
