"""Options of the command line for wildcards in prompts: their seed, and the word lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from renderer.files.word_lists import read_word_lists
from renderer.parameters.ranges import SEED
from renderer.recipe.recipe import MAX_SEED, Prompt, TextPart
from renderer.recipe.templates import draw, retyped, with_seed
from renderer.recipe.wildcards import NO_LISTS, Lists
from stylegan_t.errors import ExplainedError
from visualizer.options.declared_options import type_of
from visualizer.options.paths import typed_path

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True)
class WildcardOptions:
    """Options that say how wildcards are drawn; None leaves the recipe's seed, and has no lists."""

    wildcard_seed: int | None = None
    wildcards: str | None = None


def wildcard_options(command: F) -> F:
    """Add the options of `WildcardOptions` to a command."""
    seed = click.option(
        "--wildcard-seed",
        type=type_of(SEED),
        metavar="N",
        help="Draws the {a|b} and __list__ of prompts; another seed draws others.",
    )
    folder = click.option(
        "--wildcards",
        metavar="FOLDER",
        help="Text files of words, one entry per line: __colours__ is one of colours.txt.",
    )
    return seed(folder(command))


def lists_of(options: WildcardOptions) -> Lists:
    """The word lists of the folder that was named.

    Raises:
        click.ClickException: it cannot be read.
    """
    if options.wildcards is None:
        return NO_LISTS
    try:
        found = read_word_lists(typed_path(options.wildcards))
    except ExplainedError as error:
        raise click.ClickException(str(error)) from error
    if found.problem:
        raise click.ClickException(found.problem)
    return found.lists


def drawn_prompt(words: str, seed: int, row: int, lists: Lists) -> Prompt:
    """The prompt that was typed, with its wildcards drawn.

    Raises:
        click.UsageError: it names a list that is not there, although lists are.
    """
    problem = draw(words, seed, row, lists).problem if lists else ""
    if problem:
        raise click.UsageError(problem)
    return retyped(Prompt(), words, seed, row, lists)


def with_wildcards(
    base: TextPart, prompts: Sequence[str], options: WildcardOptions
) -> tuple[TextPart, tuple[Prompt, ...]]:
    """`base` with the seed that was given, and the prompts that were typed, or those of `base`."""
    lists = lists_of(options)
    if options.wildcard_seed is not None:
        base = with_seed(base, options.wildcard_seed, lists)
    seed = base.wildcard_seed
    typed = tuple(drawn_prompt(words, seed, row, lists) for row, words in enumerate(prompts))
    return base, typed or base.prompts


def next_seed(seed: int, index: int) -> int:
    """The seed of line `index` of a list: equal lines are drawn differently."""
    return (seed + index) % (MAX_SEED + 1)
