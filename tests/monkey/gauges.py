"""What a process holds on to: memory, open files, threads, textures, objects; how fast that grows.

Needs Linux's /proc.
"""

from __future__ import annotations

import ctypes
import gc
import os
import re
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

MAX_TEXTURES = 20_000
"""Names of textures that are looked at; drivers hand out small ones."""
HEAP_BYTES = 64 << 20
"""Where a thread's heap of the GNU C library begins is a multiple of this (HEAP_MAX_SIZE)."""
PROCESS = Path("/proc/self")
LEAST_OBJECTS = 25
"""Types with fewer objects are left out."""
REST = "rest_mb"
FIGURES = (
    "memory_mb",
    "private_mb",
    "heap_mb",
    "loose_mb",
    "python_mb",
    "other_mb",
    "handles",
    "threads",
    "textures",
    "mappings",
    "blocks",
)
"""The figures of a sample that are plain numbers, in the order in which they are printed."""


@dataclass(frozen=True)
class Sample:
    """One look, `at_s` seconds after the start, in the window that was opened as the `window`th.

    `memory_mb` is all that is resident, `private_mb` what belongs to no file.  That is made of
    `heap_mb`, what the C heap has handed out; `loose_mb`, what of it is resident and free;
    `python_mb`, the arenas of Python's small pieces, of which there are `blocks`; and `other_mb`:
    stacks, the graphics driver's own.  `held` says what the program knows that it keeps, `names`
    counts threads and open files by what they are, `kinds` Python's objects by type.
    """

    at_s: float
    window: int
    memory_mb: float
    private_mb: float
    heap_mb: float
    loose_mb: float
    python_mb: float
    other_mb: float
    handles: int
    threads: int
    textures: int
    mappings: int
    blocks: int
    held: Mapping[str, float] = field(default_factory=dict)
    names: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)

    @property
    def rest_mb(self) -> float:
        """What the C heap has handed out for neither previews nor tensors, which are bounded."""
        return self.heap_mb - self.held.get("previews_mb", 0.0) - self.held.get("tensors_mb", 0.0)

    def figure(self, name: str) -> float:
        """A figure or one of `held` by its name; 0 where it is not known."""
        if name == REST:
            return self.rest_mb
        return float(getattr(self, name)) if name in FIGURES else self.held.get(name, 0.0)


def sample(at_s: float, window: int = 0, held: Mapping[str, float] | None = None) -> Sample:
    """Look now.  Needs a current OpenGL context."""
    resident, private = resident_mb()
    heap, loose = heap_mb()
    python = python_mb()
    handles, threads = handle_names(), thread_names()
    return Sample(
        at_s,
        window,
        resident,
        private,
        heap,
        loose,
        python,
        private - heap - loose - python,
        handles.total(),
        threads.total(),
        count_textures(),
        (PROCESS / "maps").read_bytes().count(b"\n"),
        sys.getallocatedblocks(),
        held or {},
        threads + handles,
        object_kinds(),
    )


def object_kinds() -> Counter[str]:
    """Python's objects by type; without rare types, of which there are thousands: what measures
    must not be what grows."""
    kinds = Counter(type(one).__qualname__ for one in gc.get_objects())
    return Counter({name: count for name, count in kinds.items() if count >= LEAST_OBJECTS})


# -- memory --------------------------------------------------------------------------------------


def resident_mb() -> tuple[float, float]:
    """All resident memory, and the part of it that belongs to no file."""
    status = (PROCESS / "status").read_text()
    sizes = dict(re.findall(r"^(Vm\w+|Rss\w+):\s+(\d+) kB", status, re.MULTILINE))
    return int(sizes["VmRSS"]) * 1024 / 1e6, int(sizes["RssAnon"]) * 1024 / 1e6


class _HeapUse(ctypes.Structure):
    """struct mallinfo2 of the GNU C library; its figures are sums over all arenas."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    )


@cache
def _mallinfo() -> ctypes._FuncPointer | None:
    found = getattr(ctypes.CDLL(None), "mallinfo2", None)
    if found is not None:
        found.restype = _HeapUse
    return found


def heap_mb() -> tuple[float, float]:
    """What the C heap has handed out, and what of it is resident and free; zeros where the C
    library does not say."""
    ask = _mallinfo()
    if ask is None:
        return 0.0, 0.0
    use = ask()
    resident = sum(size for start, name, size in _regions() if _is_heap(start, name))
    return (use.uordblks + use.hblkhd) / 1e6, (resident - use.uordblks) / 1e6


def _is_heap(start: int, name: str) -> bool:
    """The main heap, or one of a thread's: those begin at multiples of their largest size."""
    return name == "[heap]" or (not name and start % HEAP_BYTES == 0)


def _regions() -> Iterator[tuple[int, str, int]]:
    """Every mapping: where it starts, its name, and its resident bytes."""
    start, name = 0, ""
    for line in (PROCESS / "smaps").read_text().splitlines():
        head = re.match(r"([0-9a-f]+)-[0-9a-f]+ \S+ \S+ \S+ \S+ *(.*)", line)
        if head:
            start, name = int(head[1], 16), head[2]
        elif line.startswith("Rss:"):
            yield start, name, int(line.split()[1]) * 1024


def python_mb() -> float:
    """The arenas that Python's small pieces lie in, by its own statistics, which it only prints."""
    with tempfile.TemporaryFile() as file:
        sys.stderr.flush()
        kept = os.dup(2)
        os.dup2(file.fileno(), 2)
        try:
            sys._debugmallocstats()
        finally:
            os.dup2(kept, 2)
            os.close(kept)
        file.seek(0)
        said = file.read().decode(errors="replace").replace(",", "")
    found = re.search(r"(\d+) arenas \* (\d+) bytes/arena", said)
    return int(found[1]) * int(found[2]) / 1e6 if found else 0.0


# -- threads, files, textures --------------------------------------------------------------------


def thread_names() -> Counter[str]:
    """The threads of the process by name: Python's own names where it made them."""
    known = {thread.native_id: thread.name for thread in threading.enumerate()}
    names: Counter[str] = Counter()
    for task in os.listdir(PROCESS / "task"):
        name = known.get(int(task))
        try:
            name = name or f"{(PROCESS / 'task' / task / 'comm').read_text().strip()} (not Python)"
        except OSError:  # it has ended meanwhile
            continue
        names[f"thread {_numberless(name)}"] += 1
    return names


def handle_names() -> Counter[str]:
    """The open files of the process by what they lead to."""
    names: Counter[str] = Counter()
    for handle in os.listdir(PROCESS / "fd"):
        try:
            target = os.readlink(PROCESS / "fd" / handle)
        except OSError:  # the listing's own
            continue
        names[f"file {_numberless(target)}"] += 1
    return names


def _numberless(name: str) -> str:
    """Without what tells apart two of the same kind: inodes, serial numbers."""
    return re.sub(r"[:_-]?\[?\d+\]?$", "", name)


def count_textures() -> int:
    """How many textures the current context has."""
    from visualizer.window.gl import GL

    found = missing = 0
    for name in range(1, MAX_TEXTURES):
        if GL.glIsTexture(name):
            found, missing = found + 1, 0
        else:
            missing += 1
            if missing > 1_000:
                break
    return found


# -- growth --------------------------------------------------------------------------------------


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


def growth(samples: Sequence[Sample], name: str) -> float:
    """How much a figure grows an hour, by the slope through all `samples`."""
    return slope([(one.at_s / 3600, one.figure(name)) for one in samples])


def first_of_each_window(samples: Sequence[Sample]) -> list[Sample]:
    """The samples that were taken soonest after each opening of the window: nothing but what
    outlives a window makes them differ."""
    first: dict[int, Sample] = {}
    for one in samples:
        first.setdefault(one.window, one)
    return list(first.values())
