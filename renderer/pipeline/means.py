"""The means that a latent may be truncated towards: the nearest of them takes the average's place.

They stand in a file beside the checkpoint, `NAME.means.npy`, one row for each, such as the
centroids that StyleGAN-XL's authors publish for ImageNet; else they are found by k-means among the
mapped latents of fixed places, of classes at random where the model has classes.  They belong to a
mapping network: a blend takes the file of the checkpoint whose it has, and finds them in between.

Source: Mokady et al. 2022, "Self-Distilled StyleGAN", section 4; Sauer et al. 2022, "StyleGAN-XL".
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from renderer.errors import PictureError
from renderer.files.number_array import (
    MAX_HEADER,
    NumberArrayError,
    claimed_shape,
    decode_array,
)
from renderer.files.plain import read_plain
from renderer.pipeline.components import CHUNK, SAMPLE_SEED, SAMPLES
from renderer.pipeline.owned_cache import OwnedCache
from renderer.pipeline.render_call import Run
from renderer.recipe.names import display_name

MEANS = 64
"""Number of means that are found where no file says them."""
ROUNDS = 20
"""Of k-means; later ones hardly move a mean."""
MAX_MEANS = 20_000
"""Number that a file may bring; those published for ImageNet are 10,000."""
NUMBER_BYTES = 8
"""Of the largest kind of number."""
KEPT = 4


class MeansStore(OwnedCache[Tensor]):
    """The means of the models in memory, read or found when they are first asked for."""

    def __init__(self) -> None:
        super().__init__(KEPT)

    def of(self, run: Run) -> Tensor:
        """Those of the run's model, [count, latent columns] float32 on the device.

        Raises:
            PictureError: there is a file of means, but it does not fit; one sentence.
        """

        def make() -> Tensor:
            run.pause()
            checkpoint = _mapped_by(run)
            means = read_means(checkpoint, run.info.latent_dim) if checkpoint else None
            if means is None:
                means = k_means(random_latents(run).cpu())
            return means.to(run.device.torch_device)

        return self.made(((run.model.token,), "means"), make)


def _mapped_by(run: Run) -> Path | None:
    """The checkpoint whose mapping network draws; None where it lies between two."""
    weight = 0.0 if run.second is None else run.recipe.model.blend.mapping
    if run.second is not None and weight == 1.0:
        return Path(run.second.path)
    return Path(run.info.path) if weight == 0.0 else None


def read_means(checkpoint: Path, columns: int) -> Tensor | None:
    """Read the file of means beside a checkpoint; None where there is none.

    Returns:
        [count, columns] float32 in main memory.

    Raises:
        PictureError: it is damaged, or of another model.
    """
    file = checkpoint.with_name(f"{checkpoint.stem}.means.npy")
    try:
        if not file.is_file():  # asked first: a folder or a pipe of that name is no file of means
            return None
        data = read_plain(file, MAX_MEANS * columns * NUMBER_BYTES + MAX_HEADER)
        shape = claimed_shape(data)
        if len(shape) != 2 or shape[1] != columns or not 0 < shape[0] <= MAX_MEANS:
            raise _unfit(file, columns)
        found = decode_array(data)
    except (OSError, NumberArrayError) as error:
        raise _unfit(file, columns) from error
    if found.dtype.kind != "f":
        raise _unfit(file, columns)
    means = torch.from_numpy(np.array(found, np.float32))
    if not torch.isfinite(means).all():
        raise _unfit(file, columns)
    return means


def _unfit(file: Path, columns: int) -> PictureError:
    return PictureError(
        f"{display_name(str(file))} contains no means for this model: it must be an array of at "
        f"most {MAX_MEANS:,} rows of {columns} numbers. Replace it, or truncate towards the "
        "average."
    )


def random_latents(run: Run) -> Tensor:
    """Mapped latents of fixed places, of one class each where there are classes: [SAMPLES, latent
    columns] on the device."""
    source = torch.Generator().manual_seed(SAMPLE_SEED)
    z = torch.randn(SAMPLES, run.info.z_dim, generator=source, dtype=torch.float64).float()
    count = run.info.c_dim if run.info.has_classes else 0
    classes = torch.randint(count, (SAMPLES,), generator=source) if count else None
    device, mapped = run.device.torch_device, run.model.generator.mapping.mapped
    found = []
    for start in range(0, SAMPLES, CHUNK):
        run.pause()
        label = None
        if classes is not None:
            chosen = classes[start : start + CHUNK]
            label = torch.nn.functional.one_hot(chosen, count).float().to(device)
        found.append(mapped(z[start : start + CHUNK].to(device), label))
    return torch.cat(found)


def k_means(samples: Tensor, count: int = MEANS, rounds: int = ROUNDS) -> Tensor:
    """Means around which samples lie densely, by Lloyd's algorithm from the first samples on.

    Args:
        samples: [N, dim], N at least `count`.
        count: number of means.
        rounds: maximum number of rounds; it ends early where no mean moves.

    Returns:
        [count, dim], of `samples`' type.  A mean that no sample is nearest to stays where it was.
    """
    means = samples[:count].clone()
    for _ in range(rounds):
        owner = torch.cdist(samples, means).argmin(dim=1)
        sums = torch.zeros_like(means).index_add_(0, owner, samples)
        sizes = torch.bincount(owner, minlength=count).to(means.dtype)[:, None]
        moved = torch.where(sizes > 0, sums / sizes.clamp_min(1), means)
        if torch.equal(moved, means):
            break
        means = moved
    return means
