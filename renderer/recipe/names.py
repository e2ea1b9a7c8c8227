"""Names of models and text towers, in memory and to people, and of files that hold a recipe.

It needs no PyTorch.
"""

from __future__ import annotations

import os
import re
from pathlib import PurePath, PurePosixPath, PureWindowsPath

from renderer.recipe.recipe import ModelRef, Recipe
from renderer.recipe.remote_paths import may_open
from stylegan_t.config import OPEN_CLIP
from stylegan_t.demo.built_in import BUILT_IN, is_built_in
from stylegan_t.terminal.visible import visible

HASH_SHOWN = 8
STEM_LENGTH = 40


def model_key(path: str) -> str:
    """Return what names a model in memory: "demo" or another that is built in, or the absolute path
    of its file."""
    if is_built_in(path):
        return path
    try:
        return os.path.abspath(os.path.expanduser(path))
    except OSError:  # a relative path, and the current folder is gone
        return path


def is_text(name: str) -> bool:
    """Return whether a file's name is text: on Linux it may be any bytes, and then nothing can show
    it and no recipe can name it."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def file_name(path: str) -> str:
    """The last part of a path; it may come from another system."""
    if os.name == "nt":  # nothing is looked at: it may be on another computer
        return PurePath(path).name
    foreign = PureWindowsPath(path).drive and not (may_open(path) and os.path.exists(path))
    kind: type[PurePath] = PureWindowsPath if foreign else PurePosixPath
    return kind(path).name


def display_name(path: str) -> str:
    """A model's short name for people."""
    built_in = BUILT_IN.get(path)
    return built_in.name if built_in else visible(file_name(path))


def tower_name(spec: str) -> str:
    """A text tower's name for people, from what names it in a recipe: "ViT-L-14 (openai)"."""
    if not spec.startswith(OPEN_CLIP):
        return visible(file_name(spec.partition("?")[0]) or spec)
    architecture, _, tag = spec.removeprefix(OPEN_CLIP).partition("/")
    return visible(f"{architecture} ({tag})" if tag else architecture)


def missing_sentence(model: ModelRef, *, elsewhere: bool = False) -> str:
    """Return what is said when the file of a recipe's model is not there, or not on the computer
    `elsewhere` where the renderer is."""
    known = f" (hash {model.sha256[:HASH_SHOWN]})" if model.sha256 else ""
    advice = (
        "open another model, or upload it" if elsewhere else "look for it, or open another model"
    )
    return f"The model {display_name(model.path)}{known} is not at {model.path}: {advice}."


def stem_of(recipe: Recipe) -> str:
    """A file name for a picture: the first words of its prompt, and its seed."""
    words = re.sub(r"[^\w]+", "-", recipe.text.prompts[0].text.lower()).strip("-_")
    words = words[:STEM_LENGTH].rstrip("-_")
    return f"{words or 'picture'}-seed{recipe.latent.seed}"
