"""The strip of pictures that the user has rested at: recipes in the order in which they came.

Nothing in it is ever changed by going back: who takes an old entry and goes on from there adds a
new one at the end, which remembers where it came from.  It is plain values, bounded, and travels as
JSON in which each entry says only what differs from the one before.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from renderer.errors import RendererError
from renderer.recipe.identity import unhashed
from renderer.recipe.quoting import quoted
from renderer.recipe.recipe import RECIPE_VERSION, Recipe, RecipeError, check_morphs
from stylegan_t.errors import BROKEN_JSON

MAX_ENTRIES = 10_000
"""The oldest entries without a star make room."""
MAX_STARS = 2_000
MAX_STORED_BYTES = 24_000_000
"""The newest entries that have room in here are kept across restarts, and every one with a star.
There is room for `MAX_ENTRIES`, unless many hold latents that are written out as values."""


class HistoryError(RendererError, ValueError):
    """Something is not to be done with the history; the message is for the user."""


class Entry(Struct, frozen=True):
    """One picture: `number` names it for good, `parent` is the entry from which it was made (0 for
    none)."""

    number: int
    recipe: Recipe
    parent: int = 0
    starred: bool = False


class Stored(Struct, frozen=True):
    """An entry as it travels: `recipe` holds the parts that differ from the entry before it."""

    number: Annotated[int, Meta(ge=1, le=2**62)]
    recipe: dict[str, msgspec.Raw]
    parent: Annotated[int, Meta(ge=0, le=2**62)] = 0
    starred: bool = False


class StoredHistory(Struct, frozen=True):
    """A history as it travels."""

    version: int
    entries: Annotated[tuple[Stored, ...], Meta(max_length=MAX_ENTRIES)] = ()


STORED_HISTORY = msgspec.json.Decoder(StoredHistory)


class History:
    """The entries, oldest first.

    Args:
        entries: to begin with, in order.
    """

    def __init__(self, entries: tuple[Entry, ...] = ()) -> None:
        self._entries: dict[int, Entry] = {}
        self._of_recipe: dict[Recipe, int] = {}
        self._tuple: tuple[Entry, ...] | None = None
        self._next, self._stars = 1, 0
        for entry in entries:
            self._put(entry)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, oldest first; the same tuple as long as nothing changes."""
        if self._tuple is None:
            self._tuple = tuple(self._entries.values())
        return self._tuple

    @property
    def by_number(self) -> Mapping[int, Entry]:
        """The entries by their numbers, always as they are now."""
        return MappingProxyType(self._entries)

    @property
    def stars(self) -> int:
        """Return how many entries have a star."""
        return self._stars

    def find(self, recipe: Recipe) -> Entry | None:
        """The entry of a picture, whether or not its model's hash was known then."""
        number = self._of_recipe.get(unhashed(recipe))
        return None if number is None else self._entries[number]

    def add(self, recipe: Recipe, parent: int = 0) -> Entry:
        """Take a picture in, at the end; one that is there already stays where it is.

        Args:
            recipe: of the picture.
            parent: the entry from which it was made; 0 for none.

        Returns:
            Its entry.
        """
        if (known := self.find(recipe)) is not None:
            return known
        if len(self._entries) >= MAX_ENTRIES:
            self._drop_oldest()
        entry = Entry(self._next, recipe, parent if parent in self._entries else 0)
        self._put(entry)
        return self._entries[entry.number]

    def star(self, number: int, starred: bool) -> None:
        """Give an entry a star, or take it away.

        Raises:
            HistoryError: there are too many stars.
        """
        entry = self._entries.get(number)
        if entry is None or entry.starred == starred:
            return
        if starred and self._stars >= MAX_STARS:
            raise HistoryError(
                f"There are {MAX_STARS} stars already: remove some, or save a session."
            )
        self._stars += 1 if starred else -1
        self._entries[number] = replace(entry, starred=starred)
        self._tuple = None

    def remove(self, number: int) -> None:
        """Take an entry out."""
        entry = self._entries.pop(number, None)
        if entry is not None:
            self._stars -= entry.starred
            self._of_recipe.pop(unhashed(entry.recipe), None)
            self._tuple = None

    def _put(self, entry: Entry) -> None:
        key = unhashed(entry.recipe)
        if entry.number in self._entries:
            return
        if (known := self._of_recipe.get(key)) is not None:
            self._take_star(known, entry)
            return
        if self._entries:
            last = self._entries[next(reversed(self._entries))]
            entry = replace(entry, recipe=shared(last.recipe, entry.recipe))
        self._entries[entry.number] = entry
        self._of_recipe[key] = entry.number
        self._next = max(self._next, entry.number + 1)
        self._stars += entry.starred
        self._tuple = None

    def _take_star(self, number: int, twin: Entry) -> None:
        """Another entry of the same picture leaves its star behind: earlier versions told pictures
        apart that differ in nothing but the order of their moves."""
        if twin.starred and not self._entries[number].starred:
            self._entries[number] = replace(self._entries[number], starred=True)
            self._stars, self._tuple = self._stars + 1, None

    def _drop_oldest(self) -> None:
        self.remove(next(n for n, entry in self._entries.items() if not entry.starred))


def shared(known: Recipe, recipe: Recipe) -> Recipe:
    """An equal recipe that holds the very parts of `known` wherever they are equal: neighbours in
    a history share their memory."""
    same = {
        field: mine
        for field in Recipe.__struct_fields__
        if (mine := getattr(known, field)) == getattr(recipe, field)
    }
    return replace(recipe, **same)


# -- as JSON -------------------------------------------------------------------------------------


class Storing:
    """Writes a history down again and again, as it grows: only what is new takes time."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[Entry, Recipe | None, Stored, int]] = {}

    def stored(self, entries: tuple[Entry, ...]) -> StoredHistory:
        """Return what is kept of a history: the newest entries, and all that have a star."""
        made = self._differences(entries)
        newest, room = len(made), MAX_STORED_BYTES
        while newest and room >= made[newest - 1][1]:
            newest -= 1
            room -= made[newest][1]
        kept: list[Stored] = []
        before = -1
        for place, entry in enumerate(entries):
            if place < newest and not entry.starred:
                continue
            last = entries[before].recipe if before >= 0 else None
            follows = place == before + 1
            kept.append(made[place][0] if follows else _difference(last, entry))
            before = place
        return StoredHistory(RECIPE_VERSION, tuple(kept))

    def _differences(self, entries: tuple[Entry, ...]) -> list[tuple[Stored, int]]:
        """Each entry as it travels behind the one before it, and the bytes that it takes."""
        known, self._made, last = self._made, {}, None
        for entry in entries:
            made = known.get(entry.number)
            if made is None or made[0] is not entry or made[1] is not last:
                stored = _difference(last, entry)
                made = (entry, last, stored, sum(map(len, map(bytes, stored.recipe.values()))))
            self._made[entry.number] = made
            last = entry.recipe
        return [(stored, size) for _, _, stored, size in self._made.values()]


def _difference(last: Recipe | None, entry: Entry) -> Stored:
    changed = {
        field: msgspec.Raw(msgspec.json.encode(value))
        for field in Recipe.__struct_fields__
        if (value := getattr(entry.recipe, field))
        is not (None if last is None else getattr(last, field))
        and (last is None or value != getattr(last, field))
    }
    return Stored(entry.number, changed, entry.parent, entry.starred)


def from_stored(stored: StoredHistory) -> tuple[Entry, ...]:
    """The entries of a history that came from a file, which is not trusted.

    Raises:
        HistoryError: a newer version of the program wrote it, or it is damaged; one sentence.
    """
    if stored.version > RECIPE_VERSION:
        raise HistoryError("The history was written by a newer version of this program.")
    entries, last = [], Recipe()
    for item in stored.entries:
        try:
            last = replace(last, **_decoded(item.recipe))
            # decoding has checked the rest; `check` takes too long for thousands
            check_morphs(last)
        except (*BROKEN_JSON, RecipeError) as error:
            raise HistoryError(f"The history is damaged: {quoted(error).rstrip('.')}.") from error
        entries.append(Entry(item.number, last, item.parent, item.starred))
    return tuple(entries)


def _decoded(parts: dict[str, msgspec.Raw]) -> dict[str, Any]:
    """The parts of a recipe that `parts` hold, by their names."""
    read: dict[str, Any] = {}
    for name, raw in parts.items():
        decoder = _DECODERS.get(name)
        if decoder is None:
            raise HistoryError(f"The history is damaged: a recipe has no part {name[:40]!r}.")
        read[name] = decoder.decode(raw)
    return read


_DECODERS = {
    field.encode_name: msgspec.json.Decoder(field.type) for field in msgspec.structs.fields(Recipe)
}
