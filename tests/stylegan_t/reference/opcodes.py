"""Pickle streams taken apart and put together by hand, opcode by opcode.

`Op` is one opcode with its argument's bytes.  Streams are taken apart without their frames, which
are optional, and with explicit places in the memo, so that opcodes can be put in and taken out
without anything else moving.
"""

from __future__ import annotations

import pickletools
import struct
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Op:
    """One opcode: its name in `pickletools`, its decoded argument, and its bytes."""

    name: str
    argument: object
    raw: bytes


def take_apart(data: bytes) -> list[Op]:
    """The opcodes of a stream, without frames; MEMOIZE becomes LONG_BINPUT."""
    found = list(pickletools.genops(data))
    ends = [position for _, _, position in found[1:]] + [len(data)]
    ops: list[Op] = []
    memo: set[object] = set()
    for (code, argument, start), end in zip(found, ends, strict=True):
        assert start is not None and end is not None
        op = Op(code.name, argument, data[start:end])
        if code.name == "MEMOIZE":
            op = Op("LONG_BINPUT", len(memo), put(len(memo)))
        if op.name in ("BINPUT", "LONG_BINPUT", "PUT"):
            memo.add(op.argument)
        if code.name != "FRAME":
            ops.append(op)
    return ops


def put_together(ops: list[Op]) -> bytes:
    """The stream that `ops` make."""
    return b"".join(op.raw for op in ops)


def renamed(data: bytes, names: Mapping[str, str]) -> bytes:
    """The stream with some of its text constants, or modules of its names, exchanged."""
    ops = []
    for op in take_apart(data):
        if op.name == "GLOBAL" and str(op.argument).split()[0] in names:
            module, name = str(op.argument).split()
            op = Op("GLOBAL", None, by_name(names[module], name))
        elif "UNICODE" in op.name and op.argument in names:
            op = Op(op.name, None, text(names[str(op.argument)]))
        ops.append(op)
    return put_together(ops)


# -- pieces of a stream ----------------------------------------------------------------------------

STOP = b"."
MARK = b"("
NONE = b"N"
EMPTY_TUPLE, EMPTY_LIST, EMPTY_DICT = b")", b"]", b"}"


def text(value: str) -> bytes:
    """Push a text."""
    encoded = value.encode("utf-8", "surrogatepass")
    return b"X" + struct.pack("<I", len(encoded)) + encoded


def raw(value: bytes) -> bytes:
    """Push bytes."""
    return b"B" + struct.pack("<I", len(value)) + value


def integer(value: int) -> bytes:
    """Push a whole number of any size."""
    encoded = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return b"\x8b" + struct.pack("<i", len(encoded)) + encoded


def tuple_of(*items: bytes) -> bytes:
    """Push a tuple."""
    return MARK + b"".join(items) + b"t"


def list_of(*items: bytes) -> bytes:
    """Push a list."""
    return MARK + b"".join(items) + b"l"


def dict_of(items: Mapping[str, bytes]) -> bytes:
    """Push a dictionary."""
    return EMPTY_DICT + MARK + b"".join(text(k) + v for k, v in items.items()) + b"u"


def by_name(module: str, name: str) -> bytes:
    """Push a class or function, by GLOBAL."""
    return f"c{module}\n{name}\n".encode()


def by_stack(module: str, name: str) -> bytes:
    """Push a class or function, by STACK_GLOBAL; `name` may have dots."""
    return text(module) + text(name) + b"\x93"


def call(function: bytes, *arguments: bytes) -> bytes:
    """Call by REDUCE."""
    return function + tuple_of(*arguments) + b"R"


def new(kind: bytes, *arguments: bytes) -> bytes:
    """Make an object by NEWOBJ."""
    return kind + tuple_of(*arguments) + b"\x81"


def build(target: bytes, state: bytes) -> bytes:
    """Put a state into an object, by BUILD."""
    return target + state + b"b"


def put(index: int) -> bytes:
    """Note the top of the stack in the memo."""
    return b"r" + struct.pack("<I", index)


def get(index: int) -> bytes:
    """Push from the memo."""
    return b"j" + struct.pack("<I", index)


def stream(*pieces: bytes, protocol: int = 4) -> bytes:
    """A whole pickle."""
    return b"\x80" + bytes([protocol]) + b"".join(pieces) + STOP
