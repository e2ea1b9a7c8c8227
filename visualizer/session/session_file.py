"""Session files: the current recipe, the timeline, the history, and what each instrument remembers.

One JSON file.  Beside the version and the recipe it holds one part for each instrument, under the
instrument's name; a part that this version of the program does not know is kept as it is.  Nothing
in such a file is trusted.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Raw, Struct

from renderer.recipe.recipe import Recipe, RecipeError, Version, from_json, to_json
from stylegan_t.errors import BROKEN_JSON
from visualizer.errors import VisualizerError
from visualizer.session.json_file import JsonFile, UnusableFileError

SESSION_VERSION = 1
MAX_SESSION_BYTES = 64_000_000
"""A session with a full history is a few megabytes; anything larger was not written by this
program."""
MAX_PARTS = 200
VERSION_KEY, RECIPE_KEY, TIMELINE = "stylegan_t_session", "recipe", "timeline"


class SessionError(VisualizerError, ValueError):
    """A session cannot be read or written; the message is for the user."""


class SessionFile(Struct, frozen=True):
    """The content of a session: the recipe, and JSON that each instrument understands, by its
    name."""

    recipe: Recipe = Recipe()
    parts: dict[str, Raw] = {}

    @property
    def timeline(self) -> Raw | None:
        """The timeline as JSON, if there is one."""
        return self.parts.get(TIMELINE)


_PARTS = msgspec.json.Decoder(dict[str, Raw])
_VERSION = msgspec.json.Decoder(Version)


def encode(session: SessionFile) -> bytes:
    """The session as JSON, one part a line.

    Raises:
        SessionError: a part of it cannot be written.
    """
    try:
        recipe = to_json(session.recipe)
    except RecipeError as error:
        raise SessionError(str(error)) from error
    lines = [f'"{VERSION_KEY}": {SESSION_VERSION}', f'"{RECIPE_KEY}": {recipe}']
    for name, part in session.parts.items():
        lines.append(f"{msgspec.json.encode(name).decode()}: {bytes(part).decode()}")
    data = ("{\n" + ",\n".join(lines) + "\n}\n").encode()
    if len(data) > MAX_SESSION_BYTES:
        raise SessionError("This session is too large to be saved: delete part of its history.")
    return data


def decode(data: bytes) -> SessionFile:
    """Read what `encode` wrote.

    Raises:
        SessionError: not a session, damaged, or written by a newer version of this program.
    """
    try:
        data.decode()  # an unknown part is kept, and what is kept must be text
        parts = _PARTS.decode(data)
        version = _VERSION.decode(parts.pop(VERSION_KEY))
        recipe = bytes(parts.pop(RECIPE_KEY))
    except (*BROKEN_JSON, KeyError) as error:
        raise SessionError("this is not a session that this program wrote") from error
    if version > SESSION_VERSION:
        raise SessionError(
            "it was written by a newer version of this program; update the program to use it"
        )
    if len(parts) > MAX_PARTS:
        raise SessionError("this is not a session that this program wrote")
    try:
        # A part that is copied keeps none of the file's other bytes in memory.
        return SessionFile(from_json(recipe), {name: part.copy() for name, part in parts.items()})
    except RecipeError as error:
        raise SessionError(str(error).rstrip(".")) from error


def read_session(path: Path) -> SessionFile:
    """The session in a file.

    Raises:
        SessionError: it cannot be read or is none; one sentence that names the file.
    """
    try:
        return JsonFile(path, decode, MAX_SESSION_BYTES).read()
    except FileNotFoundError as error:
        raise SessionError(f"{path.name} cannot be opened: there is no such file.") from error
    except UnusableFileError as error:
        raise SessionError(f"{path.name} cannot be opened: {error}.") from error
