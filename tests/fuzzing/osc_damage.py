"""Random damage to OSC packets, and packets that are sound but say odd things."""

from __future__ import annotations

import struct
from functools import cache
from random import Random

from renderer.parameters.kinds import Value
from renderer.parameters.parameters import parameters_of
from renderer.recipe.recipe import MAX_SEED
from tests.renderer.recipe.test_recipe import FULL
from tests.stylegan_t.hostile.mutations import BYTE_DAMAGES
from tests.visualizer.fake import MODEL
from visualizer.control.osc_packets import MAX_DEPTH, MAX_PACKET, Message, bundled, encoded

VALUES: tuple[Value, ...] = (
    *(0, 1, -1, 2, 127, 2**31 - 1, -(2**31), 2**31, MAX_SEED, -(2**63), 0.5, -0.0, 1e-30, 3e38),
    *(float("nan"), float("inf"), float("-inf"), True, False, None, "", "slerp", "日本", "a\nb"),
    *("x" * 9000, "/psi", "/*", "*" * 150, "[!a-", "{" * 99, "%n%s", "../../etc/passwd", "nan"),
)
PATTERNS = (
    *(
        "/*",
        "/*/*",
        "//",
        "/",
        "/psi/block/*",
        "/text/*/[0-9]",
        "/{psi,noise/seed}",
        "/?si",
        "/[!a]",
    ),
    *("/" + "*a" * 90, "/" + "[a-z" * 40, "/" + "{a," * 60, "/psi/block/-1", "/text/prompt/999999"),
    *(
        "/text/weight/1e9",
        "/psi/",
        "/PSI",
        "/psi\r\n",
        "/1/fader1",
        "/model",
        "/quit",
        "/__class__",
    ),
)


@cache
def _addresses() -> tuple[str, ...]:
    known = parameters_of(FULL, MODEL)
    return tuple(item.address for item in (*known, *known.commands))


@cache
def good() -> tuple[bytes, ...]:
    """Sound packets: single values, and bundles within bundles."""
    single = [
        encoded(Message("/psi", (0.5,))),
        encoded(Message("/text/prompt/1", ("a red house",))),
        encoded(Message("/noise/seed", (2**40,))),
        encoded(Message("/undo")),
    ]
    both = bundled([Message("/psi", (1, 2.0)), Message("/transform/zoom", ("x", True, None))])
    return (*single, both, _bundle([both, single[0]]), _bundle([_bundle([both]), both]))


def damaged(packet: bytes, random: Random) -> bytes:
    """A packet with a few damages, or another one that says odd things."""
    if random.random() < 0.5:
        packet = _odd(random)
    if random.random() < 0.6:
        changed = bytearray(packet)
        for _ in range(random.choice((1, 1, 2, 4))):
            random.choice(BYTE_DAMAGES)(changed, random)
        packet = bytes(changed)
    return packet[:MAX_PACKET]


def _odd(random: Random) -> bytes:
    if random.random() < 0.05:
        packet = _message(random)
        for _ in range(random.choice((1, MAX_DEPTH, MAX_DEPTH + 1, 500))):
            packet = _bundle([packet])
        return packet
    if random.random() < 0.1:
        return _bundle([_message(random)] * random.choice((2, 100, 999, 1001)))
    return _bundle([_message(random) for _ in range(random.choice((1, 1, 2, 5, 30)))])


def _bundle(parts: list[bytes]) -> bytes:
    return b"#bundle\0" + bytes(8) + b"".join(struct.pack(">i", len(p)) + p for p in parts)


def _message(random: Random) -> bytes:
    address = random.choice(random.choice((_addresses(), _addresses(), PATTERNS)))
    values = random.choices(VALUES, k=random.choice((0, 1, 1, 1, 1, 2, 7)))
    if random.random() < 0.15:
        return _raw(address, random)
    whole = [value for value in values if not isinstance(value, float)]
    try:
        return encoded(Message(address, tuple(values)))
    except ValueError:
        return encoded(Message(address, tuple(whole)))


def _raw(address: str, random: Random) -> bytes:
    """Type tags that mean something else, over bytes that mean nothing."""
    tags = "," + "".join(random.choices("ifshdtbcrmTFNI[]SxX", k=random.choice((1, 2, 5, 90))))
    return b"".join(
        data + b"\0" * (4 - len(data) % 4) for data in (address.encode(), tags.encode())
    ) + random.randbytes(4 * random.randrange(12))
