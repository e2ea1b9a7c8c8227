"""This computer's settings of its controllers: ports and bindings, in a file of their own.

They belong to the desk that the knobs stand on rather than to a session: a session that was
sent opens no port here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from renderer.parameters.bindings import MAX_BINDINGS, Binding
from visualizer.session.json_file import JsonFile, versioned
from visualizer.session.merging import merged

FILE = "control.json"
VERSION = 1
MAX_BYTES = 1_000_000
PORT = 9000
"""The port that programs that speak OSC try first."""
FEEDBACK_PORT = 9001

Port = Annotated[int, Meta(ge=1, le=65535)]


class ControlSettings(Struct, frozen=True):
    """`anywhere` lets other computers send OSC too; `feedback` sends what changes to `host`, and
    `lamps` what is mapped to the MIDI controller."""

    osc: bool = False
    port: Port = PORT
    anywhere: bool = False
    feedback: bool = False
    host: Annotated[str, Meta(max_length=100)] = "127.0.0.1"
    feedback_port: Port = FEEDBACK_PORT
    midi: Annotated[str, Meta(max_length=500)] = ""
    lamps: bool = False
    bindings: Annotated[tuple[Binding, ...], Meta(max_length=MAX_BINDINGS)] = ()


class _File(Struct, frozen=True):
    stylegan_t_control: int
    settings: ControlSettings


_DECODE = versioned(msgspec.json.Decoder(_File), "stylegan_t_control", VERSION)


SETTINGS = msgspec.json.Decoder(ControlSettings)
"""Of the settings alone, as a preset has them."""


def load(folder: Path) -> tuple[ControlSettings, str]:
    """Return the settings that are kept in `folder`, and a sentence if they cannot be used."""
    stored, problem = _file(folder).load()
    return (ControlSettings() if stored is None else stored.settings), problem


def save(folder: Path, settings: ControlSettings, base: ControlSettings | None = None) -> None:
    """Keep the settings in `folder`.

    Args:
        folder: of the program's own files.
        settings: to be kept.
        base: what was read or kept before: only what differs from it is changed, so that another
            window's changes stay.  None replaces everything.

    Raises:
        ExportError: they cannot be written; one sentence.
    """

    def changed(stored: _File | None) -> bytes:
        kept = settings
        if base is not None and stored is not None:
            kept = merged(base, settings, stored.settings)
            kept = replace(kept, bindings=kept.bindings[:MAX_BINDINGS])
        return msgspec.json.format(msgspec.json.encode(_File(VERSION, kept)), indent=1)

    _file(folder).update(changed)


def _file(folder: Path) -> JsonFile[_File]:
    return JsonFile(folder / FILE, _DECODE, MAX_BYTES, "The controller settings")
