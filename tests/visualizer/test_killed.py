"""Whoever is killed at work loses next to nothing: with a real process and a real kill."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.kill_saving import kill_often
from tests.source_tree import ROOT
from tests.visualizer.working import FRAME_S
from visualizer.instruments.sessions import AUTOSAVE_S
from visualizer.session.session_file import read_session
from visualizer.session.state import Store

pytestmark = [pytest.mark.display, pytest.mark.slow]

KILLS = 3
SAVING_KILLS = 8
STEPS_KEPT = round(AUTOSAVE_S / FRAME_S) + 2
"""So many redraws pass, at most, from one autosave to the next."""


def edits_until_killed(home: Path, count: int) -> int:
    """Let somebody work until they have edited `count` pictures, kill them; returns the last."""
    command = [sys.executable, "-m", "tests.visualizer.working", str(home)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        last = [int(next(lines)) for _ in range(count)][-1]
        process.kill()
        return max([last, *(int(line) for line in lines if line.endswith("\n"))])


def test_a_kill_at_any_moment_leaves_a_whole_session(tmp_path: Path) -> None:
    chance, kept = random.Random(4), 0
    for _ in range(KILLS):
        last = edits_until_killed(tmp_path, chance.randrange(60, 120))
        seed = read_session(tmp_path / "session.json").recipe.latent.seed
        state = Store(tmp_path).load()
        assert state.recipe is not None
        assert state.recipe.latent.seed == seed
        assert not state.ended
        assert max(kept + 1, last - STEPS_KEPT) <= seed <= last + 1
        kept = seed
    assert [path.name for path in tmp_path.glob("*.broken.json")] == []


def test_a_kill_in_the_midst_of_saving_loses_nothing() -> None:
    toll = kill_often(SAVING_KILLS, seed=2)
    assert (toll.kills, toll.losses) == (SAVING_KILLS, [])
    assert toll.files >= SAVING_KILLS
