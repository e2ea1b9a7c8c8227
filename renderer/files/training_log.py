"""The curves of what a run has logged, over thousand pictures; nothing in the files is trusted.

Ours is `log.jsonl`; the reference's are `stats.jsonl` and `metric-*.jsonl`.
"""

from __future__ import annotations

import fnmatch
import math
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from renderer.files.folder_scan import names_in
from renderer.files.training_run import kimg_of
from stylegan_t.errors import BROKEN_JSON
from stylegan_t.terminal.visible import visible

MAX_BYTES = 8_000_000
"""Of one log: of a longer one the end is read."""
MAX_LINE_BYTES = 200_000
MAX_METRICS = 16
"""Files of metrics of one run."""
MAX_CURVES, MAX_NAME = 64, 60
MAX_POINTS = 150
"""Of one curve: more would not be told apart in a panel."""
_LINE = msgspec.json.Decoder(dict[str, Any])
_X = ("step", "images", "timestamp")
"""Numbers of an entry that are not drawn over the pictures seen."""
Points = tuple[tuple[float, float], ...]
Entry = tuple[float, dict[str, float]]
Stamps = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class Curve:
    """A number that was logged, as (thousand pictures, value) from left to right."""

    name: str
    points: Points


def log_stamps(folder: Path) -> Stamps:
    """Return what tells that a log was written to: its name, its size, and when."""
    found = []
    for name in (*_metric_files(folder), *(name for name, _ in _LOGS)):
        try:
            status = os.stat(folder / name)
        except OSError:
            continue
        found.append((name, status.st_size, status.st_mtime_ns))
    return tuple(found)


def read_curves(folder: Path) -> tuple[Curve, ...]:
    """The curves of all logs in a run's folder: metrics first, then losses, then the rest."""
    metrics: list[Entry] = []
    for name in _metric_files(folder):
        metrics += _entries(folder / name, _metric)
    logged: list[Curve] = []
    for name, read in _LOGS:
        logged += _curves(list(_entries(folder / name, read)))
    logged.sort(key=lambda curve: "loss" not in curve.name.lower())
    return (*_curves(metrics), *logged)[:MAX_CURVES]


def _metric_files(folder: Path) -> list[str]:
    return sorted(fnmatch.filter(names_in(folder), "metric-*.jsonl"))[:MAX_METRICS]


def _entries(file: Path, read: Callable[[dict[str, Any]], Entry | None]) -> Iterator[Entry]:
    """Read what can be read of a log; a line that is damaged, or half-written, is left out."""
    for line in _lines(file):
        try:
            entry = read(_LINE.decode(line))
        except (*BROKEN_JSON, OverflowError):
            continue
        if entry is not None:
            yield entry


def _lines(file: Path) -> list[bytes]:
    try:
        if not stat.S_ISREG(os.stat(file).st_mode):
            return []
        with open(file, "rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - MAX_BYTES))
            lines = stream.read(MAX_BYTES).split(b"\n")
    except OSError:
        return []
    if size > MAX_BYTES:
        del lines[0]
    return [line for line in lines if line.strip() and len(line) <= MAX_LINE_BYTES]


def _ours(entry: dict[str, Any]) -> Entry | None:
    images = _number(entry.get("images"))
    x = _number(entry.get("step")) if images is None else images / 1000
    return None if x is None else (x, _numbers(entry))


def _stats(entry: dict[str, Any]) -> Entry | None:
    means = {name: part.get("mean") for name, part in entry.items() if isinstance(part, dict)}
    x = _number(means.pop("Progress/kimg", None))
    return None if x is None else (x, _numbers(means))


def _metric(entry: dict[str, Any]) -> Entry | None:
    name, results = entry.get("snapshot_pkl"), entry.get("results")
    x = kimg_of(name.rpartition("/")[2]) if isinstance(name, str) else None
    return None if x is None or not isinstance(results, dict) else (x, _numbers(results))


_LOGS = (("log.jsonl", _ours), ("stats.jsonl", _stats))


def _numbers(entry: dict[str, Any]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, value in entry.items():
        number = _number(value)
        if number is not None and name not in _X:
            found[visible(name[:MAX_NAME])] = number
    return found


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def _curves(entries: list[Entry]) -> list[Curve]:
    points: dict[str, dict[float, float]] = {}
    for x, values in entries:
        for name, value in values.items():
            if name in points or len(points) < MAX_CURVES:
                points.setdefault(name, {})[x] = value
    return [Curve(name, thinned(sorted(found.items()))) for name, found in points.items()]


def thinned(points: list[tuple[float, float]]) -> Points:
    """At most `MAX_POINTS` of them, evenly, the first and the last included."""
    if len(points) <= MAX_POINTS:
        return tuple(points)
    last = MAX_POINTS - 1
    return tuple(points[round(place * (len(points) - 1) / last)] for place in range(MAX_POINTS))
