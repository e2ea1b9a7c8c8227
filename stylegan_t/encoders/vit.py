"""A vision transformer: pictures in, a sequence of tokens out after any of its blocks.

One network for both that training looks through: the self-supervised ones (DINO) that the
discriminator stands on, and the image halves of CLIPs.  Parameter names are timm's, so that its
files fit as they are.

Source: Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words".
"""

from __future__ import annotations

import math
from collections.abc import Collection
from contextlib import nullcontext

import torch
import torch.nn.functional as F
from msgspec import Struct
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from stylegan_t.errors import StyleGANTError

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)
"""Of red, green and blue, where pictures are 0 to 1: what the networks were trained with."""
MAX_PARAMETERS = 6_000_000_000
"""The largest image half that open_clip publishes has 4.4 billion."""
_LIMITS = {"width": 8192, "depth": 128, "heads": 256, "mlp_width": 65536, "out_dim": 16384}
_INIT_STD = 0.02


class FeatureError(StyleGANTError, ValueError):
    """A network that looks at pictures cannot be had; the message is one sentence for the user."""


class VitConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """Sizes of a `VisionTransformer`; the defaults are ViT-S/16, as DINO trained it.

    `size` is the side of its pictures and `patch` that of a token's, in pixels.  `clip` makes it
    CLIP's: no bias in the patches, a norm before the first block, another epsilon.  `quick_gelu`
    takes x * sigmoid(1.702 x) for the activation.  `out_dim` is the length of the embedding that
    `embed` gives; 0 for none.

    Raises:
        ValueError: a size is not positive, of no sensible magnitude, or does not fit the others.
    """

    width: int = 384
    depth: int = 12
    heads: int = 6
    mlp_width: int = 1536
    size: int = 224
    patch: int = 16
    clip: bool = False
    quick_gelu: bool = False
    out_dim: int = 0

    def __post_init__(self) -> None:
        for name, limit in _LIMITS.items():
            if not (name != "out_dim") <= getattr(self, name) <= limit:
                raise ValueError(f"A vision transformer cannot have {name} {getattr(self, name)}.")
        if self.width % self.heads:
            raise ValueError(f"A width of {self.width} cannot be shared by {self.heads} heads.")
        if not 1 <= self.patch <= self.size <= 2048 or self.size % self.patch:
            raise ValueError(
                f"Pictures of {self.size} pixels cannot be cut into patches of {self.patch}."
            )
        if self.depth * self.width * (4 * self.width + 2 * self.mlp_width) > MAX_PARAMETERS:
            raise ValueError("This vision transformer is larger than any that is known.")

    @property
    def tokens(self) -> int:
        """Patches of a picture, which is the length of the sequence without the class token."""
        return (self.size // self.patch) ** 2

    @property
    def eps(self) -> float:
        """Epsilon of the layer norms."""
        return 1e-5 if self.clip else 1e-6


class _Patches(nn.Module):
    """Cuts pictures into patches; each becomes one token."""

    def __init__(self, config: VitConfig) -> None:
        super().__init__()
        patch = config.patch
        self.proj = nn.Conv2d(3, config.width, patch, stride=patch, bias=not config.clip)

    def forward(self, image: Tensor) -> Tensor:
        """[N, 3, S, S] to [N, tokens, width]."""
        return self.proj(image).flatten(2).transpose(1, 2)


class _Attention(nn.Module):
    """Multi-head self-attention."""

    def __init__(self, config: VitConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.qkv = nn.Linear(config.width, 3 * config.width)
        self.proj = nn.Linear(config.width, config.width)

    def forward(self, x: Tensor) -> Tensor:
        """[N, T, width], same shape out."""
        n, t, width = x.shape
        q, k, v = self.qkv(x).view(n, t, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        # The gradient of the fused kernels takes processors fifteen times as long.
        slow = x.device.type == "cpu" and q.requires_grad
        with sdpa_kernel(SDPBackend.MATH) if slow else nullcontext():
            y = F.scaled_dot_product_attention(q, k, v)
        return self.proj(y.transpose(1, 2).reshape(n, t, width))


class _Perceptron(nn.Module):
    """Two layers with a GELU between them."""

    def __init__(self, config: VitConfig) -> None:
        super().__init__()
        self.quick_gelu = config.quick_gelu
        self.fc1 = nn.Linear(config.width, config.mlp_width)
        self.fc2 = nn.Linear(config.mlp_width, config.width)

    def forward(self, x: Tensor) -> Tensor:
        """[N, T, width], same shape out."""
        x = self.fc1(x)
        return self.fc2(x * torch.sigmoid(1.702 * x) if self.quick_gelu else F.gelu(x))


class _Block(nn.Module):
    """A pre-norm transformer layer."""

    def __init__(self, config: VitConfig) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(config.width, config.eps)
        self.attn = _Attention(config)
        self.norm2 = nn.LayerNorm(config.width, config.eps)
        self.mlp = _Perceptron(config)

    def forward(self, x: Tensor) -> Tensor:
        """[N, T, width], same shape out."""
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class VisionTransformer(nn.Module):
    """Pictures to tokens; its weights are random until they are loaded.

    Args:
        patches: makes [N, tokens, width] out of pictures, in place of one layer that cuts them.
    """

    def __init__(self, config: VitConfig, patches: nn.Module | None = None) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.patch_embed = _Patches(config) if patches is None else patches
        self.cls_token = nn.Parameter(torch.randn(1, 1, width) * _INIT_STD)
        self.pos_embed = nn.Parameter(torch.randn(1, config.tokens + 1, width) * _INIT_STD)
        self.norm_pre = nn.LayerNorm(width, config.eps) if config.clip else nn.Identity()
        self.blocks = nn.ModuleList(_Block(config) for _ in range(config.depth))
        self.norm = nn.LayerNorm(width, config.eps)
        if config.out_dim:
            self.projection = nn.Parameter(torch.randn(width, config.out_dim) / math.sqrt(width))

    def embed_patches(self, image: Tensor) -> Tensor:
        """Normalised pictures [N, 3, size, size] to the sequence that the first block reads.

        Returns:
            [N, 1 + tokens, width]: the class token first, positions added.
        """
        config = self.config
        if image.shape[1:] != (3, config.size, config.size):
            raise ValueError(
                f"This network looks at pictures [N, 3, {config.size}, {config.size}], "
                f"not {list(image.shape)}."
            )
        tokens = self.patch_embed(image)
        first = self.cls_token.expand(len(tokens), -1, -1)
        return self.norm_pre(torch.cat([first, tokens], dim=1) + self.pos_embed)

    def taps(self, image: Tensor, after: Collection[int]) -> tuple[list[Tensor], Tensor]:
        """The sequences after some blocks, counted from 0, and the one before the first.

        Blocks behind the last that is asked for are not computed.

        Args:
            image: [N, 3, size, size], normalised.
            after: the blocks, each at most once.

        Returns:
            One [N, 1 + tokens, width] for each block of `after`, in the network's order, and the
            one before the first block.
        """
        start = x = self.embed_patches(image)
        found = []
        for index, block in enumerate(list(self.blocks)[: max(after, default=-1) + 1]):
            x = block(x)
            if index in after:
                found.append(x)
        return found, start

    def embed(self, image: Tensor) -> Tensor:
        """Normalised pictures [N, 3, size, size] to embeddings [N, out_dim], of any length.

        As CLIP does it: the class token after the last block, normed and projected.
        """
        assert self.config.out_dim, "this network has no projection"
        (x,), _ = self.taps(image, [self.config.depth - 1])
        return self.norm(x[:, 0]) @ self.projection
