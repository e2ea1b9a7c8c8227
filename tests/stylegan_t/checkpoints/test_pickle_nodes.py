"""Bytes that stand as text in a file come out the same wherever they are read."""

from __future__ import annotations

import random
import tracemalloc

import pytest

from stylegan_t.checkpoints.pickle_nodes import (
    TEXT_PIECE,
    Blob,
    BytesSource,
    LatinSource,
    PickleStreamError,
    ZeroSource,
)


def latin(text: bytes) -> LatinSource:
    return LatinSource(Blob(BytesSource(b"?" + text), 1, len(text), is_text=True))


def read(source: LatinSource | ZeroSource, offset: int, count: int) -> bytes:
    target = bytearray(b"?" * count)
    source.read_into(offset, memoryview(target))
    return bytes(target)


@pytest.mark.parametrize("shift", range(4))
def test_any_part_of_an_encoded_text(shift: int) -> None:
    draws = random.Random(shift)
    data = bytes(shift) + draws.randbytes(4 * TEXT_PIECE)
    source = latin(data.decode("latin-1").encode())
    assert source.length == len(data)
    assert read(source, 0, len(data)) == data
    for _ in range(200):
        offset = draws.randrange(len(data))
        count = draws.randrange(min(len(data) - offset, 70_000) + 1)
        assert read(source, offset, count) == data[offset : offset + count]


def test_only_a_piece_is_in_memory() -> None:
    text = b"\xc3\xbf" * (1 << 20)
    tracemalloc.start()
    source = latin(text)
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    for offset in range(0, 1 << 20, 1 << 14):
        assert read(source, offset, 10) == b"\xff" * 10
    assert tracemalloc.get_traced_memory()[1] - before < 1 << 20
    tracemalloc.stop()


@pytest.mark.parametrize(
    "text", [b"\xff", b"\xc3", "€".encode(), b"\xc3\x28", b"a\x80", b"\xc3\xbf" * 40_000 + b"\xc3"]
)
def test_what_is_no_such_text_is_refused(text: bytes) -> None:
    source = latin(text)
    with pytest.raises(PickleStreamError, match="damaged"):
        read(source, 0, source.length)


def test_zeros() -> None:
    assert read(ZeroSource(), 1 << 60, 5) == bytes(5)
