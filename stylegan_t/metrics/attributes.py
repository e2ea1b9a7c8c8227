"""Does the picture show what the prompt says?  A judge for the demo world.

The judge is a classifier of scene attributes that was trained on real scenes only and shares
nothing with the generator or its text tower.  Its score on real scenes is the yardstick.
"""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stylegan_t.demo.scenes import captioned, picture_of
from stylegan_t.demo.world import ATTRIBUTES, COLUMN, NAMES, NO_OBJECT, OPEN, choices, complete
from stylegan_t.generator import Generator

JUDGE_SIZE = 64
HELD_OUT_SEED = 987_654_321
_NEEDS_OBJECT = ("color", "size", "side")


class AttributeJudge(nn.Module):
    """Pictures [N, 3, 64, 64] in [-1, 1] to one set of logits for each attribute."""

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        sizes = (3, width, 2 * width, 4 * width, 4 * width)
        stages: list[nn.Module] = []
        for i, o in itertools.pairwise(sizes):
            stages += [nn.Conv2d(i, o, 4, 2, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU()]
            stages += [nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU()]
        self.features = nn.Sequential(*stages)
        self.hidden = nn.Linear(sizes[-1] * 16, 192)
        self.heads = nn.ModuleList(nn.Linear(192, len(ATTRIBUTES[name])) for name in NAMES)

    def forward(self, image: Tensor) -> list[Tensor]:
        """Larger pictures are averaged down to 64 pixels first."""
        if image.shape[-1] > JUDGE_SIZE:
            image = F.avg_pool2d(image, image.shape[-1] // JUDGE_SIZE)
        h = F.relu(self.hidden(self.features(image).flatten(1)))
        return [head(h) for head in self.heads]


def _visible(rows: Tensor, name: str) -> Tensor:
    """Return where an attribute can be seen at all: no colour without a thing, no moon by day."""
    shown = torch.ones(len(rows), dtype=torch.bool)
    if name in _NEEDS_OBJECT:
        shown &= rows[:, COLUMN["object"]] != NO_OBJECT
    if name == "moon":
        shown &= rows[:, COLUMN["time"]] == ATTRIBUTES["time"].index("night")
        shown &= rows[:, COLUMN["weather"]] < ATTRIBUTES["weather"].index("rain")
    return shown


def train_judge(
    steps: int = 1500, batch: int = 64, seed: int = 7, report: Callable[[str], None] = print
) -> AttributeJudge:
    """Train a judge on fresh real scenes; 1500 steps take one CPU core about ten minutes."""
    torch.manual_seed(seed)
    rng, generator = random.Random(seed), torch.Generator().manual_seed(seed)
    judge = AttributeJudge().to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue] - the stubs lack this form
    optimizer = torch.optim.AdamW(judge.parameters(), 2e-3, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, steps, pct_start=0.1)
    started = time.perf_counter()
    for step in range(1, steps + 1):
        _, named = captioned(batch, rng, generator)
        z = torch.randn(batch, 64, generator=generator)
        image, _, rows = picture_of(named, z, 1.0, JUDGE_SIZE)
        image = image + 0.05 * torch.randn(image.shape, generator=generator)
        with torch.autocast("cpu", torch.bfloat16):
            logits = judge(image.contiguous(memory_format=torch.channels_last))
        losses = []
        for k, name in enumerate(NAMES):
            shown = _visible(rows, name)
            if shown.any():
                losses.append(F.cross_entropy(logits[k].float()[shown], rows[shown, k]))
        loss = torch.stack(losses).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % 100 == 0 or step == steps:
            rate = step * batch / (time.perf_counter() - started)
            report(f"judge step {step}/{steps}  loss {loss.item():.3f}  {rate:.0f} img/s")
    return judge.eval()


@torch.inference_mode()
def attribute_accuracy(
    judge: AttributeJudge,
    generator: Generator | None,
    n: int = 1000,
    psi: float = 1.0,
    size: int = JUDGE_SIZE,
) -> dict[str, tuple[float, int]]:
    """Share of held-out prompts whose named attributes the judge sees in the picture.

    Args:
        generator: the model to judge, or None to judge real scenes of the same prompts.
        n: prompts; they come from a seed that no training run uses.
        size: the side at which real scenes are drawn.

    Returns:
        For each attribute: the accuracy, and how many prompts named it visibly.
    """
    texts, named = captioned(
        n, random.Random(HELD_OUT_SEED), torch.Generator().manual_seed(HELD_OUT_SEED)
    )
    z = torch.randn(n, 64, generator=torch.Generator().manual_seed(HELD_OUT_SEED + 1))
    seen = []
    for start in range(0, n, 50):
        part = slice(start, start + 50)
        if generator is None:
            image = picture_of(named[part], z[part], psi, size)[0]
        else:
            c = generator.encode_text(texts[part])
            image = generator.synthesis(generator.mapping(z[part], c, psi), noise_mode="const")
        seen.append(torch.stack([logits.argmax(dim=1) for logits in judge(image)], dim=1))
    rows = torch.cat(seen)
    # What was not named cannot be wrong, but it decides whether a named attribute can be seen.
    full = torch.where(named == OPEN, picture_rows(named, z, psi), named)
    result = {}
    for k, name in enumerate(NAMES):
        asked = (named[:, k] != OPEN) & _visible(full, name)
        right = (rows[:, k] == named[:, k])[asked]
        result[name] = (right.float().mean().item(), int(asked.sum()))
    return result


def picture_rows(named: Tensor, z: Tensor, psi: float) -> Tensor:
    """The complete attribute rows that captions and latents stand for, [N, 10]."""
    return complete(named, choices(z, psi))
