"""An axis of a sheet as it is typed on the command line: "seed=0..7", "psi=0..1:5", "prompt"."""

from __future__ import annotations

import re

import click
from msgspec.structs import replace

from renderer.files.direction_file import DirectionFileError
from renderer.files.prompt_file import PromptFileError, read_prompts
from renderer.files.training_run import run_files
from renderer.recipe.contact_sheet import MAX_COUNT, Axis, of_models
from renderer.recipe.recipe import MAX_BENDS, MAX_BLOCKS, MAX_SEED, WILD, RecipeError
from visualizer.options.move_type import typed_direction
from visualizer.options.paths import typed_model, typed_path

AXIS = (
    "seed=0..7, psi=0..1:5, position=0..1, prompt, bend/2=0..1:5, move/mapped/3=-2..2:5, "
    "move/smile.npy=-2..2:5, prompt=@FILE, mixing=0..3:0..1 or model=@FOLDER:5"
)
NUMBER = r"[-+]?\d+(?:\.\d+)?"
SPAN = re.compile(rf"({NUMBER})(?:\.\.({NUMBER}))?")


def parse_axis(text: str, name: str = "--rows", *, far: bool = False) -> Axis:
    """Read an axis as it is typed, such as "seed=0..7" or "psi=-0.5..1:7".

    Args:
        text: a kind, "=" and a span where the kind has one, ":" and how many steps or, for
            "mixing", which blocks.
        name: of the option, for messages.
        far: models lie on another computer.

    Raises:
        click.UsageError: it makes no sense.
    """
    if text.strip().startswith("move/"):
        return _move(text.strip().removeprefix("move/"), name)
    kind, _, rest = text.strip().partition("=")
    if kind == "model" and rest:
        return _models(rest, name, far)
    if kind == "prompt" and rest.startswith("@"):
        return _prompts(rest[1:])
    span, _, more = rest.partition(":")
    if kind in ("none", "prompt") and not rest:
        return Axis(kind)
    if kind in ("seed", "mixing"):
        return _seeds(Axis(kind), span, more, name)
    kind, _, number = kind.partition("/")
    which = _whole(number, MAX_BENDS, name) if number else 1
    if kind == "bend" and which:
        start, stop = _span(span, name) if span else (0.0, 1.0)
        count = _count(more, name) if more else Axis().count
        return Axis(kind, count=count, start=start, stop=stop, bend=which)
    if kind in ("psi", "position") and not number:
        start, stop = _span(span, name) if span else (0.0, 1.0)
        count = _count(more, name) if more else 1 if start == stop else Axis().count
        return Axis(kind, count=count, start=start, stop=stop)
    raise click.UsageError(f"{name} {text!r} is not an axis: give {AXIS}.")


def _move(text: str, name: str) -> Axis:
    """Steps along a direction, or along that of a file."""
    where, equals, rest = text.rpartition("=")
    span, _, more = rest.partition(":")
    try:
        direction = typed_direction(where if equals else text)
    except RecipeError as error:
        raise click.UsageError(f"{name}: {error}") from error
    except DirectionFileError as error:
        raise click.ClickException(str(error)) from error
    start, stop = _span(span, name) if equals else (-2.0, 2.0)
    count = _count(more, name) if more else Axis().count
    return Axis("move", count=count, start=start, stop=stop, move=direction)


def _prompts(file: str) -> Axis:
    """The prompts of a text file, one a line."""
    try:
        return Axis("prompt", prompts=read_prompts(typed_path(file), MAX_COUNT))
    except PromptFileError as error:
        raise click.ClickException(str(error)) from error


def _models(text: str, name: str, far: bool) -> Axis:
    """Checkpoints with "," between them, or "@" and the folder of a training run, of whose
    snapshots ":" and a number takes as many."""
    if not text.startswith("@"):
        paths = [typed_model(path, far=far) for path in text.split(",")]
        if len(paths) > MAX_COUNT:
            raise click.UsageError(f"{name}: there can be at most {MAX_COUNT} models.")
        return of_models(Axis(), paths)
    if far:
        raise click.UsageError(f"{name}: name the models one by one with --on, not their folder.")
    folder, colon, number = text[1:].rpartition(":")
    if not colon or not number.isdigit():
        folder, number = text[1:], ""
    found = run_files(typed_path(folder).absolute())
    if not found.snapshots:
        raise click.ClickException(found.problem)
    most = _count(number, name) if number else MAX_COUNT
    return of_models(Axis(), [one.path for one in found.snapshots], most)


def _seeds(axis: Axis, span: str, more: str, name: str) -> Axis:
    first, last = (_whole(edge, MAX_SEED, name) for edge in _edges(span or "0", name))
    if axis.kind == "mixing" and more:
        start, stop = (_whole(edge, MAX_BLOCKS - 1, name) for edge in _edges(more, name))
        if start > stop:
            raise click.UsageError(f"{name}: the blocks {more} must go from coarse to fine.")
        axis = replace(axis, blocks=(start, stop + 1))
    elif more:
        last = first + _count(more, name) - 1
    if not first <= last < first + MAX_COUNT:
        raise click.UsageError(
            f"{name}: the seeds {span} must count up, and there can be at most {MAX_COUNT}."
        )
    return replace(axis, seed=first, count=last - first + 1)


def _edges(span: str, name: str) -> tuple[str, str]:
    found = SPAN.fullmatch(span)
    if found is None:
        raise click.UsageError(f"{name}: {span!r} is not a range such as 0..7.")
    return found[1], found[2] or found[1]


def _span(span: str, name: str) -> tuple[float, float]:
    low, high = (float(edge) for edge in _edges(span, name))
    if max(abs(low), abs(high)) > WILD:
        raise click.UsageError(f"{name}: {span} must lie between {-WILD:g} and {WILD:g}.")
    return low, high


def _whole(text: str, most: int, name: str) -> int:
    if not text.isdigit() or len(text) > 20 or int(text) > most:
        raise click.UsageError(f"{name}: {text} is not a whole number from 0 to {most}.")
    return int(text)


def _count(text: str, name: str) -> int:
    count = _whole(text, MAX_COUNT, name)
    if count == 0:
        raise click.UsageError(f"{name}: there must be at least one step, and at most {MAX_COUNT}.")
    return count
