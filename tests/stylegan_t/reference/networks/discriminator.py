"""Stand-ins for the discriminator: a frozen vision transformer and spectral-normalised heads."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.utils import spectral_norm

from .shared import FullyConnectedLayer
from .vit_utils import forward_vit, make_backbone


class ResidualBlock(nn.Module):
    """Adds a function to its input."""

    def __init__(self, fn: nn.Module) -> None:
        super().__init__()
        self.fn = fn


class VirtualBatchNorm(nn.Module):
    """Batch normalisation over virtual batches."""

    def __init__(self, num_features: int) -> None:
        super().__init__()
        self.virtual_batch = 8
        self.eps = 1e-5
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))


def make_block(channels: int, kernel_size: int) -> nn.Module:
    """One layer of a head."""
    conv = nn.Conv1d(
        channels, channels, kernel_size, padding=kernel_size // 2, padding_mode="circular"
    )
    return nn.Sequential(spectral_norm(conv), VirtualBatchNorm(channels), nn.LeakyReLU(0.2, True))


class Head(nn.Module):
    """One head."""

    def __init__(self, channels: int, c_dim: int, cmap_dim: int = 64) -> None:
        super().__init__()
        self.channels = channels
        self.c_dim = c_dim
        self.cmap_dim = cmap_dim
        block = make_block(channels, 9)
        self.main = nn.Sequential(make_block(channels, 1), ResidualBlock(block))
        if c_dim > 0:
            self.cmapper = FullyConnectedLayer(c_dim, cmap_dim)
            self.cls = spectral_norm(nn.Conv1d(channels, cmap_dim, 1))
        else:
            self.cls = spectral_norm(nn.Conv1d(channels, 1, 1))


class DINO(nn.Module):
    """The vision transformer and its taps."""

    def __init__(self, vit: nn.Module, width: int, hooks: list[int], closures: bool) -> None:
        super().__init__()
        self.n_hooks = len(hooks) + 1
        self.model = make_backbone(vit, hooks, closures)
        self.embed_dim = width
        self.forward_vit = functools.partial(forward_vit, self.model)
        self.norm_mean = np.array([0.485, 0.456, 0.406])


class ProjectedDiscriminator(nn.Module):
    """The transformer and five heads."""

    def __init__(self, vit: Any, width: int, hooks: list[int], c_dim: int, closures: bool) -> None:
        super().__init__()
        self.c_dim = c_dim
        self.diffaug = True
        self.p_crop = 0.5
        self.dino = DINO(vit, width, hooks, closures)
        heads = {str(i): Head(self.dino.embed_dim, c_dim) for i in range(self.dino.n_hooks)}
        self.heads = nn.ModuleDict(heads)
