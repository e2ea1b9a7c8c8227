"""Wildcards on the command line: drawn by a seed, from lists of a folder, and said again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from renderer.recipe.fresh import FRESH
from renderer.recipe.recipe import Recipe
from renderer.recipe.templates import typed
from visualizer.options.as_command import as_options
from visualizer.options.recipe_options import RecipeOptions, build_recipe, recipe_options

COLOURS = "a {red|blue|green|white|black} house"


def built(*args: str, base: Recipe = FRESH) -> Recipe:
    """The recipe that options say."""
    made: list[Recipe] = []

    @click.command()
    @recipe_options
    def command(**options: Any) -> None:
        made.append(build_recipe(base, RecipeOptions(**options)))

    result = CliRunner().invoke(command, list(args), standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return made[0]


def test_a_seed_draws_and_the_command_says_it_again() -> None:
    texts = set()
    for seed in range(12):
        recipe = built("--prompt", COLOURS, "--wildcard-seed", str(seed))
        assert typed(recipe.text.prompts[0]) == COLOURS
        texts.add(recipe.text.prompts[0].text)
        options = as_options(recipe)
        assert options is not None and built(*options) == recipe
    assert len(texts) > 2
    first = built("--prompt", COLOURS)
    assert built("--wildcard-seed", "3", base=first) == built(
        "--prompt", COLOURS, "--wildcard-seed", "3"
    )


def test_lists_are_drawn_from_and_a_command_without_them_is_a_recipe_s(tmp_path: Path) -> None:
    (tmp_path / "hues.txt").write_text("pale\ndark\n")
    recipe = built("--prompt", "a __hues__ house", "--wildcards", str(tmp_path))
    assert recipe.text.prompts[0].text in ("a pale house", "a dark house")
    assert as_options(recipe) is None
    with pytest.raises(click.UsageError, match="No list of words is called “colours”"):
        built("--prompt", "__colours__", "--wildcards", str(tmp_path))
    with pytest.raises(click.ClickException, match="There is no folder"):
        built("--prompt", "x", "--wildcards", str(tmp_path / "missing"))


def test_a_literal_brace_is_said_again() -> None:
    recipe = built("--prompt", "a \\{b|c\\}")
    assert recipe.text.prompts[0].text == "a {b|c}" and not recipe.text.prompts[0].template
    options = as_options(recipe)
    assert options is not None and built(*options) == recipe
