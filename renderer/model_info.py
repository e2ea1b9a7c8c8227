"""What a model is called, and what the panels show of one."""

from __future__ import annotations

import os
from pathlib import PurePath, PurePosixPath, PureWindowsPath

from renderer.errors import ModelError
from renderer.frame import ModelInfo
from renderer.recipe import ModelRef, Recipe
from stylegan_t import Generator
from stylegan_t.precision import stored_bytes

DEMO = "demo"
HASH_SHOWN = 8


def model_key(path: str) -> str:
    """What names a model in memory: "demo", or the absolute path of its file."""
    if path == DEMO:
        return path
    try:
        return os.path.abspath(os.path.expanduser(path))
    except OSError:  # a relative path, and the current folder is gone
        return path


def file_name(path: str) -> str:
    """The last part of a path; it may come from another system."""
    foreign = PureWindowsPath(path).drive and not os.path.exists(path)
    kind: type[PurePath] = PureWindowsPath if foreign else PurePosixPath
    return (PurePath(path) if os.name == "nt" else kind(path)).name


def display_name(path: str) -> str:
    """A model's short name for people."""
    return "the demo model" if path == DEMO else file_name(path)


def describe(generator: Generator, path: str) -> ModelInfo:
    """What the panels show of a model.

    Raises:
        ModelError: its pictures are neither grey nor RGB.
    """
    config, card = generator.config, generator.card
    if config.img_channels not in (1, 3):
        raise ModelError(f"Its pictures have {config.img_channels} channels, neither 1 nor 3.")
    blocks = tuple(config.block_resolutions)
    return ModelInfo(
        path=path,
        sha256=generator.sha256,
        name=card.name,
        description=card.description,
        resolution=config.img_resolution,
        z_dim=config.z_dim,
        c_dim=config.c_dim,
        num_ws=config.num_ws,
        blocks=blocks,
        rows_of_block=tuple(config.rows_of_block(i) for i in range(len(blocks))),
        parameters=_parameters(generator),
        text_tower=generator.text.name if generator.text is not None else None,
        example_prompts=card.example_prompts,
        vocabulary=card.vocabulary,
        memory_bytes=stored_bytes(generator),
    )


def _parameters(generator: Generator) -> int:
    """Trained values of the generator itself, without its text tower."""
    networks = (generator.mapping, generator.synthesis)
    return sum(p.numel() for network in networks for p in network.parameters())


def missing_sentence(model: ModelRef) -> str:
    """What is said when the file of a recipe's model is not there."""
    known = f" (hash {model.sha256[:HASH_SHOWN]})" if model.sha256 else ""
    return (
        f"The model {display_name(model.path)}{known} is not at {model.path}: "
        "look for it, or open another model."
    )


def hash_notes(recipe: Recipe, info: ModelInfo) -> tuple[str, ...]:
    """What is said when a file is not the one that a recipe was made with."""
    wanted = recipe.model.sha256
    if not wanted or wanted == info.sha256:
        return ()
    return (
        f"This recipe was made with another version of {display_name(info.path)} "
        f"(hash {wanted[:HASH_SHOWN]}, this one has {info.sha256[:HASH_SHOWN]}): "
        "the picture may differ.",
    )
