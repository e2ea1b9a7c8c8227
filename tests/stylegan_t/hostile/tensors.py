"""Tensors that lie about themselves, and nested streams that are none.

Each case is a piece of a pickle stream that stands where a parameter [8, 8] belongs.
"""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

import torch

from tests.stylegan_t.hostile.gadgets import Touch, code, function
from tests.stylegan_t.hostile.streams import Case
from tests.stylegan_t.reference.opcodes import (
    EMPTY_LIST,
    EMPTY_TUPLE,
    NONE,
    build,
    by_name,
    call,
    dict_of,
    integer,
    list_of,
    put_together,
    raw,
    stream,
    take_apart,
    text,
    tuple_of,
)

NUMBERS = 64
TOLERATED = {
    *("stride zero", "stride zero from 60"),  # within the storage all the same
    *(f"{part} {kind}" for part in ("key", "location") for kind in ("None", "text", "a tuple")),
    *("key a fraction", "location a fraction", "zip: two ends"),
    *("a loop as system", "a text as system", "a loop as keys"),
}
"""Cases that may load: nobody reads what is wrong in them."""
FALSE, TRUE = b"\x89", b"\x88"
LOAD = by_name("torch.storage", "_load_from_bytes")
NO_HOOKS = call(function("collections.OrderedDict"))
FLOATS = by_name("torch", "FloatStorage")
SIZE, STRIDE = tuple_of(integer(8), integer(8)), tuple_of(integer(8), integer(1))


def storage_of(nested: bytes) -> bytes:
    """Push the storage in a nested file."""
    return call(LOAD, raw(nested))


def tensor(
    storage: bytes, offset: bytes = integer(0), size: bytes = SIZE, stride: bytes = STRIDE
) -> bytes:
    """Push a tensor."""
    rebuild = by_name("torch._utils", "_rebuild_tensor_v2")
    return call(rebuild, storage, offset, size, stride, FALSE, NO_HOOKS)


def parameter(data: bytes) -> bytes:
    """Push a parameter."""
    return call(by_name("torch._utils", "_rebuild_parameter"), data, FALSE, NO_HOOKS)


def saved(count: int = NUMBERS, dtype: torch.dtype = torch.float32, zipped: bool = False) -> bytes:
    """A nested file with `count` numbers, as torch writes it."""
    storage = torch.ones(count).to(dtype)._typed_storage()
    target = io.BytesIO()
    torch.save(storage, target, _use_new_zipfile_serialization=zipped)
    return target.getvalue()


def good() -> bytes:
    """Push the parameter as it should be."""
    return parameter(tensor(storage_of(saved())))


def views(marker: Path) -> Iterator[Case]:
    """Offsets, sizes and strides."""
    storage = storage_of(saved())
    huge = 10**9
    for name, sizes in {
        "huge": [huge, huge],
        "beyond 64 bits": [1 << 70, 1],
        "negative": [-8, -8],
        "negative once": [-1, 8],
        "too large": [8, 9],
        "too small": [8, 7],
        "of one dimension": [64],
        "of three dimensions": [8, 8, 1],
        "of many dimensions": [8, 8] + [1] * 100,
        "empty": [0, 8],
        "empty and huge": [0, huge, huge],
        "none": [],
    }.items():
        size = tuple_of(*map(integer, sizes))
        strides = tuple_of(*[integer(0)] * len(sizes))
        ones = tuple_of(*[integer(1)] * len(sizes))
        yield f"size {name}", parameter(tensor(storage, size=size))
        yield f"size {name}, strides 0", parameter(tensor(storage, size=size, stride=strides))
        yield f"size {name}, strides 1", parameter(tensor(storage, size=size, stride=ones))
    for name, strides in {
        "beyond": (8, 2),
        "far beyond": (1 << 40, 1),
        "beyond 64 bits": (1 << 70, 1),
        "zero": (0, 0),
        "negative": (-8, 1),
        "negative twice": (-8, -1),
    }.items():
        stride = tuple_of(*map(integer, strides))
        yield f"stride {name}", parameter(tensor(storage, stride=stride))
        offset = integer(60)
        yield f"stride {name} from 60", parameter(tensor(storage, offset, stride=stride))
    for offset in (1, 64, -1, 1 << 40, 1 << 70, -(1 << 70)):
        yield f"offset {offset}", parameter(tensor(storage, integer(offset)))
    for name, piece in {
        "text": text("8"),
        "a list": list_of(integer(8)),
        "None": NONE,
        "true": TRUE,
        "a fraction": b"G" + struct.pack(">d", 8.0),
        "a name": function("os.path.sep"),
        "a call": call(function("collections.OrderedDict")),
        "a tuple": EMPTY_TUPLE,
    }.items():
        yield f"offset {name}", parameter(tensor(storage, piece))
        yield f"size {name}", parameter(tensor(storage, size=piece))
        yield f"size of {name}", parameter(tensor(storage, size=tuple_of(piece, integer(8))))
        yield f"stride {name}", parameter(tensor(storage, stride=piece))
        yield f"stride of {name}", parameter(tensor(storage, stride=tuple_of(integer(8), piece)))
        yield f"a storage that is {name}", parameter(tensor(piece))
        yield f"bytes that are {name}", parameter(tensor(call(LOAD, piece)))
        yield f"data that is {name}", parameter(piece)


def calls(marker: Path) -> Iterator[Case]:
    """Tensors by the right names, called the wrong way."""
    rebuild = by_name("torch._utils", "_rebuild_tensor_v2")
    wrapped = by_name("torch._utils", "_rebuild_parameter")
    storage = storage_of(saved())
    yield "a tensor of nothing", call(rebuild)
    yield "a tensor of a storage", call(rebuild, storage)
    yield "a tensor of no tuple", rebuild + storage + b"R"
    yield "a parameter of nothing", call(wrapped)
    yield "a parameter of a storage", parameter(storage)
    yield "a parameter of a parameter", parameter(parameter(tensor(storage)))
    yield "a parameter of parameters", parameter(parameter(parameter(tensor(storage))))
    yield "a tensor with a state", build(tensor(storage), dict_of({"x": NONE}))
    yield "a storage with a state", parameter(tensor(build(storage, dict_of({"x": NONE}))))
    yield "a storage of two things", parameter(tensor(call(LOAD, raw(saved()), raw(saved()))))
    yield "a storage of nothing", parameter(tensor(call(LOAD)))
    yield "a storage", storage
    yield "nothing", NONE
    yield "bytes", raw(saved())
    yield "text for bytes", parameter(tensor(call(LOAD, text("x" * 100))))
    encode = by_name("_codecs", "encode")
    for name, arguments in {
        "nothing": [],
        "a number": [integer(1)],
        "beyond latin": [text("\u1234"), text("latin1")],
        "another code": [text("abc"), text("rot13")],
        "zlib": [text("abc"), text("zlib")],
        "a long text beyond latin": [text("\u1234" * 50_000), text("latin1")],
        "broken text": [b"X" + struct.pack("<I", 70_000) + b"\xff" * 70_000, text("latin1")],
    }.items():
        yield f"bytes encoded from {name}", parameter(tensor(call(LOAD, call(encode, *arguments))))


def legacy(marker: Path) -> Iterator[Case]:
    """Nested files in the old format."""
    for name, data in _legacy(marker):
        yield name, parameter(tensor(storage_of(data)))


def zips(marker: Path) -> Iterator[Case]:
    """Nested files in the zip format."""
    for name, data in _zips(marker):
        yield name, parameter(tensor(storage_of(data)))


def kinds(marker: Path) -> Iterator[Case]:
    """Storages of other types."""
    for dtype in (torch.int64, torch.int32, torch.uint8, torch.bool, torch.complex64):
        for zipped in (False, True):
            nested_file = saved(NUMBERS, dtype, zipped)
            yield f"{dtype}, zipped {zipped}", parameter(tensor(storage_of(nested_file)))
    for name in ("UntypedStorage", "QInt8Storage", "os.system", "nn.Linear", "Tensor", "x"):
        yield f"a {name}", parameter(tensor(storage_of(_reference(by_name("torch", name)))))
    for name in ("os.system", "builtins.exec", "numpy.ndarray", "torch.cuda.x", "a.FloatStorage"):
        yield f"a {name} somewhere", parameter(tensor(storage_of(_reference(function(name)))))


# -- the old format: five pickles, then the numbers -----------------------------------------------


def _pickles(data: bytes) -> tuple[list[bytes], bytes]:
    """The five pickles of an old file, and what follows them."""
    parts: list[bytes] = []
    stream_ = io.BytesIO(data)
    for _ in range(5):
        start = stream_.tell()
        _skip_pickle(stream_)
        parts.append(data[start : stream_.tell()])
    return parts, data[stream_.tell() :]


def _skip_pickle(file: io.BytesIO) -> None:
    import pickletools

    for _ in pickletools.genops(file):
        pass


def _old(**changes: bytes) -> bytes:
    """An old file of which some pickles, or the numbers, are others."""
    parts, numbers = _pickles(saved())
    names = ("magic", "protocol", "system", "reference", "keys")
    pieces = dict(zip(names, parts, strict=True)) | {"numbers": numbers} | changes
    return b"".join(pieces.values())


def _reference(kind: bytes = FLOATS, **changes: bytes) -> bytes:
    """An old file whose reference to the storage says something else."""
    values = {
        "word": text("storage"),
        "kind": kind,
        "key": text("1"),
        "location": text("cpu"),
        "count": integer(NUMBERS),
        "view": NONE,
    } | changes
    return _old(reference=stream(tuple_of(*values.values()) + b"Q"))


def _legacy(marker: Path) -> Iterator[Case]:
    gadget = pickle.dumps(Touch(marker))
    exec_gadget = stream(call(function("builtins.exec"), text(code(marker))))
    yield "a gadget", gadget
    yield "a gadget of exec", exec_gadget
    for part in ("magic", "protocol", "system", "reference", "keys", "numbers"):
        yield f"a gadget as {part}", _old(**{part: gadget})
        yield f"a loop as {part}", _old(**{part: stream(EMPTY_LIST, b"2a")})
        yield f"nesting as {part}", _old(**{part: stream(b"]" * 100_000 + b"a" * 99_999)})
        yield f"a flood as {part}", _old(**{part: stream(NONE * 1_000_000)})
        yield f"nothing as {part}", _old(**{part: b""})
        yield f"a text as {part}", _old(**{part: stream(text("x"))})
        yield f"a call as {part}", _old(**{part: stream(call(function("collections.deque")))})
    yield "a gadget behind", saved() + gadget
    yield "empty", b""
    yield "one byte", b"\x80"
    yield "the old tar format", b"storages" + bytes(600)
    for share in (0.1, 0.5, 0.9, 0.99):
        yield f"cut at {share}", saved()[: int(len(saved()) * share)]
    for count in (0, 63, 65, 1 << 40, 1 << 62, 1 << 70, -1, -64):
        yield f"reference to {count}", _reference(count=integer(count))
        if abs(count) < 1 << 63:
            numbers = struct.pack("<q", count) + bytes(4 * NUMBERS)
            yield f"{count} numbers", _old(numbers=numbers)
            both = _reference(count=integer(count)).removesuffix(_pickles(saved())[1])
            yield f"{count} by both", both + numbers
    for name, piece in {
        "None": NONE,
        "text": text("64"),
        "a tuple": EMPTY_TUPLE,
        "a fraction": b"G" + struct.pack(">d", 64.0),
        "a gadget": call(function("os.system"), text(f"touch {marker}")),
    }.items():
        for part in ("word", "kind", "key", "location", "count", "view"):
            if not (part == "view" and name == "None"):
                yield f"{part} {name}", _reference(**{part: piece})
    yield "a view", _reference(view=tuple_of(text("2"), integer(0), integer(NUMBERS)))
    yield "another word", _reference(word=text("module"))
    yield "big-endian", _old(system=stream(dict_of({"little_endian": FALSE})))
    yield "a persistent id by line", _old(reference=b"Pstorage\n.")
    yield "a whole tensor", _saved_tensor()


def _saved_tensor() -> bytes:
    target = io.BytesIO()
    torch.save(torch.ones(8, 8), target, _use_new_zipfile_serialization=False)
    return target.getvalue()


# -- the zip format -------------------------------------------------------------------------------


def _entries() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(saved(zipped=True))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _zip(entries: dict[str, bytes], method: int = zipfile.ZIP_STORED, note: bytes = b"") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        archive.comment = note
        for name, data in entries.items():
            archive.writestr(name, data)
    return target.getvalue()


def _zips(marker: Path) -> Iterator[Case]:
    entries = _entries()
    [main] = [name for name in entries if name.endswith("/data.pkl")]
    [numbers] = [name for name in entries if "/data/" in name]
    others = {name: data for name, data in entries.items() if name != main}
    gadget = pickle.dumps(Touch(marker))
    yield "zip: a gadget", _zip(entries | {main: gadget})
    yield "zip: a gadget in another data.pkl", _zip(entries | {"x/data.pkl": gadget})
    yield "zip: a script", _zip(others | {"x/constants.pkl": gadget, "x/code/x.py": b"import os"})
    yield "zip: no data.pkl", _zip(others)
    yield "zip: no numbers", _zip({k: v for k, v in entries.items() if k != numbers})
    yield "zip: few numbers", _zip(entries | {numbers: bytes(NUMBERS)})
    yield "zip: compressed", _zip(entries, zipfile.ZIP_DEFLATED)
    bomb = entries | {numbers: bytes(50_000_000)}
    yield "zip: a bomb", _zip(bomb, zipfile.ZIP_DEFLATED)
    yield "zip: an LZMA bomb", _zip(bomb, zipfile.ZIP_LZMA)
    yield "zip: big-endian", _zip(entries | {main.replace("data.pkl", "byteorder"): b"big"})
    yield "zip: many files", _zip(entries | {f"x/{i}": b"" for i in range(3000)})
    yield "zip: empty", _zip({})
    for name in ("../../data.pkl", "/etc/data.pkl", "..\\data.pkl", "a" * 5000 + "/data.pkl"):
        yield f"zip: {name[:20]}", _zip(others | {name: gadget})
    renamed = [
        op if op.argument != numbers.rsplit("/", 1)[1] else type(op)("", None, text("../../etc"))
        for op in take_apart(entries[main])
    ]
    yield "zip: numbers elsewhere", _zip(entries | {main: put_together(renamed)})
    data = _zip(entries)
    end = data.rfind(b"PK\x05\x06")
    for name, offset, value in (
        ("more files", 10, b"\xff\xff"),
        ("fewer files", 10, b"\x01\x00"),
        ("directory far away", 16, b"\xfe\xff\xff\xff"),
        ("directory at zero", 16, bytes(4)),
        ("directory beyond 4 GB", 16, b"\xff\xff\xff\xff"),
    ):
        yield f"zip: {name}", data[: end + offset] + value + data[end + offset + len(value) :]
    directory = data.find(b"PK\x01\x02")
    for name, offset, size in (
        ("packed size", 20, 4),
        ("size", 24, 4),
        ("name length", 28, 2),
        ("extra length", 30, 2),
        ("note length", 32, 2),
        ("place", 42, 4),
    ):
        for value in (b"\xff" * size, b"\xfe" + b"\xff" * (size - 1), bytes(size)):
            at = directory + offset
            if data[at : at + size] != value:
                yield f"zip: {name} {value!r}", data[:at] + value + data[at + size :]
    for share in (0.1, 0.5, 0.9, 0.99):
        yield f"zip: cut at {share}", data[: int(len(data) * share)]
    yield "zip: two ends", data + data[end:]
    wide = struct.pack(
        "<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 1 << 40, 1 << 40, 9, 1 << 62
    )
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1)
    last = b"PK\x05\x06" + bytes(4) + b"\xff" * 12 + bytes(2)
    yield "zip: a wide directory", data[:end] + wide + locator + last
    yield (
        "zip: a wide directory far away",
        data[:end] + locator.replace(struct.pack("<Q", end), struct.pack("<Q", 1 << 63)) + last,
    )
