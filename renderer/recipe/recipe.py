"""The recipe: everything that determines a picture, as one frozen value.

Undo is a list of recipes, a PNG's metadata is a recipe, the command line renders recipes, and the
renderer's caches are keyed by parts of a recipe.  So a recipe holds plain values only: it compares,
hashes, and travels as versioned JSON.  Its parts stand in `renderer.recipe.parts`, a theme each,
and are imported from here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import force_setattr

from renderer.errors import RendererError
from renderer.recipe.canonical import merged, trimmed
from renderer.recipe.parts.bends import MAX_BENDS, Bend
from renderer.recipe.parts.canvas import Canvas
from renderer.recipe.parts.fields import (
    MAX_BLOCKS,
    MAX_CHARACTERS,
    MAX_DIRECTIONS,
    MAX_MORPHS,
    MAX_MOVES,
    MAX_PROMPTS,
    MAX_ROWS,
    MAX_SEED,
    MAX_SOURCES,
    MAX_VALUES,
    MAX_ZOOM,
    MIN_ZOOM,
    WILD,
    Number,
    PerBlock,
    Precision,
    Row,
    Seed,
    Share,
    Text,
    Values,
    Version,
)
from renderer.recipe.parts.latent import LatentPart, Morph
from renderer.recipe.parts.layout import LayoutLock
from renderer.recipe.parts.mixing import MixingPart, MixSource, MixTrack
from renderer.recipe.parts.model import ModelBlend, ModelRef
from renderer.recipe.parts.moves import Move, Vector, unsound
from renderer.recipe.parts.noise import NoisePart
from renderer.recipe.parts.seeds import MAX_SEEDS, WeightedSeed
from renderer.recipe.parts.text import Direction, Pad, Prompt, TextPart
from renderer.recipe.parts.transform import TransformPart
from renderer.recipe.quoting import quoted
from stylegan_t.errors import BROKEN_JSON
from stylegan_t.terminal.wrong_values import place_in_words

__all__ = [
    "MAX_BENDS",
    "MAX_BLOCKS",
    "MAX_CHARACTERS",
    "MAX_DIRECTIONS",
    "MAX_JSON_BYTES",
    "MAX_MORPHS",
    "MAX_MOVES",
    "MAX_PROMPTS",
    "MAX_ROWS",
    "MAX_SEED",
    "MAX_SEEDS",
    "MAX_SOURCES",
    "MAX_VALUES",
    "MAX_ZOOM",
    "MIN_ZOOM",
    "RECIPE_VERSION",
    "WILD",
    "Bend",
    "Canvas",
    "Direction",
    "LatentPart",
    "LayoutLock",
    "MixSource",
    "MixTrack",
    "MixingPart",
    "ModelBlend",
    "ModelRef",
    "Morph",
    "Move",
    "NoisePart",
    "Number",
    "Pad",
    "PerBlock",
    "Precision",
    "Prompt",
    "Recipe",
    "RecipeError",
    "Row",
    "Seed",
    "Share",
    "Text",
    "TextPart",
    "TransformPart",
    "Values",
    "Vector",
    "Version",
    "WeightedSeed",
    "check",
    "check_morphs",
    "from_json",
    "to_json",
]

RECIPE_VERSION = 6
"""Version 1 knew one mixing source; what later ones lack, such as a second model, has defaults."""
MAX_JSON_BYTES = 4_000_000
"""A recipe is a page of text; anything larger was not written by this program."""


class RecipeError(RendererError, ValueError):
    """A recipe cannot be read or holds an impossible value; the message is for the user."""


class Recipe(Struct, frozen=True, forbid_unknown_fields=True, cache_hash=True):
    """Everything that determines one picture.  Equal recipes give equal pictures on one machine.

    Where an order does not matter there is one order only, however the recipe was made, and what
    says nothing is left out, see `renderer.recipe.canonical`: equal pictures are equal recipes.
    What a panel lists one by one stays, though it may have no effect: a prompt of weight 0, a bend
    that is off, a direction with a name.

    `psi_blocks` are truncations of single blocks, coarsest first; None and what is beyond the end
    take `psi`.  From row `psi_cutoff` of w on nothing is truncated.  Truncation goes `psi_towards`
    the "average" of the model, or of each class, or the "nearest" of several means, see
    `renderer.pipeline.means`.  `precision` is a setting of the device rather than of the picture:
    half precision moves pixels by a few grey levels at most, for half the memory and less time.
    """

    model: ModelRef = ModelRef()
    text: TextPart = TextPart()
    latent: LatentPart = LatentPart()
    psi: Number = 1.0
    psi_blocks: Annotated[tuple[Number | None, ...], Meta(max_length=MAX_BLOCKS)] = ()
    psi_cutoff: Annotated[int, Meta(ge=1, le=MAX_ROWS)] | None = None
    psi_towards: Literal["average", "nearest"] = "average"
    moves: Annotated[tuple[Move, ...], Meta(max_length=MAX_MOVES)] = ()
    noise: NoisePart = NoisePart()
    mixing: MixingPart = MixingPart()
    transform: TransformPart = TransformPart()
    layout: LayoutLock | None = None
    canvas: Canvas = Canvas()
    bends: Annotated[tuple[Bend, ...], Meta(max_length=MAX_BENDS)] = ()
    precision: Precision = "float32"

    def __post_init__(self) -> None:
        force_setattr(self, "psi_blocks", trimmed(self.psi_blocks, None))
        force_setattr(self, "moves", merged(self.moves, WILD))

    def psi_of_block(self, index: int) -> float:
        """The truncation of block `index`: its own, or the picture's."""
        own = self.psi_blocks[index] if index < len(self.psi_blocks) else None
        return self.psi if own is None else own


class _Envelope(Struct, frozen=True):
    """The form in which a recipe travels: the version stands beside it, so that it can be read
    first."""

    stylegan_t_recipe: Version
    recipe: msgspec.Raw


# Here, as everywhere, made while the module is imported: msgspec looks at a type when it meets it
# first, and crashes the process where two threads are the first at the same moment.
_ENVELOPE = msgspec.json.Decoder(_Envelope)
_RECIPE = msgspec.json.Decoder(Recipe)


def to_json(recipe: Recipe) -> str:
    """The recipe as one line of JSON with its version.

    Raises:
        RecipeError: a value is outside what its field allows, or not finite, or not text.
    """
    check(recipe)
    body = {"stylegan_t_recipe": RECIPE_VERSION, "recipe": recipe}
    try:
        return msgspec.json.encode(body).decode()
    except UnicodeEncodeError as error:
        # Half a surrogate pair: a broken clipboard, or a file name that is not UTF-8.
        raise RecipeError("This recipe contains characters that cannot be saved.") from error


def from_json(text: str | bytes) -> Recipe:
    """Read what `to_json` wrote.  The text is not trusted: types, ranges and sizes are checked.

    Raises:
        RecipeError: not a recipe, damaged, or written by a newer version of this program.
    """
    if len(text) > MAX_JSON_BYTES:
        raise RecipeError("This is far too large to be a recipe.")
    try:
        data = text.encode() if isinstance(text, str) else text
        envelope = _ENVELOPE.decode(data)
    except BROKEN_JSON as error:
        raise RecipeError("This is not a recipe that this program wrote.") from error
    if envelope.stylegan_t_recipe > RECIPE_VERSION:
        raise RecipeError(
            f"This recipe was written by a newer version of this program (format "
            f"{envelope.stylegan_t_recipe}, this program reads up to {RECIPE_VERSION}). "
            "Update the program to open it."
        )
    try:
        body = bytes(envelope.recipe)
        if envelope.stylegan_t_recipe == 1:
            recipe = msgspec.convert(_from_version_1(msgspec.json.decode(body)), Recipe)
        else:
            recipe = _RECIPE.decode(body)
    except BROKEN_JSON as error:
        raise RecipeError(f"This recipe is damaged: {quoted(error)}.") from error
    _check_beyond_types(recipe)  # decoding has checked the rest, and JSON has no NaN
    return recipe


def check(recipe: Recipe) -> None:
    """Raise `RecipeError` when a value is outside what its field allows (NaN and infinity too)."""
    _check_beyond_types(recipe)
    for name, value in _numbers(recipe, ""):
        if not math.isfinite(value):
            raise RecipeError(
                f"This recipe holds an impossible value: {place_in_words(name)} must be a finite "
                "number."
            )
    try:
        msgspec.convert(msgspec.to_builtins(recipe), Recipe)
    except msgspec.ValidationError as error:
        raise RecipeError(f"This recipe holds an impossible value: {quoted(error)}.") from error


def check_morphs(recipe: Recipe) -> None:
    """Raise `RecipeError` when morphs lie in one another too deep."""
    for latent in (recipe.latent, *([recipe.layout.latent] if recipe.layout else [])):
        if _morphs(latent) > MAX_MORPHS:
            raise RecipeError(
                f"This latent interpolates between interpolations more than {MAX_MORPHS} times: "
                "start again from a seed."
            )


def _check_beyond_types(recipe: Recipe) -> None:
    """Raise `RecipeError` for what the types of the fields let pass."""
    check_morphs(recipe)
    if problem := unsound(recipe.moves):
        raise RecipeError(problem)


def _from_version_1(body: Any) -> Any:
    """Return what version 1 wrote, in today's format: its one mixing source is the first of
    several."""
    if not isinstance(body, dict) or not isinstance(body.get("mixing"), dict):
        return body
    return {**body, "mixing": {"sources": [body["mixing"]]}}


def _morphs(part: LatentPart) -> int:
    """Return how many morphs lie in one another."""
    depth = 0
    while part.morph is not None:
        part, depth = part.morph.to, depth + 1
    return depth


def _numbers(value: Any, name: str) -> Iterator[tuple[str, float]]:
    if isinstance(value, float):
        yield name, value
    elif isinstance(value, Struct):
        for field in value.__struct_fields__:
            yield from _numbers(getattr(value, field), f"{name}.{field}".lstrip("."))
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _numbers(item, f"{name}[{index}]")
