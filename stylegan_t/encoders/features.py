"""The discriminator's feature network: a frozen vision transformer, tapped at five depths.

A feature network is named by a *spec*, a line that a person can type:

* `timm:vit_small_patch16_224.dino`: the repository of timm on Hugging Face; this one, a DINO, is
  what StyleGAN-T uses.  Plain vision transformers only;
* `open_clip:ViT-B-32/openai`: the image half of a CLIP;
* `/path/to/model.safetensors`: a file with either, also `.bin`, `.pt` or `.pth` with a state dict.
  What no tensor shows may follow a question mark, as in `vit.pt?heads=3`, see
  `stylegan_t.encoders.vit_files`;
* `random`: a network that has learnt nothing.

Nothing here reaches for the network unless it is told that it may.

Source: Sauer et al. 2023, "StyleGAN-T", section 3.2; Sauer et al. 2021, "Projected GANs Converge
Faster"; Caron et al. 2021, "Emerging Properties in Self-Supervised Vision Transformers" (DINO).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from stylegan_t.config import OPEN_CLIP
from stylegan_t.encoders.clip_image import cached_or_fetched, named_image_tower, standardize
from stylegan_t.encoders.hub_files import HubPlace
from stylegan_t.encoders.towers import tower_label
from stylegan_t.encoders.vit import (
    CLIP_MEAN,
    CLIP_STD,
    IMAGENET_MEAN,
    IMAGENET_STD,
    FeatureError,
    VisionTransformer,
    VitConfig,
)
from stylegan_t.encoders.vit_files import open_vit, read_vit

__all__ = [
    "FeatureError",
    "FeatureNetwork",
    "open_clip_features",
    "open_features",
    "random_features",
    "timm_features",
]

TAPS = 5
"""Four at even distances through the blocks, and one before the first."""
DINO = "vit_small_patch16_224.dino"
TIMM_SCHEME, RANDOM = "timm:", "random"
_TIMM_FILES = ("model.safetensors", "pytorch_model.bin")


class FeatureNetwork(nn.Module):
    """A frozen vision transformer as five maps of features.

    `width` is the number of channels of each, `tokens` their length, `size` the side of the
    pictures that it looks at, in pixels.  Gradients pass through to the picture.

    Args:
        vit: at least 4 blocks deep.
        name: for people.
        mean, std: of red, green and blue, as it was trained.

    Raises:
        FeatureError: the network is not deep enough.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        vit: VisionTransformer,
        name: str = "features",
        mean: Sequence[float] = IMAGENET_MEAN,
        std: Sequence[float] = IMAGENET_STD,
    ) -> None:
        super().__init__()
        config = vit.config
        if config.depth < TAPS - 1:
            raise FeatureError(
                f"A feature network needs {TAPS - 1} blocks or more, not {config.depth}."
            )
        self.vit, self.name = vit.eval().requires_grad_(False), name
        self.width, self.tokens, self.size = config.width, config.tokens, config.size
        self.blocks = [config.depth * k // (TAPS - 1) - 1 for k in range(1, TAPS)]
        self.register_buffer("mean", torch.tensor(mean), persistent=False)
        self.register_buffer("std", torch.tensor(std), persistent=False)

    def forward(self, image: Tensor) -> list[Tensor]:
        """Look at pictures.

        Args:
            image: [N, 3, size, size] in 0..1.

        Returns:
            Five [N, width, tokens]: after a quarter, a half, three quarters and all of the blocks
            (2, 5, 8, 11 of twelve, counted from 0), and before the first.  To each token the class
            token of the same depth is added.
        """
        after, before = self.vit.taps(standardize(image, self.mean, self.std), self.blocks)
        return [(x[:, 1:] + x[:, :1]).transpose(1, 2) for x in (*after, before)]


def random_features(
    width: int = 192,
    depth: int = 12,
    heads: int = 3,
    seed: int = 0,
    *,
    size: int = 224,
    patch: int = 16,
) -> FeatureNetwork:
    """A network that has learnt nothing: for tests, and where nothing else is at hand.

    The same arguments give the same weights.  Random features do tell pictures apart, but they
    care little for what is in them: expect much less than DINO's gives.

    Args:
        width, depth, heads: of the transformer; 4 blocks or more.
        size, patch: sides of a picture and of a token's part of it, in pixels.

    Raises:
        ValueError: the sizes do not fit each other.
    """
    config = VitConfig(width, depth, heads, mlp_width=4 * width, size=size, patch=patch)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        vit = VisionTransformer(config)
    return FeatureNetwork(vit, RANDOM)


def timm_features(
    name: str = DINO, weights: Path | None = None, pretrained: bool = False
) -> FeatureNetwork:
    """A vision transformer as timm publishes it.

    Args:
        name: timm's, with the tag of its weights.
        weights: a file with them; else they are looked for in Hugging Face's cache.
        pretrained: whether they may be downloaded when they are not there (DINO's take 90 MB).

    Raises:
        FeatureError: there are no weights, they may not or cannot be fetched, or they are not
            those of a plain vision transformer.
    """
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,95}", name) or ".." in name:
        raise FeatureError(f"{name[:100]!r} is not a name of timm's; one looks like {DINO}.")
    if weights is None:
        weights = cached_or_fetched(HubPlace(f"timm/{name}", _TIMM_FILES), name, pretrained)
    vit = read_vit(weights)
    if vit.config.clip:
        raise FeatureError(
            f"{name} is the image half of a CLIP; take it by its name in open_clip, such as "
            f"{OPEN_CLIP}ViT-B-32/openai."
        )
    return FeatureNetwork(vit, name)


def open_clip_features(spec: str, *, download: bool = False) -> FeatureNetwork:
    """The image half of a CLIP, named as in `open_clip:ViT-B-32/openai`.

    The map before the first block is taken behind CLIP's first norm.

    Args:
        download: whether it may be fetched from Hugging Face when it is not on this machine.

    Raises:
        FeatureError: it cannot be had, or is no plain vision transformer.
    """
    tower = named_image_tower(spec)
    return FeatureNetwork(tower.open(download), tower.label, tower.mean, tower.std)


def open_features(spec: str, *, download: bool = False) -> FeatureNetwork:
    """Open a feature network.

    Args:
        spec: which one; see the top of this file.
        download: whether a named one that is not on this machine may be fetched.

    Returns:
        The network in evaluation mode, float32, gradients off, in main memory.

    Raises:
        FeatureError: whatever the spec says, when it leads to no network that can be used.
    """
    if spec == RANDOM:
        return random_features()
    if spec.startswith(TIMM_SCHEME):
        return timm_features(spec.removeprefix(TIMM_SCHEME), pretrained=download)
    if spec.startswith(OPEN_CLIP):
        return open_clip_features(spec, download=download)
    vit = open_vit(spec, f"neither a file, nor {RANDOM!r}, nor a name such as {TIMM_SCHEME}{DINO}")
    colours = (CLIP_MEAN, CLIP_STD) if vit.config.clip else (IMAGENET_MEAN, IMAGENET_STD)
    return FeatureNetwork(vit, tower_label(spec), *colours)
