"""The mapping networks of the family: latent and label to rows of w."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from stylegan_t.layers import FullyConnectedLayer, normalize_second_moment
from stylegan_t.network import LatentMapping

MAX_MAPPING_LAYERS = 100
"""Bounds what a file can make us build."""


def checked_labels(c: Tensor | None, count: int, c_dim: int) -> Tensor | None:
    """Check labels: [count, c_dim], the weight of each class, or none where there are no classes.

    Raises:
        ValueError: labels are missing, surplus or of wrong shape.
    """
    if not c_dim:
        if c is not None and c.numel():
            raise ValueError("This model has no classes: it takes no labels.")
        return None
    if c is None or c.shape != (count, c_dim):
        raise ValueError(
            f"This model needs labels of shape [N, {c_dim}], the weight of each class."
        )
    return c


class FamilyMapping(LatentMapping):
    """The common part of the mapping networks: layers with leaky ReLU, centres, truncation.

    Args:
        z_dim: length of a latent.
        c_dim: number of classes, 0 for none.
        num_ws: number of rows of w.
        widths: features before the first layer and after each.
        lr_multiplier: see `FullyConnectedLayer`.
        centres: shape of `w_avg`.
    """

    w_avg: Tensor

    def __init__(
        self,
        z_dim: int,
        c_dim: int,
        num_ws: int,
        widths: Sequence[int],
        lr_multiplier: float,
        centres: tuple[int, ...],
    ) -> None:
        super().__init__()
        self.z_dim, self.c_dim, self.num_ws = z_dim, c_dim, num_ws
        self.num_layers = len(widths) - 1
        for index, (before, after) in enumerate(itertools.pairwise(widths)):
            layer = FullyConnectedLayer(before, after, activate=True, lr_multiplier=lr_multiplier)
            self.add_module(f"fc{index}", layer)
        self.register_buffer("w_avg", torch.zeros(centres))

    def forward(
        self,
        z: Tensor,
        c: Tensor | None = None,
        truncation_psi: float = 1.0,
        truncation_cutoff: int | None = None,
        centres: Tensor | None = None,
    ) -> Tensor:
        """Map latents to rows of w.

        Args:
            z: [N, z_dim] samples of N(0, I).
            c: [N, c_dim] labels; only for class-conditional networks.
            truncation_psi: 1 leaves w, 0 gives its centre, other values extrapolate.
            truncation_cutoff: number of rows that are truncated; all when None.
            centres: [K, w_dim]: truncate towards the nearest of these (StyleGAN-XL, section 4.3).

        Returns:
            [N, num_ws, w_dim].

        Raises:
            ValueError: labels are missing, surplus or of wrong shape.
        """
        w = self.mapped(z, c)
        ws = w.unsqueeze(1).repeat(1, self.num_ws, 1)
        if truncation_psi == 1:
            return ws
        centre = self.centre(c) if centres is None else nearest(w, centres)
        cut = self.num_ws if truncation_cutoff is None else truncation_cutoff
        near = centre.unsqueeze(-2).lerp(ws[:, :cut], truncation_psi)
        return torch.cat([near, ws[:, cut:]], dim=1)

    def truncate(self, x: Tensor, psi: float, label: Tensor | None = None) -> Tensor:
        """See `LatentMapping.truncate`."""
        return x if psi == 1 else self.centre(label).lerp(x, psi)

    def layers(self, x: Tensor) -> Tensor:
        """The fully connected layers, one after the other."""
        for index in range(self.num_layers):
            x = self.get_submodule(f"fc{index}")(x)
        return x

    def centre(self, c: Tensor | None) -> Tensor:
        """Return what truncation draws towards: [w_dim], or [N, w_dim]."""
        return self.w_avg


def nearest(w: Tensor, centres: Tensor) -> Tensor:
    """For each w [N, w_dim] the nearest of `centres` [K, w_dim], by Euclidean distance."""
    return centres[torch.cdist(w, centres.to(w)).argmin(dim=1)].to(w)


class MappingNetwork(FamilyMapping):
    """Latents and labels to w (StyleGAN2, section 2; ADA, appendix on labels).

    A label is embedded and put behind the latent, each normalised.  `w_avg` is the centre of all w,
    [w_dim].  The widths between default to `w_dim`.
    """

    def __init__(
        self,
        z_dim: int,
        c_dim: int,
        w_dim: int,
        num_ws: int,
        *,
        num_layers: int,
        embed_features: int | None = None,
        layer_features: int | None = None,
        lr_multiplier: float = 0.01,
    ) -> None:
        embedded = 0 if not c_dim else w_dim if embed_features is None else embed_features
        hidden = w_dim if layer_features is None else layer_features
        widths = [z_dim + embedded, *[hidden] * (num_layers - 1), w_dim]
        super().__init__(z_dim, c_dim, num_ws, widths, lr_multiplier, (w_dim,))
        if c_dim:
            self.embed = FullyConnectedLayer(c_dim, embedded)

    def mapped(self, z: Tensor, label: Tensor | None = None) -> Tensor:
        """See `LatentMapping.mapped`."""
        c = checked_labels(label, len(z), self.c_dim)
        x = normalize_second_moment(z.float())
        if c is not None:
            x = torch.cat([x, normalize_second_moment(self.embed(c.float()))], dim=1)
        return self.layers(x)


class ClassMappingNetwork(FamilyMapping):
    """The mapping of StyleGAN-XL: classes by a table of embeddings that was learnt elsewhere.

    The table [classes or more, features] comes from an image classifier and is part of the state,
    also where the network has no classes and nothing reads it.  Each class has a centre of its own:
    `w_avg` is [c_dim, w_dim], or [w_dim] without classes (StyleGAN-XL, sections 3.2 and 3.3).
    """

    def __init__(
        self,
        z_dim: int,
        c_dim: int,
        w_dim: int,
        num_ws: int,
        *,
        num_layers: int,
        table: tuple[int, int],
        lr_multiplier: float = 0.01,
    ) -> None:
        start = 2 * z_dim if c_dim else z_dim
        centres = (c_dim, w_dim) if c_dim else (w_dim,)
        widths = [start, *[w_dim] * num_layers]
        super().__init__(z_dim, c_dim, num_ws, widths, lr_multiplier, centres)
        self.embed = nn.Embedding(*table)
        if c_dim:
            self.embed_proj = FullyConnectedLayer(table[1], z_dim, activate=True)

    def mapped(self, z: Tensor, label: Tensor | None = None) -> Tensor:
        """See `LatentMapping.mapped`."""
        c = checked_labels(label, len(z), self.c_dim)
        x = normalize_second_moment(z.float())
        if c is not None:
            features = self.embed_proj(c.float() @ self.embed.weight[: self.c_dim])
            x = torch.cat([x, normalize_second_moment(features)], dim=1)
        return self.layers(x)

    def centre(self, c: Tensor | None) -> Tensor:
        """The centre of each sample's class, or of its blend of classes: [N, w_dim]; without
        classes the one of all."""
        return self.w_avg if c is None or not self.c_dim else c.to(self.w_avg) @ self.w_avg
