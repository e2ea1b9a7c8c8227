"""OSC packets: read as python-osc writes them, written as it reads them, garbage does no harm."""

from __future__ import annotations

import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.osc_packet import OscPacket

from renderer.parameters.kinds import Value
from visualizer.control.osc_packets import (
    MAX_DEPTH,
    Message,
    PacketError,
    bundled,
    decoded,
    encoded,
)

PACKETS = 20_000
VALUES = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.floats(width=32, allow_nan=False),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30),
    st.booleans(),
    st.none(),
)


def written(address: str, *values: tuple[str, object]) -> bytes:
    """A message as python-osc writes it, from (type tag, value)."""
    builder = OscMessageBuilder(address)
    for tag, value in values:
        builder.add_arg(value, tag)  # pyright: ignore[reportArgumentType]
    return builder.build().dgram


def test_what_another_program_writes_is_read() -> None:
    packet = written(
        "/all", ("i", -3), ("f", 0.5), ("h", 2**40), ("d", 1e-9), ("s", "räd"), ("T", True)
    )
    assert decoded(packet) == [Message("/all", (-3, 0.5, 2**40, 1e-9, "räd", True))]
    packet = written("/more", ("b", b"12345"), ("N", None), ("F", False), ("i", 7))
    assert decoded(packet) == [Message("/more", (None, False, 7))]
    assert decoded(written("/none")) == [Message("/none")]


def test_bundles_are_read_in_order() -> None:
    inner, outer = OscBundleBuilder(IMMEDIATELY), OscBundleBuilder(IMMEDIATELY)
    for number in range(3):
        inner.add_content(OscMessage(written(f"/{number}", ("i", number))))
    outer.add_content(OscMessage(written("/first", ("f", 1.5))))
    outer.add_content(inner.build())
    assert [m.address for m in decoded(outer.build().dgram)] == ["/first", "/0", "/1", "/2"]


@given(st.lists(VALUES, max_size=5))
def test_what_is_written_is_read_by_another_program(values: list[Value]) -> None:
    message = Message("/psi", tuple(values))
    packet = encoded(message)
    assert decoded(packet) == [message]
    assert list(OscPacket(packet).messages[0].message.params) == values
    both = bundled([message, Message("/undo")])
    assert decoded(both) == [message, Message("/undo")]
    assert [item.message.address for item in OscPacket(both).messages] == ["/psi", "/undo"]


def test_what_cannot_be_sent_is_refused() -> None:
    for value in ("a\0b", "\ud800", 2**63, 1e300):
        with pytest.raises(PacketError):
            encoded(Message("/a", (value,)))


def test_random_packets_never_do_harm() -> None:
    chance, read = random.Random(5), 0
    models = [
        written("/psi", ("f", 0.5)),
        written("/text/prompt/1", ("s", "a red house")),
        bundled([Message("/a", (1, 2.0)), Message("/b", ("x", True))]),
    ]
    for number in range(PACKETS):
        if number % 3 == 0:
            packet = chance.randbytes(chance.randrange(120))
        else:
            damaged = bytearray(chance.choice(models))
            for _ in range(chance.randrange(1, 5)):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            packet = bytes(damaged[: chance.randrange(len(damaged) + 1)])
        try:
            read += len(decoded(packet))
        except PacketError:
            continue
    assert read > 100  # some were only changed in their values


def test_bundles_within_bundles_end_somewhere() -> None:
    packet = encoded(Message("/a"))
    for _ in range(MAX_DEPTH):
        packet = b"#bundle\0" + bytes(8) + struct.pack(">i", len(packet)) + packet
    assert decoded(packet) == [Message("/a")]
    for _ in range(2000):
        packet = b"#bundle\0" + bytes(8) + struct.pack(">i", len(packet)) + packet
    with pytest.raises(PacketError, match="bundles"):
        decoded(packet)


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"psi\0",
        b"/psi",
        b"/psi\0\0\0\0,f\0\0\0\0",
        b"/psi\0\0\0\0f\0\0\0",
        b"/psi\0\0\0\0,q\0\0",
        b"/psi\0\0\0\0,i\0\0\0\0\0\1\0\0\0\0",
        b"/\xff\0\0",
        b"/a\0\0,b\0\0\x7f\xff\xff\xff",
        b"/a\0\0,b\0\0\xff\xff\xff\xf0",
        b"#bundle\0",
        b"#bundle\0" + bytes(8) + b"\xff\xff\xff\xfc",
        b"#bundle\0" + bytes(8) + b"\x7f\xff\xff\xfc",
        b"/" + b"a" * 999 + bytes(4),
        bundled([Message("/a")] * 1001),
    ],
)
def test_malformed_packets_are_refused(packet: bytes) -> None:
    with pytest.raises(PacketError):
        decoded(packet)
