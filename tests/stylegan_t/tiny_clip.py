"""A small CLIP of open_clip with random weights and the full vocabulary, for tests."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stylegan_t.encoders.open_clip_import import import_open_clip

WIDTH, HEADS, LAYERS, C_DIM = 32, 4, 2, 16


def tiny_clip(quick_gelu: bool = True, custom: bool = False, **text: Any) -> nn.Module:
    """Image and text half; `custom` makes it a CustomTextCLIP, `text` changes its text half."""
    model = import_open_clip().model
    sizes = {"width": WIDTH, "heads": HEADS, "layers": LAYERS, **text}
    vision = model.CLIPVisionCfg(layers=1, width=64, patch_size=16, image_size=32)
    kind = model.CustomTextCLIP if custom else model.CLIP
    clip = kind(C_DIM, vision, model.CLIPTextCfg(**sizes), quick_gelu=quick_gelu).eval()
    random = torch.Generator().manual_seed(4)
    for tensor in clip.parameters():
        tensor.data.normal_(std=0.15, generator=random)
    return clip.requires_grad_(False)


@torch.inference_mode()
def clip_embedding(clip: Any, prompts: list[str]) -> Tensor:
    """What open_clip itself makes of prompts: [N, C_DIM] of unit norm."""
    return F.normalize(clip.encode_text(import_open_clip().tokenize(prompts)), dim=1)


def write_torchscript(file: Path) -> None:
    """A real TorchScript archive, with a program in it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        program: Any = torch.jit.trace(nn.Linear(2, 2), torch.zeros(1, 2))
        program.save(str(file))
