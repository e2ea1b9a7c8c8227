"""Random damage to picture files: to their parts, to what the parts say of themselves, to bytes."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from random import Random

from renderer.files import png_text
from renderer.files.images import RECIPE_KEYWORD
from tests.fuzzing import json_damage
from tests.stylegan_t.hostile.mutations import BYTE_DAMAGES

SIZES = (
    *(0, 1, 2, 3, 4, 7, 8, 12, 13, 25, 255, 256, 4095, 4096, 16_383, 16_384, 65_535, 65_536),
    *(10**6, 10**7, 2**24, 2**31 - 1, 2**31, 2**32 - 9, 2**32 - 8, 2**32 - 1),
)
"""What a part may say of its length, and a picture of its sides."""


@dataclass(frozen=True)
class Part:
    """A chunk or a segment; `says` is a length that it says it has, `sum` its own checksum."""

    kind: bytes
    body: bytes
    says: int | None = None
    sum: int | None = None

    @property
    def length(self) -> int:
        """What stands in the file."""
        return len(self.body) if self.says is None else self.says


@dataclass(frozen=True)
class Format:
    """How a kind of picture file is taken apart and put together, and parts that are hostile."""

    split: Callable[[bytes], list[Part]]
    join: Callable[[list[Part]], bytes]
    kinds: tuple[bytes, ...]
    hostile: Callable[[], list[Part]]
    text: Callable[[Part, Random], Part | None]
    """A part with a damaged recipe in the place of its own, or None where it holds none."""


def damaged(form: Format, good: bytes, random: Random) -> bytes:
    """A good file with a few damages."""
    data = good
    if random.random() < 0.85:
        parts = form.split(good)
        for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
            random.choice(DAMAGES)(form, parts, random)
        data = form.join(parts)
    if data is good or random.random() < 0.15:
        changed = bytearray(data)
        for _ in range(random.choice((1, 1, 2, 3, 8, 50))):
            random.choice(BYTE_DAMAGES)(changed, random)
        data = bytes(changed)
    return data


# -- damages ---------------------------------------------------------------------------------------


def _place(parts: list[Part], random: Random) -> int:
    return random.randrange(len(parts)) if parts else 0


def _body(form: Format, parts: list[Part], random: Random) -> None:
    """Other bytes in a part, whose checksum is right."""
    if parts:
        place = _place(parts, random)
        body = bytearray(parts[place].body)
        for _ in range(random.choice((1, 1, 2, 5, 20))):
            random.choice(BYTE_DAMAGES)(body, random)
        parts[place] = replace(parts[place], body=bytes(body[:200_000]))


def _says(form: Format, parts: list[Part], random: Random) -> None:
    """A lie about a length."""
    if parts:
        place = _place(parts, random)
        near = len(parts[place].body) + random.choice((-4, -1, 1, 4, 100))
        parts[place] = replace(parts[place], says=random.choice((near, random.choice(SIZES))))


def _sum(form: Format, parts: list[Part], random: Random) -> None:
    """A wrong checksum."""
    if parts:
        place = _place(parts, random)
        parts[place] = replace(parts[place], sum=random.randrange(2**32))


def _kind(form: Format, parts: list[Part], random: Random) -> None:
    """A part that says it is something else."""
    if parts:
        place = _place(parts, random)
        other = random.choice((random.choice(form.kinds), random.randbytes(len(form.kinds[0]))))
        parts[place] = replace(parts[place], kind=other)


def _size(form: Format, parts: list[Part], random: Random) -> None:
    """A number in the first bytes of a part: sides, depths, offsets."""
    if parts:
        place = _place(parts, random)
        body, width = bytearray(parts[place].body), random.choice((1, 2, 3, 4))
        start = random.randrange(max(1, min(len(body), 40)))
        order = random.choice(("big", "little"))
        value = random.choice(SIZES) & ((1 << 8 * width) - 1)
        body[start : start + width] = value.to_bytes(width, "big" if order == "big" else "little")
        parts[place] = replace(parts[place], body=bytes(body))


def _gone(form: Format, parts: list[Part], random: Random) -> None:
    """A part less, or all behind it."""
    if parts:
        place = _place(parts, random)
        del parts[place : place + random.choice((1, 1, 1, 1000))]


def _more(form: Format, parts: list[Part], random: Random) -> None:
    """A part again, or very often."""
    if parts:
        part = parts[_place(parts, random)]
        most = max(1, 300_000 // (len(part.body) + 12))
        count = min(random.choice((1, 1, 1, 5, 300, 25_000)), most)
        parts[_place(parts, random) : 0] = [part] * count


def _swap(form: Format, parts: list[Part], random: Random) -> None:
    """Two parts in each other's place."""
    if parts:
        one, other = _place(parts, random), _place(parts, random)
        parts[one], parts[other] = parts[other], parts[one]


def _hostile(form: Format, parts: list[Part], random: Random) -> None:
    """A part from somebody who means harm, mostly early in the file."""
    place = random.choice((1, 1, _place(parts, random)))
    parts.insert(min(place, len(parts)), random.choice(form.hostile()))


def _text(form: Format, parts: list[Part], random: Random) -> None:
    """A damaged recipe in a sound file."""
    for place, part in enumerate(parts):
        if (other := form.text(part, random)) is not None:
            parts[place] = other


DAMAGES: tuple[Callable[[Format, list[Part], Random], None], ...] = (
    *(_body, _body, _body, _says, _sum, _kind, _size, _size, _gone, _more, _swap),
    *(_hostile, _hostile, _text, _text, _text),
)


@cache
def bomb(size: int) -> bytes:
    """A zlib stream that grows to `size` zeros."""
    return zlib.compress(bytes(size), 9)


@cache
def _recipe_tokens(text: str) -> list[str]:
    return json_damage.tokens(text)


# -- PNG -------------------------------------------------------------------------------------------


def _split_png(data: bytes) -> list[Part]:
    parts, place = [], 8
    while place + 8 <= len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        parts.append(Part(data[place + 4 : place + 8], data[place + 8 : place + 8 + length]))
        place += length + 12
    return parts


def _join_png(parts: list[Part]) -> bytes:
    pieces = [png_text.SIGNATURE]
    for part in parts:
        checksum = zlib.crc32(part.kind + part.body) if part.sum is None else part.sum
        length = struct.pack(">I", part.length & 0xFFFFFFFF)
        pieces += [length, part.kind, part.body, struct.pack(">I", checksum)]
    return b"".join(pieces)


@cache
def _hostile_png() -> list[Part]:
    key, large = RECIPE_KEYWORD.encode(), bomb(60_000_000)
    header = [
        Part(b"IHDR", struct.pack(">IIBBBBB", w, h, depth, colour, 0, 0, lace))
        for w, h, depth, colour, lace in (
            *((12_000, 12_000, 8, 2, 0), (2**31 - 1, 1, 8, 2, 0), (1, 2**31 - 1, 16, 6, 1)),
            *((0, 0, 8, 2, 0), (24, 24, 16, 4, 1), (24, 24, 1, 3, 0), (24, 24, 7, 5, 9)),
        )
    ]
    return [
        *header,
        *(Part(b"zTXt", name + b"\0\0" + large) for name in (key, b"Comment", b"")),
        *(Part(b"iTXt", name + b"\0\1\0\0\0" + large) for name in (key, b"XML:com.adobe.xmp")),
        Part(b"zTXt", key + b"\0\0" + bomb(5_000_000)[:-3]),
        Part(b"zTXt", key + b"\0\7" + bomb(1000)),
        Part(b"tEXt", key + b"\0\xff\xfe{}"),
        Part(b"iTXt", key + b"\0\0\0"),
        Part(b"iTXt", key + b"\0\0\0de\0Rezept\0" + b"[" * 200_000),
        Part(b"iCCP", b"a\0\0" + large),
        Part(b"IDAT", large),
        Part(b"IDAT", b""),
        Part(b"PLTE", bytes(range(256)) * 3),
        Part(b"tRNS", bytes(300)),
        Part(b"acTL", struct.pack(">II", 2**31 - 1, 0)),
        Part(b"fcTL", struct.pack(">IIIIIHHBB", 0, 2**31 - 1, 24, 0, 0, 0, 0, 9, 9)),
        Part(b"fdAT", struct.pack(">I", 1) + large),
        Part(b"eXIf", b"MM\0*\0\0\0\x08\xff\xff"),
        Part(b"IEND", b""),
    ]


def _png_text(part: Part, random: Random) -> Part | None:
    head = RECIPE_KEYWORD.encode() + b"\0\0\0\0\0"
    if part.kind != b"iTXt" or not part.body.startswith(head):
        return None
    good = part.body[len(head) :].decode("utf-8", "replace")
    text = json_damage.damaged(_recipe_tokens(good), random)
    if random.random() < 0.2:  # the same text, but packed
        return replace(part, body=head[:-4] + b"\1\0\0\0" + zlib.compress(text, 1))
    return replace(part, body=head + text)


PNG = Format(
    _split_png,
    _join_png,
    tuple(
        b"IHDR PLTE IDAT IEND tRNS iTXt zTXt tEXt iCCP eXIf acTL fcTL fdAT gAMA pHYs abcd".split()
    ),
    _hostile_png,
    _png_text,
)


# -- JPEG ------------------------------------------------------------------------------------------


def _split_jpeg(data: bytes) -> list[Part]:
    """Segments up to the first scan; the scan and all behind it are the body of the last."""
    parts, place = [], 2
    while place + 4 <= len(data):
        kind = data[place : place + 2]
        if kind == b"\xff\xda":
            parts.append(Part(kind, data[place + 4 :], int.from_bytes(data[place + 2 : place + 4])))
            break
        length = int.from_bytes(data[place + 2 : place + 4], "big")
        parts.append(Part(kind, data[place + 4 : place + 2 + length]))
        place += length + 2
    return parts


def _join_jpeg(parts: list[Part]) -> bytes:
    pieces = [b"\xff\xd8"]
    for part in parts:
        length = len(part.body) + 2 if part.says is None else part.says
        pieces += [part.kind, struct.pack(">H", length & 0xFFFF), part.body]
    return b"".join(pieces)


@cache
def _hostile_jpeg() -> list[Part]:
    frame = struct.pack(">BHHB", 8, 24, 24, 3) + b"\1\x11\0\2\x11\1\3\x11\1"
    exif = b"Exif\0\0"
    return [
        *(
            Part(b"\xff" + bytes([kind]), struct.pack(">BHHB", 8, h, w, 3) + frame[6:])
            for kind, h, w in ((0xC0, 65_500, 65_500), (0xC2, 12_000, 12_000), (0xC0, 0, 24))
        ),
        Part(b"\xff\xc9", frame),
        Part(b"\xff\xe1", exif + b"II*\0\x08\0\0\0" + struct.pack("<H", 65_535) + bytes(400)),
        Part(b"\xff\xe1", exif + b"MM\0*" + struct.pack(">I", 2**32 - 2)),
        Part(b"\xff\xe1", exif + b"II*\0\x08\0\0\0\1\0" + _entry(0x8769, 4, 1, 8) + bytes(4)),
        Part(b"\xff\xe1", exif + b"II*\0\x08\0\0\0\1\0" + _entry(0x8769, 4, 2**32 - 1, 0)),
        Part(b"\xff\xe1", exif + b"II+\0" + bytes(60)),
        Part(b"\xff\xe2", b"ICC_PROFILE\0\xff\xff" + bytes(100)),
        Part(b"\xff\xe2", b"MPF\0II*\0\x08\0\0\0\3\0" + bytes(40)),
        Part(b"\xff\xed", b"Photoshop 3.0\x008BIM" + b"\x04\x04\0\0\xff\xff\xff\xff"),
        Part(b"\xff\xee", b"Adobe\0\x64\0\0\0\0\7"),
        Part(b"\xff\xdb", b"\0" + bytes(64)),
        Part(b"\xff\xc4", b"\0" + b"\xff" * 16),
        Part(b"\xff\xdd", b"\0\1"),
        Part(b"\xff\xd9", b""),
    ]


def _entry(tag: int, kind: int, count: int, value: int) -> bytes:
    """An entry of a TIFF directory, little end first."""
    return struct.pack("<HHII", tag, kind, count, value)


def _jpeg_text(part: Part, random: Random) -> Part | None:
    if part.kind != b"\xff\xe1" or not part.body.startswith(b"Exif"):
        return None
    body = _exif_text(part.body, random)
    return None if body is None or len(body) > 65_533 else replace(part, body=body)


def _exif_text(exif: bytes, random: Random) -> bytes | None:
    """EXIF whose recipe is damaged, but as long as before: all offsets stay right."""
    start = exif.find(b"UNICODE\0")
    if start < 0:
        return None
    start += 8
    good = exif[start:].decode("utf-16-be", "replace")
    length = _json_length(good)
    text = json_damage.damaged(_recipe_tokens(good[:length]), random).decode("utf-8", "replace")
    data = text.ljust(length).encode("utf-16-be")[: 2 * length]
    return exif[:start] + data + exif[start + 2 * length :]


@cache
def _json_length(text: str) -> int:
    """How many characters of `text` are its first JSON object."""
    depth = 0
    for match in json_damage.TOKEN.finditer(text):
        depth += (match[0] == "{") - (match[0] == "}")
        if depth == 0:
            return match.end()
    return len(text)


JPEG = Format(
    _split_jpeg,
    _join_jpeg,
    tuple(b"\xff" + bytes([kind]) for kind in b"\xc0\xc1\xc2\xc4\xda\xdb\xdd\xe0\xe1\xe2\xed\xfe"),
    _hostile_jpeg,
    _jpeg_text,
)


# -- WebP ------------------------------------------------------------------------------------------


def _split_webp(data: bytes) -> list[Part]:
    parts, place = [], 12
    while place + 8 <= len(data):
        length = int.from_bytes(data[place + 4 : place + 8], "little")
        parts.append(Part(data[place : place + 4], data[place + 8 : place + 8 + length]))
        place += length + 8 + length % 2
    return parts


def _join_webp(parts: list[Part]) -> bytes:
    pieces = []
    for part in parts:
        length = struct.pack("<I", part.length & 0xFFFFFFFF)
        pieces += [part.kind, length, part.body, b"\0" * (len(part.body) % 2)]
    body = b"WEBP" + b"".join(pieces)
    # The whole file's checksum has no place in WebP: a part's is taken for the file's length.
    says = next((part.sum for part in parts if part.sum is not None), len(body))
    return b"RIFF" + struct.pack("<I", says & 0xFFFFFFFF) + body


@cache
def _hostile_webp() -> list[Part]:
    return [
        Part(b"VP8X", b"\xff\0\0\0" + b"\xff\xff\xff" * 2),
        Part(b"VP8X", b"\x08\0\0\0" + (11_999).to_bytes(3, "little") * 2),
        Part(b"VP8L", b"\x2f\xff\xff\xff\xff"),
        Part(b"VP8 ", b"\x30\1\0\x9d\x01\x2a\xff\x3f\xff\x3f" + bytes(40)),
        Part(b"ANIM", bytes(6)),
        Part(b"ANMF", b"\xff" * 16),
        Part(b"EXIF", b"II*\0\x08\0\0\0" + struct.pack("<H", 65_535) + bytes(100)),
        Part(b"EXIF", b"II*\0\x08\0\0\0\1\0" + _entry(0x8769, 4, 1, 8) + bytes(4)),
        Part(b"EXIF", b"Exif\0\0MM\0*" + b"\xff" * 40),
        Part(b"ICCP", bytes(300)),
        Part(b"XMP ", b"<x" * 50_000),
    ]


def _webp_text(part: Part, random: Random) -> Part | None:
    body = _exif_text(part.body, random) if part.kind == b"EXIF" else None
    return None if body is None else replace(part, body=body)


WEBP = Format(
    _split_webp,
    _join_webp,
    (b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP", b"EXIF", b"XMP ", b"abcd"),
    _hostile_webp,
    _webp_text,
)
