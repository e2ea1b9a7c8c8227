"""Principal components: the directions in which a model's latents and styles vary most.

A model's mapped latents, or the styles that one layer makes of them, are sampled at fixed places;
the components are the eigenvectors of their covariance, the widest first.

Styles are sampled with the text of no words, whatever the recipe's text: a style is quadratic in w,
so the text changes the components too, and eigenvectors that come near each other change places.
With one fixed text a component is the same direction in every picture of a model, and a video that
goes from text to text does not jump.

Source: Härkönen et al. 2020, "GANSpace", for the use of them on generators.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from renderer.errors import PictureError
from renderer.pipeline.owned_cache import OwnedCache
from renderer.pipeline.render_call import Run
from renderer.recipe.component_moves import MAX_COMPONENTS
from stylegan_t.network import AnyNetwork

SLOPE_STEP = 0.5
SAMPLES = 4096
SAMPLE_SEED = 0
CHUNK = 512
"""Number of latents whose styles are computed at a time: one of 2048 values takes 24 kB."""
KEPT = 64


@dataclass(frozen=True, eq=False)
class Components:
    """Principal components, the widest first.

    `axes` are [count, dim] of unit norm, `deviations` [count] the standard deviations along them;
    both float64 in main memory.  `shares` are their parts of the whole variance, from 0 to 1.
    """

    axes: Tensor
    deviations: Tensor
    shares: tuple[float, ...]

    def step(self, component: int, amount: float, where: str) -> Tensor:
        """`amount` standard deviations along a component, [dim] float64.

        Raises:
            PictureError: there is no such component; `where` says of what.
        """
        if component >= len(self.axes):
            raise PictureError(
                f"This recipe moves along principal component {component + 1} of {where}, but "
                f"this model has {len(self.axes)}: remove that step from the recipe."
            )
        return amount * self.deviations[component] * self.axes[component]


class ComponentStore(OwnedCache[Components]):
    """Principal components of the models in memory, computed when they are first asked for."""

    def __init__(self) -> None:
        super().__init__(KEPT)

    def mapped(self, run: Run) -> Components:
        """Those of the run's model's mapped latent."""

        def make() -> Components:
            run.pause()
            return principal(mapped_samples(run.model.generator, average_class(run)).cpu())

        return self.made(((run.model.token,), "mapped"), make)

    def style(self, run: Run, row: int, text: Tensor | None) -> Components:
        """Those of the style of the layer that owns `row` of w.

        `text` is [c_dim] float32 in main memory, the text of no words; None for a model without
        text.
        """

        def make() -> Components:
            run.pause()
            words = None if run.info.has_classes else text
            samples = style_samples(run.model.generator, row, words, average_class(run))
            return principal(samples.cpu())

        spoken = b"" if text is None else text.numpy().tobytes()
        return self.made(((run.model.token,), row, spoken), make)

    def weights(self, run: Run, row: int) -> Components:
        """The directions of the latent to which the weights of the layer that owns `row` answer
        most."""

        def make() -> Components:
            run.pause()
            samples = mapped_samples(run.model.generator, average_class(run))
            spoken = 0 if run.info.has_classes else run.info.c_dim
            return factorised(run.model.generator.style_of_row(row), samples, spoken)

        return self.made(((run.model.token,), row, "weights"), make)


def average_class(run: Run) -> Tensor | None:
    """All classes alike, [1, c_dim]; None for a model without classes."""
    count = run.info.c_dim
    return torch.full((1, count), 1 / count) if run.info.has_classes else None


def mapped_samples(generator: AnyNetwork, label: Tensor | None = None) -> Tensor:
    """Mapped latents of fixed places, not truncated: [SAMPLES, latent columns] on the model's
    device; `label` is [1, c_dim], the weight of each class, where the model has classes."""
    source = torch.Generator().manual_seed(SAMPLE_SEED)
    z = torch.randn(SAMPLES, generator.anatomy.z_dim, generator=source, dtype=torch.float64)
    labels = None if label is None else label.to(generator.device).expand(SAMPLES, -1)
    return generator.mapping.mapped(z.float().to(generator.device), labels)


def style_samples(
    generator: AnyNetwork, row: int, text: Tensor | None, label: Tensor | None = None
) -> Tensor:
    """Styles of the layer that owns `row` of w, for fixed mapped latents with one text.

    Args:
        generator: the model.
        row: from 0 to num_ws - 1.
        text: [c_dim], or None for a model without text.
        label: as for `mapped_samples`.

    Returns:
        [SAMPLES, channels] on the model's device.
    """
    style, x = generator.style_of_row(row), mapped_samples(generator, label)
    if text is not None:
        x = torch.cat([x, text.to(x).expand(len(x), -1)], dim=1)
    return torch.cat([style(part) for part in x.split(CHUNK)])


def factorised(
    style: Callable[[Tensor], Tensor], samples: Tensor, spoken: int, count: int = MAX_COMPONENTS
) -> Components:
    """The directions of the mapped latent that change a style most: the eigenvectors of A^T A.

    A [channels, dim] is what the style multiplies the latent's columns with; a style that is not
    affine, such as StyleGAN-T's, counts as its tangent at the mean latent without words.  Steps are
    in standard deviations of the latents along each direction, as those along components.

    Args:
        style: [N, dim + spoken] to [N, channels].
        samples: mapped latents [N, dim], finite.
        spoken: number of columns of w that a text makes.
        count: how many directions at most.

    Source: Shen and Zhou 2021, "Closed-Form Factorization of Latent Semantics in GANs".
    """
    dim, text = samples.shape[1], samples.new_zeros(samples.shape[1], spoken)
    mean = samples.mean(dim=0)
    steps = torch.eye(dim, device=samples.device) * SLOPE_STEP
    # The slope over a step of both signs is exact for what is at most quadratic.
    above, below = (style(torch.cat([mean + step, text], dim=1)) for step in (steps, -steps))
    slopes = (above - below).double().cpu() / (2 * SLOPE_STEP)
    squares, axes = torch.linalg.eigh(slopes @ slopes.T)
    squares, axes = squares.flip(0).clamp_min(0.0), axes.T.flip(0)[:count]
    axes = axes * axes.gather(1, axes.abs().argmax(dim=1, keepdim=True)).sign()
    total = float(squares.sum())
    deviations = (samples.double().cpu() @ axes.T).std(dim=0)
    shares = tuple(float(s) / total if total else 0.0 for s in squares[:count])
    return Components(axes, deviations, shares)


def principal(samples: Tensor, count: int = MAX_COMPONENTS) -> Components:
    """The principal components of samples.

    An axis and its opposite are one component; the one whose largest value is positive is taken.

    Args:
        samples: [N, dim], finite.
        count: how many components at most.
    """
    centred = samples.double() - samples.double().mean(dim=0)
    variances, axes = torch.linalg.eigh(centred.T @ centred / (len(samples) - 1))
    # Ascending order, an axis a column; rounding may bring a variance of zero below it.
    variances, axes = variances.flip(0).clamp_min(0.0), axes.T.flip(0)
    total = float(variances.sum())
    variances, axes = variances[:count], axes[:count]
    largest = axes.gather(1, axes.abs().argmax(dim=1, keepdim=True))
    shares = tuple(float(v) / total if total else 0.0 for v in variances)
    return Components(axes * largest.sign(), variances.sqrt(), shares)
