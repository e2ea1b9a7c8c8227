"""Presets of a performer: all that is set up around the picture, in one file to carry along.

It holds one part for each instrument, under its name, as a session does; the recipe is not in it.
Nothing in such a file is trusted.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct

from renderer.recipe.recipe import Version
from visualizer.errors import VisualizerError
from visualizer.session.json_file import JsonFile, UnusableFileError, versioned
from visualizer.session.session_file import MAX_SESSION_BYTES

PRESET_VERSION = 1
MAX_PARTS = 50
Parts = Mapping[str, Raw]
"""JSON of each instrument, by its name."""


class PresetError(VisualizerError, ValueError):
    """A preset cannot be read; the message is for the user."""


class _File(Struct, frozen=True):
    stylegan_t_preset: Version
    parts: Annotated[dict[str, Raw], Meta(max_length=MAX_PARTS)] = {}


_DECODE = versioned(msgspec.json.Decoder(_File), "stylegan_t_preset", PRESET_VERSION)


def encode_preset(parts: Parts) -> bytes:
    """The parts as a file's content."""
    stored = _File(PRESET_VERSION, dict(parts))
    return msgspec.json.format(msgspec.json.encode(stored), indent=1) + b"\n"


def read_preset(path: Path) -> Parts:
    """The parts in a file, which is not trusted: each is checked by who takes it.

    Raises:
        PresetError: it cannot be read or is no preset; one sentence that names the file.
    """
    try:
        return JsonFile(path, _DECODE, MAX_SESSION_BYTES).read().parts
    except FileNotFoundError as error:
        raise PresetError(f"There is no file {path}.") from error
    except UnusableFileError as error:
        raise PresetError(f"The preset {path.name} cannot be used: {error}.") from error
