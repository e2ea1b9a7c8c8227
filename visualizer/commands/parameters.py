"""`stylegan-t parameters`: every address that OSC, MIDI and scripts can use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import click

from renderer.errors import ModelError
from renderer.frame.frame import ModelInfo
from renderer.parameters.kinds import Value
from renderer.parameters.parameter import Command, Parameter
from renderer.parameters.parameters import parameters_of
from renderer.recipe.recipe import Direction, MixingPart, MixSource, Recipe, TextPart
from visualizer.commands.convert import opened

NUMBER = re.compile(r"\d+")
EXAMPLE = Recipe(
    text=TextPart(directions=(Direction(name="1"),)), mixing=MixingPart((MixSource(),))
)
"""With one direction and one source, so that their addresses are in the list."""


@dataclass(frozen=True)
class Line:
    """A line of the list: an address or a family of them, what it takes, its default, its sense."""

    address: str
    takes: str
    default: str
    text: str


@click.command()
@click.argument("model", default="demo", metavar="[MODEL]")
@click.option("--markdown", is_flag=True, help="Print a table for a document.")
@click.option("--all", "everything", is_flag=True, help="Print each address on a line of its own.")
def parameters(model: str, markdown: bool, everything: bool) -> None:
    """List the addresses that OSC, MIDI and scripts can use.

    Which there are depends on the model's blocks and rows: those of MODEL are listed, "demo" or a
    checkpoint.  Numbers that differ are put together: /psi/block/8|16|32 stands for three
    addresses, /text/prompt/1-2 for two.  Prompts, sources and directions count from 1; there is
    always one more than there are, and setting it adds one.
    """
    known = parameters_of(EXAMPLE, _info(model))
    lines = listed([*known, *known.commands], together=not everything)
    if markdown:
        click.echo("| address | takes | default | |\n|---|---|---|---|")
        for line in lines:
            cells = (f"`{line.address}`", line.takes, line.default, line.text)
            click.echo(f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |")
        return
    widths = [
        max(len(cell) for cell in column)
        for column in zip(
            *((line.address, line.takes, line.default) for line in lines), strict=True
        )
    ]
    for line in lines:
        cells = (line.address, line.takes, line.default)
        shown = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        click.echo(f"{shown}  {line.text}")


def listed(items: Iterable[Parameter | Command], *, together: bool) -> list[Line]:
    """The lines of the list; `together` puts addresses that differ in their numbers alone into
    one."""
    families: dict[tuple[str, str], list[Parameter | Command]] = {}
    for item in items:
        name = NUMBER.sub("N", item.address) if together else item.address
        families.setdefault((name, item.kind.words), []).append(item)
    return [_line(name, family) for (name, _), family in families.items()]


def _line(name: str, family: Sequence[Parameter | Command]) -> Line:
    first = family[0]
    address, text = first.address, first.text
    if len(family) > 1:
        numbers = [[int(n) for n in NUMBER.findall(item.address)] for item in family]
        address = _with_numbers(
            name, [sorted(set(column)) for column in zip(*numbers, strict=True)]
        )
        text = NUMBER.sub("N", text)
    default = _words(first.default) if isinstance(first, Parameter) else ""
    return Line(address, first.kind.words, default, text)


def _with_numbers(name: str, columns: Sequence[Sequence[int]]) -> str:
    """`/a/N/N` with each N as the numbers that stand there: a range, or one by one."""
    parts = name.split("N")
    words = [parts[0]]
    for column, rest in zip(columns, parts[1:], strict=True):
        whole = list(column) == list(range(column[0], column[-1] + 1))
        if len(column) > 1 and whole:
            words.append(f"{column[0]}-{column[-1]}")
        else:
            words.append("|".join(str(number) for number in column))
        words.append(rest)
    return "".join(words)


def _words(default: Value) -> str:
    if default is None:
        return "nil"
    if isinstance(default, bool):
        return str(int(default))
    return f'"{default}"' if isinstance(default, str) else f"{default:g}"


def _info(model: str) -> ModelInfo:
    """Return what the model is made of."""
    generator = opened(model)
    # PyTorch, which the model needed anyway
    from renderer.models.info import describe

    try:
        return describe(generator, model)
    except ModelError as error:
        raise click.ClickException(str(error)) from error
