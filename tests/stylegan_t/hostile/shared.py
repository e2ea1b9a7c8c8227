"""Snapshots of a few megabytes in which thousands of parts share one thing that is large."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import torch

from tests.stylegan_t.reference.opcodes import (
    EMPTY_DICT,
    build,
    by_name,
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

PARTS = 4_900
"""Fewer than the reader refuses for their number alone."""
MANY = 400_000
POP = b"0"
STORAGE = by_name("torch.storage", "_load_from_bytes")


def module(kind: str, state: bytes) -> bytes:
    return build(new(by_name(*kind.rsplit(".", 1))), state)


def snapshot(generator: bytes, *before: bytes) -> bytes:
    """A snapshot whose memo is filled with what comes `before`."""
    kept = b"".join(piece + put(index + 1) + POP for index, piece in enumerate(before))
    return stream(kept + dict_of({"G_ema": module("networks.generator.Generator", generator)}))


def tensors(piece: bytes, shape: bytes | None = None) -> bytes:
    """The state of a part with thousands of tensors whose storage is `piece`, each made again."""
    sizes = shape or tuple_of(integer(1))
    tensor = call(
        by_name("torch._utils", "_rebuild_tensor_v2"),
        *(piece, integer(0), sizes, sizes, b"\x89", call(by_name("collections", "OrderedDict"))),
    )
    return dict_of({"_parameters": dict_of({f"p{i}": tensor for i in range(PARTS)})})


def parts(state: bytes) -> bytes:
    """The state of a part with thousands of parts whose state is `state`."""
    part = module("torch.nn.modules.container.Sequential", state)
    return dict_of({"_modules": dict_of({f"m{i}": part for i in range(PARTS)})})


def stored(numbers: int, as_zip: bool = False) -> bytes:
    file = io.BytesIO()
    storage = torch.ones(numbers)._typed_storage()
    torch.save(storage, file, _use_new_zipfile_serialization=as_zip)
    return file.getvalue()


def long_names() -> bytes:
    file = io.BytesIO(stored(4, as_zip=True))
    with zipfile.ZipFile(file, "a") as archive:
        for index in range(55):
            archive.writestr(f"{index:02}" + "x" * 60_000, b"")
    return file.getvalue()


def encoded(index: int) -> bytes:
    """A call of its own that encodes the text in the memo."""
    return call(STORAGE, call(by_name("_codecs", "encode"), get(index), text("latin1")))


def one_encoded_text() -> bytes:
    return snapshot(tensors(encoded(1)), text(stored(1 << 20).decode("latin-1")))


def one_short_encoded_text() -> bytes:
    return snapshot(tensors(encoded(1)), text(stored(8_000).decode("latin-1")))


def one_encoded_zip() -> bytes:
    return snapshot(tensors(encoded(1)), text(long_names().decode("latin-1")))


def one_zip() -> bytes:
    return snapshot(tensors(call(STORAGE, get(1))), raw(long_names()))


def one_dictionary() -> bytes:
    pairs = b"}(" + (get(1) + b"N") * MANY + b"u"
    return snapshot(parts(get(2)), text("k"), pairs)


def one_dictionary_of_many_keys() -> bytes:
    pairs = b"}(" + b"".join(text(f"{i:x}") + b"N" for i in range(MANY)) + b"u"
    return snapshot(parts(get(1)), pairs)


def one_set() -> bytes:
    hidden = dict_of({"_non_persistent_buffers_set": list_of(*[b"N"] * MANY)})
    return snapshot(parts(get(1)), hidden)


def one_state_of_many() -> bytes:
    return snapshot(parts(get(1)), tuple_of(EMPTY_DICT, *[b"N"] * MANY))


def one_long_shape() -> bytes:
    piece = call(STORAGE, get(2))
    sizes = tuple_of(*[integer(1)] * MANY)
    return snapshot(tensors(piece, get(1)), sizes, raw(stored(1)))


def one_encoded_scalar() -> bytes:
    """Attributes that are numbers of numpy, each with a call of its own to encode one text."""
    scalar = call(
        by_name("numpy.core.multiarray", "scalar"),
        call(by_name("numpy", "dtype"), text("f8")),
        call(by_name("_codecs", "encode"), get(1), text("latin1")),
    )
    return snapshot(dict_of({f"a{i}": scalar for i in range(PARTS)}), text("\xff" * 3_000_000))


def many_names() -> bytes:
    """Hundreds of thousands of names of few words, each of many parts."""
    words = [text("a." * 200 + str(i)) for i in range(700)]
    names = b"".join(
        get(i + 1) + get(j + 1) + b"\x93" + POP for i in range(700) for j in range(400)
    )
    return snapshot(dict_of({"a": b"N"}) + names, *words)


FILES: dict[str, Callable[[], bytes]] = {
    "one encoded text": one_encoded_text,
    "one short encoded text": one_short_encoded_text,
    "one encoded zip with long names": one_encoded_zip,
    "one zip with long names": one_zip,
    "one dictionary": one_dictionary,
    "one dictionary of many keys": one_dictionary_of_many_keys,
    "one set": one_set,
    "one state of many": one_state_of_many,
    "one long shape": one_long_shape,
    "one encoded scalar": one_encoded_scalar,
    "many names": many_names,
}
