"""The heap keeps what pictures free, and gives it back when it is told to."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from renderer import heap

PROBE = """
import resource, threading, torch
from renderer import heap
if {keep}:
    assert heap.keep_freed_blocks()
def draw():
    before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
    torch.ones(12_000_000)  # 48 MB, more than the library keeps by itself
    return resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before
def main():
    draw()
    again = min(draw() for _ in range(3))
    heap.give_back()
    print(again, draw())
thread = threading.Thread(target=main)  # as the renderer is
thread.start()
thread.join()
"""
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the GNU C library's")


def faults(*, keep: bool) -> tuple[int, int]:
    """Page faults of another block of the same size, and of one after memory was given back; in a
    process of its own, whose heap nobody else uses."""
    result = subprocess.run(
        [sys.executable, "-c", PROBE.format(keep=keep)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    again, afterwards = result.stdout.split()
    return int(again), int(afterwards)


@linux
def test_the_next_picture_takes_the_same_memory_again() -> None:
    if not heap.keep_freed_blocks():
        pytest.skip("this is not the GNU C library")
    kept, afterwards = faults(keep=True)
    plain, _ = faults(keep=False)
    assert kept < plain / 4
    assert afterwards > 4 * max(kept, 1), "and it was given back before the last one"


def test_elsewhere_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not heap.keep_freed_blocks()
    assert not heap.give_back()
