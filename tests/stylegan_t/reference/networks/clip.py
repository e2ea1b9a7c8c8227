"""A stand-in for the wrapper around the text encoder."""

from __future__ import annotations

from typing import Any

from torch import nn
from torchvision.transforms import Normalize

IMAGE_MEAN = (0.48145466, 0.4578275, 0.40821073)
IMAGE_STD = (0.26862954, 0.26130258, 0.27577711)
"""The colours that CLIP models expect, as open_clip states them."""


class CLIP(nn.Module):
    """A CLIP model of open_clip in `model`, and how its pictures are normalised."""

    def __init__(self, name: str, pretrained: str, model: nn.Module, tokenizer: Any) -> None:
        super().__init__()
        self.name = name
        self.pretrained = pretrained
        self.model = model
        self.img_resolution = 224
        self.normalize = Normalize(mean=list(IMAGE_MEAN), std=list(IMAGE_STD))
        if tokenizer is not None:
            self.tokenizer = tokenizer
