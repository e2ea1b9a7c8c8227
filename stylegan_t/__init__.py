"""StyleGAN-T: the model, its checkpoints, its text towers and its training."""

from stylegan_t.card import ModelCard
from stylegan_t.checkpoint import CheckpointError, load, save
from stylegan_t.config import GeneratorConfig
from stylegan_t.generator import Generator, to_uint8

__all__ = [
    "CheckpointError",
    "Generator",
    "GeneratorConfig",
    "ModelCard",
    "load",
    "save",
    "to_uint8",
]
