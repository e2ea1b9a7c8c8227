"""Train the second demo world's text tower: captions in, the code book's embeddings out.

The tower learns the direction that the code book gives to a caption, and for every attribute to
point at the value that it names more than at any other.  Pictures are not needed.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from copy import deepcopy

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stylegan_t.demo.things import attributes
from stylegan_t.demo.things.attributes import COLUMN, NAMES, OPEN, sample_named
from stylegan_t.demo.things.captions import caption
from stylegan_t.demo.things.catalogue import all_things
from stylegan_t.demo.things.codes import ENERGY, CodeBook
from stylegan_t.encoders.known_words import KnownWords
from stylegan_t.encoders.text import WordTower, WordTowerConfig

SHARPNESS = 12.0
"""The height of the logits of a value named with certainty above the others'."""
NEAR_WEIGHT = 8.0
"""Weight of the angle to the code book's embedding beside the naming losses."""
SELDOM_WEIGHT = 3.0
"""Weight of the second thing and its colour: few captions name them."""
PAIR_SHARE = 0.35
"""The share of the captions it learns from that name two things.  With the 0.15 of captions at
large the second thing was read right, but half as strongly as the code book says it."""
_SELDOM = ("other", "other_color")
STRANGER_SHARE = 0.06
"""The share of captions that name something that this world does not know."""
_CONSONANTS, _VOWELS = "bcdfghjklmnprstvwz", "aeiou"


def tower_config(book: CodeBook) -> WordTowerConfig:
    """The sizes of the tower that learns a code book."""
    return WordTowerConfig(
        c_dim=book.c_dim, width=128, layers=3, heads=4, buckets=8192, window=48, hidden=512
    )


def spoken(
    n: int,
    count: int,
    rng: random.Random,
    generator: torch.Generator,
    *,
    held: bool = False,
    pairs: float = attributes.PAIR_SHARE,
) -> tuple[list[str], Tensor]:
    """Captions and the rows [n, WIDTH] that they name; some name strange things, a share of `pairs`
    names two."""
    texts, named = [], []
    for row in sample_named(n, count, generator, held=held, pairs=pairs).tolist():
        stranger = _stranger(count, rng) if not held and rng.random() < STRANGER_SHARE else ""
        text, kept = caption(row, rng, stranger)
        texts.append(text)
        named.append(kept)
    return texts, torch.tensor(named)


def _stranger(count: int, rng: random.Random) -> str:
    """The name of a thing that is not among those learned, or an invented word."""
    beyond = all_things()[count:]
    if beyond and rng.random() < 0.5:
        return rng.choice(beyond).name
    return "".join(
        rng.choice(_CONSONANTS) + rng.choice(_VOWELS) for _ in range(rng.randint(2, 4))
    ) + rng.choice(("", "r", "n", "s", "x"))


def naming_loss(book: CodeBook, c: Tensor, named: Tensor) -> Tensor:
    """Cross-entropy of what embeddings [N, c_dim] point at against rows [N, WIDTH]."""
    total = c.new_zeros(())
    for name in NAMES:
        table = book.table(name)
        target = torch.where(named[:, COLUMN[name]] == OPEN, len(table) - 1, named[:, COLUMN[name]])
        loss = F.cross_entropy(c @ table.T * (SHARPNESS / ENERGY[name]), target)
        total = total + loss * (SELDOM_WEIGHT if name in _SELDOM else 1.0)
    return total / len(NAMES)


def train_thing_tower(
    book: CodeBook,
    steps: int,
    known: KnownWords | None = None,
    batch: int = 256,
    seed: int = 0,
    report: Callable[[str], None] = print,
    device: torch.device | str = "cpu",
) -> WordTower:
    """Train a tower from nothing on fresh captions, on a device; on the CPU and in evaluation mode
    then."""
    torch.manual_seed(seed)
    book = deepcopy(book).to(device)
    rng, generator = random.Random(seed), torch.Generator().manual_seed(seed)
    tower = WordTower(tower_config(book), "demo words", known).to(device)
    optimizer = torch.optim.AdamW(tower.parameters(), 2e-3, (0.9, 0.98), weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, steps, pct_start=0.05)
    start = time.perf_counter()
    for step in range(1, steps + 1):
        texts, named = spoken(batch, book.count, rng, generator, pairs=PAIR_SHARE)
        named, c = named.to(device), tower(texts)
        near = 1 - F.cosine_similarity(c, book(named)).mean()
        loss = naming_loss(book, c, named) + NEAR_WEIGHT * near
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(tower.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 50 == 0 or step == steps:
            rate = step * batch / (time.perf_counter() - start)
            report(
                f"text step {step}/{steps}  loss {loss.item():.4f}  cosine {1 - near.item():.4f}  "
                f"{rate:.0f} captions/s"
            )
    return tower.cpu().eval()


@torch.no_grad()
def reading_accuracy(tower: WordTower, book: CodeBook, n: int, seed: int) -> dict[str, float]:
    """The share of held-out captions that name an attribute and are read right, for each.

    The captions are of combinations that training never shows, slips of the finger included.
    """
    rng, generator = random.Random(seed), torch.Generator().manual_seed(seed)
    scores: dict[str, list[float]] = {name: [] for name in NAMES}
    for _ in range(0, n, 250):
        texts, named = spoken(250, book.count, rng, generator, held=True)
        c = tower(texts)
        for name in NAMES:
            asked = named[:, COLUMN[name]]
            right = (book.nearest(c, name) == asked)[asked != OPEN]
            scores[name] += right.float().tolist()
    return {name: sum(right) / max(len(right), 1) for name, right in scores.items()}
