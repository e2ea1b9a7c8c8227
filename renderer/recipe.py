"""The recipe: everything that determines a picture, as one frozen value.

Undo is a list of recipes, a PNG's metadata is a recipe, the command line renders recipes, and the
renderer's caches are keyed by parts of a recipe.  So a recipe holds plain values only: it compares,
hashes, and travels as versioned JSON.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

RECIPE_VERSION = 1
MAX_JSON_BYTES = 4_000_000
"""A recipe is a page of text; anything larger was not written by this program."""
MAX_SEED = 2**63 - 1
PSI_RANGE = (-1.0, 2.0)
"""What the truncation slider offers; typed values may go further (up to `WILD`)."""
WILD = 1e4

Seed = Annotated[int, Meta(ge=0, le=MAX_SEED)]
Number = Annotated[float, Meta(ge=-WILD, le=WILD)]
Text = Annotated[str, Meta(max_length=100_000)]
Precision = Literal["float32", "bfloat16", "float16"]
"""The type of the synthesis' weights and feature maps; the last two take half the memory."""


class RecipeError(ValueError):
    """A recipe cannot be read or holds an impossible value; the message is for the user."""


class ModelRef(Struct, frozen=True, forbid_unknown_fields=True):
    """Which checkpoint: `"demo"` or a file's path, and the file's hash once it is known.

    `tower` is what reads the prompts: empty for the checkpoint's own text tower, else a local file
    or a named one ("open_clip:ViT-L-14/openai") that is on this computer already: a recipe never
    makes the program fetch anything.
    """

    path: Text = "demo"
    sha256: Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")] = ""
    tower: Text = ""


class Prompt(Struct, frozen=True, forbid_unknown_fields=True):
    """One row of the prompt panel; rows are summed by weight."""

    text: Text = ""
    weight: Number = 1.0


class TextPart(Struct, frozen=True, forbid_unknown_fields=True):
    """The text side of w: a weighted blend of prompts.

    `blend` "slerp" walks the unit sphere, "lerp" sums.  With `normalize` the sum is brought back
    to unit norm, the norm of every text embedding that the model was trained on.
    """

    prompts: Annotated[tuple[Prompt, ...], Meta(min_length=1, max_length=1000)] = (Prompt(),)
    blend: Literal["lerp", "slerp"] = "lerp"
    normalize: bool = True


class LatentPart(Struct, frozen=True, forbid_unknown_fields=True):
    """The latent side of w: z of `seed`, walked by `position` towards z of `target_seed`.

    A position of 0 is `seed`, 1 is `target_seed`; values outside walk on.
    """

    seed: Seed = 0
    target_seed: Seed = 1
    position: Number = 0.0
    blend: Literal["slerp", "lerp"] = "slerp"


class NoisePart(Struct, frozen=True, forbid_unknown_fields=True):
    """Per-pixel noise: the stored maps ("const"), fresh maps from `seed` ("random"), or none."""

    mode: Literal["const", "random", "none"] = "const"
    seed: Seed = 0
    strength: Number = 1.0


class MixTrack(Struct, frozen=True, forbid_unknown_fields=True):
    """How much of the mixing source each resolution block takes, coarsest first.

    A weight of 0 keeps the main picture's rows, 1 takes the source's, values between interpolate.
    Blocks beyond the end of `weights` count as 0.
    """

    weights: Annotated[tuple[Number, ...], Meta(max_length=16)] = ()

    def of_block(self, index: int) -> float:
        return self.weights[index] if index < len(self.weights) else 0.0

    @property
    def active(self) -> bool:
        return any(self.weights)


class MixingPart(Struct, frozen=True, forbid_unknown_fields=True):
    """Style mixing on two independent tracks, latent and text, per resolution block.

    `seed` and `prompt` are the source that the tracks take from.
    """

    seed: Seed = 1
    prompt: Text = ""
    latent: MixTrack = MixTrack()
    text: MixTrack = MixTrack()


class TransformPart(Struct, frozen=True, forbid_unknown_fields=True):
    """Moves the content through the generator's Fourier input.

    `rotate_deg` turns counter-clockwise; `x` and `y` are fractions of the picture's size, right
    and up; `zoom` above 1 enlarges the content.
    """

    rotate_deg: Number = 0.0
    x: Number = 0.0
    y: Number = 0.0
    zoom: Annotated[float, Meta(ge=0.01, le=100.0)] = 1.0


class Recipe(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that determines one picture.  Equal recipes give equal pictures on one machine.

    `precision` is a setting of the device rather than of the picture: half precision moves pixels
    by a few grey levels at most, for half the memory and, where the hardware has it, less time.
    """

    model: ModelRef = ModelRef()
    text: TextPart = TextPart()
    latent: LatentPart = LatentPart()
    psi: Number = 1.0
    noise: NoisePart = NoisePart()
    mixing: MixingPart = MixingPart()
    transform: TransformPart = TransformPart()
    precision: Precision = "float32"


class _Envelope(Struct, frozen=True):
    """How a recipe travels: the version stands beside it, so that it can be read first."""

    stylegan_t_recipe: int
    recipe: msgspec.Raw


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
        raise RecipeError("A text in this recipe holds characters that cannot be saved.") from error


def from_json(text: str | bytes) -> Recipe:
    """Read what `to_json` wrote.  The text is not trusted: types, ranges and sizes are checked.

    Raises:
        RecipeError: not a recipe, damaged, or written by a newer version of this program.
    """
    if len(text) > MAX_JSON_BYTES:
        raise RecipeError("This is far too large to be a recipe.")
    try:
        data = text.encode() if isinstance(text, str) else text
        envelope = msgspec.json.decode(data, type=_Envelope)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise RecipeError("This is not a recipe that this program wrote.") from error
    if envelope.stylegan_t_recipe < 1:
        raise RecipeError("This is not a recipe that this program wrote.")
    if envelope.stylegan_t_recipe > RECIPE_VERSION:
        raise RecipeError(
            f"This recipe was written by a newer version of this program (format "
            f"{envelope.stylegan_t_recipe}, this program reads up to {RECIPE_VERSION}). "
            "Update the program to open it."
        )
    try:
        recipe = msgspec.json.decode(bytes(envelope.recipe), type=Recipe)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise RecipeError(f"This recipe is damaged: {error}") from error
    check(recipe)
    return recipe


def check(recipe: Recipe) -> None:
    """Raise `RecipeError` when a value is outside what its field allows (NaN and infinity too)."""
    for name, value in _numbers(recipe, ""):
        if not math.isfinite(value):
            raise RecipeError(f"The value of {name} is not a finite number.")
    try:
        msgspec.convert(msgspec.to_builtins(recipe), Recipe)
    except msgspec.ValidationError as error:
        raise RecipeError(f"This recipe holds an impossible value: {error}") from error


def _numbers(value: Any, name: str) -> Iterator[tuple[str, float]]:
    if isinstance(value, float):
        yield name, value
    elif isinstance(value, Struct):
        for field in value.__struct_fields__:
            yield from _numbers(getattr(value, field), f"{name}.{field}".lstrip("."))
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _numbers(item, f"{name}[{index}]")
