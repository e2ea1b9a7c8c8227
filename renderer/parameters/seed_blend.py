"""The parameters of a blend of several seeds: each seed, its weight, and the place on the pad."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from renderer.parameters import ranges
from renderer.parameters.kinds import Kind, Switch
from renderer.parameters.parameter import Inert, Parameter
from renderer.recipe.parts.seeds import MAX_SEEDS, PAD_CORNERS
from renderer.recipe.paths import Path, read, written
from renderer.recipe.recipe import Pad, Recipe

WEIGHT_TEXT = "How much the seed counts in the blend; only the ratios of the weights matter."


def seed_blend(count: int, at: str, path: Path, of: str) -> Iterator[Parameter]:
    """The parameters of a blend of `count` seeds; one more is there to be added."""
    for index in range(min(count + 1, MAX_SEEDS)):
        yield from _seed(at, path, of, index, index >= count)
    if count:
        yield from _pad(at, path, of)


@lru_cache(maxsize=4 * MAX_SEEDS)
def _seed(at: str, path: Path, of: str, index: int, adds: bool) -> tuple[Parameter, ...]:
    number, row = index + 1, (*path, "seeds", index)
    text = f"Seed {number} of the blend." + (" Setting it adds the seed." if adds else "")
    padded = Inert(
        "The pad sets the weight of this seed.",
        lambda recipe, _: index < PAD_CORNERS and read(recipe, (*path, "pad")) is not None,
    )
    address, label = f"{at}/seeds/{number}", f"{of}Blended seed {number}"
    weight = f"{of}Weight of seed {number}"
    return (
        _plain(address, label, ranges.SEED, 0, text, (*row, "seed"), adds=adds),
        _plain(
            f"{address}/weight",
            weight,
            ranges.WEIGHT,
            1.0,
            WEIGHT_TEXT,
            (*row, "weight"),
            adds=adds,
            inert=(padded,),
        ),
    )


def _pad(at: str, path: Path, of: str) -> Iterator[Parameter]:
    where = (*path, "pad")

    def put(recipe: Recipe, on: Any) -> Recipe:
        return written(recipe, where, (read(recipe, where) or Pad()) if on else None)

    def get(recipe: Recipe) -> bool:
        return read(recipe, where) is not None

    text = "Lets the pad set the weights of the first four blended seeds."
    yield Parameter(f"{at}/pad/on", f"{of}Pad of seeds", Switch(), False, text, get, put)
    for axis, words in (("x", "left to right"), ("y", "top to bottom")):
        text = f"Position on the pad of seeds, {words}; setting it turns the pad on."
        label, place = f"{of}Pad of seeds {axis}", (*where, axis)
        yield _plain(f"{at}/pad/{axis}", label, ranges.SHARE, 0.5, text, place)


def _plain(
    address: str,
    label: str,
    kind: Kind,
    default: Any,
    text: str,
    path: Path,
    *,
    adds: bool = False,
    inert: tuple[Inert, ...] = (),
) -> Parameter:
    def get(recipe: Recipe) -> Any:
        return read(recipe, path)

    def put(recipe: Recipe, value: Any) -> Recipe:
        return written(recipe, path, value)

    return Parameter(address, label, kind, default, text, get, put, adds, "", inert)
