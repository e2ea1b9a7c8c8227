"""Kills somebody who saves, at random moments, and counts what is lost or broken.

    python -m tests.benchmarks.kill_saving [KILLS]

Prints the kills and the losses, one sentence each; there must be none.  After a kill the session
must be the last one that was said to be safe, or the one after it; every file that has its name
must be whole; unfinished files may stay, but only under names that nobody takes for theirs.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
from PIL import Image

from renderer.files.images import read_recipe
from tests.source_tree import ROOT
from tests.visualizer.saving_hard import FRAMES, pixels
from visualizer.control import settings
from visualizer.instruments.prompts import PROMPT
from visualizer.session.autosave import Autosave
from visualizer.session.user_lists import Library

KILLS = 200
LONGEST_S = 0.4
"""Kills come up to so long after the first file: many rounds of saving."""


@dataclass
class Toll:
    """What the kills came to."""

    kills: int = 0
    losses: list[str] = field(default_factory=list)
    files: int = 0
    """Files that were looked at."""
    unfinished: int = 0
    """Hidden files that were cut off: kills that hit a file during its writing."""


def kill_once(home: Path, wait_s: float) -> list[str]:
    """Let somebody save, and kill them `wait_s` after the first file; returns what they printed."""
    command = [sys.executable, "-m", "tests.visualizer.saving_hard", str(home)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = ""
        while not first or first.splitlines()[-1].startswith("session"):  # that is no file yet
            line = process.stdout.readline()
            assert line, "it has ended before it saved anything"
            first += line
        time.sleep(wait_s)
        process.kill()
        rest = process.stdout.read()
    return [line for line in (first + rest).splitlines(keepends=True) if line.endswith("\n")]


def losses(home: Path, said: list[str]) -> list[str]:
    """What is lost or broken after a kill."""
    found: list[str] = []
    safe = max(int(line.split()[1]) for line in said if line.startswith("session"))
    session = Autosave(home).load()
    seed = -1 if session is None else session.recipe.latent.seed
    if seed not in (safe, safe + 1):
        found.append(f"session {safe} was safe, but there is {seed}")
    for kept in (
        Library(home, "prompts", PROMPT, 1000).load()[1],
        settings.load(home)[1],
    ):
        if kept:
            found.append(kept)
    found += [f"broken: {path.name}" for path in home.glob("*.broken.json")]
    paths = [Path(line.strip()) for line in said if not line.startswith("session")]
    found += [f"{path.name} was safe, but is gone" for path in paths if not path.exists()]
    return found


def broken(path: Path) -> str:
    """What is wrong with a capture; nothing where it is whole."""
    try:
        if path.is_dir():
            seeds = {read_recipe(one).latent.seed for one in path.glob("*.png")}
            whole = len(list(path.glob("*.png"))) == FRAMES and len(seeds) == 1
        elif path.suffix in (".mp4", ".gif"):
            with av.open(str(path)) as movie:
                whole = sum(1 for _ in movie.decode(video=0)) == FRAMES
        else:
            seed = read_recipe(path).latent.seed
            with Image.open(path) as image:
                shown = np.asarray(image.convert("RGB"))
            whole = path.suffix == ".jpg" or np.array_equal(shown, pixels(seed))
    except (OSError, ValueError) as error:
        return f"{path.name}: {error}"
    return "" if whole else f"{path.name} is not whole"


def kill_often(kills: int, seed: int = 0) -> Toll:
    """Kill `kills` times in one folder, at moments that `seed` chooses."""
    chance, toll = random.Random(seed), Toll()
    with tempfile.TemporaryDirectory() as name:
        home, seen = Path(name), set[Path]()
        for _ in range(kills):
            said = kill_once(home, chance.random() * LONGEST_S)
            toll.kills += 1
            toll.losses += losses(home, said)
            for path in (home / "captures").iterdir():
                if path.name.startswith(".") or path in seen:
                    continue
                seen.add(path)
                toll.files += 1
                if problem := broken(path):
                    toll.losses.append(problem)
        toll.unfinished = len(list(home.rglob(".*.part")))
    return toll


def main() -> int:
    """Print the toll; fails where something was lost."""
    toll = kill_often(int(sys.argv[1]) if len(sys.argv) > 1 else KILLS)
    for loss in toll.losses:
        print(loss)
    print(
        f"{toll.kills} kills, {toll.unfinished} of them during a file, "
        f"{toll.files} captures looked at, {len(toll.losses)} losses"
    )
    return bool(toll.losses)


if __name__ == "__main__":
    sys.exit(main())
