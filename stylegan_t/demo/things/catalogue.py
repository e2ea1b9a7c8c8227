"""The catalogue of things: names, other names, colours and where each belongs.

It is data of training and of judging; to draw pictures nothing of it is read.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from stylegan_t.errors import BROKEN_JSON, StyleGANTError

FILE = Path(__file__).with_name("objects.json")
TILE_LIMIT = 4096


class AtlasError(StyleGANTError, ValueError):
    """The things' catalogue or pictures cannot be read; the message is one sentence for people."""


class Thing(Struct, frozen=True, forbid_unknown_fields=True):
    """One thing.

    `tile` is its place in the atlas, -1 when a program draws it.  `color` is the colour of its
    largest part.  `also` are other names.  `plurals` are plurals that do not follow the rule, and
    `uncounted` names that take neither an article nor a number.  `ground` is where it is found
    when the words leave that open; `paint` is a colour that it always wears, `first` marks the
    things that are learned when there are only processors.
    """

    name: str
    group: Literal["animals", "plants", "food", "vehicles", "buildings", "nature", "things"]
    tile: int
    color: str
    also: tuple[str, ...] = ()
    plurals: dict[str, str] = {}
    uncounted: tuple[str, ...] = ()
    place: Literal["land", "water", "sky"] = "land"
    ground: Literal["any", "sea", "snow", "desert", "beach"] = "any"
    paint: str | None = None
    glows: bool = False
    first: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """All names, the usual one first."""
        return self.name, *self.also


class Catalogue(Struct, frozen=True, forbid_unknown_fields=True):
    """All things, and how the atlas is laid out: square tiles in rows of `columns`."""

    tile_px: int
    columns: int
    source: str
    things: tuple[Thing, ...]

    def __post_init__(self) -> None:
        names = [name for thing in self.things for name in thing.names]
        if len(set(names)) != len(names) or not self.things:
            raise ValueError("two things have one name")
        if not (8 <= self.tile_px <= 512 and 1 <= self.columns <= 64):
            raise ValueError("the tiles have no sensible size")
        if any(not -1 <= thing.tile < TILE_LIMIT for thing in self.things):
            raise ValueError("a tile lies outside of the atlas")


_DECODER = msgspec.json.Decoder(Catalogue)


@functools.cache
def catalogue(file: Path = FILE) -> Catalogue:
    """Read the catalogue.

    Raises:
        AtlasError: it is missing or damaged.
    """
    try:
        return _DECODER.decode(file.read_bytes())
    except (*BROKEN_JSON, OSError, ValueError) as error:
        raise AtlasError(
            f"The catalogue of the demo world's things, {file}, is missing or damaged: "
            "install the program again to get it back."
        ) from error


def first_things() -> tuple[Thing, ...]:
    """The things that are learned when there are only processors."""
    return tuple(thing for thing in catalogue().things if thing.first)


def all_things() -> tuple[Thing, ...]:
    """Every thing; those learned first come first, so that their numbers never change."""
    return first_things() + tuple(thing for thing in catalogue().things if not thing.first)


def plural(thing: Thing, name: str) -> str | None:
    """Return the plural of one of a thing's names; None if it has none."""
    if name in thing.uncounted:
        return None
    if name in thing.plurals:
        return thing.plurals[name]
    if name.endswith(("s", "x", "ch", "sh")):
        return name + "es"
    if name.endswith("y") and name[-2] not in "aeou":
        return name[:-1] + "ies"
    return name + "s"
