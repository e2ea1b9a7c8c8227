"""StyleGAN-T: the model, its checkpoints, its text towers and its training.

What needs PyTorch is imported when it is asked for: the command line speaks before that.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stylegan_t.card import ModelCard
    from stylegan_t.checkpoints.checkpoint import CheckpointError, load, load_generator, save
    from stylegan_t.config import GeneratorConfig
    from stylegan_t.generator import Generator, to_uint8

__all__ = [
    "CheckpointError",
    "Generator",
    "GeneratorConfig",
    "ModelCard",
    "load",
    "load_generator",
    "save",
    "to_uint8",
]
_HOMES = {"ModelCard": "card", "GeneratorConfig": "config", "Generator": "generator"}
_HOMES |= {"to_uint8": "generator"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = importlib.import_module(f"{__name__}.{_HOMES.get(name, 'checkpoints.checkpoint')}")
    return getattr(home, name)
