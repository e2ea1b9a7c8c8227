"""The second demo world's judge: does the picture show what the prompt says?

A classifier that was trained on real scenes only and shares nothing with the generator, its text
tower or the features that an adversarial stage looks at.  Its score on real scenes is the
yardstick; the prompts are of combinations that training never shows.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stylegan_t.demo.things.attributes import (
    COLUMN,
    NAMES,
    OPEN,
    VALUES,
    complete,
)
from stylegan_t.demo.things.scenes import captioned, picture_of
from stylegan_t.demo.things.seeing import is_beside, ordered, swapped, visible
from stylegan_t.demo.world import Z_DIM, choices
from stylegan_t.generator import Generator
from stylegan_t.metrics.crispness import crispness
from stylegan_t.metrics.features import Features, to_float
from stylegan_t.metrics.thing_lessons import Schooling, teach

JUDGE_SIZE = 64
HELD_OUT_SEED = 987_654_321
BEST = 5
"""Number of best guesses among which a thing counts as nearly right."""
NEARLY = f"thing, best {BEST}"
"""Its name in `thing_accuracy`."""
RATE, FURTHER_RATE = 3e-3, 1e-3
"""The highest learning rate of a judge, and of one that has been trained before."""
_SKIPPED = "moon"
"""Named in words, but weather may hide it."""
_CHUNK = 50


class ThingJudge(nn.Module):
    """Pictures [N, 3, 64, 64] in [-1, 1] to one set of logits for each attribute.

    What it knows of things it knows wherever they stand: every spot of the picture is read alike,
    and a few glances, each a mean weighted by where it looks, gather what was read.
    """

    grid: Tensor

    def __init__(self, count: int, width: int = 40, glances: int = 6) -> None:
        super().__init__()
        self.count = count
        sizes = (3, width, 2 * width, 4 * width, 4 * width)
        stages = [_stage(i, o) for i, o in itertools.pairwise(sizes)]
        self.fine, self.coarse = nn.Sequential(*stages[:3]), stages[3]
        read, hidden = 5 * width, 6 * width
        self.read = nn.Conv2d(2 * sizes[-1], read, 1)
        self.look = nn.Conv2d(read, glances, 1)
        side = JUDGE_SIZE // 8
        self.places = nn.Parameter(torch.zeros(glances, side, side))
        ends = torch.linspace(-1, 1, side)
        grid = torch.stack(torch.meshgrid(ends, ends, indexing="ij"))
        self.register_buffer("grid", grid, persistent=False)
        self.hidden = nn.Linear(glances * (read + len(grid)) + read, hidden)
        self.heads = nn.ModuleList(
            nn.Linear(hidden, len(VALUES[name]) if name in VALUES else count + 1) for name in NAMES
        )

    def gathered(self, image: Tensor) -> Tensor:
        """Return what is known of pictures before anything is decided, [N, 6 width]; other sizes
        than 64 pixels are brought there first."""
        size = image.shape[-1]
        if size > JUDGE_SIZE and size % JUDGE_SIZE == 0:
            image = F.avg_pool2d(image, size // JUDGE_SIZE)
        elif size != JUDGE_SIZE:
            image = F.interpolate(
                image, size=(JUDGE_SIZE, JUDGE_SIZE), mode="bilinear", antialias=size > JUDGE_SIZE
            )
        fine = self.fine(image)
        coarse = F.interpolate(self.coarse(fine), scale_factor=2.0, mode="nearest")
        read = F.relu(self.read(torch.cat([fine, coarse], dim=1)))
        glances = (self.look(read) + self.places).flatten(2).softmax(dim=2)
        known = torch.cat([read, self.grid.to(read.dtype).expand(len(read), -1, -1, -1)], dim=1)
        seen = torch.einsum("ngp,ncp->ngc", glances.to(read.dtype), known.flatten(2)).flatten(1)
        return F.relu(self.hidden(torch.cat([seen, read.mean(dim=(2, 3))], dim=1)))

    def forward(self, image: Tensor) -> list[Tensor]:
        """See `gathered`."""
        h = self.gathered(image)
        return [head(h) for head in self.heads]


def _stage(i: int, o: int) -> nn.Sequential:
    """Half the side, `o` channels."""
    return nn.Sequential(
        nn.Conv2d(i, o, 4, 2, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU(),
        nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU(),
    )  # fmt: skip


def train_thing_judge(
    count: int,
    steps: int = 8000,
    batch: int = 64,
    seed: int = 7,
    report: Callable[[str], None] = print,
    state: Path | None = None,
    start: ThingJudge | None = None,
) -> ThingJudge:
    """Train a judge on fresh real scenes, or go on from the snapshot `state`; 8000 steps take one
    CPU core about half an hour.

    `start` is a judge of a world that was drawn a little differently: it is taught what is new.
    """
    torch.manual_seed(seed)
    rate = RATE if start is None else FURTHER_RATE
    how = Schooling(steps, JUDGE_SIZE, rate, 0.02, batch, grain=0.05, seed=seed)
    return teach(start or ThingJudge(count), count, how, report, state)


class ThingScores(NamedTuple):
    """A judge's findings on held-out prompts.

    `shares` has for each attribute, and for `NEARLY`, the share of prompts that show it as asked
    and how many named it visibly; `crispness` is the mean of the pictures', see `crispness`.
    """

    shares: dict[str, tuple[float, int]]
    crispness: float


@torch.inference_mode()
def thing_accuracy(
    judge: ThingJudge,
    generator: Generator | None,
    n: int = 1000,
    psi: float = 1.0,
    size: int = JUDGE_SIZE,
) -> ThingScores:
    """Ask the judge what pictures of held-out prompts show.

    Args:
        judge: who looks.
        generator: the model to judge, or None to judge real scenes of the same prompts.
        n: prompts, of combinations that training never shows.
        psi: truncation.
        size: the side at which real scenes are drawn.
    """
    source = torch.Generator().manual_seed(HELD_OUT_SEED)
    texts, named = captioned(n, judge.count, random.Random(HELD_OUT_SEED), source, held=True)
    z = torch.randn(n, Z_DIM, generator=source)
    parts: list[list[Tensor]] = []
    crisp = 0.0
    for start in range(0, n, _CHUNK):
        part = slice(start, start + _CHUNK)
        if generator is None:
            image = picture_of(named[part], z[part], psi, size, judge.count)[0]
        else:
            c = generator.encode_text(texts[part])
            image = generator.synthesis(generator.mapping(z[part], c, psi), noise_mode="const")
        image = image.clamp(-1, 1)
        parts.append(judge(image))
        crisp += crispness(image).mean().item() * len(image) / n
    logits = [torch.cat(one) for one in zip(*parts, strict=True)]
    return ThingScores(_shares(logits, named, complete(named, choices(z, psi))), crisp)


def beside_real(
    judge: ThingJudge, generator: Generator, n: int = 1000
) -> tuple[ThingScores, ThingScores]:
    """Return what the judge finds in pictures of a model, and in real scenes of the same prompts,
    drawn as large: how crisp a picture is depends on its size."""
    size = generator.config.img_resolution
    return thing_accuracy(judge, generator, n), thing_accuracy(judge, None, n, size=size)


def _shares(logits: list[Tensor], named: Tensor, rows: Tensor) -> dict[str, tuple[float, int]]:
    shown, result = as_told(logits, named), {}
    for k, name in enumerate(NAMES):
        asked = (named[:, k] != OPEN) & visible(rows, name)
        order = logits[k][asked].topk(min(BEST, logits[k].shape[1]), dim=1).indices
        right = order == shown[asked, k].unsqueeze(1)
        result[name] = (right[:, 0].float().mean().item(), int(asked.sum()))
        if name == "thing":
            result[NEARLY] = (right.any(dim=1).float().mean().item(), int(asked.sum()))
    return result


def as_told(logits: list[Tensor], named: Tensor) -> Tensor:
    """Return what words name [N, WIDTH], in terms of what a judge tells.

    Things beside one another may stand in either order; the one that the picture fits better
    counts.
    """
    either = is_beside(named)
    first, turned = ordered(named), ordered(swapped(named, either))
    return torch.where((_fit(logits, turned) > _fit(logits, first))[:, None], turned, first)


def _fit(logits: list[Tensor], named: Tensor) -> Tensor:
    """Return how well pictures show both of the named things in this order, [N]."""
    columns = (COLUMN["thing"], COLUMN["other"])
    scores = [
        logits[k].float().log_softmax(dim=1).gather(1, named[:, k, None].clamp(min=0))
        for k in columns
    ]
    return torch.cat(scores, dim=1).sum(dim=1)


def thing_agreement(judge: ThingJudge, pixels: Tensor, named: Tensor) -> Tensor:
    """Return how much of what the words name the judge sees in each picture.

    Args:
        judge: the judge.
        pixels: uint8 [N, 3, H, W].
        named: [N, WIDTH] attribute indices, `OPEN` where the words name nothing.

    Returns:
        [N] float32 in [0, 1]; NaN where the words name nothing that can be seen.
    """
    logits = [one.cpu() for one in judge(to_float(pixels))]
    seen = torch.stack([one.argmax(dim=1) for one in logits], dim=1)
    rows = complete(named, torch.full((len(named), Z_DIM), 0.5))
    shown = torch.stack([visible(rows, name) for name in NAMES], dim=1)
    shown[:, COLUMN[_SKIPPED]] = False
    asked = (named != OPEN) & shown
    return (asked & (seen == as_told(logits, named))).sum(dim=1) / asked.sum(dim=1)


class ThingFeatures(Features):
    """The judge's view of a picture before it decides: its last hidden layer.

    It looks at 64 pixels, so what is finer escapes it.
    """

    name = "the second demo world's judge"
    note = (
        "Figures in the features of the second demo world's judge compare models of that world "
        "with one another, not with papers; the judge sees 64 pixels."
    )

    def __init__(self, judge: ThingJudge) -> None:
        super().__init__()
        self.judge = judge
        self.dim = judge.hidden.out_features
        self.ready("thing-judge")

    def forward(self, pixels: Tensor) -> Tensor:
        """See `Features.forward`."""
        return self.judge.gathered(to_float(pixels))
