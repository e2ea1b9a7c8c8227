"""Kills a real window at random moments while somebody plays, and looks what is lost.

    python -m tests.benchmarks.kill_window [--count 50] [--workers cpu,cpu]

Needs Xvfb and xdotool.  Keys go to the next seed or save the picture, and are told to the screen as
those of a hand.  After a kill the session must hold a seed at which the window was within the time
of an autosave and a bit, every capture must be whole, and no renderer or worker of that window may
live on.  The next start begins at the seed that was kept.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from renderer.files.images import read_recipe
from tests.source_tree import ROOT
from visualizer.session.autosave import Autosave
from visualizer.session.state import HOME_VARIABLE

KEPT_S = 4.0
"""An autosave is due after two seconds, and takes as long as a busy computer needs."""
ORPHANS_S = 20.0
START_S = 120.0
PLAYED_S = (0.5, 6.0)


@dataclass
class Toll:
    """What the kills came to."""

    kills: int = 0
    captures: int = 0
    losses: list[str] = field(default_factory=list)
    orphans_s: list[float] = field(default_factory=list)
    """How long the last process of a killed window lived on."""


def of_home(home: Path) -> list[int]:
    """Return the processes that were started for `home`."""
    mark, found = f"{HOME_VARIABLE}={home}\0".encode(), list[int]()
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit() and mark in (entry / "environ").read_bytes():
                found.append(int(entry.name))
    return found


class Hand:
    """A keyboard on a display."""

    def __init__(self, env: dict[str, str]) -> None:
        self._env = env
        self.seeds: list[float] = []
        """When each key for the next seed was pressed."""

    def told(self, *words: str, timeout_s: float = 30.0) -> str:
        """Run xdotool."""
        done = subprocess.run(
            ["xdotool", *words], env=self._env, capture_output=True, text=True, timeout=timeout_s
        )
        return done.stdout

    def play(self, chance: random.Random, seconds: float) -> None:
        """Press keys for a while."""
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s:
            if chance.random() < 0.1:
                self.told("key", "ctrl+s")
            else:
                self.told("key", "Right")
                self.seeds.append(time.monotonic())
            time.sleep(chance.random() * 0.15)


def seed_kept(home: Path) -> int:
    """Return the seed that the next start would begin with; -1 where there is none."""
    session = Autosave(home).load()
    return -1 if session is None else session.recipe.latent.seed


def begun(process: subprocess.Popen[bytes], hand: Hand, home: Path) -> None:
    """Wait for the window, and until its session is written."""
    before_s, end_s = time.time(), time.monotonic() + START_S
    kept = Autosave(home).path
    while time.monotonic() < end_s and process.poll() is None:
        if hand.told("search", "--onlyvisible", "--class", "stylegan").strip():
            hand.told("key", "Right")
            if kept.exists() and kept.stat().st_mtime > before_s:
                return
        time.sleep(0.5)
    raise SystemExit(f"The window did not begin: {process.poll()}")


def kill_once(
    home: Path, env: dict[str, str], options: list[str], chance: random.Random
) -> list[str]:
    """Start the window, play, kill it; returns what was lost."""
    process = subprocess.Popen([sys.executable, "-m", "visualizer", *options], env=env, cwd=ROOT)
    hand = Hand(env)
    begun(process, hand, home)
    time.sleep(KEPT_S)  # the keys until here are in the file
    first = seed_kept(home)
    hand.play(chance, chance.uniform(*PLAYED_S))
    os.kill(process.pid, signal.SIGKILL)
    killed_s = time.monotonic()
    process.wait()
    safe = sum(pressed_s < killed_s - KEPT_S for pressed_s in hand.seeds)
    kept, most = seed_kept(home), first + len(hand.seeds)
    if first + safe <= kept <= most:
        return []
    return [f"the session has seed {kept}, not one of {first + safe} to {most}"]


def orphans_s(home: Path) -> float:
    """Return how long processes of a killed window lived on, in seconds; infinite if they do."""
    begun_s = time.monotonic()
    while time.monotonic() < begun_s + ORPHANS_S:
        if not of_home(home):
            return time.monotonic() - begun_s
        time.sleep(0.1)
    return float("inf")


def broken(path: Path) -> str:
    """Return what is wrong with a capture; nothing where it is whole."""
    try:
        read_recipe(path)
        with Image.open(path) as image:
            image.load()
    except (OSError, ValueError) as error:
        return f"{path.name}: {error}"
    return ""


def main() -> int:
    parser = argparse.ArgumentParser(description="Kill a window at random moments.")
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--display", default=":93")
    parser.add_argument("--workers", default="none")
    args = parser.parse_args()
    chance, toll = random.Random(args.seed), Toll()
    options = ["--renderer", "process", "--workers", args.workers]
    screen = subprocess.Popen(["Xvfb", args.display, "-screen", "0", "1280x800x24"])
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        env = {**os.environ, "DISPLAY": args.display, HOME_VARIABLE: name}
        env["LIBGL_ALWAYS_SOFTWARE"] = "1"
        try:
            for turn in itertools.count(1):
                toll.losses += kill_once(home, env, options, chance)
                toll.kills += 1
                toll.orphans_s.append(lived := orphans_s(home))
                if lived == float("inf"):
                    toll.losses.append(f"turn {turn}: processes {of_home(home)} live on")
                print(turn, f"processes lived on for {lived:.1f} s", *toll.losses, flush=True)
                if turn == args.count:
                    break
        finally:
            screen.terminate()
            for pid in of_home(home):
                os.kill(pid, signal.SIGKILL)
        captures = list((home / "captures").glob("*.png"))
        toll.captures = len(captures)
        toll.losses += [problem for path in captures if (problem := broken(path))]
    longest = max(toll.orphans_s)
    print(f"{toll.kills} kills, {toll.captures} captures, longest life after {longest:.1f} s")
    print(f"{len(toll.losses)} losses", *toll.losses, sep="\n")
    return bool(toll.losses)


if __name__ == "__main__":
    raise SystemExit(main())
