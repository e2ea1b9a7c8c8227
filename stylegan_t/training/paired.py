"""Paired training: the generator learns scenes whose every free choice is read off its latent.

In the demo world a caption and a latent together determine one picture (`stylegan_t.demo`), so the
generator can be taught by showing it that picture: no critic is needed to learn *what* words mean.
Truncation is taught too: at psi below one the scene's choices are drawn to their middle.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stylegan_t.demo.scenes import captioned, picture_of
from stylegan_t.demo.world import ATTRIBUTES, COLUMN
from stylegan_t.encoders.text import TextTower
from stylegan_t.generator import Generator
from stylegan_t.layers import LRELU_GAIN, StyleSplit, SynthesisLayer, ToRGBLayer
from stylegan_t.metrics.crispness import crispness, edges, windows

OBJECT_WEIGHT = 4.0
"""The weight of a pixel of the object: small in the picture, large in the prompt."""
HARD_WEIGHT = 2.0
"""The weight of a picture that is hard to draw.  Pixel art is: square steps are hard for a network
that doubles its features smoothly."""
EDGE_WEIGHT = 1.0
CRISP_WEIGHT = 1.5
TRUNCATED_SHARE = 0.25
"""Share of samples taught at a psi below one."""
START_SCALE = 0.15
"""Scale of the starting weights, in place of 1.

Demodulation hides the scale of a convolution, so a smaller start only means that a step of Adam
turns it further; and styles that start almost alike for every prompt leave no random effects of w
to unlearn.
"""
_PIXEL_ART = ATTRIBUTES["style"].index("pixel")
_SNOWFALL = ATTRIBUTES["weather"].index("snow")
_LATENT_SHIFT = 4.0


@dataclass(frozen=True)
class Batch:
    """Latents [N, 64], embeddings [N, c_dim], psi [N, 1], pictures [N, 3, S, S] and weights
    [N, 1, S, S]."""

    z: Tensor
    c: Tensor
    psi: Tensor
    image: Tensor
    weight: Tensor

    def to(self, device: torch.device) -> Batch:
        """The same on a device."""
        parts = (self.z, self.c, self.psi, self.image, self.weight)
        return Batch(*(part.to(device) for part in parts))

    def split(self, n: int) -> list[Batch]:
        """Cut into batches of n."""
        parts = (t.split(n) for t in (self.z, self.c, self.psi, self.image, self.weight))
        return [Batch(*part) for part in zip(*parts, strict=True)]


def draw_batch(index: int, rank: int, seed: int, size: int, n: int, text: TextTower) -> Batch:
    """One batch of one rank, by its index: a function of its arguments, so that training resumes
    exactly where it stopped."""
    key = (seed * 1_000_003 + index) * 1009 + rank
    rng, generator = random.Random(key), torch.Generator().manual_seed(key)
    texts, named = captioned(n, rng, generator)
    z = torch.randn(n, 64, generator=generator)
    psi = torch.ones(n, 1)
    short = torch.rand(n, 1, generator=generator) < TRUNCATED_SHARE
    # A third of the truncated samples stand at psi 0 exactly, where the tool's slider has its mark.
    level = (torch.rand(n, 1, generator=generator) * 1.5 - 0.5).clamp(min=0)
    psi = torch.where(short, level, psi)
    image, mask, rows = picture_of(named, z, psi, size)
    near = F.avg_pool2d(mask.unsqueeze(1), 5, stride=1, padding=2)
    hard = (rows[:, COLUMN["style"]] == _PIXEL_ART) | (rows[:, COLUMN["weather"]] == _SNOWFALL)
    weight = (1 + OBJECT_WEIGHT * near) * (1 + (HARD_WEIGHT - 1) * hard.float().view(-1, 1, 1, 1))
    return Batch(z, text.encode(texts).clone(), psi, image, weight)


def prepare(generator: Generator, turn: Tensor | None = None) -> None:
    """Start a generator where paired training learns fastest; every value stays trainable.

    The mapping starts as the identity, or as the rotation `turn` [z_dim, z_dim] (its leaky ReLU is
    shifted into its linear half), so that truncation scales a latent exactly; noise starts audible,
    and its stored maps become trainable, because they are all that can hold a texture which never
    moves (paper grain, square pixels).
    """
    with torch.no_grad():
        for layer, gain, shift in (
            (generator.mapping.mlp.fc0, 1.0, _LATENT_SHIFT),
            (generator.mapping.mlp.fc1, 1 / LRELU_GAIN, -_LATENT_SHIFT),
        ):
            layer.weight.copy_(torch.eye(len(layer.weight)) * (gain / layer.weight_gain))
            layer.bias.fill_(shift / layer.lr_multiplier)
        if turn is not None:
            generator.mapping.mlp.fc0.weight.copy_(generator.mapping.mlp.fc0.weight @ turn)
        for layer in synthesis_layers(generator):
            layer.noise_strength.fill_(0.1)
        z_dim, c_dim = generator.config.z_dim, generator.config.c_dim
        for weight in style_weights(generator):
            weight[:, :z_dim] *= START_SCALE
            weight[:, z_dim:] *= START_SCALE * math.sqrt(c_dim)
        for module in generator.modules():
            if isinstance(module, SynthesisLayer | ToRGBLayer):
                module.weight.mul_(START_SCALE)


def style_weights(generator: Generator) -> list[nn.Parameter]:
    """The weights of every layer that turns w into styles, [styles, z_dim + c_dim]."""
    return [m.proj.weight for m in generator.modules() if isinstance(m, StyleSplit)]


def synthesis_layers(generator: Generator) -> list[SynthesisLayer]:
    """All 3x3 layers, coarsest first."""
    return [m for m in generator.synthesis.modules() if isinstance(m, SynthesisLayer)]


def noise_maps(generator: Generator) -> list[Tensor]:
    """The stored noise maps, with gradients switched on."""
    return [layer.noise_const.requires_grad_(True) for layer in synthesis_layers(generator)]


def rows_of(generator: Generator, batch: Batch) -> Tensor:
    """w for a batch whose samples have their own psi, [N, num_ws, w_dim]."""
    mapping = generator.mapping
    x = mapping.mlp(batch.z)
    x = mapping.x_avg.lerp(x, batch.psi)
    return torch.cat([x, batch.c], dim=1).unsqueeze(1).repeat(1, mapping.num_ws, 1)


def paired_loss(
    fake: Tensor, batch: Batch, crisp_weight: float = CRISP_WEIGHT, softness: float = 0.0
) -> tuple[Tensor, Tensor]:
    """Weighted absolute error of pixels, of edges and of how crisp each spot is.

    Absolute errors alone blur whatever is not placed to the pixel; the last term is what a blur
    costs, wherever the edge is.  It is for a generator that knows what to draw: one that does not
    pays with speckles.

    Args:
        fake: [N, 3, S, S].
        batch: what was asked for.
        crisp_weight: weight of the last term.
        softness: errors below it count by their squares (Huber 1964): absolute errors ask for the
            most likely colour, and a thing that is somewhere near is likely nowhere.

    Returns:
        the loss, and the plain mean absolute error for the log.
    """
    error = (fake - batch.image).abs()
    loss = (_huber(error, softness) * batch.weight).mean()
    for ours, theirs, weight in zip(
        edges(fake),
        edges(batch.image),
        (batch.weight[..., :, 1:], batch.weight[..., 1:, :]),
        strict=True,
    ):
        loss = loss + EDGE_WEIGHT * ((ours - theirs).abs() * weight).mean()
    if crisp_weight:
        crisp = (crispness(fake) - crispness(batch.image)).abs()
        loss = loss + crisp_weight * (crisp * windows(batch.weight[..., 1:, 1:])).mean()
    return loss, error.mean().detach()


def _huber(error: Tensor, softness: float) -> Tensor:
    """Absolute errors, those below `softness` as half their square over it."""
    if not softness:
        return error
    return torch.where(error < softness, error.square() / (2 * softness), error - softness / 2)


def learning_rate(progress: float, base: float, warmup: float = 0.01) -> float:
    """Warm-up, then a cosine down to a twentieth; `progress` runs from 0 to 1."""
    if progress < warmup:
        return base * max(progress / warmup, 0.02)
    t = min((progress - warmup) / (1 - warmup), 1.0)
    return base * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * t)))


def parameter_groups(generator: Generator, base: float) -> list[dict[str, object]]:
    """Adam's groups: every weight of the generator, and its stored noise maps."""
    weights = [p for name, p in generator.named_parameters() if not name.startswith("text.")]
    return [
        {"params": weights, "base": base},
        {"params": noise_maps(generator), "base": base},
    ]


class TextColumns:
    """Lets the text columns of the style weights learn as fast as the latent's.

    A unit-norm embedding's values are sqrt(c_dim) times smaller than a latent's, so the same step
    on a weight means that much less.  Adam does not care for a gradient's scale; the step itself
    has to be lengthened.

    Args:
        generator: whose columns these are.
        paces: [c_dim], how far a step on each column should carry a style, in steps of the
            optimizer over the entry of an embedding; None for embeddings whose entries are alike.
    """

    def __init__(self, generator: Generator, paces: Tensor | None = None) -> None:
        config = generator.config
        self.columns = [weight.detach()[:, config.z_dim :] for weight in style_weights(generator)]
        lengths = torch.full((config.c_dim,), math.sqrt(config.c_dim))
        if paces is not None:
            lengths = paces * math.sqrt(config.w_dim)
        self.extra = (lengths - 1).to(self.columns[0].device)
        self.before: list[Tensor] = []

    def remember(self) -> None:
        """Call before the optimizer's step."""
        self.before = [columns.clone() for columns in self.columns]

    def lengthen(self) -> None:
        """Call after it."""
        for columns, before in zip(self.columns, self.before, strict=True):
            columns.add_((columns - before) * self.extra)
