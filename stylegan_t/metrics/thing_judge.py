"""The second demo world's judge: does the picture show what the prompt says?

A classifier that was trained on real scenes only and shares nothing with the generator, its text
tower or the features that an adversarial stage looks at.  Its score on real scenes is the
yardstick; the prompts are of combinations that training never shows.
"""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable

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
from stylegan_t.demo.things.seeing import seeing_loss, visible
from stylegan_t.demo.world import choices
from stylegan_t.generator import Generator

JUDGE_SIZE = 64
HELD_OUT_SEED = 987_654_321
BEST = 5
"""A thing counts as nearly right among so many."""
_GRAIN = 0.05
_CHUNK = 50


class ThingJudge(nn.Module):
    """Pictures [N, 3, 64, 64] in [-1, 1] to one set of logits for each attribute."""

    def __init__(self, count: int, width: int = 40) -> None:
        super().__init__()
        self.count = count
        sizes = (3, width, 2 * width, 4 * width, 4 * width)
        stages: list[nn.Module] = []
        for i, o in itertools.pairwise(sizes):
            stages += [nn.Conv2d(i, o, 4, 2, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU()]
            stages += [nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU()]
        self.features = nn.Sequential(*stages)
        self.hidden = nn.Linear(sizes[-1] * 16, 256)
        self.heads = nn.ModuleList(
            nn.Linear(256, len(VALUES[name]) if name in VALUES else count + 1) for name in NAMES
        )

    def forward(self, image: Tensor) -> list[Tensor]:
        """Other sizes are brought to 64 pixels first."""
        size = image.shape[-1]
        if size > JUDGE_SIZE:
            image = F.avg_pool2d(image, size // JUDGE_SIZE)
        elif size < JUDGE_SIZE:
            image = F.interpolate(image, size=JUDGE_SIZE, mode="bilinear", align_corners=False)
        h = F.relu(self.hidden(self.features(image).flatten(1)))
        return [head(h) for head in self.heads]


def train_thing_judge(
    count: int,
    steps: int = 6000,
    batch: int = 64,
    seed: int = 7,
    report: Callable[[str], None] = print,
) -> ThingJudge:
    """Train a judge on fresh real scenes; 6000 steps take one CPU core about an hour."""
    torch.manual_seed(seed)
    rng, generator = random.Random(seed), torch.Generator().manual_seed(seed)
    judge = ThingJudge(count).to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue] - the stubs lack this form
    optimizer = torch.optim.AdamW(judge.parameters(), 2e-3, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, steps, pct_start=0.1)
    started = time.perf_counter()
    for step in range(1, steps + 1):
        _, named = captioned(batch, count, rng, generator)
        z = torch.randn(batch, 64, generator=generator)
        image, _, rows = picture_of(named, z, 1.0, JUDGE_SIZE, count)
        image = image + _GRAIN * torch.randn(image.shape, generator=generator)
        with torch.autocast("cpu", torch.bfloat16):
            logits = judge(image.contiguous(memory_format=torch.channels_last))
        loss = seeing_loss(logits, rows)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % 100 == 0 or step == steps:
            rate = step * batch / (time.perf_counter() - started)
            right = (logits[COLUMN["thing"]].argmax(dim=1) == rows[:, COLUMN["thing"]]).float()
            report(
                f"judge step {step}/{steps}  loss {loss.item():.3f}  thing {right.mean():.2f}  "
                f"{rate:.0f} img/s"
            )
    return judge.eval()


@torch.inference_mode()
def thing_accuracy(
    judge: ThingJudge,
    generator: Generator | None,
    n: int = 1000,
    psi: float = 1.0,
    size: int = JUDGE_SIZE,
) -> dict[str, tuple[float, int]]:
    """Share of held-out prompts whose named attributes the judge sees in the picture.

    Args:
        generator: the model to judge, or None to judge real scenes of the same prompts.
        n: prompts, of combinations that training never shows.
        size: the side at which real scenes are drawn.

    Returns:
        For each attribute, and "thing, best 5": the accuracy, and how many prompts named it
        visibly.
    """
    source = torch.Generator().manual_seed(HELD_OUT_SEED)
    texts, named = captioned(n, judge.count, random.Random(HELD_OUT_SEED), source, held=True)
    z = torch.randn(n, 64, generator=source)
    parts: list[list[Tensor]] = []
    for start in range(0, n, _CHUNK):
        part = slice(start, start + _CHUNK)
        if generator is None:
            image = picture_of(named[part], z[part], psi, size, judge.count)[0]
        else:
            c = generator.encode_text(texts[part])
            image = generator.synthesis(generator.mapping(z[part], c, psi), noise_mode="const")
        parts.append(judge(image.clamp(-1, 1)))
    logits = [torch.cat(one) for one in zip(*parts, strict=True)]
    rows = complete(named, choices(z, psi))
    result = {}
    for k, name in enumerate(NAMES):
        asked = (named[:, k] != OPEN) & visible(rows, name)
        order = logits[k][asked].topk(min(BEST, logits[k].shape[1]), dim=1).indices
        right = order == named[asked, k].unsqueeze(1)
        result[name] = (right[:, 0].float().mean().item(), int(asked.sum()))
        if name == "thing":
            result[f"thing, best {BEST}"] = (
                right.any(dim=1).float().mean().item(), int(asked.sum()),
            )  # fmt: skip
    return result
