"""Random damage to JSON: other values, other places, what no writer writes, and broken bytes."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from tests.stylegan_t.hostile.mutations import BYTE_DAMAGES

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[-+.\w]+|[][{},:]')
DEEP = 100_000
ODD = (
    *("NaN", "Infinity", "-Infinity", "nan", "1e999", "-1e999", "1e308", "-1e308", "1e-400"),
    *("0", "-0", "-0.0", "-1", "1", "0.5", "2", "3", "7", "16", "17", "64", "512", "4096", "1e4"),
    *("10000.000001", "-1e4", "9223372036854775807", "9223372036854775808", "-9223372036854775809"),
    *("18446744073709551616", "1" + "0" * 400, "0." + "3" * 400, "1.0", "01", "+1", ".5", "0x10"),
    *("true", "false", "null", "[]", "{}", '""', "[null]", "[[]]", '{"":{}}', "undefined"),
    *(
        r'"\ud800"',
        r'"\udc00\ud800"',
        r'"\u0000"',
        r'"\u202e\u2028"',
        r'"\x41"',
        '"a\nb"',
        '"\x7f"',
    ),
    *('"../../etc/passwd"', '"/dev/zero"', '"%s%n{0}"', '"NaN"', '"0"', '"slerp"', '"demo"'),
    *('"' + "x" * 200_001 + '"', '"' + "日" * 3000 + '"', "[" * DEEP, "[" * DEEP + "]" * DEEP),
    *(
        '{"a":' * DEEP,
        "[" + "0," * 5000 + "0]",
        "[" + "[]," * 5000 + "[]]",
        '"unfinished',
        "/* */1",
    ),
)
"""What may stand where a value stood."""

Damage = Callable[[list[str], Random], None]


def tokens(text: str) -> list[str]:
    """JSON taken apart; put together again it means the same."""
    return TOKEN.findall(text)


def damaged(good: list[str], random: Random) -> bytes:
    """A good text, as `tokens` has it, with a few damages."""
    parts = list(good)
    for _ in range(random.choice((1, 1, 1, 2, 3, 8))):
        random.choice(DAMAGES)(parts, random)
    data = "".join(parts).encode("utf-8", "surrogatepass")
    if random.random() < 0.15:
        changed = bytearray(data)
        for _ in range(random.choice((1, 1, 2, 5))):
            random.choice(BYTE_DAMAGES)(changed, random)
        data = bytes(changed)
    if random.random() < 0.02:
        data = random.choice(ENCODINGS)(data)
    return data


def _recoded(name: str) -> Callable[[bytes], bytes]:
    return lambda data: data.decode("utf-8", "ignore").encode(name, "replace")


ENCODINGS: tuple[Callable[[bytes], bytes], ...] = (
    *(_recoded(name) for name in ("utf-16", "utf-16-be", "utf-32", "latin-1", "utf-7")),
    lambda data: b"\xef\xbb\xbf" + data,
    lambda data: data + b"\0" * 100,
    lambda data: data + data,
    lambda data: b" " * 5_000_000 + data,
)


# -- places ----------------------------------------------------------------------------------------


def _value(parts: list[str], random: Random) -> slice | None:
    """A random value, whole."""
    for _ in range(100):
        start = random.randrange(len(parts)) if parts else 0
        if start < len(parts) and parts[start] not in "]},:" and not _is_key(parts, start):
            return slice(start, _end(parts, start))
    return None


def _member(parts: list[str], random: Random) -> slice | None:
    """A random `"key": value`, whole."""
    for _ in range(100):
        start = random.randrange(len(parts)) if parts else 0
        if _is_key(parts, start):
            return slice(start, _end(parts, start + 2))
    return None


def _is_key(parts: list[str], place: int) -> bool:
    return place + 1 < len(parts) and parts[place + 1] == ":"


def _end(parts: list[str], start: int) -> int:
    """Where the value that begins at `start` ends."""
    depth = 0
    for place in range(start, len(parts)):
        token = parts[place]
        depth += (token in ("[", "{")) - (token in ("]", "}"))
        if depth <= 0:
            return place + 1
    return len(parts)


# -- damages ---------------------------------------------------------------------------------------


def odd(parts: list[str], random: Random) -> None:
    """Something odd in a value's place."""
    if (place := _value(parts, random)) is not None:
        parts[place] = [random.choice(ODD)]


def nearby(parts: list[str], random: Random) -> None:
    """Another number in a number's place: what a reader checks closely."""
    numbers = [i for i, token in enumerate(parts) if token[0] in "-0123456789"]
    if numbers:
        place = random.choice(numbers)
        change = random.choice(("{}0", "-{}", "{}.5", "{}e3", "{}e-9", "1{}", "{}e400"))
        parts[place] = change.format(parts[place])


def swapped(parts: list[str], random: Random) -> None:
    """A value from elsewhere."""
    place, other = _value(parts, random), _value(parts, random)
    if place is not None and other is not None:
        parts[place] = parts[other]


def without(parts: list[str], random: Random) -> None:
    """A member less."""
    if (place := _member(parts, random)) is not None:
        after = place.stop < len(parts) and parts[place.stop] == ","
        before = parts[place.start - 1] == "," and not after
        del parts[place.start - before : place.stop + after]


def doubled(parts: list[str], random: Random) -> None:
    """A member twice, the second time perhaps with another value."""
    if (place := _member(parts, random)) is not None:
        again = parts[place]
        if random.random() < 0.5:
            again = [*again[:2], random.choice(ODD)]
        parts[place.start : place.start] = [*again, ","]


def renamed(parts: list[str], random: Random) -> None:
    """Another name."""
    place, other = _member(parts, random), _member(parts, random)
    if place is not None and other is not None:
        known = parts[other.start]
        parts[place.start] = random.choice(
            (known, known, '""', '"__class__"', r'"\ud800"', '"' + "k" * 100_000 + '"', "1")
        )


def repeated(parts: list[str], random: Random) -> None:
    """A list of the same thing over and over."""
    if (place := _value(parts, random)) is not None:
        value = "".join(parts[place])
        most = max(2, 300_000 // (len(value) + 1))
        count = min(random.choice((2, 3, 20, 70, 520, 1100, 5000, 20_000)), most)
        parts[place] = ["[" + ",".join([value] * count) + "]"]


def again(parts: list[str], random: Random) -> None:
    """An element over and over in its own list."""
    if (place := _value(parts, random)) is not None and parts[place.start - 1] in ("[", ","):
        value = "".join(parts[place])
        most = max(2, 300_000 // (len(value) + 1))
        count = min(random.choice((2, 3, 20, 70, 520, 1100, 5000, 20_000)), most)
        parts[place] = [",".join([value] * count)]


def nested(parts: list[str], random: Random) -> None:
    """A value within itself: a member whose value holds the member's whole object again."""
    whole, place = _value(parts, random), _value(parts, random)
    if whole is not None and place is not None and whole.start <= place.start < whole.stop:
        copy = "".join(parts[whole])
        if len(copy) < 100_000:
            parts[place] = [copy]


def wrapped(parts: list[str], random: Random) -> None:
    """A value in brackets."""
    if (place := _value(parts, random)) is not None:
        depth = random.choice((1, 2, 30, 1100, 20_000))
        start, end = random.choice((("[", "]"), ('{"a":', "}"), ('{"to":', "}")))
        parts[place] = [start * depth + "".join(parts[place]) + end * depth]


def token(parts: list[str], random: Random) -> None:
    """A token more, or less, or another."""
    place = random.randrange(len(parts) + 1)
    random.choice(
        (
            lambda: parts.insert(place, random.choice("[]{},:\"'\\\0/")),
            lambda: parts.pop(min(place, len(parts) - 1)) if parts else None,
            lambda: parts.__setitem__(slice(place, place + 1), [random.choice("[]{},:")]),
            lambda: parts.__delitem__(slice(place, None)),
        )
    )()


DAMAGES: tuple[Damage, ...] = (
    *(odd, odd, odd, nearby, nearby, swapped, swapped, without, doubled),
    *(renamed, repeated, again, nested, wrapped, token),
)
