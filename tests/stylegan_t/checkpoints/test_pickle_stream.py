"""The interpreter of pickle streams: it reads what Python writes, and runs nothing of it."""

from __future__ import annotations

import collections
import fractions
import pickle
import random
from typing import Any

import pytest

from stylegan_t.checkpoints import pickle_stream
from stylegan_t.checkpoints.pickle_nodes import (
    Blob,
    BytesSource,
    Call,
    DictNode,
    Global,
    ListNode,
    Persistent,
    PickleStreamError,
)
from stylegan_t.checkpoints.pickle_stream import Stream

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def read(data: bytes) -> object:
    return Stream(Blob(BytesSource(data), 0, len(data))).read()


def plain(node: object) -> Any:
    """Python's values again, for what consists of plain ones."""
    if isinstance(node, Blob):
        return node.read().decode() if node.is_text else node.read()
    if isinstance(node, ListNode):
        return [plain(item) for item in node.appended]
    if isinstance(node, DictNode):
        return {plain(key): plain(value) for key, value in node.pairs}
    if isinstance(node, tuple):
        return tuple(plain(item) for item in node)
    return node


def random_value(rng: random.Random, depth: int = 0) -> Any:
    kinds = ["int", "big", "float", "text", "none", "bool"]
    kind = rng.choice(kinds + ["list", "tuple", "dict"] * (depth < 4))
    match kind:
        case "int":
            return rng.choice([0, 1, -1, 255, 256, 65535, 65536, -(2**31), 2**31, 2**63])
        case "big":
            return rng.getrandbits(rng.randrange(2000)) * rng.choice([1, -1])
        case "float":
            return rng.choice([0.0, -1.5, 1e300, float("inf"), rng.random()])
        case "text":
            return "".join(rng.choice("ab'\"é日😀 ") for _ in range(rng.randrange(300)))
        case "none":
            return None
        case "bool":
            return rng.random() < 0.5
        case "list":
            return [random_value(rng, depth + 1) for _ in range(rng.randrange(5))]
        case "tuple":
            return tuple(random_value(rng, depth + 1) for _ in range(rng.randrange(5)))
    return {str(k): random_value(rng, depth + 1) for k in range(rng.randrange(5))}


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("seed", range(20))
def test_plain_values_are_read_as_python_reads_them(protocol: int, seed: int) -> None:
    value = random_value(random.Random(seed))
    assert plain(read(pickle.dumps(value, protocol))) == value


@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_bytes_and_long_texts_stay_in_the_file(protocol: int) -> None:
    value = [b"", b"\x80\xff" * 200_000, "é" * 200_000, bytearray(b"abc") if protocol == 5 else b""]
    node = read(pickle.dumps(value, protocol))
    assert isinstance(node, ListNode)
    assert all(isinstance(item, Blob) for item in node.appended)
    assert plain(node) == value


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_shared_and_circular_values_stay_so(protocol: int) -> None:
    inner: list[Any] = [1]
    loop: list[Any] = [inner, inner]
    loop.append(loop)
    node = read(pickle.dumps(loop, protocol))
    assert isinstance(node, ListNode)
    assert node.appended[0] is node.appended[1]
    assert node.appended[2] is node


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_objects_become_calls_that_nobody_makes(protocol: int) -> None:
    value = collections.OrderedDict(a=fractions.Fraction(3, 4))
    node = read(pickle.dumps(value, protocol))
    assert isinstance(node, Call) and isinstance(node.function, Global)
    assert node.function.key == ("collections", "OrderedDict")
    pairs = dict(node.pairs) if node.pairs else {}
    if protocol >= 2:
        inside = pairs["a"]
        assert isinstance(inside, Call) and str(inside.function) == "fractions.Fraction"


def test_names_are_noted_wherever_they_stand() -> None:
    data = b"\x80\x04cos\nsystem\n0cposix\nsystem\nX\x02\x00\x00\x00ls\x85R0N."
    stream = Stream(Blob(BytesSource(data), 0, len(data)))
    assert stream.read() is None
    assert set(stream.globals) == {("os", "system"), ("posix", "system")}


def test_persistent_references_are_nodes() -> None:
    node = read(b"\x80\x04K\x07Q.")
    assert isinstance(node, Persistent) and node.id == 7


def test_reading_goes_on_behind_a_stop() -> None:
    one, two = pickle.dumps(1), pickle.dumps("two")
    blob = Blob(BytesSource(one + two), 0, len(one + two))
    first = Stream(blob)
    assert first.read() == 1 and first.end == len(one)
    assert Stream(blob, first.end).read() == "two"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b".",
        b"N",
        b"0.",
        b"(",
        b"(N0.",  # the mark is gone with what it marked
        b"t.",
        b"\x85.",
        b"N\x86.",
        b"(NNt0t.",
        b"h\x00.",
        b"g5\n.",
        b"Na.",
        b"K\x01(K\x02e.",
        b"}(K\x01u.",
        b"NN\x93.",
        b"Nb.",
        b"]Nb.",
        b"o.",
        b"(o.",
        b"\x82\x01.",
        b"\x97.",
        b"\x98.",
        b"\x00",
        b"\xff" * 9,
        b"\x80\x09N.",
        b"X\xff\xff\xff\xffab.",
        b"\x8d" + b"\xff" * 8 + b"ab.",
        b"\x8e" + b"\xff" * 8 + b"ab.",
        b"\x8b\xff\xff\xff\x7f.",
        b"\x8b\x00\x10\x00\x00" + b"\x01" * 4096 + b".",
        b"I" + b"9" * 4090 + b"9" * 20 + b"\n.",
        b"I" + b"9" * 100_000,
        b"Inine\n.",
        b"F1e\n.",
        b"S'a\n.",
        b"X\x02\x00\x00\x00\xff\xff.",
        b"c" + b"a" * 10_000 + b"\nb\n.",
    ],
)
def test_damage_is_one_kind_of_error(data: bytes) -> None:
    with pytest.raises(PickleStreamError):
        read(data)


def test_every_prefix_of_a_pickle_is_damaged() -> None:
    for protocol in PROTOCOLS:
        data = pickle.dumps([1, "two", (3.0, {"four": [None, True]}), 2**70], protocol)
        for length in range(len(data)):
            with pytest.raises(PickleStreamError):
                read(data[:length])


def test_opcodes_and_nodes_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pickle_stream, "MAX_NODES", 100)
    assert read(b"]0" * 100 + b"N.") is None
    with pytest.raises(PickleStreamError, match="more objects"):
        read(b"]0" * 101 + b"N.")
    data = b"N0" * 60 + b"N."
    with pytest.raises(PickleStreamError, match="longer than"):
        Stream(Blob(BytesSource(data), 0, len(data)), max_opcodes=100).read()


def test_a_window_ends_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    value = random_value(random.Random(5), depth=-3)
    for window in (1, 2, 3, 7, 50):
        monkeypatch.setattr(pickle_stream, "WINDOW", window)
        for protocol in PROTOCOLS[2:]:  # lines need a window as long as they are
            assert plain(read(pickle.dumps(value, protocol))) == value
