"""`stylegan-t parameters`: every address that OSC, MIDI and scripts can use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import click

from renderer.errors import ModelError
from renderer.frame.frame import ModelInfo
from renderer.parameters import settings
from renderer.parameters.kinds import Value
from renderer.parameters.parameter import Command, Parameter
from renderer.parameters.parameters import EXAMPLE, parameters_of
from stylegan_t.demo.built_in import START
from visualizer.commands.convert import opened

NUMBER = re.compile(r"\d+")
SECTIONS = {
    "text": "Text",
    "psi": "Truncation",
    "latent": "Latent",
    "move": "Components",
    "mixing": "Mixing",
    "noise": "Noise",
    "transform": "Transform",
    "layout": "Layout lock",
    "canvas": "Canvas",
    "bend": "Bends",
    "blend": "Blend of models",
    "precision": "Precision",
    "moment": "Moments",
    "lfo": "LFOs",
}
"""The manual's headings, by the first part of an address; other addresses are commands."""
INTRO = """# Parameters

Every value of a picture has an address, which OSC, MIDI, scripts and the sliders of the window
share.  Prompts, sources and directions count from 1; setting the one after the last adds it.  A
knob and a slider sweep the range; what is typed or sent may reach further where that is said."""


@dataclass(frozen=True)
class Line:
    """A line of the list: an address or a family of them, its name, what it takes, its default, its
    sense, and when it has no effect."""

    address: str
    label: str
    takes: str
    default: str
    text: str
    inert: str = ""


@click.command()
@click.argument("model", default=START, metavar="[MODEL]")
@click.option("--markdown", is_flag=True, help="Print the whole manual, with tables.")
@click.option("--all", "everything", is_flag=True, help="Print each address on a line of its own.")
def parameters(model: str, markdown: bool, everything: bool) -> None:
    """List the addresses that OSC, MIDI and scripts can use.

    Which there are depends on the model's blocks and rows: those of MODEL are listed, a checkpoint
    or a built-in one.  Numbers that differ are put together: /psi/block/8|16|32 stands for three
    addresses, /text/prompt/1-2 for two.  Prompts, sources and directions count from 1; there is
    always one more than there are, and setting it adds one.
    """
    known = parameters_of(EXAMPLE, _info(model))
    lines = listed([*known, *known.commands], together=not everything)
    if markdown:
        click.echo("\n\n".join([INTRO, *_manual(lines)]))
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


def _manual(lines: Sequence[Line]) -> Iterator[str]:
    """A table for each part of the panels, for the commands, and for the other sliders."""
    parts: dict[str, list[Line]] = {name: [] for name in (*SECTIONS.values(), "Commands")}
    for line in lines:
        parts[SECTIONS.get(line.address.split("/")[1], "Commands")].append(line)
    for name, some in parts.items():
        if some:
            head = ("address", "name", "takes", "default", "what it does", "no effect when")
            rows = (
                (f"`{one.address}`", one.label, one.takes, one.default, one.text, one.inert)
                for one in some
            )
            yield f"## {name}\n\n{_table(head, rows)}"
    rows = ((one.name, one.kind.words, f"{one.default:g}", one.text) for one in settings.ALL)
    head = ("name", "takes", "default", "what it does")
    yield f"## Sliders without an address\n\n{_table(head, rows)}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head)]
    lines += [[cell.replace("|", "&#124;") for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


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
    address, label, text = first.address, first.label, first.text
    if len(family) > 1:
        numbers = [[int(n) for n in NUMBER.findall(item.address)] for item in family]
        address = _with_numbers(
            name, [sorted(set(column)) for column in zip(*numbers, strict=True)]
        )
        label = _together([item.label for item in family])
        text = _together([item.text for item in family])
    default = _words(first.default) if isinstance(first, Parameter) else ""
    why = [one.sentence for one in first.inert] if isinstance(first, Parameter) else []
    return Line(address, label, first.kind.words, default, text, " ".join(why))


def _together(texts: Sequence[str]) -> str:
    """Return one text for several: N for each number that is not the same in all of them."""
    numbers = [NUMBER.findall(text) for text in texts]
    if len({NUMBER.sub("N", text) for text in texts}) > 1:
        return texts[0]
    words = NUMBER.split(texts[0])
    shown = [column[0] if len(set(column)) == 1 else "N" for column in zip(*numbers, strict=True)]
    return "".join(part for pair in zip(words, [*shown, ""], strict=True) for part in pair)


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
