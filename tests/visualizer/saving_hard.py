"""Somebody who saves without a pause: the session, captures of every kind, lists and settings.

    python -m tests.visualizer.saving_hard FOLDER

A process of its own, to be killed at any moment.  Each line that is printed names what is safe from
now on: "session 7" once the seventh session is written, and the paths of captures.
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import numpy as np
from msgspec import Raw

from renderer.files.video import VideoFile
from renderer.files.video_settings import SUFFIXES, VideoKind, VideoSettings
from renderer.recipe.recipe import LatentPart, Recipe
from visualizer.control import settings as control_settings
from visualizer.control.settings import ControlSettings
from visualizer.instruments.prompts import PROMPT
from visualizer.session.autosave import Autosave
from visualizer.session.dropped_files import save_image
from visualizer.session.session_file import SessionFile
from visualizer.session.user_lists import Library

SIDE = 96
PICTURES = (".png", ".jpg", ".webp")
CLIPS: tuple[VideoKind, ...] = ("png", "gif", "mp4")
FRAMES = 3
FIRST_PORT = 1000


def pixels(seed: int) -> np.ndarray:
    """A picture that only this seed has, uint8 [SIDE, SIDE, 3]."""
    return np.random.default_rng(seed).integers(0, 256, (SIDE, SIDE, 3), np.uint8)


def recipe(seed: int) -> Recipe:
    """What stands in the files of round `seed`."""
    return Recipe(latent=LatentPart(seed=seed))


def clip(folder: Path, kind: VideoKind, seed: int) -> Path:
    """A short clip."""
    with VideoFile(
        folder / f"clip{SUFFIXES[kind]}", VideoSettings(kind=kind), numbered=True
    ) as one:
        for frame in range(FRAMES):
            one.add(pixels(seed + frame), recipe(seed))
        return one.finish()


def save_all(home: Path, seed: int, autosave: Autosave) -> None:
    """One round."""
    autosave.save(SessionFile(recipe(seed), {"long": Raw(b"[" + b"1," * 20_000 + b"1]")}))
    print(f"session {seed}", flush=True)
    suffix = PICTURES[seed % len(PICTURES)]
    print(save_image(home / "captures", "a", pixels(seed), recipe(seed), suffix), flush=True)
    Library(home, "prompts", PROMPT, 1000).save([str(n) for n in range(seed % 100 + 1)])
    control_settings.save(home, ControlSettings(port=FIRST_PORT + seed % 1000))
    if seed % 3 == 0:
        print(clip(home / "captures", CLIPS[seed // 3 % len(CLIPS)], seed), flush=True)


def main(home: Path) -> None:
    """Save until killed, beginning after what is there."""
    autosave = Autosave(home)
    known = autosave.load()
    first = 0 if known is None else known.recipe.latent.seed
    for seed in itertools.count(first + 1):
        save_all(home, seed, autosave)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
