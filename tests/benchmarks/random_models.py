"""Networks with random weights in which everything matters: gamma, noise, biases, placement."""

from __future__ import annotations

import torch
from torch import Tensor

from stylegan_t.config import GeneratorConfig
from stylegan_t.generator import Generator

NOISE, SCALE, BIAS, COLOUR = 0.4, 0.5, 0.3, 0.3


def random_generator(config: GeneratorConfig, seed: int = 0, device: str = "cpu") -> Generator:
    """A generator without a text tower, for drawing only; made where it is to be, which for a large
    one on a graphics card takes a tenth of the time."""
    torch.manual_seed(seed)
    with torch.device(device):
        made = Generator(config).eval().requires_grad_(False)
    for name, value in made.synthesis.named_parameters():
        if name.endswith("noise_strength"):
            value.fill_(NOISE)
        elif name.endswith(("gamma", "norm.bias", "torgb.bias", "input.affine.weight")):
            value.normal_(std=SCALE)
        elif name.endswith(".bias") and "affine" not in name and "norm" not in name:
            value.normal_(std=BIAS)
        elif name.endswith("torgb.weight"):
            value.mul_(COLOUR)
    return made


def latents(config: GeneratorConfig, count: int, seed: int = 1) -> list[Tensor]:
    """Rows of w, [1, num_ws, w_dim] each: other latents for one text."""
    generator = torch.Generator().manual_seed(seed)
    text = torch.randn(config.c_dim, generator=generator)
    found = []
    for _ in range(count):
        row = torch.cat([torch.randn(config.z_dim, generator=generator), text])
        found.append(row.expand(1, config.num_ws, -1).contiguous())
    return found
