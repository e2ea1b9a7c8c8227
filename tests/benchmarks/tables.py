"""Tables of measurements: on the screen, between processes, and in RESULTS.md."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from pathlib import Path

import torch
from msgspec import Struct

from renderer.models.device import available_cores

RESULTS = Path(__file__).with_name("RESULTS.md")
CPUINFO = Path("/proc/cpuinfo")
INTRODUCTION = """\
# Speed

Written by `python -m tests.benchmarks.speed --write`: one part for each machine, one table for each
thing measured, with its date. Times are wall-clock milliseconds of alternating runs in one process;
`load` is how many other threads wanted a processor (the average of the minute before and at the
end): figures of a busy machine are worth less. PSNR is that of the picture against the baseline's
in float32, the worst of several, in dB of the picture's own range.
"""


class Table(Struct, frozen=True):
    """What was measured: `rows` have as many cells as `head`; `note` says under which
    conditions."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def percentile(samples: Sequence[float], share: float) -> float:
    """The sample below which `share` (0 to 1) of all lie."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def spread(samples: Sequence[float]) -> tuple[str, str, str]:
    """Median, 99th percentile and number of samples, as cells.

    The samples are milliseconds; where there are none, there is nothing to say.
    """
    if not samples:
        return "none", "none", "0"
    median, worst = statistics.median(samples), percentile(samples, 0.99)
    return number(median), number(worst), str(len(samples))


def number(value: float) -> str:
    """Three digits that count, no more than three after the point."""
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.{2 if abs(value) >= 1 else 3}f}"


def plain(table: Table) -> str:
    """The table for a terminal."""
    widths = [
        max(len(line[column]) for line in (table.head, *table.rows))
        for column in range(len(table.head))
    ]
    lines = [table.title]
    for line in (table.head, *table.rows):
        first, *others = (cell for cell in zip(line, widths, strict=True))
        cells = [first[0].ljust(first[1]), *(text.rjust(width) for text, width in others)]
        lines.append("  " + "  ".join(cells).rstrip())
    return "\n".join([*lines, *([f"  {table.note}"] if table.note else [])])


def markdown(table: Table) -> str:
    """The table under a heading of its own."""
    lines = [
        _row(table.head),
        "|" + "|".join([":--", *(["--:"] * (len(table.head) - 1))]) + "|",
        *(_row(cells) for cells in table.rows),
    ]
    note = f"\n{table.note}\n" if table.note else ""
    return f"### {table.title}\n{note}\n" + "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"


def updated(text: str, machine: str, tables: Sequence[Table]) -> str:
    """RESULTS.md with new tables.

    Args:
        text: as it was; may be empty.
        machine: whose part the tables belong to.
        tables: they take the place of those with the same titles; others stay.
    """
    parts = _parts(text, "## ")
    own = _parts(parts.get(machine, ""), "### ")
    for table in tables:
        own[table.title] = markdown(table).partition("\n")[2]
    parts[machine] = "\n" + "\n".join(
        f"### {title}\n{body.rstrip()}\n" for title, body in own.items()
    )
    found = [f"## {name}\n{body.rstrip()}\n" for name, body in parts.items()]
    return "\n".join([INTRODUCTION, *found])


def _parts(text: str, mark: str) -> dict[str, str]:
    """What follows each heading that begins with `mark`, by its words, in order."""
    found: dict[str, str] = {}
    name = ""
    for line in text.splitlines(keepends=True):
        if line.startswith(mark):
            name = line.removeprefix(mark).strip()
            found[name] = ""
        elif name:
            found[name] += line
    return found


def machine() -> str:
    """The processor, the graphics card if there is one, and PyTorch."""
    parts = [f"{_processor()}, {available_cores()} cores"]
    if torch.cuda.is_available():
        parts.append(torch.cuda.get_device_name())
    return ", ".join([*parts, f"{platform.system()}, PyTorch {torch.__version__}"])


def _processor() -> str:
    if CPUINFO.exists():
        for line in CPUINFO.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def load() -> float:
    """Threads that wanted a processor in the last minute; 0 where nobody can tell."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
