"""Options that set one parameter each."""

from __future__ import annotations

from types import SimpleNamespace

import click
import pytest

from renderer.parameters.kinds import Switch
from renderer.parameters.parameters import declared
from renderer.recipe.recipe import MAX_SEED, LatentPart, Recipe
from visualizer.options.declared_options import (
    ADDRESSES,
    differing,
    option_of,
    type_of,
    with_declared,
)


@pytest.mark.parametrize("name", ADDRESSES)
def test_an_option_s_help_is_its_parameter_s(name: str) -> None:
    @click.command()
    @option_of(name)
    def command(**_: object) -> None: ...

    option = command.params[0]
    assert isinstance(option, click.Option)
    assert option.name == name and option.help == declared(ADDRESSES[name]).text


def test_kinds_are_read_as_what_they_are() -> None:
    seed = type_of(declared("/latent/seed").kind)
    assert isinstance(seed, click.IntRange) and seed.max == MAX_SEED
    with pytest.raises(TypeError):
        type_of(Switch())


def test_what_differs_makes_the_recipe_again() -> None:
    recipe = Recipe(psi=0.25, latent=LatentPart(7, x=0.5), precision="float16")
    said = differing(recipe)
    assert said == {"psi": 0.25, "seed": 7, "east": 0.5, "precision": "float16"}
    options = SimpleNamespace(**(dict.fromkeys(ADDRESSES) | said))
    assert with_declared(Recipe(), options) == recipe
    written = Recipe(latent=LatentPart(values=(0.5,)))
    named = with_declared(written, SimpleNamespace(**(dict.fromkeys(ADDRESSES) | {"seed": 7})))
    assert named == Recipe(latent=LatentPart(7))
