"""The input of StyleGAN-T, StyleGAN3 and StyleGAN-XL: Fourier features."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from stylegan_t.extent import Extent, extended
from stylegan_t.layers import FullyConnectedLayer


class SynthesisInput(nn.Module):
    """Fourier features that w and the user can rotate and move (StyleGAN3, section 3.2).

    `transform` is the *inverse* of the wanted image transform, a 3x3 matrix in units where the
    image spans [-0.5, 0.5].

    Args:
        w_dim: length of a row of w.
        channels: number of waves.
        size: side of the feature maps in samples.
        rate: samples per side of the image, `size` when 0; the rest is a margin around it.
        bandwidth: of the waves, in cycles per side.
    """

    BANDWIDTH = 2.0
    """StyleGAN-T's."""
    transform: Tensor
    freqs: Tensor
    phases: Tensor

    def __init__(
        self,
        w_dim: int,
        channels: int,
        size: int,
        *,
        rate: float = 0.0,
        bandwidth: float = BANDWIDTH,
    ) -> None:
        super().__init__()
        self.size, self.bandwidth = size, bandwidth
        self.rate = rate or float(size)
        freqs = torch.randn(channels, 2)
        radii = freqs.square().sum(dim=1, keepdim=True).sqrt()
        # A uniform density of frequencies within the disc of the bandwidth.
        freqs = freqs / (radii * radii.square().exp().pow(0.25)) * bandwidth
        self.affine = FullyConnectedLayer(w_dim, 4)
        with torch.no_grad():
            self.affine.weight.zero_()
            self.affine.bias.copy_(torch.tensor([1.0, 0.0, 0.0, 0.0]))
        self.weight = nn.Parameter(torch.randn(channels, channels))
        self.register_buffer("transform", torch.eye(3))
        self.register_buffer("freqs", freqs)
        self.register_buffer("phases", torch.rand(channels) - 0.5)

    def forward(
        self,
        w: Tensor,
        transform: Tensor | None = None,
        style_edit: Tensor | None = None,
        extent: Extent | None = None,
    ) -> Tensor:
        """A row of w [N, w_dim] to features [N, C, size, size], or of an `extent`.

        `transform` [3, 3] replaces the stored matrix for this call; `style_edit`, [4] or [N, 4],
        is added to the rotation and translation that w asks for.
        """
        t = self.affine(w)
        return self.draw(t if style_edit is None else t + style_edit, transform, extent)

    def draw(
        self, t: Tensor, transform: Tensor | None = None, extent: Extent | None = None
    ) -> Tensor:
        """The features of a placement `t` [N, 4]: cosine and sine of a rotation, in any length, and
        a shift; [N, C, size, size], or of an `extent`."""
        return self.mixed(self.waves(t, transform, extent))

    def mixed(self, waves: Tensor) -> Tensor:
        """The waves [N, C, H, W] to as many features."""
        mixing = self.weight / math.sqrt(self.weight.shape[1])
        return torch.einsum("oc,nchw->nohw", mixing, waves)

    def waves(
        self, t: Tensor, transform: Tensor | None = None, extent: Extent | None = None
    ) -> Tensor:
        """One wave for each channel, with its amplitude, as placed by `t`; see `draw`."""
        user = self.transform if transform is None else transform.to(self.freqs)
        matrix = _placement(t) @ user
        freqs = self.freqs @ matrix[:, :2, :2]  # [N, C, 2]
        phases = self.phases + (self.freqs @ matrix[:, :2, 2:]).squeeze(2)  # [N, C]
        headroom = self.rate / 2 - self.bandwidth
        amplitudes = (1 - (freqs.norm(dim=2) - self.bandwidth) / headroom).clamp(0, 1)
        grid = round(self.rate)
        rows, columns = extent or (grid, grid)
        across, down = (self._axis(cells - grid, t.device) for cells in (columns, rows))
        waves = (
            freqs[:, :, 0, None, None] * across[None, None, None, :]
            + freqs[:, :, 1, None, None] * down[None, None, :, None]
            + phases[:, :, None, None]
        )
        return torch.sin(2 * math.pi * waves) * amplitudes[:, :, None, None]

    def _axis(self, more: int, device: torch.device) -> Tensor:
        """The places of the samples, in sides of the image from its centre.  Where there are `more`
        than trained, those around are mirrored: beyond its edges a network that was trained without
        a margin draws nothing that it has seen."""
        places = torch.arange(self.size, device=device)
        if more:
            places = extended(places[None], 1, self.size + more, self.size)[0]
        return (places + 0.5) / self.rate - self.size / self.rate / 2


def _placement(t: Tensor) -> Tensor:
    """The learned rotation and translation as a matrix, [N, 3, 3], from [N, 4]."""
    t = t / t[:, :2].norm(dim=1, keepdim=True)
    cos, sin, dx, dy = t.unbind(dim=1)
    zero, one = torch.zeros_like(cos), torch.ones_like(cos)
    rotation = torch.stack([cos, -sin, zero, sin, cos, zero, zero, zero, one], 1)
    shift = torch.stack([one, zero, -dx, zero, one, -dy, zero, zero, one], 1)
    return rotation.view(-1, 3, 3) @ shift.view(-1, 3, 3)
