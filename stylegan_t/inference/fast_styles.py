"""The styles of one picture's layers, with what the text gives kept from picture to picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from stylegan_t.family.lafite import TextStyled
from stylegan_t.layers import FullyConnectedLayer, StyleSplit


class Heard(NamedTuple):
    """The effect of a text on a linear function of the latent, [F] each: `scale` multiplies it,
    then `shift` is added."""

    shift: Tensor
    scale: Tensor | None = None


class Affine(NamedTuple):
    """A function of a row of w: `weight @ latent * gain`, [F], to which a text does what `hear`
    says.  In a `split` style a third of it is multiplied by the second, and the last added."""

    weight: Tensor
    gain: float
    hear: Callable[[Tensor], Heard]
    split: bool = False


class FastStyle:
    """Makes the style of a layer from its row of w, latent and text apart.

    The text of a picture changes more rarely than its latent, so what the text gives is kept.

    Args:
        layer: one with a style, of any network.
        latent_dim: columns of a row of w that are latent; the rest is text.
    """

    def __init__(self, layer: nn.Module, latent_dim: int) -> None:
        self._affine, self._latent_dim = affine_of(layer, latent_dim), latent_dim
        self._text: Tensor | None = None
        self._heard = Heard(self._affine.weight)

    def __call__(self, w: Tensor) -> Tensor:
        """A row of w, [w_dim], to a style, [channels] float32."""
        latent, text = w[: self._latent_dim], w[self._latent_dim :]
        if self._text is None or not torch.equal(text, self._text):
            self._text, self._heard = text.clone(), self._affine.hear(text)
        (shift, scale), (weight, gain, _, split) = self._heard, self._affine
        if scale is None:
            style = torch.addmv(shift, weight, latent, alpha=gain)
        else:
            style = torch.addcmul(shift, torch.mv(weight, latent), scale, value=gain)
        if not split:
            return style
        s1, s2, s3 = style.chunk(3)
        return torch.addcmul(s3, s1, s2)


def affine_of(layer: nn.Module, latent_dim: int) -> Affine:
    """The function of a row of w by which a layer of any network gets its style."""
    if isinstance(layer, TextStyled):
        return _of_text(layer)
    affine = layer.affine
    if isinstance(affine, StyleSplit):
        return _of_split(affine.proj, latent_dim)
    assert isinstance(affine, FullyConnectedLayer)
    shift = (affine.bias * affine.lr_multiplier).detach()
    return Affine(affine.weight.detach(), affine.weight_gain, lambda text: Heard(shift))


def _of_split(proj: FullyConnectedLayer, latent_dim: int) -> Affine:
    # Views: the largest model has a quarter of its weights here.
    weight, gain = proj.weight.detach(), proj.weight_gain
    bias = (proj.bias * proj.lr_multiplier).detach()

    def hear(text: Tensor) -> Heard:
        if not len(text):
            return Heard(bias)
        return Heard(torch.addmv(bias, weight[:, latent_dim:], text, alpha=gain))

    return Affine(weight[:, :latent_dim], gain, hear, split=True)


def _of_text(layer: TextStyled) -> Affine:
    affine = layer.affine_0 if layer.structure == 2 else layer.affine

    def hear(text: Tensor) -> Heard:
        # What is left where the latent is nothing.
        silent = torch.cat([text.new_zeros(layer.w_dim), text])[None]
        scale = layer.scale(text[None])
        return Heard(layer.style(silent)[0], None if scale is None else scale[0])

    # The text's columns come first.
    weight = affine.weight.detach()[:, -layer.w_dim :]
    return Affine(weight, affine.weight_gain, hear)
