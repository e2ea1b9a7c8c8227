"""Options that set one parameter each: range, choices, default and help are its declaration's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from renderer.parameters.kinds import Choice, Kind, Number, Text, Whole
from renderer.parameters.parameters import declared
from renderer.recipe.recipe import Recipe

ADDRESSES = {
    "seed": "/latent/seed",
    "to_seed": "/latent/target",
    "position": "/latent/position",
    "psi": "/psi",
    "psi_cutoff": "/psi/cutoff",
    "psi_towards": "/psi/towards",
    "noise": "/noise/mode",
    "noise_seed": "/noise/seed",
    "noise_strength": "/noise/strength",
    "rotate": "/transform/rotate",
    "x": "/transform/x",
    "y": "/transform/y",
    "zoom": "/transform/zoom",
    "precision": "/precision",
    "strength": "/text/strength",
    "neutral": "/text/neutral",
    "east": "/latent/x",
    "south": "/latent/y",
}
"""The parameter that each option sets, by its name in Python."""


def option_of(name: str, metavar: str | None = None) -> Callable[[Any], Any]:
    """The option `name` of `ADDRESSES`; not given, it is None."""
    parameter = declared(ADDRESSES[name])
    flag = f"--{name.replace('_', '-')}"
    return click.option(flag, type=type_of(parameter.kind), metavar=metavar, help=parameter.text)


def type_of(kind: Kind) -> click.ParamType:
    """Return how a value of a kind is read; the limits of a `Number` are checked with the recipe.

    Raises:
        TypeError: nothing on the command line is of that kind.
    """
    match kind:
        case Number():
            return click.FLOAT
        case Whole():
            return click.IntRange(*kind.limits)
        case Choice():
            return click.Choice(kind.options)
        case Text():
            return click.STRING
    raise TypeError(f"no option takes {kind.words}")


def with_declared(recipe: Recipe, options: object) -> Recipe:
    """`recipe` with every option of `ADDRESSES` that was given, in that order.

    A seed that is named counts, whatever latent is written out in the recipe.
    """
    for name, address in ADDRESSES.items():
        value = getattr(options, name)
        if value is not None:
            recipe = declared(address).put(recipe, value)
    return recipe


def differing(recipe: Recipe) -> dict[str, Any]:
    """The options of `ADDRESSES` that say in what `recipe` differs from a fresh one."""
    found = {}
    for name, address in ADDRESSES.items():
        parameter = declared(address)
        if (value := parameter.read(recipe)) != parameter.default:
            found[name] = value
    return found
