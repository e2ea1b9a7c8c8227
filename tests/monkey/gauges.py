"""What a process holds on to: memory, open files, threads, textures; and how fast that grows."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MAX_TEXTURES = 20_000
"""Names of textures that are looked at; drivers hand out small ones."""


@dataclass(frozen=True)
class Sample:
    """One look, `at_s` seconds after the start."""

    at_s: float
    memory_mb: float
    handles: int
    threads: int
    textures: int


def sample(at_s: float, textures: bool = True) -> Sample:
    """Look now.  Needs Linux's /proc, and a current OpenGL context for the textures."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    memory = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    handles = len(os.listdir("/proc/self/fd"))
    threads = len(os.listdir("/proc/self/task"))
    return Sample(at_s, memory, handles, threads, count_textures() if textures else 0)


def count_textures() -> int:
    """How many textures the current context has."""
    from visualizer.gl import GL

    found = missing = 0
    for name in range(1, MAX_TEXTURES):
        if GL.glIsTexture(name):
            found, missing = found + 1, 0
        else:
            missing += 1
            if missing > 1_000:
                break
    return found


def slope(points: Sequence[tuple[float, float]]) -> float:
    """The least squares slope of (x, y) points: y per x; 0 for fewer than two."""
    if len(points) < 2:
        return 0.0
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    if spread == 0.0:
        return 0.0
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread


def growth(samples: Sequence[Sample]) -> dict[str, float]:
    """How much each figure grows an hour, by the second half of the samples."""
    late = samples[len(samples) // 2 :]
    return {
        name: slope([(one.at_s / 3600, float(getattr(one, name))) for one in late])
        for name in ("memory_mb", "handles", "threads", "textures")
    }
