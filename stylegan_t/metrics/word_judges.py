"""Judges that tell, word by word, how surely a picture shows what its prompt says.

Each demo world has one: it reads prompts in the words of that world, and looks with the judge that
ships.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

import torch
from torch import Tensor, nn

from stylegan_t.demo import reading
from stylegan_t.demo.built_in import SECOND
from stylegan_t.demo.reading import Asked, Reading, Value
from stylegan_t.demo.things import attributes as things
from stylegan_t.demo.things import reading as things_reading
from stylegan_t.demo.things.catalogue import AtlasError
from stylegan_t.demo.world import ATTRIBUTES, NAMES, NO_OBJECT
from stylegan_t.metrics.attributes import AttributeJudge
from stylegan_t.metrics.errors import MetricError
from stylegan_t.metrics.judge import judged
from stylegan_t.metrics.shipped_judge import load_shipped_judge
from stylegan_t.metrics.shipped_thing_judge import load_thing_judge
from stylegan_t.metrics.thing_judge import ThingJudge

NEEDS_THING = ("color", "size", "side")
"""Attributes of a thing: where there is none, nothing has them."""
Seen = Mapping[str, Tensor]
"""For each attribute the probability of each of its values."""


class WordJudge(ABC):
    """Reads prompts of one world and looks at its pictures."""

    names: ClassVar[Sequence[str]]

    def __init__(self, network: nn.Module) -> None:
        self.network = network

    @torch.inference_mode()
    def look(self, pixels: Tensor) -> Seen:
        """Return what it sees in one uint8 picture [1, 3, H, W]."""
        # The pictures' device may be another one than the last time.
        logits = self.network.to(pixels.device)(judged(pixels))
        parts = zip(self.names, logits, strict=True)
        return {name: row[0].float().softmax(0).cpu() for name, row in parts}

    @abstractmethod
    def read(self, prompt: str) -> Reading:
        """Return what a prompt asks for."""

    def likely(self, seen: Seen, asked: Asked) -> float:
        """Return how sure it is that a picture shows some words: of several meanings, the
        surest."""
        return max(self._likely(seen, value, asked.about) for value in asked.values)

    @abstractmethod
    def _likely(self, seen: Seen, value: Value, about: tuple[str, ...]) -> float: ...


class LandscapeWords(WordJudge):
    """The first demo world's."""

    names = NAMES

    def __init__(self, judge: AttributeJudge) -> None:
        super().__init__(judge)

    def read(self, prompt: str) -> Reading:
        """See `WordJudge.read`."""
        return reading.read(prompt)

    def _likely(self, seen: Seen, value: Value, about: tuple[str, ...]) -> float:
        """A thing's colour is seen only where there is a thing, the moon only at night."""
        name, kind = value
        sure = float(seen[name][ATTRIBUTES[name].index(kind)])
        if name in NEEDS_THING:
            sure *= 1 - float(seen["object"][NO_OBJECT])
        if name == "moon":
            sure *= float(seen["time"][ATTRIBUTES["time"].index("night")])
        return sure


class ThingWords(WordJudge):
    """The second demo world's."""

    names = things.NAMES

    def __init__(self, judge: ThingJudge) -> None:
        super().__init__(judge)

    def read(self, prompt: str) -> Reading:
        """See `WordJudge.read`."""
        return things_reading.read(prompt)

    def _likely(self, seen: Seen, value: Value, about: tuple[str, ...]) -> float:
        """Two things are told apart by what they are, so a word about one looks at that one."""
        name, kind = value
        if name == "thing":
            return max(_as_thing(seen, kind)) if kind != "none" else _nothing(seen)
        if name == "relation":
            return _related(seen, kind, about)
        sure = _value(seen, name, kind)
        if name == "color" and about:
            first, second = _as_thing(seen, about[0])
            sure = sure if first >= second else _value(seen, "other_color", kind)
        if name in (*NEEDS_THING, "count"):
            sure *= 1 - _nothing(seen)
        return sure * _value(seen, "time", "night") if name == "moon" else sure


def _value(seen: Seen, name: str, kind: str) -> float:
    return float(seen[name][things.VALUES[name].index(kind)])


def _nothing(seen: Seen) -> float:
    return float(seen["thing"][things.NO_THING])


def _as_thing(seen: Seen, kind: str) -> tuple[float, float]:
    """Return how sure it is that a thing is the first, and the second of two."""
    index = things.thing_index(kind)
    alone = _value(seen, "relation", "alone")
    return float(seen["thing"][index]), float(seen["other"][index]) * (1 - alone)


def _related(seen: Seen, kind: str, about: tuple[str, ...]) -> float:
    """Things beside one another may stand in either order; the judge calls that left."""
    if kind == "beside":
        return _value(seen, "relation", "beside") + _value(seen, "relation", "left")
    first, second = (_as_thing(seen, one) for one in about)
    right, wrong = first[0] + second[1], first[1] + second[0]
    return _value(seen, "relation", kind) * right / max(right + wrong, 1e-6)


def open_word_judge(world: str) -> WordJudge:
    """The judge of words for one of `built_in.WORLDS`.

    Raises:
        MetricError: its files are missing or damaged.
    """
    if world != SECOND:
        return LandscapeWords(load_shipped_judge())
    judge = ThingWords(load_thing_judge())
    try:
        judge.read("")
    except AtlasError as error:
        raise MetricError(str(error)) from error
    return judge
