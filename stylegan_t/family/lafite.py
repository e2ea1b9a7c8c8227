"""LAFITE (Zhou et al. 2022, arXiv 2111.13792): StyleGAN2 with a CLIP feature in every style.

Rows of w carry the text: [N, num_ws, w_dim + f_dim], w first.  So one tensor holds all that
synthesis needs, and each layer may hear other words.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor

from stylegan_t.card import ModelCard
from stylegan_t.config import require_sizes
from stylegan_t.encoders.text import TextTower
from stylegan_t.family.mapping import MappingNetwork
from stylegan_t.family.stylegan2 import (
    Styled,
    StyleGAN2Config,
    SynthesisBlock,
    SynthesisLayer,
    SynthesisNetwork,
    ToRGBLayer,
    anatomy,
)
from stylegan_t.layers import FullyConnectedLayer
from stylegan_t.network import Anatomy, Network

Structure = Literal[0, 1, 2, 3]
"""The way in which text and w make a style: 0 adds two affine functions, 1 scales and shifts that
of w, 2 joins text and w before one affine function, 3 ignores the text."""
TEXT_FEATURES = 512
"""Width of the layers that the text goes through, whatever the width of w."""
TEXT_LR_MULTIPLIER = 0.01


class LafiteConfig(StyleGAN2Config, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The sizes that a LAFITE generator is built from.

    `f_dim` is the length of a text feature; `structures` says for each block how its layers take
    the text.
    """

    f_dim: int = 512
    structures: tuple[Structure, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        require_sizes(self.f_dim)
        if len(self.structures) != len(self.channels) or self.c_dim:
            raise ValueError(
                "A LAFITE generator needs to know how each block takes the text, and no classes."
            )


class TextStyled(Styled):
    """A layer whose style depends on a row of w and on a text feature, which it carries."""

    structure: Structure
    w_dim: int

    def make_style(self, config: StyleGAN2Config, resolution: int, channels: int) -> None:
        """Add the parameters that turn a row into a style."""
        assert isinstance(config, LafiteConfig)
        index = config.block_resolutions.index(resolution)
        self.structure, self.w_dim = config.structures[index], config.w_dim
        if self.structure != 2:
            super().make_style(config, resolution, channels)
        if self.structure in (0, 2):
            joined = TEXT_FEATURES + (config.w_dim if self.structure == 2 else 0)
            self._make_text_layers("pre", config.f_dim)
            self.affine_0 = FullyConnectedLayer(joined, channels, bias_init=1.0)
        if self.structure == 1:
            for name in ("scale_layer", "bias_layer"):
                self._make_text_layers(name, config.f_dim)
                self.add_module(f"{name}_2", FullyConnectedLayer(TEXT_FEATURES, channels))

    def _make_text_layers(self, name: str, f_dim: int) -> None:
        widths = (f_dim, (f_dim + TEXT_FEATURES) // 2, TEXT_FEATURES)
        for index, (before, after) in enumerate(itertools.pairwise(widths)):
            layer = FullyConnectedLayer(
                before, after, activate=True, lr_multiplier=TEXT_LR_MULTIPLIER
            )
            self.add_module(f"{name}_{index}", layer)

    def _read(self, name: str, text: Tensor) -> Tensor:
        return self.get_submodule(f"{name}_1")(self.get_submodule(f"{name}_0")(text))

    def style(self, w: Tensor) -> Tensor:
        """A row [N, w_dim + f_dim] to a style [N, channels]."""
        w, text = w[:, : self.w_dim], w[:, self.w_dim :]
        if self.structure == 2:
            return self.affine_0(torch.cat([self._read("pre", text), w], dim=1))
        styles = self.affine(w)
        if self.structure == 0:
            return styles + self.affine_0(self._read("pre", text))
        scale = self.scale(text)
        if scale is not None:
            shift = self.get_submodule("bias_layer_2")(self._read("bias_layer", text))
            return styles * scale + shift
        return styles

    def scale(self, text: Tensor) -> Tensor | None:
        """Return what a text feature [N, f_dim] multiplies styles by, [N, channels], if it does."""
        if self.structure != 1:
            return None
        return self.get_submodule("scale_layer_2")(self._read("scale_layer", text))


class TextSynthesisLayer(TextStyled, SynthesisLayer):
    """StyleGAN2's layer, with text."""


class TextToRGBLayer(TextStyled, ToRGBLayer):
    """StyleGAN2's colour output, with text."""


class TextSynthesisBlock(SynthesisBlock):
    """StyleGAN2's block, with text."""

    layer = TextSynthesisLayer
    colours = TextToRGBLayer


class TextSynthesisNetwork(SynthesisNetwork):
    """Rows of w and text to an image; see `SynthesisNetwork` and this module."""

    def make_block(self, index: int) -> SynthesisBlock:
        """A block whose layers hear the text."""
        return TextSynthesisBlock(self.config, index)


class TextMappingNetwork(MappingNetwork):
    """StyleGAN2's mapping, which knows nothing of the text, with the text behind each row."""

    def __init__(self, config: LafiteConfig) -> None:
        super().__init__(
            config.z_dim,
            0,
            config.w_dim,
            config.num_ws,
            num_layers=config.mapping_layers,
            embed_features=config.embed_features,
            layer_features=config.layer_features,
        )
        self.f_dim = config.f_dim

    def forward(
        self,
        z: Tensor,
        c: Tensor | None = None,
        truncation_psi: float = 1.0,
        truncation_cutoff: int | None = None,
        centres: Tensor | None = None,
    ) -> Tensor:
        """Map latents and texts to rows; see `FamilyMapping.forward`.

        Args:
            z: [N, z_dim].
            c: [N, f_dim] text features of length 1.
            truncation_psi, truncation_cutoff, centres: act on w alone.

        Returns:
            [N, num_ws, w_dim + f_dim].

        Raises:
            ValueError: the text is missing or of wrong shape.
        """
        if c is None or c.shape != (len(z), self.f_dim):
            raise ValueError(f"This model needs text features of shape [N, {self.f_dim}].")
        ws = super().forward(z, None, truncation_psi, truncation_cutoff, centres)
        text = c.to(ws.dtype).unsqueeze(1).expand(-1, self.num_ws, -1)
        return torch.cat([ws, text], dim=2)


class Lafite(Network[TextMappingNetwork, TextSynthesisNetwork]):
    """Mapping and synthesis."""

    def __init__(
        self, config: LafiteConfig, text: TextTower | None = None, card: ModelCard | None = None
    ) -> None:
        super().__init__(text, card)
        self.config = config
        self.mapping = TextMappingNetwork(config)
        self.synthesis = TextSynthesisNetwork(config)

    @property
    def anatomy(self) -> Anatomy:
        """See `Network.anatomy`."""
        return anatomy(self.config, "LAFITE", self.config.f_dim, "text")

    def style_of_row(self, row: int) -> Callable[[Tensor], Tensor]:
        """See `Network.style_of_row`."""
        return self.synthesis.style_of_row(row)

    def forward(self, z: Tensor, text: Tensor, truncation_psi: float = 1.0) -> Tensor:
        """Latents [N, z_dim] and text features [N, f_dim] of length 1 to images."""
        ws = self.mapping(z, text, truncation_psi)
        return self.synthesis(ws, "random" if self.training else "const")
