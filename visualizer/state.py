"""What survives a restart: the recipe, the options, recent models, the window's size.

One plain JSON file, replaced as a whole.  A broken one never keeps the program from starting: it is
moved aside and the program says so.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
import platformdirs
from msgspec import Meta, Struct

from renderer.recipe import Recipe, RecipeError, from_json, to_json
from widgets.context import Options

APP_NAME = "stylegan-t"
HOME_VARIABLE = "STYLEGAN_T_HOME"
STATE_VERSION = 1
MAX_STATE_BYTES = 8_000_000
MAX_RECENT = 12

logger = logging.getLogger(__name__)

Pixels = Annotated[int, Meta(ge=200, le=20_000)]


class WindowSize(Struct, frozen=True):
    """The window's size in screen coordinates when it was closed."""

    width: Pixels = 1600
    height: Pixels = 900
    maximized: bool = False


class State(Struct, frozen=True):
    """Everything that the next start wants to know."""

    recipe: Recipe | None = None
    options: Options = Options()
    recent_models: Annotated[tuple[str, ...], Meta(max_length=MAX_RECENT)] = ()
    window: WindowSize | None = None


class _Stored(Struct, frozen=True):
    """The file: the recipe stands as text in its own versioned form."""

    stylegan_t_state: int
    recipe: str = ""
    options: Options = Options()
    recent_models: Annotated[tuple[str, ...], Meta(max_length=MAX_RECENT)] = ()
    window: WindowSize | None = None


@dataclass(frozen=True)
class Folders:
    """Where the program keeps its own files and, unless told otherwise, captures."""

    state: Path
    captures: Path


def folders() -> Folders:
    """The platform's folders for this user; `STYLEGAN_T_HOME` puts everything into one place."""
    home = os.environ.get(HOME_VARIABLE)
    if home:
        base = Path(home).expanduser()
        return Folders(base, base / "captures")
    pictures = Path(platformdirs.user_pictures_dir())
    return Folders(
        Path(platformdirs.user_state_dir(APP_NAME, appauthor=False)), pictures / "StyleGAN-T"
    )


class Store:
    """Reads and writes the state file.  `note` tells what the user should know of the reading."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "state.json"
        self.note = ""
        self._written: State | None = None

    def load(self) -> State:
        """The state of the last run; a fresh one when there is none or it cannot be used."""
        try:
            if self.path.stat().st_size > MAX_STATE_BYTES:
                raise ValueError("it is too large")
            stored = msgspec.json.decode(self.path.read_bytes(), type=_Stored)
            if stored.stylegan_t_state > STATE_VERSION:
                raise ValueError("a newer version of the program wrote it")
        except FileNotFoundError:
            return State()
        except (OSError, ValueError, msgspec.MsgspecError, RecursionError) as error:
            self._move_aside(error)
            return State()
        return State(
            self._recipe(stored.recipe), stored.options, stored.recent_models, stored.window
        )

    def save(self, state: State) -> str | None:
        """Write the state if it differs from what was written last.

        Returns:
            A sentence when it cannot be written, else None.
        """
        if state == self._written:
            return None
        from renderer.export import ExportError, write_file  # Pillow: not before the first frame

        self._written = state  # also after a failure: it is not tried again at every frame
        try:
            stored = _Stored(
                STATE_VERSION,
                to_json(state.recipe) if state.recipe else "",
                state.options,
                state.recent_models,
                state.window,
            )
            data = msgspec.json.format(msgspec.json.encode(stored), indent=1)
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_file(self.path, data, overwrite=True)
        except (ExportError, RecipeError, OSError) as error:
            return f"What you do now cannot be kept for the next start: {error}"
        return None

    def _recipe(self, text: str) -> Recipe | None:
        if not text:
            return None
        try:
            return from_json(text)
        except RecipeError as error:
            self.note = f"The recipe of the last session could not be restored: {error}"
            return None

    def _move_aside(self, error: Exception) -> None:
        aside = self.path.with_name("state.broken.json")
        logger.warning("the state file is unusable: %s", error)
        try:
            os.replace(self.path, aside)
        except OSError:
            self.note = f"The settings of the last session in {self.path} cannot be read."
        else:
            self.note = f"The settings of the last session were damaged; they are kept in {aside}."


def with_recent(recent: tuple[str, ...], path: str) -> tuple[str, ...]:
    """The list of recent models with `path` at its front."""
    return (path, *(other for other in recent if other != path))[:MAX_RECENT]
