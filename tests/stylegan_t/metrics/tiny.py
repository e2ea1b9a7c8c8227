"""A generator of a few thousand weights, and real pictures in a folder, for tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from stylegan_t import Generator, GeneratorConfig
from stylegan_t.encoders.text import WordTower, WordTowerConfig


def tiny_generator(seed: int = 0, size: int = 16, c_dim: int = 8) -> Generator:
    """Sixteen pixels, random weights that show; `c_dim` 0 makes it unconditional."""
    torch.manual_seed(seed)
    config = WordTowerConfig(c_dim=8, width=8, layers=1, heads=2, buckets=64)
    tower = WordTower(config, "tiny words") if c_dim else None
    generator = Generator(GeneratorConfig(size, 8 * size, 8, 1, c_dim=c_dim, gn_groups=4), tower)
    return generator.eval().requires_grad_(False)


def write_pictures(folder: Path, count: int = 12, size: tuple[int, int] = (24, 20)) -> None:
    """Coloured noise with texts; every third picture has none."""
    rng = np.random.default_rng(1)
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        pixels = rng.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"p{index:02}.png")
        if index % 3:
            (folder / f"p{index:02}.txt").write_text(f" a picture {index}\n", "utf-8")
