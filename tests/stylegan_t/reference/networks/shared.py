"""Stand-ins for the layers that generator and discriminator share."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn


class FullyConnectedLayer(nn.Module):
    """A dense layer whose gains are stored beside the weights."""

    def __init__(
        self, in_features: int, out_features: int, activation: str = "linear", lr: float = 1.0
    ) -> None:
        super().__init__()
        self.in_features = in_features
        self.out_features = out_features
        self.activation = activation
        self.weight = nn.Parameter(torch.zeros(out_features, in_features))
        self.bias = nn.Parameter(torch.zeros(out_features))
        # A numpy scalar, which pickles as a call of numpy's own.
        self.weight_gain: Any = lr / np.sqrt(in_features)
        self.bias_gain = lr


class MLP(nn.Module):
    """Dense layers `fc0`, `fc1`, ..., all but the last with a leaky ReLU."""

    def __init__(self, features: list[int], lr: float) -> None:
        super().__init__()
        self.num_layers = len(features) - 1
        self.out_dim = features[-1]
        for index in range(self.num_layers):
            activation = "linear" if index == self.num_layers - 1 else "lrelu"
            layer = FullyConnectedLayer(features[index], features[index + 1], activation, lr)
            setattr(self, f"fc{index}", layer)
