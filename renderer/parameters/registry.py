"""The list of all parameters: each address, what it means, and where in a recipe it lives."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from msgspec.structs import replace

from renderer.parameters import ranges
from renderer.parameters.bends import bends
from renderer.parameters.canvas import canvas
from renderer.parameters.component_steps import NO_MODEL, component_steps, named_steps
from renderer.parameters.kinds import Kind, Switch, Value
from renderer.parameters.model_blend import model_blend
from renderer.parameters.parameter import Inert, Parameter
from renderer.parameters.prompt_text import prompt_text, typed_words, wildcard_seed
from renderer.parameters.seed_blend import seed_blend
from renderer.parameters.shape import Shape, TextShape
from renderer.recipe.paths import Path, read, written
from renderer.recipe.recipe import (
    MAX_PROMPTS,
    MAX_SOURCES,
    LayoutLock,
    Pad,
    Recipe,
)
from renderer.recipe.templates import NEUTRAL, place_of

DEFAULT = Recipe()
PAD_CORNERS = 4
NO_TEXT = Inert(
    "This model was trained without text.",
    lambda _, model: model is not None and model.c_dim == 0,
)
CLASSES = Inert(
    "This model was trained with classes, which its rows of w do not contain.",
    lambda _, model: model is not None and model.has_classes,
)
NOISELESS = Inert(
    "This model draws without noise.", lambda _, model: model is not None and not model.has_noise
)
FIXED = Inert(
    "The input of this model cannot be moved.",
    lambda _, model: model is not None and not model.has_transform,
)
NO_NOISE = Inert("There is no noise to scale.", lambda recipe, _: recipe.noise.mode == "none")
NO_SEED = Inert(
    "Only random noise is drawn from a seed.", lambda recipe, _: recipe.noise.mode != "random"
)
PSI_TEXT = (
    "Moves the latent part of w between the average (0) and its own value (1). Above 1 "
    "exaggerates, below 0 goes to the opposite side. The text is not truncated."
)
STRENGTH_TEXT = (
    "How strongly the prompts act: 0 is the neutral prompt, 1 the prompts as written, above 1 "
    "exaggerates them. Truncation is separate: it acts on the latent alone."
)
AMOUNT_TEXT = (
    "How far the text moves in this direction: 1 is the whole way from one prompt to the other, "
    "negative values go the opposite way."
)


def parameters(shape: Shape) -> Iterator[Parameter]:
    """Every parameter there is in a shape, in the order of the panels."""
    yield from _text(shape.text, "/text", ("text",), "")
    yield _plain("/psi", "Psi", ranges.PSI, ("psi",), PSI_TEXT)
    yield psi_cutoff(shape.rows)
    yield _plain(
        "/psi/towards",
        "Truncation towards",
        ranges.PSI_TOWARDS,
        ("psi_towards",),
        "What psi draws towards: the average, or the nearest of several means.",
        short="Towards",
    )
    for index, size in enumerate(shape.blocks):
        yield psi_of_block(index, size)
    yield from _latent("/latent", ("latent",), "")
    yield from seed_blend(shape.seeds[0], "/latent", ("latent",), "")
    yield from component_steps(shape.latent_dim, shape.styles, shape.blocks)
    yield from named_steps(shape.directions, shape.blocks)
    yield from _mixing(shape)
    yield from _noise(shape)
    yield from _transform()
    yield _layout_lock()
    if shape.layout is not None:
        of = "Layout: "
        yield _plain(
            "/layout/psi", f"{of}psi", ranges.PSI, ("layout", "psi"), "Psi of the kept layout."
        )
        yield from _latent("/layout/latent", ("layout", "latent"), of)
        yield from seed_blend(shape.seeds[1], "/layout/latent", ("layout", "latent"), of)
        yield from _text(shape.layout, "/layout/text", ("layout", "text"), of)
    yield from canvas()
    yield from bends(shape.bends)
    yield from model_blend(shape.blocks)
    text = "The type that the synthesis computes in; changing it loads the model again."
    yield _plain("/precision", "Precision", ranges.PRECISIONS, ("precision",), text)


# -- one value at a path ---------------------------------------------------------------------------


def _plain(
    address: str,
    label: str,
    kind: Kind,
    path: Path,
    text: str,
    *,
    adds: bool = False,
    short: str = "",
    inert: tuple[Inert, ...] = (),
) -> Parameter:
    """A parameter that is one field of the recipe."""

    def get(recipe: Recipe) -> Value:
        return read(recipe, path)

    def put(recipe: Recipe, value: Any) -> Recipe:
        return written(recipe, path, value)

    default = read(DEFAULT, path)
    return Parameter(address, label, kind, default, text, get, put, adds, short, inert)


# -- the parts -------------------------------------------------------------------------------------


def _text(shape: TextShape, at: str, path: Path, of: str) -> Iterator[Parameter]:
    for index in range(min(shape.prompts + 1, MAX_PROMPTS)):
        yield from _prompt(at, path, of, index, index >= shape.prompts)
    yield wildcard_seed(at, path, of)
    text = "How prompts are blended."
    yield _plain(f"{at}/blend", f"{of}Blend", ranges.TEXT_BLENDS, (*path, "blend"), text)
    text = "Scales the text to unit norm, as in training."
    yield _plain(f"{at}/normalize", f"{of}Normalise", Switch(), (*path, "normalize"), text)
    yield from _pad(shape, at, path, of)
    yield _plain(
        f"{at}/strength",
        f"{of}Text strength",
        ranges.TEXT_STRENGTH,
        (*path, "strength"),
        STRENGTH_TEXT,
        short="Strength",
        inert=(NO_TEXT,),
    )
    text = "The prompt that strength 0 shows. Empty means no text at all."
    seed = (*path, "wildcard_seed")
    yield typed_words(
        f"{at}/neutral",
        f"{of}Neutral prompt",
        text,
        (*path, "neutral"),
        NEUTRAL,
        seed=seed,
        short="Neutral",
        inert=(NO_TEXT,),
    )
    for index, name in enumerate(shape.directions):
        yield from _direction(f"{at}/direction/{index + 1}", path, index, of, name)


@lru_cache(maxsize=4 * MAX_PROMPTS)
def _prompt(at: str, path: Path, of: str, index: int, adds: bool) -> tuple[Parameter, ...]:
    number, row = index + 1, (*path, "prompts", index)
    weight = (
        f"How much prompt {number} counts in the blend. Negative values, which have to be typed, "
        "push away from it."
    )
    padded = Inert(
        "The pad sets this prompt's weight.",
        lambda recipe, _: index < PAD_CORNERS and read(recipe, (*path, "pad")) is not None,
    )
    where = f"{of}Weight {number}"
    return (
        prompt_text(at, path, of, index, adds, (NO_TEXT,)),
        _plain(
            f"{at}/weight/{number}",
            where,
            ranges.WEIGHT,
            (*row, "weight"),
            weight,
            adds=adds,
            short="Weight",
            inert=(NO_TEXT, padded),
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
        yield _plain(f"{at}/pad/{axis}", label, ranges.SHARE, place, words, adds=off)


def _direction(at: str, part: Path, index: int, of: str, name: str) -> Iterator[Parameter]:
    path, seed = (*part, "directions", index), (*part, "wildcard_seed")
    label = f"{of}Direction {name or at.rpartition('/')[2]}"
    yield _plain(
        at, label, ranges.AMOUNT, (*path, "amount"), AMOUNT_TEXT, short="Amount", inert=(NO_TEXT,)
    )
    for end in ("plus", "minus"):
        words = f"The prompt at the direction's {end} end."
        place = place_of("directions", index, end)
        yield typed_words(f"{at}/{end}", f"{label}, {end}", words, (*path, end), place, seed=seed)
    text = "The first row of w that it reaches."
    yield _plain(f"{at}/start", f"{label}, first row", ranges.ROW, (*path, "start"), text)
    text = "The first row of w that it does not reach."
    yield _plain(f"{at}/stop", f"{label}, stop row", ranges.LAST_ROW, (*path, "stop"), text)


def _latent(at: str, path: Path, of: str) -> Iterator[Parameter]:
    def put_seed(recipe: Recipe, seed: Any) -> Recipe:
        part = read(recipe, path)
        return written(recipe, path, replace(part, seed=seed, values=(), seeds=(), pad=None))

    def put_target(recipe: Recipe, seed: Any) -> Recipe:
        part = read(recipe, path)
        return written(recipe, path, replace(part, target_seed=seed, target_values=()))

    text = (
        "The random latent z that the picture starts from: another seed gives another picture of "
        "the same prompt."
    )
    seed = _plain(f"{at}/seed", f"{of}Seed", ranges.SEED, (*path, "seed"), text, short="Seed")
    yield dataclasses.replace(seed, put=put_seed)
    label, text = f"{of}Target seed", "The seed that Position interpolates to."
    where = (*path, "target_seed")
    target = _plain(f"{at}/target", label, ranges.SEED, where, text, short="Target")
    yield dataclasses.replace(target, put=put_target)
    text = "Interpolates z from the seed (0) to the target (1)."
    where = (*path, "position")
    yield _plain(f"{at}/position", f"{of}Position", ranges.POSITION, where, text, short="Position")
    text = "How latents are interpolated."
    yield _plain(f"{at}/blend", f"{of}Path", ranges.LATENT_BLENDS, (*path, "blend"), text)
    for axis, text in (("x", "seeds to the right"), ("y", "rows down")):
        words = f"Offset on the plane of seeds, in {text}."
        yield _plain(f"{at}/{axis}", f"{of}Plane {axis}", ranges.OFFSET, (*path, axis), words)


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

    text = "The latent of this source." + (" Setting it adds the source." if adds else "")
    seed = _plain(f"{at}/seed", f"{of}, seed", ranges.SEED, (*path, "seed"), text, short="Seed")
    text = "The prompt that is mixed in."
    found = [
        dataclasses.replace(seed, put=put_seed),
        typed_words(
            f"{at}/prompt",
            f"{of}, prompt",
            text,
            (*path, "prompt"),
            place_of("sources", index),
        ),
    ]
    for track in ("latent", "text"):
        found += _track(blocks, rows, f"{at}/{track}", (*path, track), f"{of}, {track}")
    return tuple(dataclasses.replace(item, adds=adds) for item in found)


def _track(blocks: tuple[int, ...], rows: int, at: str, path: Path, of: str) -> Iterator[Parameter]:
    for index, size in enumerate(blocks):
        text = f"How much of the source's {path[-1]} the {size} px block takes."
        yield _plain(
            f"{at}/{size}", f"{of} at {size} px", ranges.MIX, (*path, "weights", index), text
        )
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
    return Parameter(f"{at}/row/{row}", f"{of} in row {row}", ranges.MIX_ROW, None, text, get, put)


@lru_cache(maxsize=8)
def psi_cutoff(rows: int) -> Parameter:
    """The number of rows of w that are truncated, of a model that has `rows`; 0 is no model."""
    kind = dataclasses.replace(ranges.CUTOFF, high=rows or ranges.CUTOFF.high)
    text = "The number of rows of w that psi reaches, coarsest first. The others are as trained."
    return _plain(
        "/psi/cutoff", "Psi cutoff", kind, ("psi_cutoff",), text, short="Cutoff", inert=(NO_MODEL,)
    )


@lru_cache(maxsize=64)
def psi_of_block(index: int, size: int) -> Parameter:
    """The truncation of one resolution block, `size` pixels wide; blocks count from 0."""
    label, text = f"Psi at {size} px", f"The truncation of the {size} px block alone."
    path: Path = ("psi_blocks", index)
    return _plain(f"/psi/block/{size}", label, ranges.BLOCK_PSI, path, text, inert=(NO_MODEL,))


@lru_cache(maxsize=64)
def noise_of_block(index: int, size: int) -> Parameter:
    """The noise of one resolution block, `size` pixels wide; blocks count from 0."""
    text = f"Multiplies the noise of the {size} px block, on top of the noise strength."
    address, label = f"/noise/strength/{size}", f"Noise at {size} px"
    path: Path = ("noise", "blocks", index)
    inert = (NOISELESS, NO_NOISE, NO_MODEL)
    return _plain(address, label, ranges.NOISE_STRENGTH, path, text, inert=inert)


def _noise(shape: Shape) -> Iterator[Parameter]:
    at, text = ("noise", "mode"), "Where the noise comes from."
    kinds, none = ranges.NOISE_MODES, (NOISELESS,)
    yield _plain("/noise/mode", "Noise mode", kinds, at, text, short="Mode", inert=none)
    at, text = ("noise", "seed"), "The seed of the fresh noise maps."
    fixed = (NOISELESS, NO_SEED)
    yield _plain("/noise/seed", "Noise seed", ranges.SEED, at, text, short="Seed", inert=fixed)
    yield _plain(
        "/noise/strength",
        "Noise strength",
        ranges.NOISE_STRENGTH,
        ("noise", "strength"),
        "Multiplies the noise of every layer; 1 is as trained.",
        short="Strength",
        inert=(NOISELESS, NO_NOISE),
    )
    for index, size in enumerate(shape.blocks):
        yield noise_of_block(index, size)


def _transform() -> Iterator[Parameter]:
    turned = "Rotates the content counter-clockwise, before the first layer sees it."
    zoomed = "Enlarges the content itself; the picture keeps its resolution."
    right = "Moves the content right, in widths of the picture."
    up = "Moves the content up, in heights of the picture."
    for name, field, kind, short, text in (
        ("rotate", "rotate_deg", ranges.TURN, "Rotate", turned),
        ("x", "x", ranges.SHIFT, "Right", right),
        ("y", "y", ranges.SHIFT, "Up", up),
        ("zoom", "zoom", ranges.ZOOM, "Zoom", zoomed),
    ):
        label = "Move " + name if name in "xy" else short
        path: Path = ("transform", field)
        address = f"/transform/{name}"
        yield _plain(address, label, kind, path, text, short=short, inert=(FIXED,))


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
