"""Samples of a take as lines of JSON: the first a whole recipe, the others what changed since.

A line is read against the recipe before it, so parts that did not change are the same objects, and
what it costs to read lines is in proportion to their length.  What is read is not trusted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, get_args

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType
from msgspec.structs import fields, replace

from renderer.recipe.recipe import Recipe, RecipeError, check, check_morphs, from_json, to_json
from renderer.timeline.take import Sample
from renderer.timeline.timeline import MAX_FPS, MAX_LENGTH_S, SAME_S, Seconds, TimelineError
from stylegan_t.errors import BROKEN_JSON

MAX_SAMPLES = round(MAX_FPS * MAX_LENGTH_S)
DECIMALS = 6
"""Times are rounded to microseconds."""


class Line(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A sample: `t` seconds since the take was begun, and a whole `recipe` in its own versioned
    form, or the fields that `changed`; neither where nothing did."""

    t: Seconds
    recipe: Raw | UnsetType = UNSET
    changed: dict[str, Raw] | UnsetType = UNSET


def _kinds(kind: type[Struct], found: list[type[Struct]]) -> list[type[Struct]]:
    """A kind of struct, and those that lie in it."""
    found.append(kind)
    for field in fields(kind):
        for part in (field.type, *get_args(field.type)):
            if isinstance(part, type) and issubclass(part, Struct) and part not in found:
                _kinds(part, found)
    return found


# Made while the module is imported, see `renderer.recipe.recipe`.
_FIELDS = msgspec.json.Decoder(dict[str, Raw])
_KNOWN = {
    kind: {field.name: msgspec.json.Decoder(field.type) for field in fields(kind)}
    for kind in _kinds(Recipe, [])
}


def lines_of(samples: Iterable[Sample], before: Recipe | None = None) -> Iterator[Line]:
    """The lines of samples that follow one whose recipe was `before`; None begins a take.

    Raises:
        RecipeError: a recipe holds an impossible value.
    """
    for time_s, recipe in samples:
        time_s = round(time_s, DECIMALS)
        if before is None:
            yield Line(time_s, recipe=Raw(to_json(recipe).encode()))
        elif recipe == before:
            yield Line(time_s)
        else:
            check(recipe)
            yield Line(time_s, changed=_changes(before, recipe))
        before = recipe


class LineReader:
    """Makes samples of lines, one after another."""

    def __init__(self) -> None:
        self._last: Sample | None = None

    def read(self, line: Line) -> Sample:
        """The sample of the next line.

        Raises:
            TimelineError: it does not follow the line before, or its recipe is damaged.
        """
        try:
            sample = Sample(line.t, self._recipe(line))
        except BROKEN_JSON as error:
            raise TimelineError("a recipe is damaged") from error
        except RecipeError as error:
            raise TimelineError(str(error).rstrip(".")) from error
        if self._last is not None and sample.time_s - self._last.time_s <= 2 * SAME_S:
            raise TimelineError("its samples are not in the order of time")
        self._last = sample
        return sample

    def _recipe(self, line: Line) -> Recipe:
        if not isinstance(line.recipe, UnsetType):
            return from_json(bytes(line.recipe))
        if self._last is None:
            raise TimelineError("it does not begin with a recipe")
        if isinstance(line.changed, UnsetType):
            return self._last.recipe
        recipe = _changed(self._last.recipe, line.changed)
        check_morphs(recipe)
        return recipe


def _changes(before: Struct, after: Struct) -> dict[str, Raw]:
    """The fields of `after` that differ: of parts of one kind what differs in them, else whole."""
    found: dict[str, Raw] = {}
    for name in after.__struct_fields__:
        old, new = getattr(before, name), getattr(after, name)
        if old is new or old == new:
            continue
        nested = isinstance(new, Struct) and type(old) is type(new)
        found[name] = Raw(msgspec.json.encode(_changes(old, new) if nested else new))
    return found


def _changed(before: Any, changes: dict[str, Raw]) -> Any:
    """`before` with the changes that `_changes` found, each checked as when a recipe is read."""
    decoders, made = _KNOWN[type(before)], dict[str, Any]()
    for name, value in changes.items():
        if name not in decoders:
            raise msgspec.ValidationError(f"there is no {name}")
        old = getattr(before, name)
        if isinstance(old, Struct) and bytes(value).startswith(b"{"):
            made[name] = _changed(old, _FIELDS.decode(value))
        else:
            made[name] = decoders[name].decode(value)
    return replace(before, **made)
