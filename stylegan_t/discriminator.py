"""The discriminator of StyleGAN-T: five small heads on the features of a frozen network.

State names of the heads are those of the reference's snapshots.  Pictures are [N, 3, R, R] float,
about [-1, 1]; features are sequences [N, channels, tokens].

Source: Sauer et al. 2023, "StyleGAN-T", section 3.2; Sauer et al. 2021, "Projected GANs Converge
Faster"; Miyato and Koyama 2018, "cGANs with Projection Discriminator".
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stylegan_t.augment import DiffAugment, Draws, crop, draw_corners
from stylegan_t.encoders.features import TAPS, FeatureNetwork
from stylegan_t.layers import LRELU_SLOPE, FullyConnectedLayer

VIRTUAL_BATCH = 8
TEXT_DIM = 64
"""Length of the vectors that text and features are compared in."""
RESIDUAL_KERNEL = 9
CROP_CHANCE = 0.5
"""For pictures larger than the feature network's: a crop shows what a resized picture hides."""
_NORM_EPS = 1e-5
_SPECTRAL_EPS = 1e-12
_FIRST_ITERATIONS = 15
"""So that a new layer's largest singular value is known well enough to begin with."""


class SpectralConv1d(nn.Module):
    """A 1-D convolution that wraps around, its weights divided by their largest singular value.

    That value is estimated by power iteration, one step for each pass in training; evaluation
    uses the stored vectors as they are.

    Source: Miyato et al. 2018, "Spectral Normalization for Generative Adversarial Networks".
    """

    weight_u: Tensor
    weight_v: Tensor

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int) -> None:
        super().__init__()
        plain = nn.Conv1d(in_channels, out_channels, kernel_size)
        assert plain.bias is not None
        self.reach = kernel_size // 2
        self.weight_orig = nn.Parameter(plain.weight.detach())
        self.bias = nn.Parameter(plain.bias.detach())
        columns = in_channels * kernel_size
        self.register_buffer("weight_u", F.normalize(torch.randn(out_channels), dim=0))
        self.register_buffer("weight_v", F.normalize(torch.randn(columns), dim=0))
        for _ in range(_FIRST_ITERATIONS):
            self._iterate()

    @torch.no_grad()
    def _iterate(self) -> None:
        """One step of the power iteration, in place."""
        matrix = self.weight_orig.flatten(1)
        v = F.normalize(matrix.T @ self.weight_u, dim=0, eps=_SPECTRAL_EPS)
        self.weight_v.copy_(v)
        self.weight_u.copy_(F.normalize(matrix @ v, dim=0, eps=_SPECTRAL_EPS))

    def forward(self, x: Tensor) -> Tensor:
        """[N, in_channels, L] to [N, out_channels, L]."""
        with torch.autocast(x.device.type, enabled=False):
            if self.training:
                self._iterate()
            # Copies: another pass before this one's gradient moves the stored vectors on.
            u, v = self.weight_u.clone(), self.weight_v.clone()
            weight = self.weight_orig / torch.dot(u, self.weight_orig.flatten(1) @ v)
        if self.reach:
            x = F.pad(x, (self.reach, self.reach), mode="circular")
        return F.conv1d(x, weight, self.bias)


class VirtualBatchNorm(nn.Module):
    """Batch norm over groups of at most 8 samples that follow each other.

    The statistics are the batch's own always, so a sample's result depends on its group, and not
    on how large the whole batch is.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        """[N, channels, L], same shape and type out; computed in float32.

        Raises:
            ValueError: N cannot be split evenly, see `check_batch`.
        """
        groups = virtual_batches(len(x))
        with torch.autocast(x.device.type, enabled=False):
            parts = x.float().unflatten(0, (groups, -1))
            var, mean = torch.var_mean(parts, dim=(1, 3), correction=0, keepdim=True)
            y = ((parts - mean) * torch.rsqrt(var + _NORM_EPS)).flatten(0, 1)
            y = y * self.weight[:, None] + self.bias[:, None]
        return y.to(x.dtype)


def virtual_batches(count: int) -> int:
    """Into how many virtual batches `count` samples are split: 8 are one, 12 two of 6.

    Raises:
        ValueError: they cannot be split evenly into groups of at most 8.
    """
    groups = math.ceil(count / VIRTUAL_BATCH)
    if count < 1 or count % groups:
        raise ValueError(
            f"The discriminator takes batches of up to {VIRTUAL_BATCH} pictures, or of a multiple "
            f"of {VIRTUAL_BATCH}: {count} cannot be split evenly into groups of at most "
            f"{VIRTUAL_BATCH}."
        )
    return groups


def _layer(channels: int, kernel_size: int) -> nn.Sequential:
    """A spectrally normalised convolution, virtual batch norm, leaky ReLU."""
    return nn.Sequential(
        SpectralConv1d(channels, channels, kernel_size),
        VirtualBatchNorm(channels),
        nn.LeakyReLU(LRELU_SLOPE),
    )


class _Residual(nn.Module):
    """The mean of a layer and its input, scaled to keep the variance."""

    def __init__(self, fn: nn.Module) -> None:
        super().__init__()
        self.fn = fn

    def forward(self, x: Tensor) -> Tensor:
        """[N, channels, L], same shape out."""
        return (self.fn(x) + x) * math.sqrt(0.5)


class Head(nn.Module):
    """Judges one map of features: is it real, and does it fit its text?

    Args:
        channels: of the features.
        c_dim: length of a text embedding; 0 judges without text.
    """

    def __init__(self, channels: int, c_dim: int) -> None:
        super().__init__()
        self.main = nn.Sequential(_layer(channels, 1), _Residual(_layer(channels, RESIDUAL_KERNEL)))
        self.cmapper = FullyConnectedLayer(c_dim, TEXT_DIM) if c_dim else None
        self.cls = SpectralConv1d(channels, TEXT_DIM if c_dim else 1, 1)

    def forward(self, features: Tensor, c: Tensor | None = None) -> Tensor:
        """[N, channels, tokens] and text [N, c_dim] to logits [N, 1, tokens], float32."""
        y = self.cls(self.main(features))
        if self.cmapper is None:
            return y.float()
        text = self.cmapper(c).float()[:, :, None]
        return (y.float() * text).sum(dim=1, keepdim=True) / math.sqrt(TEXT_DIM)


@dataclass(frozen=True)
class Chances:
    """The random choices of one look at a batch: None leaves that step out.

    `augment` are the draws of the augmentation; `corners` [N, 2], row and column, where to crop
    pictures that are larger than the feature network's.
    """

    augment: Draws | None = None
    corners: Tensor | None = None

    def part(self, start: int, stop: int) -> Chances:
        """The chances of samples `start` to `stop` (not included): one process's share."""
        return Chances(
            None if self.augment is None else self.augment.part(start, stop),
            None if self.corners is None else self.corners[start:stop],
        )


class ProjectedDiscriminator(nn.Module):
    """Feature network and five heads; the heads alone are trained, and alone worth saving.

    Args:
        features: what it looks through; frozen.
        c_dim: length of a text embedding; 0 judges without text.
        augment: what pictures go through in training.
    """

    def __init__(
        self, features: FeatureNetwork, c_dim: int, *, augment: DiffAugment | None = None
    ) -> None:
        super().__init__()
        self.features = features.requires_grad_(False)
        self.c_dim, self.augment = c_dim, augment
        self.heads = nn.ModuleDict({str(k): Head(features.width, c_dim) for k in range(TAPS)})

    def trainable(self) -> list[nn.Parameter]:
        """The parameters of the heads."""
        return list(self.heads.parameters())

    def draw(
        self,
        count: int,
        size_px: int,
        *,
        generator: torch.Generator | None = None,
        device: torch.device | None = None,
    ) -> Chances:
        """Draw for one look at `count` pictures of `size_px` pixels a side.

        Whether pictures that are large enough are cropped is one throw for all of them.

        Args:
            generator: makes the draws repeatable; with one seed for a whole batch, every process
                can draw for all of it and take its `Chances.part`.
            device: where the draws are wanted; the generator's, or the CPU, when not given.
        """
        augment = corners = None
        if self.augment is not None:
            augment = self.augment.draw(count, size_px, generator=generator, device=device)
        slack = size_px - self.features.size
        if slack > 0:
            place = None if generator is None else generator.device
            throw = torch.rand((), generator=generator, device=place).item()
            corners = draw_corners(count, slack, generator=generator, device=device)
            corners = corners if throw < CROP_CHANCE else None
        return Chances(augment, corners)

    def forward(
        self,
        image: Tensor,
        c: Tensor | None = None,
        *,
        draws: Chances | None = None,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Judge pictures.

        Args:
            image: [N, 3, R, R], about [-1, 1].
            c: [N, c_dim] text embeddings; None only without text.
            draws: given chances.  Without them training draws fresh ones, and evaluation leaves
                nothing to chance.
            generator: for fresh ones.

        Returns:
            [N, 5 * tokens] float32: above 0 for real, below for drawn, a map after the other.

        Raises:
            ValueError: text is missing, surplus or of wrong shape, or N cannot be split evenly
                into groups of at most 8.
        """
        self._check(image, c)
        if draws is None and self.training:
            size = image.shape[-1]
            draws = self.draw(len(image), size, generator=generator, device=image.device)
        return self.judged(self.look(image, draws or Chances()), c)

    def look(self, image: Tensor, draws: Chances) -> list[Tensor]:
        """Return the maps of features of pictures [N, 3, R, R], five [N, width, tokens]."""
        return self.features(self._prepared(image.float(), draws))

    def judged(self, maps: list[Tensor], c: Tensor | None) -> Tensor:
        """Return the logits for what `look` has seen; see `forward`."""
        logits = [head(x, c) for head, x in zip(self.heads.values(), maps, strict=True)]
        return torch.cat([part.flatten(1) for part in logits], dim=1)

    def _check(self, image: Tensor, c: Tensor | None) -> None:
        virtual_batches(len(image))
        if self.c_dim and (c is None or c.shape != (len(image), self.c_dim)):
            raise ValueError(
                f"This discriminator needs text embeddings of shape [{len(image)}, {self.c_dim}]."
            )
        if not self.c_dim and c is not None and c.numel():
            raise ValueError("This discriminator judges without text: it takes none.")

    def _prepared(self, image: Tensor, draws: Chances) -> Tensor:
        """Augmented, in 0..1, and cropped or resized to what the feature network looks at."""
        size = self.features.size
        if draws.augment is not None:
            image = (self.augment or DiffAugment())(image, draws.augment)
        image = (image + 1) / 2
        if draws.corners is not None:
            return crop(image, draws.corners, size)
        return F.interpolate(image, size=(size, size), mode="area")
