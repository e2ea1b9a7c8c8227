"""What a run came to, in words and figures: counts, growth, and what was not there before."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TextIO

from tests.monkey.gauges import FIGURES, LEAST_OBJECTS, REST, Sample, first_of_each_window, growth

if TYPE_CHECKING:
    from tests.monkey.monkey import Tally

KINDS_TOLD = 12


def summary(tally: Tally) -> str:
    """The figures of a run, over several lines."""
    minutes = tally.samples[-1].at_s / 60 if tally.samples else 0.0
    lines = [
        f"seed {tally.seed}: {minutes:.1f} minutes, {tally.step} acts, {tally.events} events, "
        f"{tally.redraws} redraws (slowest {tally.slowest_s:.2f} s, at step {tally.slowest_step}), "
        f"{tally.saved} files saved, opened again {tally.reopened} times, "
        f"at rest {tally.settled} times, {tally.proved} pictures rendered again, "
        f"{tally.undone} steps undone and redone, {len(tally.met)} different widgets",
        ", ".join(f"{name} {count}" for name, count in tally.acts.most_common()),
        *growth_lines(tally.samples),
        *news(tally.samples),
    ]
    return "\n".join(lines)


def names_of(samples: Sequence[Sample]) -> list[str]:
    """Every figure that any sample has."""
    return list(dict.fromkeys([*FIGURES, REST, *(name for one in samples for name in one.held)]))


def growth_lines(samples: Sequence[Sample]) -> Iterator[str]:
    """A table: each figure at first, in the middle, at most and last, and its slopes."""
    if not samples:
        return
    middle, firsts = len(samples) // 2, first_of_each_window(samples)
    yield f"{len(samples)} samples; growth an hour over all of them, over the second half, and over"
    yield f"the first sample of each of {len(firsts)} windows:"
    heads = ("first", "middle", "most", "last", "all", "second half", "fresh windows")
    yield f"{'':16}" + "".join(f"{head:>14}" for head in heads)
    for name in names_of(samples):
        values = [one.figure(name) for one in samples]
        slopes = (growth(part, name) for part in (samples, samples[middle:], firsts))
        seen = (values[0], values[middle], max(values), values[-1])
        told = "".join(f"{value:14.1f}" for value in seen)
        yield f"{name:16}{told}" + "".join(f"{value:+14.1f}" for value in slopes)


def news(samples: Sequence[Sample]) -> Iterator[str]:
    """Threads, files and objects that there are more of at the end: than at first, and than in the
    middle."""
    if len(samples) < 2:
        return
    last = samples[-1]
    for word, earlier in (("first", samples[0]), ("middle", samples[len(samples) // 2])):
        yield f"more than in the {word} sample: {_told(last.names - earlier.names, 1, 40)}"
        yield f"  fewer: {_told(earlier.names - last.names, 1, 40)}"
        yield f"  objects: {_told(last.kinds - earlier.kinds, LEAST_OBJECTS, KINDS_TOLD)}"
    fresh = first_of_each_window(samples)
    if len(fresh) > 2:  # the very first one is from before everything that is imported late
        grown = fresh[-1].kinds - fresh[1].kinds
        yield f"objects, last fresh window against the second: {_told(grown, 1, KINDS_TOLD)}"


def _told(more: Counter[str], least: int, most: int) -> str:
    told = [f"{count} {name}" for name, count in more.most_common(most) if count >= least]
    return ", ".join(told) or "nothing"


class SampleTable:
    """Writes samples as they come, as CSV with a heading.

    Args:
        file: open for writing.
    """

    def __init__(self, file: TextIO) -> None:
        self._file, self._table = file, csv.writer(file)
        self._names: list[str] = []
        self._written = 0

    def follow(self, samples: Sequence[Sample]) -> None:
        """Write those that are not written yet."""
        if samples and not self._names:
            self._names = names_of(samples)
            self._table.writerow(["at_s", "window", *self._names])
        for one in samples[self._written :]:
            figures = (round(one.figure(name), 2) for name in self._names)
            self._table.writerow([round(one.at_s, 1), one.window, *figures])
            self._file.flush()
        self._written = len(samples)
