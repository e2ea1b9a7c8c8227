"""Kill a tiny run again and again, and look whether it ends as if nothing had happened."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import stylegan_t
from stylegan_t.training.state import StateReader, states_in
from tests.stylegan_t.training.tiny_run import start, tiny_trainer

LENGTH: dict[str, Any] = {"kimg": 0.24, "snapshot_kimg": 0.008}
"""Thirty steps with a snapshot after each: most moments lie in or near the writing of one."""
KILLS_OF_ONE_RUN = 4
LAST = "network-snapshot-000000.240.safetensors"


def run_to_the_end(folder: Path) -> bytes:
    """Let a run go on undisturbed; the bytes of its model."""
    run = tiny_trainer(folder, **LENGTH)
    assert run.run() and run.step == 30
    return (folder / LAST).read_bytes()


def kill_once(folder: Path, wait_s: float) -> bool:
    """Start or go on with a run, and kill -9 it so long after it began to train.

    Returns:
        Whether it was killed; it may have been faster.
    """
    process = start(folder, **LENGTH)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("Training data"):
            break
    time.sleep(wait_s)
    killed = process.poll() is None
    process.kill()
    process.communicate()
    assert killed or process.returncode == 0
    return killed and process.returncode == -signal.SIGKILL


def check_files(folder: Path) -> None:
    """Every file under its right name is whole."""
    for path in states_in(folder):
        reader = StateReader(path)
        assert reader.about.step * 8 == reader.about.seen
    for path in folder.glob("network-snapshot-*.safetensors"):
        stylegan_t.load(path)


def kill_and_compare(
    folder: Path, kills: int, seed: int, longest_s: float, report: Callable[[str], None] = print
) -> int:
    """Kill runs at random moments, let them end, and compare them with an undisturbed one.

    Returns:
        How often one was really killed.
    """
    expected = run_to_the_end(folder / "whole")
    rng, killed = random.Random(seed), 0
    for first in range(0, kills, KILLS_OF_ONE_RUN):
        place = folder / f"killed-{first}"
        for _ in range(min(KILLS_OF_ONE_RUN, kills - first)):
            wait_s = rng.uniform(0, longest_s)
            killed += kill_once(place, wait_s)
            check_files(place)
            states = states_in(place)
            step = StateReader(states[0]).about.step if states else 0
            report(f"killed {wait_s:.2f} s after the start: files are whole, at step {step}")
        assert run_to_the_end(place) == expected
        assert not list(place.rglob(".*")), "what was half done is swept up"
        report("ended with the same model")
    return killed
