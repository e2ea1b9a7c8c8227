"""A recipe as a command line that makes the same picture anywhere.

Where options can say the recipe they do, so that one sees what they are; any other recipe goes into
a JSON file beside the captures, which the command names.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from renderer.files.atomic import ExportError, save_new, write_file
from renderer.files.plain import read_plain
from renderer.recipe.bend_words import bend_in_words
from renderer.recipe.canvas_words import canvas_in_words
from renderer.recipe.fresh import FRESH
from renderer.recipe.identity import same_picture
from renderer.recipe.move_words import move_in_words
from renderer.recipe.names import stem_of
from renderer.recipe.recipe import Bend, Canvas, Move, Prompt, Recipe, to_json
from renderer.recipe.templates import typed
from visualizer.options.declared_options import ADDRESSES, differing
from visualizer.options.recipe_options import RecipeOptions, build_recipe

PROGRAM = "stylegan-t"
MAX_OPTIONS = 2_000
"""Characters: a longer line is no help, and some systems cut it."""


def program() -> tuple[str, ...]:
    """Return what starts this program from a shell of this computer."""
    if shutil.which(PROGRAM):
        return (PROGRAM,)
    beside = Path(sys.executable).with_name(PROGRAM + (".exe" if os.name == "nt" else ""))
    return (str(beside),) if beside.is_file() else (sys.executable, "-m", "visualizer")


def as_options(recipe: Recipe) -> tuple[str, ...] | None:
    """The options of `stylegan-t render` that say `recipe`, no more than it needs.

    The model's hash is left out.  None where options cannot say it.
    """
    given = _options(recipe)
    try:
        built = build_recipe(FRESH, given)
    except click.ClickException:
        return None
    if not same_picture(built, recipe):
        return None
    words = [word for name, value in _said(given) for word in _option(name, _typed(value))]
    fits = sum(map(len, words)) <= MAX_OPTIONS and "\0" not in "".join(words)
    return tuple(words) if fits else None


def render_command(recipe: Recipe, folder: Path, suffix: str) -> tuple[str, Path | None]:
    """The command that renders `recipe`, and the file that it reads, if it needs one.

    Args:
        recipe: of the picture.
        folder: a recipe that options cannot say is written there.
        suffix: of the picture that the command writes.

    Returns:
        One line for a shell, and the path of the recipe's file or None.

    Raises:
        renderer.files.atomic.ExportError: that file cannot be written; one sentence.
        renderer.recipe.recipe.RecipeError: the recipe holds an impossible value.
    """
    options, file = as_options(recipe), None
    if options is None:
        file = save_recipe(recipe, folder)
        options = ("--recipe", str(file))
    name = f"{stem_of(recipe)}{suffix}"
    return quoted([*program(), "render", *options, "--out", name]), file


def file_command(recipe: Recipe, path: Path) -> str:
    """The command that renders `recipe`, which the picture at `path` carries."""
    options = as_options(recipe)
    if options is None:
        options = ("--recipe", str(path))
    return quoted([*program(), "render", *options, "--out", f"{stem_of(recipe)}{path.suffix}"])


def sheet_command(path: Path) -> str:
    """The command that draws the sheet again that the picture at `path` carries."""
    return quoted([*program(), "grid", "--recipe", str(path), "--out", f"again-{path.name}"])


def save_recipe(recipe: Recipe, folder: Path) -> Path:
    """Write a recipe as JSON under a name that says what is in it; the same one is written once.

    Raises:
        renderer.files.atomic.ExportError: it cannot be written; one sentence.
        renderer.recipe.recipe.RecipeError: the recipe holds an impossible value.
    """
    data = to_json(recipe).encode()
    path = folder / f"{stem_of(recipe)}-{hashlib.sha256(data).hexdigest()[:8]}.json"
    try:
        if read_plain(path, len(data)) == data:
            return path
    except OSError:
        pass  # not there yet, or not to be read: the writing will tell
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_file(path, data)
    except (ExportError, OSError):
        return save_new(folder, stem_of(recipe), ".json", data)
    return path


def quoted(words: Sequence[str]) -> str:
    """The words as one line for this system's shell."""
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


def _options(recipe: Recipe) -> RecipeOptions:
    """Options for everything that differs from a fresh recipe."""

    def changed(value: object, usual: object) -> object:
        return None if value == usual else value

    prompts = recipe.text.prompts
    weights = tuple(prompt.weight for prompt in prompts)
    values = {
        "model": changed(recipe.model.path, FRESH.model.path),
        "prompt": () if prompts == (Prompt(),) else tuple(map(typed, prompts)),
        "weight": () if set(weights) == {1.0} else weights,
        "tower": changed(recipe.model.tower, FRESH.model.tower),
        "canvas": changed(recipe.canvas, FRESH.canvas),
        "wildcard_seed": changed(recipe.text.wildcard_seed, FRESH.text.wildcard_seed),
        # What is off cannot be typed.
        "bend": tuple(bend for bend in recipe.bends if bend.on),
        # Vectors have no file any more, and no option gives a name.
        "move": tuple(move for move in recipe.moves if move.space != "vector" and move.amount),
        **dict.fromkeys(ADDRESSES),
        **differing(recipe),
    }
    if values["to_seed"] is not None:  # on its own it has no effect, and is refused
        values["position"] = recipe.latent.position
    return RecipeOptions(**values)


def _typed(value: object) -> str:
    if isinstance(value, Canvas):
        return canvas_in_words(value)
    if isinstance(value, Move):
        return move_in_words(value)
    return bend_in_words(value) if isinstance(value, Bend) else str(value)


def _option(name: str, value: str) -> tuple[str, ...]:
    """A value that looks like an option is tied to its own."""
    return (f"--{name}={value}",) if value.startswith("-") else (f"--{name}", value)


def _said(options: RecipeOptions) -> list[tuple[str, object]]:
    """(name, value) of every option that is given, in their usual order."""
    said: list[tuple[str, object]] = []
    for name in options.__dataclass_fields__:
        value = getattr(options, name)
        for one in value if isinstance(value, tuple) else (value,):
            if one is not None:
                said.append((name.replace("_", "-"), one))
    return said
