"""Timelines as text: versioned JSON, alone or inside a session.  What is read is not trusted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from renderer.recipe.quoting import quoted
from renderer.recipe.recipe import RecipeError, Version, from_json, to_json
from renderer.timeline.easing import Easing
from renderer.timeline.take import Take
from renderer.timeline.take_lines import MAX_SAMPLES, Line, LineReader, lines_of
from renderer.timeline.timeline import (
    MAX_KEYS,
    MAX_LENGTH_S,
    MIN_LENGTH_S,
    FrameRate,
    KeyFrame,
    Loop,
    Seconds,
    Timeline,
    TimelineError,
    check_timeline,
    check_times,
)
from stylegan_t.errors import BROKEN_JSON

TIMELINE_VERSION = 2
"""Version 1 knew no takes."""
MAX_TIMELINE_BYTES = 64_000_000
"""A thousand key frames are some megabytes; anything larger was not written by this program."""
KEYWORD = "stylegan_t_timeline"


class StoredKey(Struct, frozen=True, forbid_unknown_fields=True):
    """A key frame in a file; its recipe stands in its own versioned form."""

    time_s: Seconds
    recipe: Raw
    easing: Easing = "both"


class StoredTimeline(Struct, frozen=True, forbid_unknown_fields=True):
    """A timeline in a file; in a session with the place of its playhead.  A take's samples stand
    there as in a file of their own."""

    keys: Annotated[tuple[StoredKey, ...], Meta(max_length=MAX_KEYS)] = ()
    length_s: Annotated[float, Meta(ge=MIN_LENGTH_S, le=MAX_LENGTH_S)] = 4.0
    fps: FrameRate = 30
    loop: Loop = "loop"
    playhead_s: Seconds = 0.0
    take: Annotated[tuple[Line, ...], Meta(min_length=1, max_length=MAX_SAMPLES)] | UnsetType = (
        UNSET
    )


STORED_TIMELINE = msgspec.json.Decoder(StoredTimeline)
_FIELDS = msgspec.json.Decoder(dict[str, Raw])
_VERSION = msgspec.json.Decoder(Version)


def stored(timeline: Timeline, playhead_s: float = 0.0) -> StoredTimeline:
    """The timeline as it goes into a file.

    Raises:
        TimelineError: it holds an impossible value.
    """
    check_timeline(timeline)
    try:
        keys = tuple(
            StoredKey(key.time_s, Raw(to_json(key.recipe).encode()), key.easing)
            for key in timeline.keys
        )
        take = UNSET if timeline.take is None else tuple(lines_of(timeline.take.samples))
    except RecipeError as error:
        raise TimelineError(str(error)) from error
    return StoredTimeline(keys, timeline.length_s, timeline.fps, timeline.loop, playhead_s, take)


def restored(stored: StoredTimeline) -> Timeline:
    """The timeline that was stored.

    Raises:
        TimelineError: a recipe is damaged or newer than this program, or the times make no sense.
    """
    keys = []
    for number, key in enumerate(stored.keys, 1):
        try:
            keys.append(KeyFrame(key.time_s, from_json(bytes(key.recipe)), key.easing))
        except RecipeError as error:
            raise TimelineError(f"Key frame {number}: {error}") from error
    take = None if isinstance(stored.take, UnsetType) else _take(stored.take)
    timeline = Timeline(tuple(keys), stored.length_s, stored.fps, stored.loop, take)
    check_times(timeline)  # the recipes were checked as they were read
    return timeline


def _take(lines: tuple[Line, ...]) -> Take:
    reader = LineReader()
    try:
        return Take(tuple(map(reader.read, lines)))
    except TimelineError as error:
        raise TimelineError(f"Its take is damaged: {error}.") from error


def timeline_to_json(timeline: Timeline) -> str:
    """The timeline as one line of JSON with its version.

    Raises:
        TimelineError: it holds an impossible value.
    """
    return msgspec.json.encode({KEYWORD: TIMELINE_VERSION, "timeline": stored(timeline)}).decode()


def timeline_from_json(text: str | bytes) -> Timeline:
    """Read what `timeline_to_json` wrote, or the timeline in a session.

    Raises:
        TimelineError: there is none, it is damaged, or a newer version of this program wrote it.
    """
    if len(text) > MAX_TIMELINE_BYTES:
        raise TimelineError("This is far too large to be a timeline.")
    try:
        data = text.encode() if isinstance(text, str) else text
        fields = _FIELDS.decode(data)
        _check_version(fields)
        found = STORED_TIMELINE.decode(_timeline_in(fields))
    except BROKEN_JSON as error:
        raise TimelineError(f"This timeline is damaged: {quoted(error)}.") from error
    return restored(found)


def _check_version(fields: dict[str, Raw]) -> None:
    if KEYWORD not in fields:
        return
    version = _VERSION.decode(fields[KEYWORD])
    if version > TIMELINE_VERSION:
        raise TimelineError(
            f"This timeline was written by a newer version of this program (format {version}, "
            f"this program reads up to {TIMELINE_VERSION}). Update the program to open it."
        )


def _timeline_in(fields: dict[str, Raw]) -> Raw:
    """The timeline's own JSON, in a file of its own or in a session."""
    if "timeline" not in fields:
        raise TimelineError("It contains no timeline: save a session that has key frames.")
    return fields["timeline"]


def read_timeline(path: Path) -> Timeline:
    """The timeline in a file: a session, or a timeline alone.  The file is not trusted.

    Raises:
        TimelineError: it cannot be read or holds none; one sentence that names the file.
    """
    try:
        if not path.is_file():
            what = "is not a file" if path.exists() else "does not exist"
            raise TimelineError(f"{path} {what}: name a session or a timeline.")
        with path.open("rb") as file:
            data = file.read(MAX_TIMELINE_BYTES + 1)
    except OSError as error:
        raise TimelineError(f"{path.name} cannot be read: {error.strerror or error}.") from error
    try:
        return timeline_from_json(data.removeprefix(b"\xef\xbb\xbf"))
    except TimelineError as error:
        raise TimelineError(f"{path.name}: {error}") from error
