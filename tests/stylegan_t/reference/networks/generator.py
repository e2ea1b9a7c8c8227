"""Stand-ins for the generator's modules.  `info` is the JSON of a fixture in tests/parity."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from .shared import MLP, FullyConnectedLayer

Info = dict[str, Any]


class MappingNetwork(nn.Module):
    """Latent and text to rows of w."""

    def __init__(self, info: Info, clip: nn.Module | None) -> None:
        super().__init__()
        given = info["mapping_kwargs_with_defaults"]
        self.z_dim = info["z_dim"]
        self.c_dim = info["c_dim"]
        self.w_dim = info["w_dim"]
        self.num_ws = info["num_ws"]
        self.x_avg_beta = given["x_avg_beta"]
        self.num_ws = info["num_ws"]
        self.mlp = MLP([self.z_dim] * (given["num_layers"] + 1), given["lr_multiplier"])
        if clip is not None:
            self.clip = clip
        self.register_buffer("x_avg", torch.zeros(self.z_dim))


class StyleSplit(nn.Module):
    """One dense layer whose output is split in three."""

    def __init__(self, w_dim: int, channels: int) -> None:
        super().__init__()
        self.proj = FullyConnectedLayer(w_dim, 3 * channels)


class GroupNorm32(nn.GroupNorm):
    """Group normalisation in single precision."""


class SynthesisInput(nn.Module):
    """The Fourier features of the first block."""

    def __init__(self, w_dim: int, channels: int, size: int) -> None:
        super().__init__()
        self.w_dim = w_dim
        self.channels = channels
        self.size = np.broadcast_to(np.asarray(size), [2])
        self.sampling_rate = size
        self.bandwidth = 2
        self.affine = FullyConnectedLayer(w_dim, 4)
        self.weight = nn.Parameter(torch.zeros(channels, channels))
        self.register_buffer("transform", torch.eye(3))
        self.register_buffer("freqs", torch.zeros(channels, 2))
        self.register_buffer("phases", torch.zeros(channels))


class SynthesisLayer(nn.Module):
    """A 3x3 layer; residual ones have a norm and a layer scale."""

    def __init__(
        self,
        info: Info,
        in_channels: int,
        out_channels: int,
        resolution: int,
        up: int = 1,
        residual: bool = False,
    ) -> None:
        super().__init__()
        given = info["synthesis_kwargs_with_defaults"]
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.w_dim = info["w_dim"]
        self.resolution = resolution
        self.up = up
        self.use_noise = given["use_noise"]
        self.activation = given["activation"]
        self.conv_clamp = given["conv_clamp"]
        self.channels_last = given["fp16_channels_last"]
        self.residual = residual
        self.padding = given["kernel_size"] // 2
        self.act_gain: Any = np.sqrt(2)
        self.affine = StyleSplit(self.w_dim, in_channels)
        self.weight = nn.Parameter(torch.zeros(out_channels, in_channels, 3, 3))
        self.bias = nn.Parameter(torch.zeros(out_channels))
        self.noise_strength = nn.Parameter(torch.zeros([]))
        self.register_buffer("resample_filter", torch.zeros(4, 4))
        self.register_buffer("noise_const", torch.zeros(resolution, resolution))
        if residual:
            self.norm = GroupNorm32(given["gn_groups"], in_channels, eps=1e-5)
            self.gamma = nn.Parameter(torch.zeros(1, out_channels, 1, 1))


class ToRGBLayer(nn.Module):
    """A 1x1 layer to colours."""

    def __init__(self, info: Info, in_channels: int) -> None:
        super().__init__()
        self.in_channels = in_channels
        self.out_channels = info["img_channels"]
        self.w_dim = info["w_dim"]
        self.conv_clamp = info["synthesis_kwargs_with_defaults"]["conv_clamp"]
        self.affine = StyleSplit(self.w_dim, in_channels)
        self.weight = nn.Parameter(torch.zeros(self.out_channels, in_channels, 1, 1))
        self.bias = nn.Parameter(torch.zeros(self.out_channels))
        self.weight_gain: Any = 1 / np.sqrt(in_channels)


class SynthesisBlock(nn.Module):
    """All layers of one resolution."""

    def __init__(self, info: Info, resolution: int) -> None:
        super().__init__()
        given = info["synthesis_kwargs_with_defaults"]
        channels = info["channels"][str(resolution)]
        first, last = resolution == 8, resolution == info["img_resolution"]
        self.in_channels = 0 if first else info["channels"][str(resolution // 2)]
        self.w_dim = info["w_dim"]
        self.resolution = resolution
        self.img_channels = info["img_channels"]
        self.is_last = last
        self.architecture = given["architecture"]
        self.use_fp16 = info["use_fp16_flag"][str(resolution)]
        self.channels_last = self.use_fp16 and given["fp16_channels_last"]
        self.fused_modconv_default = given["fused_modconv_default"]
        self.num_res_blocks = given["num_res_blocks"]
        self.register_buffer("resample_filter", torch.zeros(4, 4))
        self.num_conv = 1 + 2 * self.num_res_blocks
        self.num_torgb = 0
        if first:
            self.input = SynthesisInput(self.w_dim, channels, resolution)
        else:
            self.conv0 = SynthesisLayer(info, self.in_channels, channels, resolution, up=2)
        self.convs1 = nn.ModuleList(
            SynthesisLayer(info, channels, channels, resolution, residual=index % 2 == 1)
            for index in range(2 * self.num_res_blocks)
        )
        if last or self.architecture == "skip":
            self.torgb = ToRGBLayer(info, channels)
            self.num_torgb = 1


class SynthesisNetwork(nn.Module):
    """The blocks `b8`, `b16`, ..."""

    def __init__(self, info: Info) -> None:
        super().__init__()
        self.w_dim = info["w_dim"]
        self.num_ws = info["num_ws"]
        self.img_resolution = info["img_resolution"]
        self.img_resolution_log2 = int(np.log2(self.img_resolution))
        self.img_channels = info["img_channels"]
        self.num_fp16_res = info["synthesis_kwargs_with_defaults"]["num_fp16_res"]
        self.block_resolutions = [int(resolution) for resolution in info["channels"]]
        for resolution in self.block_resolutions:
            setattr(self, f"b{resolution}", SynthesisBlock(info, resolution))


class Generator(nn.Module):
    """Mapping and synthesis."""

    def __init__(self, info: Info, clip: nn.Module | None) -> None:
        super().__init__()
        given = info["generator_kwargs"]
        self.z_dim = info["z_dim"]
        self.c_dim = info["c_dim"]
        self.img_resolution = info["img_resolution"]
        self.img_channels = info["img_channels"]
        self.train_mode = given["train_mode"]
        self.num_ws = info["num_ws"]
        self.synthesis = SynthesisNetwork(info)
        self.mapping = MappingNetwork(info, clip)
