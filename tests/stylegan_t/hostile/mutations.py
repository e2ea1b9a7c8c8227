"""Random damage to snapshots: of bytes, of opcodes, of what the opcodes hold, of nested files."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import torch

from tests.stylegan_t.hostile import relatives, streams, tensors
from tests.stylegan_t.hostile.gadget_chains import ALL as GADGETS
from tests.stylegan_t.hostile.places import SMALL_TOWER
from tests.stylegan_t.reference.opcodes import Op, integer, put_together, raw, take_apart, text
from tests.stylegan_t.reference.snapshot import SMALLEST, SMALLEST_WITH_TEXT, snapshot_bytes

INTERESTING = (
    *(0, 1, -1, 2, 7, 8, 9, 16, 255, 256, 4096, 65_535, 65_536, 10**6, 10**9, 10**18),
    *((1 << 31) - 1, 1 << 31, (1 << 32) - 1, 1 << 32, (1 << 63) - 1, 1 << 63, 1 << 64, 1 << 200),
    *(-8, -(1 << 31), -(1 << 63), 10**400),
)
BASES: dict[str, dict[str, Any]] = {
    "usual": {},
    "protocol 2": {"protocol": 2},
    "protocol 3": {"protocol": 3},
    "plain pickle": {"dill": False},
    "zip storages": {"zip_storages": True},
    "views": {"views": True, "memo_storages": True},
    "bfloat16": {"dtype": torch.bfloat16, "channels_last": True},
    "protocol 0": {"protocol": 0},
    "half precision, graphics card": {"dtype": torch.float16, "cuda": True},
    "discriminator": {"with_d": True},
    "tower": {"fixture_name": SMALLEST_WITH_TEXT, "clip_options": SMALL_TOWER | {"width": 1}},
}
"""Snapshots to be damaged: as small as they can be, most of them only a G_ema."""


@dataclass(frozen=True)
class Base:
    """A good snapshot, whole and taken apart."""

    name: str
    data: bytes
    ops: list[Op]
    whole: Callable[[bytes], bytes] = bytes
    """Makes a file of the stream that the opcodes make."""


def bases() -> list[Base]:
    """The snapshots of `BASES`, those of relatives, and weights alone."""
    found = []
    for name, wrapped in relatives.files().items():
        found.append(Base(name, wrapped.whole, take_apart(wrapped.stream), wrapped.around))
    for name, options in BASES.items():
        given = {"fixture_name": SMALLEST, "with_d": False, "vit_width": 8} | options
        data = snapshot_bytes(edit=lambda payload: payload.update(G=None), **given)
        found.append(Base(name, data, take_apart(data)))
    return found


def mutated(base: Base, random: Random, marker: Path) -> bytes:
    """The snapshot with some damage: to opcodes, then to bytes, or to one of both."""
    ops = list(base.ops)
    data = base.data
    if random.random() < 0.85:
        for _ in range(random.choice((1, 1, 1, 2, 3, 8))):
            random.choice(OPCODE_DAMAGES)(ops, random, marker)
        data = base.whole(put_together(ops))
    if data is base.data or random.random() < 0.08:
        changed = bytearray(data)
        for _ in range(random.choice((1, 1, 1, 2, 3, 8, 50))):
            random.choice(BYTE_DAMAGES)(changed, random)
        data = bytes(changed)
    return data


# -- bytes -----------------------------------------------------------------------------------------


def _place(data: bytearray, random: Random) -> int:
    """Somewhere, more often near the beginning."""
    end = len(data) if random.random() < 0.7 else min(len(data), 4000)
    return random.randrange(max(end, 1))


def _piece(data: bytearray, random: Random) -> slice:
    start = _place(data, random)
    return slice(start, start + random.choice((1, 2, 4, 16, 100, 1000, 20_000)))


def flip(data: bytearray, random: Random) -> None:
    """Another bit."""
    if data:
        data[_place(data, random)] ^= 1 << random.randrange(8)


def replace(data: bytearray, random: Random) -> None:
    """Another byte: any, or one that is an opcode."""
    if data:
        data[_place(data, random)] = random.choice(
            (random.randrange(256), *b"(.0Rbcu}]\x81\x93\x95")
        )


def delete(data: bytearray, random: Random) -> None:
    """A piece less."""
    del data[_piece(data, random)]


def duplicate(data: bytearray, random: Random) -> None:
    """A piece twice."""
    piece = _piece(data, random)
    data[piece.start : piece.start] = data[piece]


def move(data: bytearray, random: Random) -> None:
    """A piece from elsewhere."""
    piece = data[_piece(data, random)]
    start = _place(data, random)
    data[start : start + len(piece)] = piece


def noise(data: bytearray, random: Random) -> None:
    """A piece of anything."""
    piece = _piece(data, random)
    data[piece] = random.randbytes(len(data[piece]))


def cut(data: bytearray, random: Random) -> None:
    """Nothing behind some place."""
    del data[_place(data, random) :]


def number(data: bytearray, random: Random) -> None:
    """A number of four or eight bytes."""
    start, value = _place(data, random), random.choice(INTERESTING)
    size = random.choice((4, 8))
    data[start : start + size] = (value & ((1 << 8 * size) - 1)).to_bytes(size, "little")


BYTE_DAMAGES: tuple[Callable[[bytearray, Random], None], ...] = (
    *(flip, flip, replace, replace, number, noise),
    *(delete, duplicate, move, cut),
)


# -- opcodes ---------------------------------------------------------------------------------------


def _is_number(op: Op) -> bool:
    return type(op.argument) is int and "PUT" not in op.name and "GET" not in op.name


def _is_text(op: Op) -> bool:
    return "UNICODE" in op.name or op.name == "GLOBAL"


def _is_nested(op: Op) -> bool:
    return isinstance(op.argument, bytes) and len(op.argument) > 100


def _is_value(op: Op) -> bool:
    kinds = ("NONE", "NEW", "EMPTY", "BIN", "SHORT", "LONG", "GLOBAL")
    return op.name.startswith(kinds) and "PUT" not in op.name and op.name != "NEWOBJ"


def _some(ops: list[Op], random: Random, wanted: Callable[[Op], bool]) -> int | None:
    """The place of a random opcode of a kind."""
    for _ in range(200):
        index = random.randrange(len(ops)) if ops else 0
        if ops and wanted(ops[index]):
            return index
    return None


def _changing(
    wanted: Callable[[Op], bool], change: Callable[[Op, list[Op], Random, Path], bytes]
) -> Callable[[list[Op], Random, Path], None]:
    """Damage that gives one opcode other bytes."""

    def damage(ops: list[Op], random: Random, marker: Path) -> None:
        index = _some(ops, random, wanted)
        if index is not None:
            ops[index] = Op("", None, change(ops[index], ops, random, marker))

    return damage


def _another_number(op: Op, ops: list[Op], random: Random, marker: Path) -> bytes:
    value = random.choice(INTERESTING)
    if random.random() < 0.3:
        value = int(str(op.argument)) + random.choice((-1, 1))
    return integer(value)


def _another_text(op: Op, ops: list[Op], random: Random, marker: Path) -> bytes:
    index = _some(ops, random, _is_text)
    other = ops[index] if index is not None else op
    odd = text(random.choice(("", "\n", "G_ema", "_modules", "_parameters", "a.b", "x" * 70_000)))
    return odd if random.random() < 0.2 else other.raw


def _another_value(op: Op, ops: list[Op], random: Random, marker: Path) -> bytes:
    index = _some(ops, random, _is_value)
    return b"N" if index is None else ops[index].raw


def _another_fraction(op: Op, ops: list[Op], random: Random, marker: Path) -> bytes:
    return b"G" + struct.pack(">d", random.choice((0.0, -1.0, 1e308, float("nan"), float("inf"))))


def _another_nested_file(op: Op, ops: list[Op], random: Random, marker: Path) -> bytes:
    assert isinstance(op.argument, bytes)
    data = bytearray(op.argument)
    for _ in range(random.choice((1, 1, 2, 5))):
        random.choice(BYTE_DAMAGES)(data, random)
    return raw(bytes(data))


def _delete(ops: list[Op], random: Random, marker: Path) -> None:
    start = random.randrange(max(len(ops), 1))
    del ops[start : start + random.choice((1, 1, 1, 2, 5, 50))]


def _duplicate(ops: list[Op], random: Random, marker: Path) -> None:
    start = random.randrange(max(len(ops), 1))
    ops[start:start] = ops[start : start + random.choice((1, 1, 1, 2, 5, 50))]


def _move(ops: list[Op], random: Random, marker: Path) -> None:
    start, other = random.randrange(max(len(ops), 1)), random.randrange(max(len(ops), 1))
    ops[other:other] = ops[start : start + random.choice((1, 1, 2, 5, 50))]


def _insert(ops: list[Op], random: Random, marker: Path) -> None:
    """A gadget, or something endless, with a POP behind it or not."""
    piece = random.choice(_pieces(marker))
    index = random.randrange(max(len(ops), 1))
    ops.insert(index, Op("", None, piece + random.choice((b"", b"0"))))


def _put_in_place(op: Op, ops: list[Op], random: Random, marker: Path) -> bytes:
    return random.choice(_pieces(marker))


def _opcode(ops: list[Op], random: Random, marker: Path) -> None:
    code = bytes(
        [random.choice(b"(.0125RbcdeghijloqrstuN}])\x81\x85\x86\x87\x88\x89\x90\x92\x93\x94Q")]
    )
    ops.insert(random.randrange(max(len(ops), 1)), Op("", None, code))


def _from_memo(op: Op, ops: list[Op], random: Random, marker: Path) -> bytes:
    return streams.get(random.randrange(2000))


UNBALANCING = (_delete, _duplicate, _move, _insert, _opcode)
"""Damage after which the stack seldom holds what the next opcodes expect."""
BALANCED = (
    _changing(_is_number, _another_number),
    _changing(_is_text, _another_text),
    _changing(_is_value, _another_value),
    _changing(_is_value, _from_memo),
    _changing(_is_value, _put_in_place),
    _changing(_is_value, _another_fraction),
    _changing(_is_nested, _another_nested_file),
)
"""Damage of single values: streams stay sound, so that what they say is looked at."""
OPCODE_DAMAGES: tuple[Callable[[list[Op], Random, Path], None], ...] = (
    *UNBALANCING,
    *BALANCED * 3,
)

_known_pieces: dict[Path, list[bytes]] = {}


def _pieces(marker: Path) -> list[bytes]:
    """Everything from the other lists that is short."""
    if marker not in _known_pieces:
        every = [gadget.make(marker) for gadget in GADGETS]
        lists = (streams.loops(), streams.laughs(), streams.nested(50))
        every += [piece for cases in lists for _, piece in cases]
        cases = (tensors.views, tensors.calls, tensors.kinds, tensors.legacy, tensors.zips)
        every += [piece for make in cases for _, piece in make(marker)]
        _known_pieces[marker] = [piece for piece in every if len(piece) < 100_000]
    return _known_pieces[marker]
