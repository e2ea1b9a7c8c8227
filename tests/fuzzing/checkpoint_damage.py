"""Random damage to native checkpoints: to what their headers say, and to bytes."""

from __future__ import annotations

import json
from functools import cache
from random import Random

from tests.fuzzing import json_damage
from tests.stylegan_t.hostile.mutations import BYTE_DAMAGES

LENGTHS = (0, 1, 7, 8, 100, 2**20, 10**8, 10**8 + 1, 2**31, 2**32, 2**63, 2**64 - 1)


def damaged(good: bytes, random: Random) -> bytes:
    """A checkpoint with damage in its metadata, in its list of tensors, or anywhere."""
    header, tensors = _split(good)
    length: int | None = None
    kind = random.random()
    if kind < 0.45:
        header = _inner(header, random)
    elif kind < 0.8:
        header = json_damage.damaged(_tokens(header.decode()), random)
    elif kind < 0.9:
        length = random.choice((*LENGTHS, len(header) + random.choice((-8, -1, 1, 8))))
    data = (len(header) if length is None else length).to_bytes(8, "little") + header + tensors
    if kind >= 0.9 or random.random() < 0.1:
        changed = bytearray(data)
        for _ in range(random.choice((1, 1, 2, 5, 20))):
            random.choice(BYTE_DAMAGES)(changed, random)
        data = bytes(changed)
    return data


def _split(data: bytes) -> tuple[bytes, bytes]:
    end = 8 + int.from_bytes(data[:8], "little")
    return data[8:end], data[end:]


@cache
def _tokens(text: str) -> list[str]:
    return json_damage.tokens(text)


def _inner(header: bytes, random: Random) -> bytes:
    """The header with damage in one of the JSON texts that its metadata holds."""
    fields = json.loads(header)
    metadata = fields["__metadata__"]
    name = random.choice([name for name, text in metadata.items() if text[:1] == "{"])
    text = json_damage.damaged(_tokens(metadata[name]), random)
    metadata[name] = text.decode("utf-8", "replace")
    return json.dumps(fields).encode("utf-8", "surrogatepass")
