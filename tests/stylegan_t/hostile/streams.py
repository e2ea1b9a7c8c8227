"""Pickle streams that are damaged, absurd, or built to use up time and memory."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from tests.stylegan_t.hostile.gadgets import function
from tests.stylegan_t.reference.opcodes import (
    EMPTY_DICT,
    EMPTY_LIST,
    EMPTY_TUPLE,
    MARK,
    NONE,
    STOP,
    build,
    by_name,
    by_stack,
    call,
    dict_of,
    get,
    integer,
    list_of,
    new,
    put,
    raw,
    stream,
    text,
    tuple_of,
)

MEMO = 5000
DEEP, DEEPEST = 10_000, 100_000
"""Far beyond the interpreter's recursion limit; the second exhausts a C stack too."""
MANY = 10_000_000
"""More opcodes than any snapshot has."""
GENERATOR = by_name("networks.generator", "Generator")

Case = tuple[str, bytes]


def _u32(value: int) -> bytes:
    return struct.pack("<I", value)


def _u64(value: int) -> bytes:
    return struct.pack("<Q", value)


def snapshot_of(generator: bytes) -> bytes:
    """A file whose G_ema is what these opcodes push, and nothing else."""
    return stream(dict_of({"G_ema": generator}))


def module_of(state: bytes) -> bytes:
    """Push a generator with this state."""
    return build(new(GENERATOR), state)


def snapshot_of_state(state: bytes) -> bytes:
    """A file whose G_ema is a generator with this state."""
    return snapshot_of(module_of(state))


def damaged() -> Iterator[Case]:
    """Opcodes that ask for what is not there, or are none."""
    for code in (b"\x00", b"\xff", b"\x7f", b"Z"):
        yield f"opcode {code!r}", stream(code)
    yield "only STOP", STOP
    yield "only a protocol", b"\x80\x04"
    yield "nothing but a frame", b"\x80\x04\x95" + _u64(0)
    for version in (6, 99, 255):
        yield f"protocol {version}", stream(EMPTY_DICT, protocol=version)
    for name, piece in {
        "REDUCE on nothing": b"R",
        "REDUCE on one thing": EMPTY_TUPLE + b"R",
        "REDUCE with no tuple": GENERATOR + EMPTY_LIST + b"R",
        "calling a number": call(integer(3)),
        "calling a text": call(text("os.system"), text("x")),
        "calling a call": call(call(GENERATOR)),
        "NEWOBJ on nothing": b"\x81",
        "NEWOBJ_EX on nothing": b"\x92",
        "BUILD on nothing": b"b",
        "BUILD on a list": build(EMPTY_LIST, EMPTY_DICT),
        "BUILD on a name": build(GENERATOR, EMPTY_DICT),
        "APPEND to a number": integer(3) + NONE + b"a",
        "APPENDS to a text": text("x") + MARK + NONE + b"e",
        "SETITEM on a list": EMPTY_LIST + NONE + NONE + b"s",
        "SETITEM on nothing": b"s",
        "SETITEMS with an odd number": EMPTY_DICT + MARK + NONE + b"u",
        "ADDITEMS to a dictionary": EMPTY_DICT + MARK + NONE + b"\x90",
        "DICT of an odd number": MARK + NONE + b"d",
        "TUPLE without a mark": NONE + b"t",
        "TUPLE3 of one": NONE + b"\x87",
        "LIST without a mark": b"l",
        "POP of nothing": b"0",
        "POP_MARK without a mark": b"1",
        "a mark left over": MARK,
        "DUP of nothing": b"2",
        "INST without a mark": b"ios\nsystem\n",
        "OBJ of nothing": MARK + b"o",
        "STACK_GLOBAL of numbers": integer(1) + integer(2) + b"\x93",
        "STACK_GLOBAL of nothing": b"\x93",
        "GLOBAL without an end": b"cos",
        "GLOBAL that is not UTF-8": b"c\xff\xfe\n\xff\n",
        "GLOBAL without a name": b"c\n\n",
        "GET of nothing": b"h\x05",
        "GET of a text": b"gx\n",
        "LONG_BINGET of the last": b"j" + _u32(0xFFFFFFFF),
        "PUT on nothing": b"q\x00",
        "PUT of a text": NONE + b"px\n",
        "PUT of a negative number": NONE + b"p-1\n",
        "MEMOIZE on nothing": b"\x94",
        "BINPERSID": text("storage") + b"Q",
        "BINPERSID of nothing": b"Q",
        "PERSID": b"Pstorage\n",
        "EXT1": b"\x82\x01",
        "EXT2": b"\x83\x01\x00",
        "EXT4": b"\x84" + _u32(1),
        "NEXT_BUFFER": b"\x97",
        "READONLY_BUFFER": NONE + b"\x98",
        "INT of a text": b"Ix\n",
        "INT of many digits": b"I" + b"9" * 4000 + b"\n",
        "LONG of a text": b"Lx\n",
        "FLOAT of a text": b"Fx\n",
        "STRING without quotes": b"Sx\n",
        "STRING with one quote": b"S'\n",
        "BINUNICODE that is not UTF-8": b"X" + _u32(2) + b"\xff\xfe",
        "LONG4 of negative length": b"\x8b" + struct.pack("<i", -1),
    }.items():
        yield name, stream(piece)


def claims() -> Iterator[Case]:
    """Lengths and places that are far beyond the file."""
    for name, code in {"BINUNICODE8": b"\x8d", "BINBYTES8": b"\x8e", "BYTEARRAY8": b"\x96"}.items():
        for length in (1 << 31, 1 << 40, 1 << 63, (1 << 64) - 1):
            yield f"{name} of {length}", stream(code + _u64(length) + b"x" * 100)
    for name, code in {"BINUNICODE": b"X", "BINBYTES": b"B", "BINSTRING": b"T"}.items():
        yield f"{name} of 4 GB", stream(code + _u32(0xFFFFFFFF) + b"x" * 100)
    yield "LONG4 of 2 GB", stream(b"\x8b" + struct.pack("<i", 0x7FFFFFFF) + b"x" * 100)
    yield "LONG4 of 1 MB", stream(b"\x8b" + struct.pack("<i", 1 << 20) + b"\x01" * (1 << 20))
    for length in (0, 1, 1 << 20, 1 << 63, (1 << 64) - 1):
        yield f"FRAME of {length}", b"\x80\x04\x95" + _u64(length) + EMPTY_DICT + STOP
    frame = b"\x95" + _u64(2)
    yield "frames in frames", stream(frame * 1000 + EMPTY_DICT)
    yield "a frame that ends in an opcode", b"\x80\x04" + frame + b"\x8c\x05hello."
    yield "memo at 4 G", stream(NONE + b"r" + _u32(0xFFFFFFFF))
    yield "memo at 10 ** 20", stream(NONE + b"p1" + b"0" * 20 + b"\n")
    yield "a name without end", b"\x80\x04c" + b"a" * (1 << 24)
    yield "a very long name", stream(by_stack("a" * 60_000, "b" * 60_000))
    yield "a number without end", b"\x80\x04I" + b"9" * (1 << 24)


def nested(depth: int = DEEP) -> Iterator[Case]:
    """Values within values, deeper than a recursion can follow.  Each pushes one value."""
    yield "lists", EMPTY_LIST * depth + b"a" * (depth - 1)
    yield "tuples", EMPTY_TUPLE + b"\x85" * depth
    yield "marked tuples", MARK * depth + b"t" * depth
    yield "dictionaries", (EMPTY_DICT + text("x")) * depth + NONE + b"s" * depth
    yield "keys", EMPTY_DICT * depth + NONE + (NONE + b"s") * depth
    yield "sets", (b"\x8f" + MARK) * depth + b"\x90" * depth
    calls = function("collections.OrderedDict") * depth
    yield "calls of calls", function("collections.OrderedDict") + (EMPTY_TUPLE + b"R") * depth
    yield "calls in calls", calls + EMPTY_TUPLE + b"R" + b"\x85R" * (depth - 1)
    yield "states", new(GENERATOR) * depth + b"b" * (depth - 1)
    # A state of dictionaries, so that each module holds the next.
    head = new(GENERATOR) + EMPTY_DICT + text("_modules") + EMPTY_DICT + text("x")
    yield "modules", head * depth + new(GENERATOR) + EMPTY_DICT + b"b" + b"ssb" * depth
    parameter = by_name("torch._utils", "_rebuild_parameter") + MARK
    yield "parameters", parameter * depth + NONE + (b"\x88" + EMPTY_DICT + b"tR") * depth
    yield "persistent ids", NONE + b"Q" * depth


def deeply_nested() -> Iterator[Case]:
    """The same, deeper still."""
    return nested(DEEPEST)


def loops() -> Iterator[Case]:
    """Values that contain themselves.  Each pushes one value."""
    again = get(MEMO)
    yield "a list", EMPTY_LIST + put(MEMO) + again + b"a"
    yield "a dictionary", EMPTY_DICT + put(MEMO) + text("G_ema") + again + b"s"
    yield "a key", EMPTY_DICT + put(MEMO) + again + NONE + b"s"
    yield "a set", b"\x8f" + put(MEMO) + MARK + again + b"\x90"
    yield "a tuple", EMPTY_LIST + put(MEMO) + again + b"\x85" + b"a"
    yield (
        "an ordered dictionary",
        call(function("collections.OrderedDict")) + put(MEMO) + (text("x") + again + b"s"),
    )
    yield "a state", new(GENERATOR) + put(MEMO) + again + b"b"
    yield "a state of state", module_of(EMPTY_DICT + put(MEMO) + text("_modules") + again + b"s")
    itself = EMPTY_DICT + text("_modules") + dict_of({"x": again, "y": again}) + b"s"
    yield "a module", new(GENERATOR) + put(MEMO) + itself + b"b"
    yield (
        "parameters",
        module_of(
            EMPTY_DICT
            + put(MEMO)
            + text("_parameters")
            + again
            + b"s"
            + text("_buffers")
            + again
            + b"s"
        ),
    )
    tensor = call(by_name("torch._utils", "_rebuild_parameter"), again, b"\x88", EMPTY_DICT)
    yield "a parameter", EMPTY_LIST + put(MEMO) + tensor + put(MEMO) + b"a"


def laughs() -> Iterator[Case]:
    """Small values that unfold to endless ones.  Each pushes one value."""
    levels = range(MEMO + 1, MEMO + 61)

    def unfold(first: bytes, twice: bytes, tail: bytes = b"") -> bytes:
        doubled = (b"0" + twice.replace(b"?", get(level - 1)) + put(level) for level in levels)
        return first + put(MEMO) + b"".join(doubled) + tail

    yield "lists", unfold(EMPTY_LIST, MARK + b"??l")
    yield "tuples", unfold(EMPTY_TUPLE, b"??\x86")
    yield "dictionaries", unfold(EMPTY_DICT, EMPTY_DICT + b"N?s" + text("x") + b"?s")
    calls = by_name("collections", "OrderedDict") + b"??\x86R"
    yield "calls", unfold(EMPTY_TUPLE, calls)
    pair = EMPTY_DICT + text("_modules") + EMPTY_DICT + MARK + text("a") + b"?" + text("b") + b"?u"
    yield "modules", unfold(module_of(EMPTY_DICT), new(GENERATOR) + pair + b"sb")
    wide = dict_of({f"x{i}": get(MEMO) for i in range(10_000)})
    yield (
        "wide modules",
        module_of(EMPTY_DICT)
        + put(MEMO)
        + b"0"
        + module_of(dict_of({"_modules": wide}))
        + put(MEMO)
        + b"0"
        + module_of(dict_of({"_modules": wide})),
    )


def heavy_modules(tensor: bytes) -> bytes:
    """Push thousands of modules that share thousands of tensors, with few opcodes."""
    tensors = dict_of({f"p{i}": get(MEMO) for i in range(5000)})
    parts = dict_of({f"m{i}": get(MEMO) for i in range(15_000)})
    inner = module_of(dict_of({"_parameters": tensor + put(MEMO) + b"0" + tensors}))
    return inner + put(MEMO) + b"0" + module_of(dict_of({"_modules": parts}))


def floods() -> Iterator[Case]:
    """Files with more opcodes than any snapshot, or fewer that cost more."""
    for name, piece in {
        "NONE": NONE,
        "MARK": MARK,
        "EMPTY_LIST": EMPTY_LIST,
        "EMPTY_DICT": EMPTY_DICT,
        "EMPTY_LIST, POP": EMPTY_LIST + b"0",
        "a tuple": EMPTY_TUPLE + b"\x85",
        "MEMOIZE": NONE + b"\x94",
        "PROTO": b"\x80\x04",
        "BININT1": b"K\x05",
        "a call": b"NNR0",
        "a short text": b"\x8c\x01x",
        "FRAME": b"\x95" + _u64(0),
    }.items():
        yield name, b"\x80\x04" + piece * (MANY // len(piece)) + STOP
    yield "DUP", b"\x80\x04N" + b"2" * MANY + STOP
    names = b"".join(by_name("collections", f"n{i}") + b"0" for i in range(300_000))
    yield "names", stream(names, NONE)
    texts = (b"\x8d" + _u64(60_000) + b"x" * 60_000) * 1000
    yield "texts", b"\x80\x04" + texts + STOP
    digits = (b"I" + b"9" * 4000 + b"\n") * 5000
    yield "long numbers", b"\x80\x04" + digits + STOP
    # Each TUPLE is as long as the stack, were it not emptied by the one before.
    yield "tuples of everything", stream(MARK + NONE * 100_000 + b"t" + b"2\x86" * 500_000)
    yield "appends", stream(EMPTY_LIST, (MARK + NONE * 10 + b"e") * 500_000)
    yield "raw bytes", stream(list_of(*(raw(b"x" * 10) for _ in range(200_000))), tuple_of())
