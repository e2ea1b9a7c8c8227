"""Moments as versioned JSON, in a file of their own or in a session.  What is read is not
trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from msgspec import Raw, Struct

from renderer.errors import RendererError
from renderer.recipe.moments import (
    MAX_MOMENTS,
    NO_MOMENTS,
    Moment,
    MomentName,
    MomentNumber,
    Moments,
    Parts,
    plain_name,
)
from renderer.recipe.quoting import quoted
from renderer.recipe.recipe import RecipeError, Version, from_json, to_json
from stylegan_t.errors import BROKEN_JSON

MOMENTS_VERSION = 1
MAX_MOMENTS_BYTES = 64_000_000
"""Moments are some kilobytes each; anything larger was not written by this program."""
KEYWORD = "stylegan_t_moments"


class MomentsError(RendererError, ValueError):
    """Moments cannot be read or saved; the message is for the user."""


class StoredMoment(Struct, frozen=True, forbid_unknown_fields=True):
    """A moment in a file; its recipe stands in its own versioned form."""

    number: MomentNumber
    recipe: Raw
    name: MomentName = ""
    parts: Parts = ()


class _File(Struct, frozen=True):
    stylegan_t_moments: Version
    moments: tuple[Raw, ...] = ()


_FILE = msgspec.json.Decoder(_File)
_MOMENT = msgspec.json.Decoder(StoredMoment)


@dataclass(frozen=True)
class Found:
    """The moments of a file; `refused` says of each that could not be read why."""

    moments: Moments = NO_MOMENTS
    refused: tuple[str, ...] = ()

    @property
    def problem(self) -> str:
        """Return a sentence about those that could not be read; empty when there are none."""
        if len(self.refused) < 2:
            return "".join(self.refused)
        return f"{len(self.refused)} moments cannot be read, for example: {self.refused[0]}"


def stored(moments: Moments) -> tuple[StoredMoment, ...]:
    """The moments as they go into a file.

    Raises:
        MomentsError: one holds an impossible value, or text that cannot be saved.
    """
    try:
        return tuple(
            StoredMoment(one.number, Raw(to_json(one.recipe).encode()), one.name, one.parts)
            for one in moments.items
        )
    except RecipeError as error:
        raise MomentsError(str(error)) from error


def restored(raws: Sequence[Raw]) -> Found:
    """Read moments one by one; those that cannot be read are left out.

    Raises:
        MomentsError: there are more than a set of moments may have.
    """
    if len(raws) > MAX_MOMENTS:
        raise MomentsError(f"There are {len(raws):,} moments: at most {MAX_MOMENTS} can be used.")
    moments: dict[int, Moment] = {}
    refused: list[str] = []
    for place, raw in enumerate(raws, 1):
        try:
            item = _MOMENT.decode(raw)
            recipe = from_json(bytes(item.recipe))
        except BROKEN_JSON as error:
            refused.append(f"the one in place {place} is damaged: {quoted(error)}.")
        except RecipeError as error:
            refused.append(f"the one in place {place}: {error}")
        else:
            if item.number in moments:
                refused.append(f"there are two moments with the number {item.number}.")
            else:
                name = plain_name(item.name)
                moments[item.number] = Moment(item.number, recipe, name, item.parts)
    return Found(Moments(tuple(moments.values())), tuple(refused))


def to_file(moments: Moments) -> bytes:
    """The file of `moments`.

    Raises:
        MomentsError: one holds an impossible value, or text that cannot be saved.
    """
    try:
        data = msgspec.json.encode({KEYWORD: MOMENTS_VERSION, "moments": stored(moments)})
    except UnicodeEncodeError as error:  # half a surrogate pair in a name: a broken clipboard
        raise MomentsError("A moment's name holds characters that cannot be saved.") from error
    return msgspec.json.format(data, indent=1)


def from_file(data: bytes) -> Found:
    """Read what `to_file` wrote.

    Raises:
        MomentsError: these are no moments, too many, or a newer version of this program wrote them.
    """
    if len(data) > MAX_MOMENTS_BYTES:
        raise MomentsError("This is far too large to be a file of moments.")
    try:
        file = _FILE.decode(data)
    except BROKEN_JSON as error:
        raise MomentsError("This contains no moments that this program wrote.") from error
    if file.stylegan_t_moments > MOMENTS_VERSION:
        raise MomentsError(
            "These moments were written by a newer version of this program: update the program to "
            "use them."
        )
    found = restored(file.moments)
    if found.refused and not found.moments.items:
        raise MomentsError(f"No moment can be read: {found.refused[0]}")
    return found
