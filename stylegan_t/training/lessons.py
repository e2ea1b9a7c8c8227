"""The lessons of paired training: batches of latents, embeddings and the pictures they mean."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from stylegan_t.demo.things.attributes import COLUMN, OPEN, VALUES, bare, held_out
from stylegan_t.demo.things.codes import CodeBook
from stylegan_t.demo.things.scenes import captioned, picture_of
from stylegan_t.encoders.text import TextTower
from stylegan_t.training.paired import (
    HARD_WEIGHT,
    OBJECT_WEIGHT,
    TRUNCATED_SHARE,
    Batch,
    draw_batch,
)

BARE_SHARE = 0.8
"""Share of the plain samples that name a thing and nothing else.  About sixty looks at the typical
picture of each of 146 things made them recognisable."""
BARE_PAIR_SHARE = 0.25
"""Share of the bare samples that name a second thing and a relation too.  A second thing is learned
apart from the first, on axes of its own, and captions seldom name one.  With 0.65 it became no
clearer in 14 thousand pictures."""
PAIR_RELATIONS = ("beside", "beside", "left", "left", "above", "on", "behind")
"""The relations of bare pairs, those that people name most more often."""
BARE_MORE_SHARE = 0.6
"""Share of the other bare samples that name one of `MORE` too."""
PRACTISED_SHARE = 0.5
"""Share of the samples in the code book's directions that name one of the values that are
practised, where there are any."""
PRACTISABLE = ("thing", "time", "weather", "ground", "relief", "style", "size", "side", "color")
"""The attributes whose values can be practised: those that ask for no further word."""
_OF_THINGS, _OF_ONE_THING = ("thing", "size", "side", "color"), ("size", "side")
"""The attributes that mean nothing without a thing, and where there are several."""
MORE = ("weather", "style", "color")
"""Learned near the typical picture, as things are."""
TYPICAL_SHARE = 0.3
"""Share of the plain samples at psi 0; the others lie anywhere up to 1."""
_HARD = (("style", "pixel"), ("weather", "fog"), ("time", "night"))


class Lesson(Protocol):
    """Draws batches."""

    @property
    def paces(self) -> Tensor | None:
        """The pace at which each axis of its embeddings may learn, see `paired.TextColumns`."""
        ...

    def draw(self, index: int, rank: int, size: int, n: int) -> Batch:
        """One batch of `n` pictures of a rank, by its index: a function of its arguments, so that
        training resumes exactly where it stopped."""
        ...


class LandscapeLesson:
    """The first demo world, in the words of a text tower."""

    paces: Tensor | None = None

    def __init__(self, text: TextTower, seed: int) -> None:
        self.text, self.seed = text, seed

    def draw(self, index: int, rank: int, size: int, n: int) -> Batch:
        """See `Lesson.draw`."""
        return draw_batch(index, rank, self.seed, size, n, self.text)


class ThingLesson:
    """The second demo world: the directions that its code book gives to what captions name.

    Args:
        book: gives directions to captions.
        seed: of all that is drawn.
        text: reads half of the captions in place of the code book, so that the generator learns
            what the tower's slips look like.
        plain: the share of samples in no named style or weather, where shapes are simplest, nearer
            to the typical picture of what they name.  At most a half where a text tower reads
            the others.
        practised: attributes of `PRACTISABLE` and values that are named more often than others;
            one that stands here twice comes twice as often.
        device: where scenes are drawn; what is in them does not depend on it.
    """

    def __init__(
        self,
        book: CodeBook,
        seed: int,
        text: TextTower | None = None,
        plain: float = 0.0,
        practised: Sequence[tuple[str, int]] = (),
        device: torch.device | str = "cpu",
    ) -> None:
        assert 0 <= plain <= (1.0 if text is None else 0.5)
        self.book, self.seed, self.text, self.plain = book, seed, text, plain
        self.practised, self.device = tuple(practised), torch.device(device)
        self.paces: Tensor | None = book.paces

    def draw(self, index: int, rank: int, size: int, n: int) -> Batch:
        """See `Lesson.draw`."""
        key = (self.seed * 1_000_003 + index) * 1009 + rank
        rng, generator = random.Random(key), torch.Generator().manual_seed(key)
        texts, named = captioned(n, self.book.count, rng, generator)
        z = torch.randn(n, 64, generator=generator)
        psi = sampled_psi(n, generator)
        # The tower's part has the captions that were drawn; in the other, rows may be changed.
        plain, free = round(n * self.plain), n if self.text is None else n // 2
        self._simplify(named[:plain], psi[:plain], generator)
        self._practise(named[:free], generator)
        mixed = torch.randperm(n, generator=generator).to(self.device)
        z, psi = z.to(self.device), psi.to(self.device)
        image, mask, rows = picture_of(named, z, psi, size, self.book.count)
        c = self.book(named).to(self.device)
        if self.text is not None:
            c = torch.cat([c[:free], self.text.encode(texts[free:]).to(self.device, copy=True)])
        around = F.avg_pool2d(mask.unsqueeze(1), 5, stride=1, padding=2)
        hard = torch.zeros(n, dtype=torch.bool, device=self.device)
        for name, value in _HARD:
            hard |= rows[:, COLUMN[name]] == VALUES[name].index(value)
        weight = 1 + OBJECT_WEIGHT * around
        weight = weight * (1 + (HARD_WEIGHT - 1) * hard.float().view(-1, 1, 1, 1))
        return Batch(z[mixed], c[mixed], psi[mixed], image[mixed], weight[mixed])

    def _simplify(self, named: Tensor, psi: Tensor, generator: torch.Generator) -> None:
        """Make rows [n, WIDTH] at psi [n, 1] plain, in place."""
        near = torch.rand(len(psi), 1, generator=generator)
        psi.copy_(((near - TYPICAL_SHARE) / (1 - TYPICAL_SHARE)).clamp(min=0))
        named[:, COLUMN["style"]] = OPEN
        named[:, COLUMN["weather"]] = OPEN
        alone = round(len(named) * BARE_SHARE)
        bare(named, slice(0, alone))
        pairs = round(alone * BARE_PAIR_SHARE)
        self._pair(named[:pairs], generator)
        more = round((alone - pairs) * BARE_MORE_SHARE)
        _name_more(named[pairs : pairs + more], generator)

    def _practise(self, named: Tensor, generator: torch.Generator) -> None:
        """Let some rows [N, WIDTH] name a value that is practised, in place."""
        if not self.practised:
            return
        chosen = torch.rand(len(named), generator=generator) < PRACTISED_SHARE
        drawn = torch.randint(len(self.practised), (len(named),), generator=generator)
        before, with_thing = named.clone(), named[:, COLUMN["thing"]] > 0
        single = (named[:, COLUMN["count"]] <= 0) & (named[:, COLUMN["relation"]] <= 0)
        for k, (name, value) in enumerate(self.practised):
            fits = chosen & (drawn == k)
            if name in _OF_THINGS:
                fits &= with_thing
            if name in _OF_ONE_THING:
                fits &= single
            named[fits, COLUMN[name]] = value
        # What is held out stays so.
        said = torch.stack([named[:, COLUMN[name]] for name in ("thing", "ground", "style")])
        back = held_out(named) & (said != OPEN).all(dim=0)
        named[back] = before[back]

    def _pair(self, named: Tensor, generator: torch.Generator) -> None:
        """Let bare rows [n, WIDTH] name two things and their relation, in place."""
        for name in ("thing", "other"):
            drawn = torch.randint(1, self.book.count + 1, (len(named),), generator=generator)
            named[:, COLUMN[name]] = drawn
        relations = torch.tensor([VALUES["relation"].index(name) for name in PAIR_RELATIONS])
        drawn = torch.randint(len(relations), (len(named),), generator=generator)
        named[:, COLUMN["relation"]] = relations[drawn]


def _name_more(named: Tensor, generator: torch.Generator) -> None:
    """Let rows [n, WIDTH] name one of `MORE`, any value, in place."""
    chosen = torch.randint(len(MORE), (len(named),), generator=generator)
    for k, name in enumerate(MORE):
        drawn = torch.randint(len(VALUES[name]), (len(named),), generator=generator)
        column = named[:, COLUMN[name]]
        column.copy_(torch.where(chosen == k, drawn, column))


def sampled_psi(n: int, generator: torch.Generator) -> Tensor:
    """Return how far samples are truncated, [n, 1]: mostly not at all, and a good part fully, where
    the tool's slider has its mark."""
    short = torch.rand(n, 1, generator=generator) < TRUNCATED_SHARE
    level = (torch.rand(n, 1, generator=generator) * 1.5 - 0.5).clamp(min=0)
    return torch.where(short, level, torch.ones(n, 1))
