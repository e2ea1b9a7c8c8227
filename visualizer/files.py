"""Files that the user hands over, and files that are saved for the user."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Literal

import numpy as np

from renderer.recipe import Recipe
from renderer.sheets import Sheet

MODEL_SUFFIXES = (".safetensors", ".pkl")
RECIPE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".json")
STEM_LENGTH = 40


def kind_of(path: Path) -> Literal["model", "recipe", "folder", "unknown"]:
    """What a file that was dropped on the window is, by its name."""
    if os.path.isdir(path):
        return "folder"
    if path.suffix.lower() in MODEL_SUFFIXES:
        return "model"
    return "recipe" if path.suffix.lower() in RECIPE_SUFFIXES else "unknown"


def refusal(path: Path) -> str:
    """Why a dropped file is not taken."""
    if os.path.isdir(path):
        return f"{path.name} is a folder: drop a model or a saved picture."
    return (
        f"{path.name} is neither a model (.safetensors, .pkl) nor a saved picture or recipe "
        "(.png, .json)."
    )


def stem_of(recipe: Recipe) -> str:
    """A file name for a picture: the first words of its prompt, and its seed."""
    words = re.sub(r"[^\w]+", "-", recipe.text.prompts[0].text.lower()).strip("-_")
    words = words[:STEM_LENGTH].rstrip("-_")
    return f"{words or 'picture'}-seed{recipe.latent.seed}"


def save_picture(
    folder: Path,
    stem: str,
    pixels: np.ndarray,
    recipe: Recipe,
    suffix: str = ".png",
    sheet: Sheet | None = None,
) -> Path:
    """Write a new picture that carries `recipe`; nothing is ever overwritten.

    Args:
        folder: made when it is missing.
        stem: beginning of the file's name.
        pixels: uint8 [H, W, 3], row 0 at the top.
        recipe: travels in the file.
        suffix: one of `renderer.export.SUFFIXES`.
        sheet: of which `recipe` is the base; travels in the file too.

    Raises:
        renderer.export.ExportError: it cannot be written; one sentence.
    """
    from renderer.export import encode, save_new

    return save_new(folder, stem, suffix, encode(pixels, recipe, suffix, sheet=sheet))


def show_in_file_manager(folder: Path) -> bool:
    """Show a folder in the system's file manager.  Returns whether one could be asked."""
    names = {"darwin": "open", "win32": "explorer"}
    program = shutil.which(names.get(sys.platform, "xdg-open"))
    if program is None:
        return False
    subprocess.Popen([program, str(folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return True
