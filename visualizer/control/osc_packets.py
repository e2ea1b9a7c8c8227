"""Open Sound Control 1.0: packets to messages and back, by hand and strictly.

A packet is bytes from the network: every length is checked before it is used, bundles within
bundles are bounded, and whatever is malformed is one `PacketError`.

Source: Wright, "The Open Sound Control 1.0 Specification" (2002).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from renderer.parameters.kinds import Value

MAX_PACKET = 65_507
"""The most that a UDP datagram over IPv4 holds."""
MAX_MESSAGES = 1000
"""More messages in one bundle are not read."""
MAX_DEPTH = 8
MAX_ADDRESS = 200
BUNDLE = b"#bundle\0"
IMMEDIATELY = b"\0\0\0\0\0\0\0\1"
_FIXED = {"i": ">i", "f": ">f", "h": ">q", "d": ">d"}
_CONSTANTS: dict[str, Value] = {"T": True, "F": False, "N": None, "I": True}
_INT32 = range(-(2**31), 2**31)
_INT64 = range(-(2**63), 2**63)


class PacketError(ValueError):
    """These bytes are no OSC packet."""


@dataclass(frozen=True)
class Message:
    """An address and its arguments.  Blobs, time tags, colours and MIDI bytes are left out."""

    address: str
    arguments: tuple[Value, ...] = ()


def decoded(packet: bytes) -> list[Message]:
    """The messages of a packet, in order; the times of bundles are not waited for.

    Raises:
        PacketError: malformed.
    """
    messages: list[Message] = []
    _decode(packet, 0, messages)
    return messages


def encoded(message: Message) -> bytes:
    """A message as a packet.

    Raises:
        PacketError: an argument cannot be sent, such as a text with a NUL in it.
    """
    tags, data = ",", b""
    for argument in message.arguments:
        tag, value = _argument(argument)
        tags, data = tags + tag, data + value
    return _string(message.address) + _string(tags) + data


def bundled(messages: Sequence[Message]) -> bytes:
    """Messages as one packet, to be done at once."""
    parts = [encoded(message) for message in messages]
    return BUNDLE + IMMEDIATELY + b"".join(struct.pack(">i", len(part)) + part for part in parts)


# -- reading -------------------------------------------------------------------------------------


def _decode(packet: bytes, depth: int, messages: list[Message]) -> None:
    if packet.startswith(BUNDLE):
        if depth >= MAX_DEPTH:
            raise PacketError("Too many bundles within bundles.")
        _decode_bundle(packet, depth, messages)
    elif packet.startswith(b"/"):
        if len(messages) >= MAX_MESSAGES:
            raise PacketError("Too many messages in one packet.")
        messages.append(_message(packet))
    else:
        raise PacketError("Neither a message nor a bundle.")


def _decode_bundle(packet: bytes, depth: int, messages: list[Message]) -> None:
    place = len(BUNDLE) + len(IMMEDIATELY)
    if len(packet) < place:
        raise PacketError("A bundle ends too early.")
    while place < len(packet):
        size = _size(packet, place)
        place += 4
        if size <= 0 or size % 4 or place + size > len(packet):
            raise PacketError("A part of a bundle has an impossible size.")
        _decode(packet[place : place + size], depth + 1, messages)
        place += size


def _message(packet: bytes) -> Message:
    address, place = _read_string(packet, 0)
    if len(address) > MAX_ADDRESS:
        raise PacketError("An address is too long.")
    if place == len(packet):  # older senders leave the tags out when there are no arguments
        return Message(address)
    tags, place = _read_string(packet, place)
    if not tags.startswith(","):
        raise PacketError("A message has no type tags.")
    arguments: list[Value] = []
    for tag in tags[1:]:
        if tag in "[]":  # arrays are read as if they were not
            continue
        place = _read_argument(tag, packet, place, arguments)
    if place != len(packet):
        raise PacketError("A message is longer than its type tags say.")
    return Message(address, tuple(arguments))


def _read_argument(tag: str, packet: bytes, place: int, arguments: list[Value]) -> int:
    """Read one argument at `place`; returns where it ends."""
    if tag in _CONSTANTS:
        arguments.append(_CONSTANTS[tag])
        return place
    if tag in _FIXED:
        arguments.append(_unpacked(_FIXED[tag], packet, place)[0])
        return place + struct.calcsize(_FIXED[tag])
    if tag in "sS":
        text, place = _read_string(packet, place)
        arguments.append(text)
        return place
    if tag in "crmt":  # a character, a colour, MIDI bytes, a time: of no use here
        size = 8 if tag == "t" else 4
        _unpacked(f"{size}s", packet, place)
        return place + size
    if tag == "b":
        size = _size(packet, place)
        end = place + 4 + size + -size % 4
        if size < 0 or end > len(packet):
            raise PacketError("A blob has an impossible size.")
        return end
    raise PacketError("A message has an argument of an unknown type.")


def _read_string(packet: bytes, place: int) -> tuple[str, int]:
    """A text that ends with NUL, padded to four bytes."""
    end = packet.find(b"\0", place)
    if end < 0:
        raise PacketError("A string has no end.")
    after = end + 4 - (end - place) % 4
    if after > len(packet):
        raise PacketError("A string is not padded to four bytes.")
    try:
        return packet[place:end].decode(), after
    except UnicodeDecodeError as error:
        raise PacketError("A string is not UTF-8.") from error


def _size(packet: bytes, place: int) -> int:
    return int(_unpacked(">i", packet, place)[0])


def _unpacked(form: str, packet: bytes, place: int) -> tuple[int | float]:
    try:
        return struct.unpack_from(form, packet, place)
    except struct.error as error:
        raise PacketError("A message ends too early.") from error


# -- writing -------------------------------------------------------------------------------------


def _argument(value: Value) -> tuple[str, bytes]:
    if value is None:
        return "N", b""
    if isinstance(value, bool):
        return ("T" if value else "F"), b""
    if isinstance(value, str):
        return "s", _string(value)
    if isinstance(value, int):
        if value in _INT32:
            return "i", struct.pack(">i", value)
        if value in _INT64:
            return "h", struct.pack(">q", value)
        raise PacketError("A whole number is too large to be sent.")
    try:
        return "f", struct.pack(">f", value)
    except OverflowError as error:
        raise PacketError("A number is too large to be sent.") from error


def _string(text: str) -> bytes:
    try:
        data = text.encode()
    except UnicodeEncodeError as error:
        raise PacketError("A string contains characters that cannot be sent.") from error
    if b"\0" in data:
        raise PacketError("A string to be sent contains a NUL.")
    return data + b"\0" * (4 - len(data) % 4)
