"""The parameters of bends, numbered as they stand in the list: `/bend/1/amount`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from renderer.frame.frame import ModelInfo
from renderer.parameters.kinds import Choice, Kind, Number, ParameterError, Switch, Text, Value
from renderer.parameters.parameter import Inert, Parameter
from renderer.parameters.ranges import LINE, SEED
from renderer.recipe.bend_words import CHANNELS_HELP, channels_in_words, read_channels
from renderer.recipe.parts.bends import AMOUNTS, MAX_BENDS, VERTICAL, new_bend
from renderer.recipe.paths import Path, read, written
from renderer.recipe.recipe import Bend, Recipe, RecipeError
from stylegan_t.config import BendKind

KINDS: tuple[BendKind, ...] = tuple(AMOUNTS)
SWEEPS: dict[BendKind, tuple[float, float]] = {
    "gain": (-2.0, 4.0),
    "bias": (-5.0, 5.0),
    "noise": (0.0, 5.0),
    "rotate": (-180.0, 180.0),
    "scale": (0.25, 4.0),
    "shift": (-0.5, 0.5),
}
"""The way of a slider or a knob, where it is less than the limits of the amount."""
TEXTS: dict[BendKind, str] = {
    "gain": "Multiplies the features: 1 changes nothing, 0 silences, below 0 inverts.",
    "bias": "Adds this number to the features; the list shows their mean and deviation.",
    "clamp": "Cuts off this share of the largest value: at 1 nothing is left.",
    "threshold": "Features smaller than this share of the largest become 0.",
    "ablate": "Removes the features: 1 removes all of them, 0 none.",
    "noise": "Adds noise of this strength, one map for all channels.",
    "blur": "Blurs the features, in sides of the picture.",
    "rotate": "Turns the features counter-clockwise about the centre.",
    "scale": "Enlarges the features about the centre; below 1 they become smaller.",
    "shift": "Moves the features to the right, in sides of the picture.",
    "mirror": "Mixes the features with their mirror image, left to right: 0.5 is symmetric.",
}
UPWARD: dict[BendKind, str] = {
    "shift": "Moves the features up, in sides of the picture.",
    "mirror": "Mixes the features with their mirror image, upside down.",
}


def amount_range(kind: BendKind) -> Number:
    """The amounts of a kind of bend, with the way of its slider."""
    limits = AMOUNTS[kind]
    low, high = SWEEPS.get(kind, (limits.low, limits.high))
    unit = {"rotate": "°", "scale": "×"}.get(kind, "")
    decimals = {"rotate": 1, "blur": 3, "shift": 3}.get(kind, 2)
    ends = (limits.low, limits.high)
    return Number(low, high, ends, unit, decimals=decimals, logarithmic=kind == "scale")


def bends(kinds: tuple[BendKind, ...]) -> Iterator[Parameter]:
    """The parameters of all bends of a recipe, and of the next one, which setting one adds."""
    for index, kind in enumerate(kinds):
        yield from bend(index, kind)
    if len(kinds) < MAX_BENDS:
        yield from bend(len(kinds), Bend().kind, adds=True)


@lru_cache(maxsize=4 * MAX_BENDS)
def bend(index: int, kind: BendKind, *, adds: bool = False) -> tuple[Parameter, ...]:
    """The parameters of bend `index`, from 0, of a kind."""
    found = [_layer(index, adds), _kind(index, adds), bend_amount(index, kind, adds=adds)]
    if kind in VERTICAL:
        found.append(bend_amount(index, kind, "vertical", adds=adds))
    if kind == "noise":
        text = "The seed of the noise that is added."
        found.append(_field(index, "seed", "seed", SEED, text, adds=adds))
    found.append(_channels(index, adds))
    text = "Off, the bend keeps its amounts and changes nothing."
    found.append(_field(index, "on", "on", Switch(), text, adds=adds))
    return tuple(found)


@lru_cache(maxsize=4 * MAX_BENDS)
def bend_amount(
    index: int, kind: BendKind, field: str = "amount", *, adds: bool = False
) -> Parameter:
    """The amount of bend `index`, from 0, or its `vertical` one."""
    texts, short = (TEXTS, "Amount") if field == "amount" else (UPWARD, "Vertical")
    usual = AMOUNTS[kind].neutral if field == "amount" else 0.0
    return _field(
        index, field, short.lower(), amount_range(kind), texts[kind], usual, short, adds=adds
    )


def missing_layer(recipe: Recipe, model: ModelInfo | None, index: int) -> str:
    """Return why bend `index` has no effect on a model; empty where it can have one."""
    if model is None or index >= len(recipe.bends):
        return ""
    name = recipe.bends[index].layer
    if any(layer.name == name for layer in model.layers):
        return ""
    return f"This model has no layer {name}." if name else "This bend has no layer yet."


def _inert(index: int) -> tuple[Inert, ...]:
    def no_layer(recipe: Recipe, model: ModelInfo | None) -> bool:
        return bool(missing_layer(recipe, model, index))

    return (Inert("This model has no such layer.", no_layer),)


def _field(
    index: int,
    field: str,
    words: str,
    kind: Kind,
    text: str,
    default: Value = None,
    short: str = "",
    *,
    adds: bool = False,
) -> Parameter:
    path: Path = ("bends", index, field)
    usual = getattr(Bend(), field) if default is None else default

    def get(recipe: Recipe) -> Value:
        return read(recipe, path)

    def put(recipe: Recipe, value: Any) -> Recipe:
        return written(recipe, path, value)

    label, at = f"Bend {index + 1}, {words}", f"/bend/{index + 1}/{field}"
    inert = _inert(index)
    return Parameter(at, label, kind, usual, text, get, put, adds, short or words.title(), inert)


def _layer(index: int, adds: bool) -> Parameter:
    text = "The layer whose features are changed, by its path in the model, such as b16.conv0."
    text += " Setting it adds the bend." if adds else ""
    return _field(index, "layer", "layer", LINE, text, adds=adds)


def _kind(index: int, adds: bool) -> Parameter:
    """Another kind begins with its own usual amount."""
    path: Path = ("bends", index)

    def get(recipe: Recipe) -> Value:
        return read(recipe, path).kind

    def put(recipe: Recipe, value: Any) -> Recipe:
        before = read(recipe, path)
        new = before if before.kind == value else changed_kind(before, value)
        return written(recipe, path, new)

    label, text = f"Bend {index + 1}, kind", "The change that is made to the features."
    at = f"/bend/{index + 1}/kind"
    return Parameter(at, label, Choice(KINDS), Bend().kind, text, get, put, adds, "Kind")


def changed_kind(bend: Bend, kind: BendKind) -> Bend:
    """`bend` of another kind, with that one's usual amount."""
    new = new_bend(bend.layer, kind)
    return Bend(new.layer, kind, new.amount, 0.0, bend.seed, bend.channels, bend.on)


def _channels(index: int, adds: bool) -> Parameter:
    path: Path = ("bends", index, "channels")

    def get(recipe: Recipe) -> Value:
        return channels_in_words(read(recipe, path))

    def put(recipe: Recipe, value: Any) -> Recipe:
        try:
            return written(recipe, path, read_channels(value))
        except RecipeError as error:
            raise ParameterError(str(error)) from error

    label, at = f"Bend {index + 1}, channels", f"/bend/{index + 1}/channels"
    text = f"The channels that are changed. {CHANNELS_HELP}"
    return Parameter(at, label, Text(), "all", text, get, put, adds, "Channels", _inert(index))
