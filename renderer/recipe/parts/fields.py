"""Types of the fields, with the limits that every reader checks: each limit is named here once."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

MAX_SEED = 2**63 - 1
WILD = 1e4
"""The largest amount of anything: far beyond what makes a picture, yet far from infinity."""
MAX_CHARACTERS = 100_000
"""Of one text."""
MAX_PROMPTS = 1000
MAX_DIRECTIONS = MAX_SOURCES = 64
MAX_MOVES = 256
MAX_VALUES = 4096
MIN_ZOOM, MAX_ZOOM = 0.01, 100.0
MAX_BLOCKS = 16
MAX_ROWS = 512
MAX_MORPHS = 16
"""Maximum depth of morphs inside one another; each is one generation of key frames."""

Version = Annotated[int, Meta(ge=1, le=1_000_000)]
"""Of a format; what stands in a file may be a number of a thousand digits."""
Seed = Annotated[int, Meta(ge=0, le=MAX_SEED)]
Sha256 = Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")]
Number = Annotated[float, Meta(ge=-WILD, le=WILD)]
Text = Annotated[str, Meta(max_length=MAX_CHARACTERS)]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Row = Annotated[int, Meta(ge=0, lt=MAX_ROWS)]
Values = Annotated[tuple[Number, ...], Meta(max_length=MAX_VALUES)]
"""A latent written out; empty where a seed says it."""
PerBlock = Annotated[tuple[Number, ...], Meta(max_length=MAX_BLOCKS)]
Precision = Literal["float32", "bfloat16", "float16"]
"""The type of the synthesis' weights and feature maps; the last two take half the memory."""
