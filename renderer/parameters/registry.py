"""The list of all parameters: each address, what it means, and where in a recipe it lives."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from msgspec.structs import replace

from renderer.frame.frame import ModelInfo
from renderer.parameters.kinds import (
    Choice,
    Kind,
    Number,
    ParameterError,
    Switch,
    Text,
    Trigger,
    Value,
    Whole,
)
from renderer.parameters.parameter import Command, Parameter
from renderer.recipe.paths import Path, read, written
from renderer.recipe.recipe import (
    MAX_MOVES,
    MAX_PROMPTS,
    MAX_ROWS,
    MAX_SOURCES,
    LayoutLock,
    Move,
    Pad,
    Recipe,
    TextPart,
)

DEFAULT = Recipe()
STYLE_COMPONENTS = 8
"""Number of components of each layer's style that have an address."""
RESET = "/reset"
FOLLOWS_PSI = "follows /psi"
FOLLOWS_BLOCK = "follows its block"

PSI = Number(-1.0, 2.0)
BLOCK_PSI = Number(-1.0, 2.0, optional=True, nothing=FOLLOWS_PSI)
WEIGHT = Number(0.0, 2.0)
SHARE = Number(0.0, 1.0, limits=(0.0, 1.0))
MIX = Number(0.0, 1.0)
MIX_ROW = Number(0.0, 1.0, optional=True, nothing=FOLLOWS_BLOCK)
STRENGTH = Number(0.0, 2.0)
SEED = Whole(0, 127)
ROW = Whole(0, 50, limits=(0, MAX_ROWS - 1))
LAST_ROW = Whole(0, 50, limits=(0, MAX_ROWS - 1), optional=True, nothing="up to the last row")
DEVIATIONS = Number(-3.0, 3.0)
LINE = Text()


@dataclass(frozen=True)
class TextShape:
    """How many prompts a text has, how its directions are called, and whether the pad is on."""

    prompts: int
    directions: tuple[str, ...]
    pad: bool


@dataclass(frozen=True)
class Shape:
    """What decides which addresses there are."""

    text: TextShape
    layout: TextShape | None
    sources: int
    blocks: tuple[int, ...]
    rows: int
    z_dim: int


def shape_of(recipe: Recipe, model: ModelInfo | None) -> Shape:
    """The shape of a recipe on a model, as far as addresses depend on it."""
    return Shape(
        _text_shape(recipe.text),
        None if recipe.layout is None else _text_shape(recipe.layout.text),
        len(recipe.mixing.sources),
        model.blocks if model else (),
        model.num_ws if model else 0,
        model.z_dim if model else 0,
    )


def parameters(shape: Shape) -> Iterator[Parameter]:
    """Every parameter there is in a shape, in the order of the panels."""
    yield from _text(shape.text, "/text", ("text",), "")
    yield _plain("/psi", "Psi", PSI, ("psi",), "Truncation: 0 is the average, 1 full variety.")
    for index, size in enumerate(shape.blocks):
        text = f"Truncation of the {size} px block alone."
        path: Path = ("psi_blocks", index)
        yield _plain(f"/psi/block/{size}", f"Psi at {size} px", BLOCK_PSI, path, text)
    yield from _latent("/latent", ("latent",), "")
    yield from _moves(shape.z_dim, shape.rows)
    yield from _mixing(shape)
    yield from _noise(shape)
    yield from _transform()
    yield _layout_lock()
    if shape.layout is not None:
        of = "Layout: "
        yield _plain("/layout/psi", f"{of}psi", PSI, ("layout", "psi"), "Psi of the kept layout.")
        yield from _latent("/layout/latent", ("layout", "latent"), of)
        yield from _text(shape.layout, "/layout/text", ("layout", "text"), of)
    kinds = Choice(("float32", "bfloat16", "float16"))
    text = "The type that the synthesis computes in; changing it loads the model again."
    yield _plain("/precision", "Precision", kinds, ("precision",), text)


COMMANDS = (
    Command("/random", "Random seed", Trigger(), "Goes to a random seed."),
    Command("/seed/next", "Next seed", Trigger(), "Goes to the next seed."),
    Command("/seed/previous", "Previous seed", Trigger(), "Goes to the previous seed."),
    Command("/capture", "Save picture", Trigger(), "Saves the picture in the capture folder."),
    Command("/play", "Play", Trigger(), "Plays the timeline, or pauses it."),
    Command(
        "/seek",
        "Playhead",
        Number(0.0, 10.0, (0.0, 86_400.0), " s"),
        "Moves the timeline's playhead to a time, in seconds.",
    ),
    Command("/speed", "Speed", Number(0.25, 4.0, (0.1, 4.0), "×"), "How fast the timeline plays."),
    Command("/key/add", "Add key frame", Trigger(), "Adds the picture as a key frame."),
    Command("/key/next", "Next key frame", Trigger(), "Moves the playhead to the next key frame."),
    Command(
        "/key/previous",
        "Previous key frame",
        Trigger(),
        "Moves the playhead to the previous key frame.",
    ),
    Command("/undo", "Undo", Trigger(), "Undoes the last step."),
    Command("/redo", "Redo", Trigger(), "Redoes the last step that was undone."),
    Command(
        RESET,
        "Reset all",
        Trigger(),
        "Resets everything to its default, except the model; given an address as text, only that.",
    ),
)
"""Addresses that do something."""


def aliases(shape: Shape) -> dict[str, str]:
    """Directions go by their names too: `/text/direction/at-night` is `/text/direction/1`."""
    names: dict[str, str] = {}
    for index, name in enumerate(shape.text.directions, 1):
        slug, number = slug_of(name), f"/text/direction/{index}"
        if not slug or slug.isdigit() or f"/text/direction/{slug}" in names:
            continue
        names[f"/text/direction/{slug}"] = number
        for end in ("plus", "minus", "start", "stop"):
            names[f"/text/direction/{slug}/{end}"] = f"{number}/{end}"
    return names


def slug_of(name: str) -> str:
    """A name as part of an address: small letters, "-" for what an address cannot hold."""
    return re.sub(r"[\s#*,/?\[\]{}\x00-\x1f]+", "-", name.strip().lower()).strip("-")[:60]


# -- one value at a path ---------------------------------------------------------------------------


def _plain(
    address: str, label: str, kind: Kind, path: Path, text: str, *, adds: bool = False
) -> Parameter:
    """A parameter that is one field of the recipe."""

    def get(recipe: Recipe) -> Value:
        return read(recipe, path)

    def put(recipe: Recipe, value: Any) -> Recipe:
        return written(recipe, path, value)

    return Parameter(address, label, kind, read(DEFAULT, path), text, get, put, adds)


def _text_shape(part: TextPart) -> TextShape:
    names = tuple(direction.name for direction in part.directions)
    return TextShape(len(part.prompts), names, part.pad is not None)


# -- the parts -------------------------------------------------------------------------------------


def _text(shape: TextShape, at: str, path: Path, of: str) -> Iterator[Parameter]:
    for index in range(min(shape.prompts + 1, MAX_PROMPTS)):
        yield from _prompt(at, path, of, index, index >= shape.prompts)
    blends, text = Choice(("lerp", "slerp")), "How prompts are blended."
    yield _plain(f"{at}/blend", f"{of}Blend", blends, (*path, "blend"), text)
    text = "Scales the text to unit norm, as in training."
    yield _plain(f"{at}/normalize", f"{of}Normalise", Switch(), (*path, "normalize"), text)
    yield from _pad(shape, at, path, of)
    text = "From the neutral prompt (0) to the prompts (1) and beyond."
    yield _plain(f"{at}/strength", f"{of}Text strength", STRENGTH, (*path, "strength"), text)
    text = "The prompt that strength 0 stands for."
    yield _plain(f"{at}/neutral", f"{of}Neutral prompt", LINE, (*path, "neutral"), text)
    for index, name in enumerate(shape.directions):
        yield from _direction(f"{at}/direction/{index + 1}", (*path, "directions", index), of, name)


@lru_cache(maxsize=4 * MAX_PROMPTS)
def _prompt(at: str, path: Path, of: str, index: int, adds: bool) -> tuple[Parameter, ...]:
    number, row = index + 1, (*path, "prompts", index)
    words = f"The text of prompt {number}." + (" Setting it adds the prompt." if adds else "")
    weight = f"How much prompt {number} counts."
    return (
        _plain(
            f"{at}/prompt/{number}", f"{of}Prompt {number}", LINE, (*row, "text"), words, adds=adds
        ),
        _plain(
            f"{at}/weight/{number}",
            f"{of}Weight {number}",
            WEIGHT,
            (*row, "weight"),
            weight,
            adds=adds,
        ),
    )


def _pad(shape: TextShape, at: str, path: Path, of: str) -> Iterator[Parameter]:
    where = (*path, "pad")

    def put(recipe: Recipe, on: Any) -> Recipe:
        pad = (read(recipe, where) or Pad()) if on else None
        return written(recipe, where, pad)

    text = "Lets the pad set the weights of the first four prompts."
    yield Parameter(
        f"{at}/pad/on",
        f"{of}Pad",
        Switch(),
        False,
        text,
        lambda recipe: read(recipe, where) is not None,
        put,
    )
    for axis, text in (("x", "left to right"), ("y", "top to bottom")):
        words = f"Position on the pad, {text}; setting it turns the pad on."
        label, place, off = f"{of}Pad {axis}", (*where, axis), not shape.pad
        yield _plain(f"{at}/pad/{axis}", label, SHARE, place, words, adds=off)


def _direction(at: str, path: Path, of: str, name: str) -> Iterator[Parameter]:
    label = f"{of}Direction {name or at.rpartition('/')[2]}"
    text = "How far the text moves from the direction's minus to its plus."
    yield _plain(at, label, Number(-2.0, 2.0), (*path, "amount"), text)
    for end in ("plus", "minus"):
        words = f"The prompt at the direction's {end} end."
        yield _plain(f"{at}/{end}", f"{label}, {end}", LINE, (*path, end), words)
    text = "The first row of w that it reaches."
    yield _plain(f"{at}/start", f"{label}, first row", ROW, (*path, "start"), text)
    text = "The first row of w that it does not reach."
    yield _plain(f"{at}/stop", f"{label}, stop row", LAST_ROW, (*path, "stop"), text)


def _latent(at: str, path: Path, of: str) -> Iterator[Parameter]:
    def put_seed(recipe: Recipe, seed: Any) -> Recipe:
        part = read(recipe, path)
        return written(recipe, path, replace(part, seed=seed, values=()))

    def put_target(recipe: Recipe, seed: Any) -> Recipe:
        part = read(recipe, path)
        return written(recipe, path, replace(part, target_seed=seed, target_values=()))

    seed = _plain(
        f"{at}/seed", f"{of}Seed", SEED, (*path, "seed"), "Decides what the text does not."
    )
    yield dataclasses.replace(seed, put=put_seed)
    text = "The seed to interpolate to."
    target = _plain(f"{at}/target", f"{of}Target seed", SEED, (*path, "target_seed"), text)
    yield dataclasses.replace(target, put=put_target)
    text = "From the seed (0) to the target (1)."
    yield _plain(f"{at}/position", f"{of}Position", Number(0.0, 1.0), (*path, "position"), text)
    blends, text = Choice(("slerp", "lerp")), "How latents are interpolated."
    yield _plain(f"{at}/blend", f"{of}Path", blends, (*path, "blend"), text)
    for axis, text in (("x", "seeds to the right"), ("y", "rows down")):
        words = f"Offset on the plane of seeds, in {text}."
        yield _plain(f"{at}/{axis}", f"{of}Plane {axis}", Number(-0.5, 0.5), (*path, axis), words)


@lru_cache(maxsize=4)
def _moves(z_dim: int, rows: int) -> tuple[Parameter, ...]:
    mapped = [
        _move(f"/move/mapped/{i + 1}", f"Component {i + 1}", "mapped", 0, i) for i in range(z_dim)
    ]
    style = [
        _move(f"/move/style/{row}/{i + 1}", f"Component {i + 1} of row {row}", "style", row, i)
        for row in range(rows)
        for i in range(STYLE_COMPONENTS)
    ]
    return (*mapped, *style)


def _move(
    address: str, label: str, space: Literal["mapped", "style"], row: int, component: int
) -> Parameter:
    def is_it(move: Move) -> bool:
        return (move.space, move.component) == (space, component) and (
            space == "mapped" or move.row == row
        )

    def get(recipe: Recipe) -> Value:
        return sum((move.amount for move in recipe.moves if is_it(move)), 0.0)

    def put(recipe: Recipe, amount: Any) -> Recipe:
        others = tuple(move for move in recipe.moves if not is_it(move))
        if amount == 0.0:
            return replace(recipe, moves=others)
        if len(others) >= MAX_MOVES:
            raise ParameterError(f"A picture takes at most {MAX_MOVES} steps along components.")
        move = Move(space, component, amount, row)
        place = next((i for i, old in enumerate(recipe.moves) if is_it(old)), len(others))
        return replace(recipe, moves=(*others[:place], move, *others[place:]))

    text = "Steps along a principal component, in standard deviations."
    return Parameter(address, label, DEVIATIONS, 0.0, text, get, put)


def _mixing(shape: Shape) -> Iterator[Parameter]:
    for index in range(min(shape.sources + 1, MAX_SOURCES)):
        yield from _source(shape.blocks, shape.rows, index, index >= shape.sources)


@lru_cache(maxsize=4 * MAX_SOURCES)
def _source(blocks: tuple[int, ...], rows: int, index: int, adds: bool) -> tuple[Parameter, ...]:
    number, path = index + 1, ("mixing", "sources", index)
    at, of = f"/mixing/{number}", f"Source {number}"

    def put_seed(recipe: Recipe, seed: Any) -> Recipe:
        source = replace(read(recipe, path), seed=seed, values=())
        return written(recipe, path, source)

    text = "The seed that is mixed in." + (" Setting it adds the source." if adds else "")
    seed = _plain(f"{at}/seed", f"{of}, seed", SEED, (*path, "seed"), text)
    text = "The prompt that is mixed in."
    found = [
        dataclasses.replace(seed, put=put_seed),
        _plain(f"{at}/prompt", f"{of}, prompt", LINE, (*path, "prompt"), text),
    ]
    for track in ("latent", "text"):
        found += _track(blocks, rows, f"{at}/{track}", (*path, track), f"{of}, {track}")
    return tuple(dataclasses.replace(item, adds=adds) for item in found)


def _track(blocks: tuple[int, ...], rows: int, at: str, path: Path, of: str) -> Iterator[Parameter]:
    for index, size in enumerate(blocks):
        text = f"How much of the source's {path[-1]} the {size} px block takes."
        yield _plain(f"{at}/{size}", f"{of} at {size} px", MIX, (*path, "weights", index), text)
    for row in range(rows):
        yield _track_row(at, path, of, row)


def _track_row(at: str, path: Path, of: str, row: int) -> Parameter:
    where = (*path, "rows")

    def get(recipe: Recipe) -> Value:
        return dict(read(recipe, where)).get(row)

    def put(recipe: Recipe, weight: Any) -> Recipe:
        rows = {**dict(read(recipe, where)), row: weight}
        kept = tuple((key, value) for key, value in sorted(rows.items()) if value is not None)
        return written(recipe, where, kept)

    text = f"How much of the source's {path[-1]} row {row} of w takes."
    return Parameter(f"{at}/row/{row}", f"{of} in row {row}", MIX_ROW, None, text, get, put)


def _noise(shape: Shape) -> Iterator[Parameter]:
    modes, text = Choice(("const", "random", "none")), "Where the noise comes from."
    yield _plain("/noise/mode", "Noise mode", modes, ("noise", "mode"), text)
    yield _plain("/noise/seed", "Noise seed", SEED, ("noise", "seed"), "Seed of random noise.")
    text = "Multiplies all noise."
    yield _plain("/noise/strength", "Noise strength", STRENGTH, ("noise", "strength"), text)
    for index, size in enumerate(shape.blocks):
        label, text = f"Noise at {size} px", f"Multiplies the noise of the {size} px block."
        path: Path = ("noise", "blocks", index)
        yield _plain(f"/noise/strength/{size}", label, STRENGTH, path, text)


def _transform() -> Iterator[Parameter]:
    turn, shift = Number(-180.0, 180.0, unit="°"), Number(-1.0, 1.0)
    zoom = Number(0.25, 4.0, limits=(0.01, 100.0), unit="×")
    for name, field, kind, text in (
        ("rotate", "rotate_deg", turn, "Rotates the content counter-clockwise, in degrees."),
        ("x", "x", shift, "Moves the content right, in widths of the picture."),
        ("y", "y", shift, "Moves the content up, in heights of the picture."),
        ("zoom", "zoom", zoom, "Enlarges the content."),
    ):
        label = "Move " + name if name in "xy" else name.capitalize()
        yield _plain(f"/transform/{name}", label, kind, ("transform", field), text)


def _layout_lock() -> Parameter:
    def put(recipe: Recipe, on: Any) -> Recipe:
        if not on:
            return replace(recipe, layout=None)
        kept = recipe.layout or LayoutLock(recipe.text, recipe.latent, recipe.psi)
        return replace(recipe, layout=kept)

    text = (
        "Keeps the current layout: row 0 of w stays, whatever the others do. While it is on, what "
        "it keeps is under /layout/text, /layout/latent and /layout/psi."
    )
    return Parameter(
        "/layout/lock",
        "Layout lock",
        Switch(),
        False,
        text,
        lambda recipe: recipe.layout is not None,
        put,
    )
