"""Random damage to NumPy's array files: their headers, and any bytes."""

from __future__ import annotations

from random import Random

from tests.stylegan_t.hostile.mutations import BYTE_DAMAGES

ODD_TYPES = (
    *("'|O'", "'O8'", "'<f8'", "'>f4'", "'<f2'", "'<c8'", "'<U1000'", "'|V99999999'", "'<M8[s]'"),
    *("'|b1'", "'|S4'", "'<i8'", "'|u1'", "[('a', '<f4'), ('b', '|O')]", "'<f99'", "None", "1"),
    *("__import__('os').system('true')", "(" * 300, "'" + "f" * 5000 + "'"),
)
ODD_SHAPES = (
    *("()", "(0,)", "(1,)", "(-1,)", "(999999999999,)", "(1, 2, 3, 4)", "(1e3,)", "('a',)"),
    *("(None,)", "[4]", "(2**70,)", "(" + "1, " * 200 + ")", "(True,)", "4", "(512, 512)"),
)
ODD_ORDERS = ("True", "False", "1", "None", "'no'")


def damaged(good: bytes, random: Random) -> bytes:
    """A good file with another header, with other bytes, or cut."""
    if random.random() < 0.6:
        return _with_header(good, random)
    data = bytearray(good)
    for _ in range(random.choice((1, 1, 2, 5))):
        random.choice(BYTE_DAMAGES)(data, random)
    return bytes(data)


def _with_header(good: bytes, random: Random) -> bytes:
    length = int.from_bytes(good[8:10], "little")
    body = good[10 + length :]
    kind = random.choice(ODD_TYPES) if random.random() < 0.5 else "'<f4'"
    shape = random.choice(ODD_SHAPES) if random.random() < 0.6 else f"({len(body) // 4},)"
    order = random.choice(ODD_ORDERS) if random.random() < 0.3 else "False"
    header = f"{{'descr': {kind}, 'fortran_order': {order}, 'shape': {shape}}}\n".encode()
    size = len(header) + (random.choice((-3, 1, 60_000)) if random.random() < 0.1 else 0)
    version = random.choice((b"\1\0", b"\1\0", b"\2\0", b"\3\0", b"\x09\0"))
    packed = size % 65_536
    return b"\x93NUMPY" + version + packed.to_bytes(2, "little") + header + body
