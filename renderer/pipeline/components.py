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

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from renderer.errors import PictureError
from renderer.frame.frame import ModelInfo
from renderer.parameters.component_steps import misfit
from renderer.pipeline import cache_keys
from renderer.pipeline.owned_cache import OwnedCache
from renderer.pipeline.render_call import Run
from renderer.recipe.component_moves import MAX_COMPONENTS
from renderer.recipe.parts.moves import Space
from renderer.recipe.quoting import one_line
from renderer.recipe.recipe import Move
from stylegan_t.generator import StyleEdits
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

    def weights(self, run: Run, rows: tuple[int, ...]) -> Components:
        """The directions of the latent to which the weights of the layers that own `rows` answer
        most, all of them together."""

        def make() -> Components:
            run.pause()
            generator = run.model.generator
            samples = mapped_samples(generator, average_class(run))
            styles = [generator.style_of_row(row) for row in rows]

            def style(w: Tensor) -> Tensor:
                return torch.cat([one(w) for one in styles], dim=1)

            return factorised(style, samples, 0 if run.info.has_classes else run.info.c_dim)

        return self.made(((run.model.token,), rows, "weights"), make)

    def moved(self, x: Tensor, c: Tensor, run: Run) -> tuple[Tensor, Tensor]:
        """Rows of w after all steps along directions of the recipe.

        Args:
            x: [num_ws, latent columns], what the latent makes of them.
            c: [num_ws, other columns], what the text makes of them.
            run: its recipe says the steps.
        """
        steps = cache_keys.mapped_key(run.recipe.moves)
        if steps:
            known = self.mapped(run)
            made = [known.step(k, amount, "the mapped latent") for k, amount in steps]
            x = x + torch.stack(made).sum(dim=0).to(x.device, x.dtype)
        moves = cache_keys.row_moves(run.recipe.moves, run.info)
        if not moves:
            return x, c
        w = torch.cat([x, c], dim=1)
        for move in moves:
            step = self.step(run, move).to(w.device, w.dtype)
            w[:, : step.shape[1]] += step
        return w[:, : x.shape[1]], w[:, x.shape[1] :]

    def step(self, run: Run, move: Move) -> Tensor:
        """A step along a direction of w: [1 or num_ws, columns] float64 in main memory.

        Raises:
            PictureError: there is no such direction, or it is none of w; one sentence.
        """
        if move.space == "vector" and move.vector is not None:
            data = np.frombuffer(move.vector.data, "<f4").astype(np.float64)
            return move.amount * torch.from_numpy(data.reshape(move.vector.rows, -1))
        if move.space == "mapped":
            return self.mapped(run).step(move.component, move.amount, "the mapped latent")[None]
        rows = rows_of(move, run.info)
        step = self.weights(run, rows).step(move.component, move.amount, _where(move))
        made = torch.zeros(run.info.num_ws, len(step), dtype=torch.float64)
        made[list(rows)] = step
        return made

    def shares(
        self, run: Run, space: Space, row: int, wordless: Callable[[Run], Tensor | None]
    ) -> tuple[float, ...]:
        """See `renderer.pipeline.renderer.Renderer.components`; `wordless` gives the text of no
        words."""
        if space == "mapped":
            return self.mapped(run).shares
        if space == "style" and 0 <= row < run.info.num_ws:
            return self.style(run, row, wordless(run)).shares
        return self.weights(run, rows_of(Move(space, row=row), run.info)).shares

    def style_edits(self, run: Run, wordless: Callable[[Run], Tensor | None]) -> StyleEdits:
        """The steps along components of styles, by the row of w that a layer owns; `wordless` as
        for `shares`."""
        edits: dict[int, Tensor] = {}
        for row, component, amount in cache_keys.style_key(run.recipe.moves, run.info):
            known = self.style(run, row, wordless(run))
            step = known.step(component, amount, f"the style of row {row} of w")
            edits[row] = edits[row] + step if row in edits else step
        return {row: edit.float().to(run.device.torch_device) for row, edit in edits.items()}


def rows_of(move: Move, info: ModelInfo) -> tuple[int, ...]:
    """The rows of w that a step along directions of weights moves.

    Raises:
        PictureError: the model does not have them, or it is no such step; one sentence.
    """
    if move.space == "block" and move.row < len(info.rows_of_block):
        return tuple(range(*info.rows_of_block[move.row]))
    if move.space == "weights" and move.row < info.num_ws:
        return (move.row,)
    if move.space == "style" and move.row < info.num_ws:
        raise PictureError(
            "This direction moves the style of a layer, which comes after w, so there is no "
            "direction of w to export."
        )
    most = len(info.blocks) if move.space == "block" else info.num_ws
    raise PictureError(f"This model has no {_where(move)}, only {most} from 0.")


def move_notes(moves: Sequence[Move], info: ModelInfo) -> tuple[str, ...]:
    """Return what is said of steps along vectors that have no effect because they do not fit."""
    return tuple(
        f"The direction {one_line(move.name or 'without a name')} has no effect: {reason}"
        for move in moves
        if move.amount and (reason := misfit(move.vector, info))
    )


def _where(move: Move) -> str:
    return f"block {move.row}" if move.space == "block" else f"row {move.row} of w"


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
