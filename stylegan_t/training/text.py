"""Train the demo world's text tower: captions in, embeddings that hold what they name.

The tower learns to tell, for every attribute, which value a caption names or that it names none.
The reading heads are linear on the unit-norm embedding, so that what the words say lies open for
the generator's affine layers.  Pictures are not needed.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stylegan_t.demo.known_words import known_words
from stylegan_t.demo.scenes import captioned
from stylegan_t.demo.world import ATTRIBUTES, NAMES, OPEN
from stylegan_t.encoders.text import WordTower, WordTowerConfig

READ_SCALE = 12.0
"""Logits are read off `READ_SCALE * c`: a unit vector alone could not be confident."""


class ReadingHeads(nn.Module):
    """One linear reader for each attribute; the last class means "not named"."""

    def __init__(self, c_dim: int) -> None:
        super().__init__()
        self.heads = nn.ModuleList(nn.Linear(c_dim, len(ATTRIBUTES[name]) + 1) for name in NAMES)

    def loss(self, c: Tensor, named: Tensor) -> Tensor:
        """Mean cross-entropy of embeddings [N, c_dim] against rows [N, 10]."""
        losses = []
        for k, head in enumerate(self.heads):
            logits = head(c * READ_SCALE)
            target = torch.where(named[:, k] == OPEN, logits.shape[1] - 1, named[:, k])
            losses.append(F.cross_entropy(logits, target))
        return torch.stack(losses).mean()

    def read(self, c: Tensor) -> Tensor:
        """Return what embeddings [N, c_dim] say: rows [N, 10] with `OPEN` where nothing is
        named."""
        rows = []
        for head in self.heads:
            logits = head(c * READ_SCALE)
            best = logits.argmax(dim=1)
            rows.append(torch.where(best == logits.shape[1] - 1, OPEN, best))
        return torch.stack(rows, dim=1)


def train_text_tower(
    steps: int,
    batch: int = 256,
    seed: int = 0,
    report: Callable[[str], None] = print,
    config: WordTowerConfig | None = None,
) -> tuple[WordTower, ReadingHeads]:
    """Train a tower from nothing on fresh captions; 700 steps take one CPU core four minutes.

    Returns:
        The tower, named "demo words", and its reading heads, both in evaluation mode.
    """
    torch.manual_seed(seed)
    rng, generator = random.Random(seed), torch.Generator().manual_seed(seed)
    tower = WordTower(config or WordTowerConfig(), "demo words", known_words())
    heads = ReadingHeads(tower.c_dim)
    parameters = [*tower.parameters(), *heads.parameters()]
    optimizer = torch.optim.AdamW(parameters, 2e-3, (0.9, 0.98), weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, steps, pct_start=0.05)
    start = time.perf_counter()
    for step in range(1, steps + 1):
        texts, named = captioned(batch, rng, generator)
        loss = heads.loss(tower(texts), named)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        schedule.step()
        if step % 100 == 0 or step == steps:
            rate = step * batch / (time.perf_counter() - start)
            report(f"text step {step}/{steps}  loss {loss.item():.4f}  {rate:.0f} captions/s")
    return tower.eval(), heads.eval()


@torch.no_grad()
def reading_accuracy(tower: WordTower, heads: ReadingHeads, n: int, seed: int) -> dict[str, float]:
    """The share of unseen captions whose every attribute is read right, for each attribute."""
    texts, named = captioned(n, random.Random(seed), torch.Generator().manual_seed(seed))
    right = heads.read(tower(texts)) == named
    return {name: right[:, k].float().mean().item() for k, name in enumerate(NAMES)}
