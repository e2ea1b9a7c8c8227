"""A small vision transformer that learns to name what is in scenes: eyes for the discriminator."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from stylegan_t.demo.things.attributes import COLUMN, NAMES, OPEN, VALUES
from stylegan_t.demo.things.scenes import WIDEST_PSI, captioned, picture_of
from stylegan_t.encoders.clip_image import standardize
from stylegan_t.encoders.features import FeatureNetwork
from stylegan_t.encoders.vit import IMAGENET_MEAN, IMAGENET_STD, VisionTransformer, VitConfig
from stylegan_t.files.tensors import TensorFile, save_tensors
from stylegan_t.metrics.thing_lessons import Schooling, teach

CONFIG = VitConfig(width=128, depth=4, heads=4, mlp_width=256, size=64, patch=8)
STEM_WIDTHS = (32, 64, 96)
ENOUGH = 0.85
"""It must name the thing so often before it may look for a discriminator."""
_ACCURACY = "accuracy"


class ConvStem(nn.Sequential):
    """Pictures [N, 3, 64, 64] to tokens [N, 64, 128], by small convolutions in place of one cut
    into patches: a transformer with such eyes learns to name things from far fewer pictures.

    Source: Xiao et al. 2021, "Early Convolutions Help Transformers See Better".
    """

    def __init__(self) -> None:
        parts: list[nn.Module] = []
        for i, o in itertools.pairwise((3, *STEM_WIDTHS)):
            parts += [nn.Conv2d(i, o, 4, 2, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU()]
            parts += [nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU()]
        super().__init__(*parts, nn.Conv2d(STEM_WIDTHS[-1], CONFIG.width, 1))

    def forward(self, input: Tensor) -> Tensor:
        """See the class."""
        return super().forward(input).flatten(2).transpose(1, 2)


class Namer(nn.Module):
    """A vision transformer with one linear reader for each attribute."""

    mean: Tensor
    std: Tensor

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count
        self.vit = VisionTransformer(CONFIG, ConvStem())
        self.heads = nn.ModuleList(
            nn.Linear(CONFIG.width, len(VALUES[name]) if name in VALUES else count + 1)
            for name in NAMES
        )
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN), persistent=False)
        self.register_buffer("std", torch.tensor(IMAGENET_STD), persistent=False)

    def forward(self, image: Tensor) -> list[Tensor]:
        """Pictures [N, 3, 64, 64] in [-1, 1] to logits for each attribute."""
        pixels = standardize((image + 1) / 2, self.mean, self.std)
        (x,), _ = self.vit.taps(pixels, [CONFIG.depth - 1])
        seen = self.vit.norm(x)
        seen = seen[:, 0] + seen[:, 1:].mean(dim=1)
        return [head(seen) for head in self.heads]


def train_namer(
    count: int,
    steps: int,
    batch: int = 32,
    seed: int = 5,
    report: Callable[[str], None] = print,
    state: Path | None = None,
    device: torch.device | str = "cpu",
) -> Namer:
    """Train on fresh scenes of the first `count` things, or go on from the snapshot `state`."""
    torch.manual_seed(seed)
    how = Schooling(steps, CONFIG.size, 1.5e-3, 0.03, batch, betas=(0.9, 0.98), seed=seed)
    return teach(Namer(count), count, how, report, state, device)


@torch.inference_mode()
def naming_accuracy(namer: Namer, n: int = 1000, seed: int = 55) -> float:
    """The share of held-out scenes whose named thing is seen."""
    generator = torch.Generator().manual_seed(seed)
    _, named = captioned(n, namer.count, random.Random(seed), generator, held=True)
    z = torch.randn(n, 64, generator=generator)
    thing = named[:, COLUMN["thing"]]
    seen = [
        namer(picture_of(part, latents, WIDEST_PSI, CONFIG.size, namer.count)[0])[COLUMN["thing"]]
        for part, latents in zip(named.split(100), z.split(100), strict=True)
    ]
    right = torch.cat(seen).argmax(dim=1) == thing
    return right[thing != OPEN].float().mean().item()


def save_namer(namer: Namer, accuracy: float, file: Path) -> None:
    """Write what a discriminator looks through, and how well it names things."""
    save_tensors(file, namer.vit.state_dict(), {_ACCURACY: str(accuracy)})


def load_features(file: Path) -> tuple[FeatureNetwork, float]:
    """Return what `save_namer` has written: the feature network, and how well it names things."""
    vit = VisionTransformer(CONFIG, ConvStem())
    with TensorFile(file) as archive:
        vit.load_state_dict(archive.read_all())
        accuracy = float(archive.metadata.get(_ACCURACY, 0))
    return FeatureNetwork(vit, "the demo world"), accuracy
