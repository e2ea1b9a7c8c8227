"""What this computer remembers of its controllers: ports and bindings, in a file of their own.

They belong to the desk that the knobs stand on rather than to a session: a session that somebody
sends opens no port here.
"""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from renderer.files.plain import NotPlainError, read_plain
from renderer.parameters.bindings import MAX_BINDINGS, Binding
from visualizer.session.merging import merged
from visualizer.session.seats import writing

FILE = "control.json"
VERSION = 1
MAX_BYTES = 1_000_000
PORT = 9000
"""Where programs that speak OSC look first."""
FEEDBACK_PORT = 9001

Port = Annotated[int, Meta(ge=1, le=65535)]
logger = logging.getLogger(__name__)


class ControlSettings(Struct, frozen=True):
    """`anywhere` lets other computers send OSC too; `feedback` sends what changes to `host`."""

    osc: bool = False
    port: Port = PORT
    anywhere: bool = False
    feedback: bool = False
    host: Annotated[str, Meta(max_length=100)] = "127.0.0.1"
    feedback_port: Port = FEEDBACK_PORT
    midi: Annotated[str, Meta(max_length=500)] = ""
    bindings: Annotated[tuple[Binding, ...], Meta(max_length=MAX_BINDINGS)] = ()


class _File(Struct, frozen=True):
    stylegan_t_control: int
    settings: ControlSettings


_FILE = msgspec.json.Decoder(_File)


def load(folder: Path) -> tuple[ControlSettings, str]:
    """The settings that are kept in `folder`, and a sentence when they cannot be used."""
    path = folder / FILE
    try:
        return _read(path), ""
    except FileNotFoundError:
        return ControlSettings(), ""
    except NotPlainError as error:
        logger.warning("the control settings are unusable: %s", error)
    except OSError as error:
        logger.warning("the control settings are unreadable: %s", error)
        return ControlSettings(), f"The controllers' settings in {path} cannot be read."
    except (ValueError, RecursionError) as error:
        logger.warning("the control settings are unusable: %s", error)
    return ControlSettings(), _moved_aside(path)


def _read(path: Path) -> ControlSettings:
    """The settings in a file.

    Raises:
        OSError, ValueError, RecursionError: it cannot be read, or is damaged, or newer.
    """
    stored = _FILE.decode(read_plain(path, MAX_BYTES))
    if stored.stylegan_t_control > VERSION:
        raise ValueError("a newer version of the program wrote it")
    return stored.settings


def _moved_aside(path: Path) -> str:
    """Keep a damaged file under another name; returns what the user is told."""
    aside = path.with_name("control.broken.json")
    try:
        os.replace(path, aside)
    except OSError:
        return f"The controllers' settings in {path} are damaged: set them anew."
    return f"The controllers' settings were damaged; they are kept in {aside}."


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
    from renderer.files.atomic import make_folder, write_file  # Pillow: not before the first frame

    make_folder(folder)
    with writing(folder):
        if base is not None:
            with suppress(OSError, ValueError, RecursionError):
                settings = merged(base, settings, _read(folder / FILE))
                settings = replace(settings, bindings=settings.bindings[:MAX_BINDINGS])
        data = msgspec.json.format(msgspec.json.encode(_File(VERSION, settings)), indent=1)
        write_file(folder / FILE, data, overwrite=True)
