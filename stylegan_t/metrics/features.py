"""Feature networks: pictures in, rows of numbers out, whose statistics are compared.

`stylegan_t.metrics.open_features` opens them by name.
"""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stylegan_t.metrics.state_files import state_key

RANDOM_SEED = 20230123
RANDOM_WIDTHS = (3, 32, 64, 128)
Report = Callable[[str], None]


class Features(nn.Module, ABC):
    """A feature network.

    `name` is for people, `dim` the length of a row, and `key` tells networks apart in caches: it
    changes with the weights.  `note` says in a sentence what figures of it are good for.
    """

    name: str
    note: str = ""
    dim: int
    key: str

    @abstractmethod
    def forward(self, pixels: Tensor) -> Tensor:
        """Pictures uint8 [N, 3, H, W], of any size, to features [N, dim] float32."""

    def ready(self, kind: str) -> None:
        """Call at the end of `__init__`: fixes the weights, and the key from them."""
        self.eval().requires_grad_(False)
        self.key = f"{kind}:{state_key(self.state_dict())}"


class RandomFeatures(Features):
    """Three layers of random convolutions; means and spreads of what comes out of each."""

    name = "random convolutions"
    note = "Random features tell equal from unequal pictures; they know nothing of content."

    def __init__(self) -> None:
        super().__init__()
        random = torch.Generator().manual_seed(RANDOM_SEED)
        self.layers = nn.ModuleList(
            nn.Conv2d(i, o, 3, 2, 1) for i, o in itertools.pairwise(RANDOM_WIDTHS)
        )
        for parameter in self.parameters():
            fan_in = parameter[0].numel()
            parameter.data.normal_(std=(2 / fan_in) ** 0.5, generator=random)
        self.dim = 2 * sum(RANDOM_WIDTHS[1:])
        self.ready("random")

    def forward(self, pixels: Tensor) -> Tensor:
        """See `Features.forward`."""
        x, seen = to_float(pixels), []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.2)
            seen += [x.mean(dim=(2, 3)), x.std(dim=(2, 3), correction=0)]
        return torch.cat(seen, dim=1)


def to_float(pixels: Tensor) -> Tensor:
    """uint8 to float32 in [-1, 1]."""
    return pixels.float() / 127.5 - 1


def resized(pixels: Tensor, size: int) -> Tensor:
    """Float pictures [N, C, H, W] at `size` by `size` pixels, smoothly in both directions."""
    if pixels.shape[-2:] == (size, size):
        return pixels
    return F.interpolate(pixels, (size, size), mode="bicubic", antialias=True, align_corners=False)
