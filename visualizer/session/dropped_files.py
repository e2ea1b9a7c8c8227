"""Files that the user hands over, and files that are saved for the user."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

from renderer.files.atomic import save_new
from renderer.files.kinds import MODEL_SUFFIXES, Kind
from renderer.recipe.recipe import Recipe

DOCUMENTS: tuple[Kind, ...] = (
    "session",
    "timeline",
    "take",
    "video",
    "moments",
    "direction",
    "preset",
)
"""Files that the window opens beside models and recipes."""


def refusal(path: Path, kind: Kind) -> str:
    """Return why a file that was handed over is not taken."""
    if kind == "folder":
        return (
            f"{path.name} is a folder without snapshots of a training run: drop a model or a saved "
            "picture."
        )
    if kind == "latent":
        return f"{path.name} is a saved latent: import it in the Latent panel."
    return (
        f"{path.name} is neither a model ({', '.join(MODEL_SUFFIXES)}) nor a saved picture, "
        "recipe, session, take or video (.png, .json, .take, .mp4)."
    )


def save_image(
    folder: Path,
    stem: str,
    pixels: np.ndarray,
    recipe: Recipe,
    suffix: str = ".png",
) -> Path:
    """Write a new picture that carries `recipe`; nothing is ever overwritten.

    Args:
        folder: made when it is missing.
        stem: beginning of the file's name.
        pixels: uint8 [H, W, 3], row 0 at the top.
        recipe: travels in the file.
        suffix: one of `renderer.files.kinds.IMAGE_SUFFIXES`.

    Raises:
        renderer.files.atomic.ExportError: it cannot be written; one sentence.
    """
    # Pillow is slow to import: not before the first frame
    from renderer.files.images import encode

    return save_new(folder, stem, suffix, encode(pixels, recipe, suffix))


def show_in_file_manager(folder: Path) -> bool:
    """Show a folder in the system's file manager.  Returns whether one could be asked."""
    names = {"darwin": "open", "win32": "explorer"}
    program = shutil.which(names.get(sys.platform, "xdg-open"))
    if program is None:
        return False
    subprocess.Popen([program, str(folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return True
