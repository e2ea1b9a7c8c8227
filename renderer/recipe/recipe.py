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
from msgspec.structs import force_setattr

from renderer.errors import RendererError
from renderer.recipe.canonical import in_order, merged, trimmed
from renderer.recipe.quoting import quoted
from stylegan_t.config import DEMO
from stylegan_t.errors import BROKEN_JSON
from stylegan_t.terminal.wrong_values import place_in_words

RECIPE_VERSION = 4
"""Version 1 knew one mixing source; what later ones lack, such as a second model, has defaults."""
MAX_JSON_BYTES = 4_000_000
"""A recipe is a page of text; anything larger was not written by this program."""
MAX_SEED = 2**63 - 1
WILD = 1e4

Version = Annotated[int, Meta(ge=1, le=1_000_000)]
"""Of a format; what stands in a file may be a number of a thousand digits."""
Seed = Annotated[int, Meta(ge=0, le=MAX_SEED)]
Sha256 = Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")]
Number = Annotated[float, Meta(ge=-WILD, le=WILD)]
MAX_CHARACTERS = 100_000
"""Of one text."""
Text = Annotated[str, Meta(max_length=MAX_CHARACTERS)]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]
MAX_PROMPTS = 1000
MAX_DIRECTIONS = MAX_SOURCES = 64
MAX_MOVES = 256
MAX_VALUES = 4096
MIN_ZOOM, MAX_ZOOM = 0.01, 100.0
MAX_BLOCKS = 16
MAX_ROWS = 512
MAX_MORPHS = 16
"""Maximum depth of morphs inside one another; each is one generation of key frames."""
Row = Annotated[int, Meta(ge=0, lt=MAX_ROWS)]
Values = Annotated[tuple[Number, ...], Meta(max_length=MAX_VALUES)]
"""A latent written out; empty where a seed says it."""
PerBlock = Annotated[tuple[Number, ...], Meta(max_length=MAX_BLOCKS)]
Precision = Literal["float32", "bfloat16", "float16"]
"""The type of the synthesis' weights and feature maps; the last two take half the memory."""


class RecipeError(RendererError, ValueError):
    """A recipe cannot be read or holds an impossible value; the message is for the user."""


class ModelBlend(Struct, frozen=True, forbid_unknown_fields=True):
    """A second checkpoint of the same shapes, and how far the weights of each part go towards its:
    those of the `mapping` network, and of each resolution block, coarsest first.

    A weight of 0 keeps the first model's part, 1 takes the second's; blocks beyond the end of
    `weights` count as 0.  `path` and `sha256` are as in `ModelRef`; no path is no second model.
    """

    path: Text = ""
    sha256: Sha256 = ""
    mapping: Number = 0.0
    weights: PerBlock = ()

    def __post_init__(self) -> None:
        force_setattr(self, "weights", trimmed(self.weights, 0.0))


class ModelRef(Struct, frozen=True, forbid_unknown_fields=True):
    """A checkpoint: `"demo"` or a file's path, and the file's hash once it is known; with a
    `blend`, what lies between it and a second one.

    `tower` is what reads the prompts: empty for the checkpoint's own text tower, else a local file
    or a named one ("open_clip:ViT-L-14/openai") that is on this computer already: a recipe never
    makes the program fetch anything.
    """

    path: Text = DEMO
    sha256: Sha256 = ""
    tower: Text = ""
    blend: ModelBlend = ModelBlend()


class Prompt(Struct, frozen=True, forbid_unknown_fields=True):
    """One row of the prompt panel; rows are summed by weight."""

    text: Text = ""
    weight: Number = 1.0


class Pad(Struct, frozen=True, forbid_unknown_fields=True):
    """A place between four prompts: `x` from left to right, `y` from top to bottom.

    The first four rows are the corners: upper left, upper right, lower left, lower right.
    """

    x: Share = 0.5
    y: Share = 0.5

    def weights(self, count: int) -> tuple[float, ...]:
        """The shares of the first `count` corners, at most four; of four they sum to one."""
        x, y = self.x, self.y
        return ((1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y)[:count]


class Direction(Struct, frozen=True, forbid_unknown_fields=True):
    """Text arithmetic: `amount` times the way from the prompt `minus` to the prompt `plus` is added
    to the text of the rows of w from `start` up to but without `stop` (None: up to the last)."""

    name: Text = ""
    plus: Text = ""
    minus: Text = ""
    amount: Number = 0.0
    start: Row = 0
    stop: Row | None = None


class TextPart(Struct, frozen=True, forbid_unknown_fields=True, cache_hash=True):
    """The text side of w: a weighted blend of prompts.

    `blend` "slerp" goes round the unit sphere, "lerp" sums.  With `normalize` the result is brought
    back to unit norm, the norm of every text embedding that the model was trained on.  With a `pad`
    the first four prompts take their weights from it.  `strength` interpolates from the embedding
    of the prompt `neutral` (0) to the blend (1) and beyond.  At the end each of `directions` is
    added.
    """

    prompts: Annotated[tuple[Prompt, ...], Meta(min_length=1, max_length=MAX_PROMPTS)] = (Prompt(),)
    blend: Literal["lerp", "slerp"] = "lerp"
    normalize: bool = True
    pad: Pad | None = None
    strength: Number = 1.0
    neutral: Text = ""
    directions: Annotated[tuple[Direction, ...], Meta(max_length=MAX_DIRECTIONS)] = ()

    @property
    def weights(self) -> tuple[float, ...]:
        """Return what each prompt counts: its own weight, or that of its corner of the pad."""
        own = tuple(prompt.weight for prompt in self.prompts)
        if self.pad is None:
            return own
        corners = self.pad.weights(len(own))
        return corners + own[len(corners) :]


class LatentPart(Struct, frozen=True, forbid_unknown_fields=True, cache_hash=True):
    """The latent side of w.

    Seeds lie on an endless plane, see `renderer.recipe.seed_plane`: `x` and `y` are the offset from
    `seed`, in seeds to the right and rows down.  `values`, when there are any, stand in place of
    seed and offset.  From there `position` interpolates towards `target_values` or z of
    `target_seed`: 0 stays, 1 arrives, values outside extrapolate.  Last, a `morph` goes on towards
    a whole other latent.
    """

    seed: Seed = 0
    target_seed: Seed = 1
    position: Number = 0.0
    blend: Literal["slerp", "lerp"] = "slerp"
    x: Number = 0.0
    y: Number = 0.0
    values: Values = ()
    target_values: Values = ()
    morph: Morph | None = None


class Morph(Struct, frozen=True, forbid_unknown_fields=True):
    """Interpolates towards the latent `to`: 0 stays, 1 arrives.  Frames between key frames have
    one."""

    to: LatentPart
    position: Number = 0.0


class Move(Struct, frozen=True, forbid_unknown_fields=True):
    """A step along a principal component, `amount` standard deviations long.

    `space` "mapped" moves the mapped latent, for all rows; "style" moves the style of the layer
    that owns `row` of w (a colour output that shares its row stays).  Components are counted from
    0, the widest first; they depend on the model and its text tower, not on the text, see
    `renderer.pipeline.components`.
    """

    space: Literal["mapped", "style"] = "mapped"
    component: Annotated[int, Meta(ge=0, le=4095)] = 0
    amount: Number = 0.0
    row: Row = 0

    def __post_init__(self) -> None:
        if self.space == "mapped" and self.row:
            force_setattr(self, "row", 0)


class NoisePart(Struct, frozen=True, forbid_unknown_fields=True):
    """Per-pixel noise: the stored maps ("const"), fresh maps from `seed` ("random"), or none.

    `strength` multiplies all of it, `blocks` each resolution block's, coarsest first; blocks beyond
    the end of `blocks` count as 1.
    """

    mode: Literal["const", "random", "none"] = "const"
    seed: Seed = 0
    strength: Number = 1.0
    blocks: PerBlock = ()

    def __post_init__(self) -> None:
        force_setattr(self, "blocks", trimmed(self.blocks, 1.0))

    def of_block(self, index: int) -> float:
        """Return what multiplies the noise of block `index`."""
        own = self.blocks[index] if index < len(self.blocks) else 1.0
        return self.strength * own


class MixTrack(Struct, frozen=True, forbid_unknown_fields=True):
    """The share of a mixing source in each resolution block, coarsest first.

    A weight of 0 keeps the main picture's rows, 1 takes the source's, values between interpolate.
    Blocks beyond the end of `weights` count as 0.  `rows` are (row of w, weight) of single layers
    that go their own way.
    """

    weights: PerBlock = ()
    rows: Annotated[tuple[tuple[Row, Number], ...], Meta(max_length=MAX_ROWS)] = ()

    def __post_init__(self) -> None:
        force_setattr(self, "weights", trimmed(self.weights, 0.0))
        force_setattr(self, "rows", in_order(self.rows))

    def of_block(self, index: int) -> float:
        """The weight of block `index`."""
        return self.weights[index] if index < len(self.weights) else 0.0

    def of_row(self, row: int, block: int) -> float:
        """The weight of one row of w, which `block` owns."""
        return dict(self.rows).get(row, self.of_block(block))

    @property
    def active(self) -> bool:
        """Return whether it takes anything."""
        return any(self.weights) or any(weight for _, weight in self.rows)


class MixSource(Struct, frozen=True, forbid_unknown_fields=True, cache_hash=True):
    """A source of style mixing: a latent (a seed, or `values` in its place) and a prompt, each
    with a track of its own."""

    seed: Seed = 1
    values: Values = ()
    prompt: Text = ""
    latent: MixTrack = MixTrack()
    text: MixTrack = MixTrack()

    @property
    def active(self) -> bool:
        """Return whether anything is taken from it."""
        return self.latent.active or self.text.active


class MixingPart(Struct, frozen=True, forbid_unknown_fields=True, cache_hash=True):
    """Style mixing: sources by blocks and rows, on two independent tracks, latent and text.

    Where the weights of several sources sum to more than one, they share the place.
    """

    sources: Annotated[tuple[MixSource, ...], Meta(max_length=MAX_SOURCES)] = ()

    @property
    def active(self) -> bool:
        """Return whether anything is mixed."""
        return any(source.active for source in self.sources)


class LayoutLock(Struct, frozen=True, forbid_unknown_fields=True, cache_hash=True):
    """Text, latent and psi that row 0 of w keeps, whatever the others do: that row turns and moves
    the generator's input, so the layout stays."""

    text: TextPart = TextPart()
    latent: LatentPart = LatentPart()
    psi: Number = 1.0


class TransformPart(Struct, frozen=True, forbid_unknown_fields=True):
    """Moves the content through the generator's Fourier input.

    `rotate_deg` turns counter-clockwise; `x` and `y` are fractions of the picture's size, right
    and up; `zoom` above 1 enlarges the content.
    """

    rotate_deg: Number = 0.0
    x: Number = 0.0
    y: Number = 0.0
    zoom: Annotated[float, Meta(ge=MIN_ZOOM, le=MAX_ZOOM)] = 1.0


class Recipe(Struct, frozen=True, forbid_unknown_fields=True, cache_hash=True):
    """Everything that determines one picture.  Equal recipes give equal pictures on one machine.

    Where an order does not matter there is one order only, however the recipe was made, and what
    says nothing is left out, see `renderer.recipe.canonical`: equal pictures are equal recipes.

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
    check_morphs(recipe)  # decoding has checked the rest, and JSON has no NaN
    return recipe


def check(recipe: Recipe) -> None:
    """Raise `RecipeError` when a value is outside what its field allows (NaN and infinity too)."""
    check_morphs(recipe)
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
