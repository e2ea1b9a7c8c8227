"""Prompts for networks that were trained with classes: names of classes, or their numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import torch
from msgspec import Meta, Struct
from torch import Tensor

from stylegan_t.encoders.known_words import WORD, KnownWords, Lexicon
from stylegan_t.encoders.open_clip_import import import_open_clip
from stylegan_t.encoders.text import TextTower, TowerError
from stylegan_t.terminal.visible import visible

IMAGENET_CLASSES = 1000
MAX_CLASSES = 25_000
"""Maximum number of classes that a file may name; the largest ImageNet has 21,841."""
MAX_NAMES_BYTES = 1 << 20
MAX_NAME = 64
WINDOW = 48
"""Words of a prompt that are looked at."""
SILENT = ("a", "an", "and", "class", "in", "of", "on", "or", "the", "with")
_NUMBER = re.compile(r"(?:class\s+)?(\d{1,6})")


class ClassTowerConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """The parts of a `ClassTower`: the names of the classes, in their order."""

    names: Annotated[tuple[str, ...], Meta(min_length=1, max_length=MAX_CLASSES)]

    @property
    def c_dim(self) -> int:
        """Length of an embedding."""
        return len(self.names)


class ClassTower(TextTower):
    """Finds the classes that a prompt names; it has no weights and works in main memory.

    An embedding is the weight of each class, [c_dim]; of several names each counts alike, and a
    prompt without any is zero.

    Args:
        names: of each class, in their order.
        name: of the tower, for people.
    """

    def __init__(self, names: Sequence[str], name: str = "class names") -> None:
        super().__init__()
        self.name, self.c_dim = name, len(names)
        self.names = tuple(visible(one)[:MAX_NAME] or str(i) for i, one in enumerate(names))
        self._number = {one.lower(): i for i, one in reversed(list(enumerate(self.names)))}
        words = tuple(one for one in self._number if one.isprintable())
        self._lexicon = Lexicon(KnownWords(words=words[:20_000], silent=SILENT))
        longest = sorted(map(re.escape, self._number), key=len, reverse=True)
        self._pattern = re.compile(rf"(?<!\w)(?:{'|'.join(longest)})(?!\w)")

    @property
    def config(self) -> ClassTowerConfig:
        """The config that makes the same tower again."""
        return ClassTowerConfig(self.names)

    def encode(self, prompts: list[str]) -> Tensor:
        """See `TextTower.encode`; rows are of unit norm, or zero where no class is named."""
        rows = torch.zeros(len(prompts), self.c_dim)
        for row, prompt in zip(rows, prompts, strict=True):
            found = self.classes(prompt)
            if found:
                row[list(found)] = len(found) ** -0.5
        return rows

    def classes(self, prompt: str) -> tuple[int, ...]:
        """The numbers of the classes that a prompt names, in its order, each once."""
        text = self._read(prompt)
        number = _NUMBER.fullmatch(text.strip())
        if number and int(number[1]) < self.c_dim:
            return (int(number[1]),)
        return tuple(dict.fromkeys(self._number[hit] for hit in self._pattern.findall(text)))

    def _read(self, prompt: str) -> str:
        """The prompt in lower case, with slips of the finger put right."""
        text = prompt.lower()[: WINDOW * MAX_NAME]

        def right(word: re.Match[str]) -> str:
            known = self._lexicon.knows(word[0])
            return word[0] if known else next(iter(self._lexicon.slips(word[0])), word[0])

        return WORD.sub(right, text)

    def count(self, prompt: str) -> tuple[int, int, int | None]:
        """One token a word; see `TextTower.count`."""
        words = list(WORD.finditer(prompt))
        cut = words[WINDOW].start() if len(words) > WINDOW else None
        return len(words), WINDOW, cut

    def unknown_words(self, prompt: str) -> dict[str, tuple[str, ...]]:
        """See `TextTower.unknown_words`."""
        found = dict.fromkeys(WORD.findall(self._read(prompt))[:WINDOW])
        strange = [word for word in found if not word.isdecimal() and not self._lexicon.knows(word)]
        return {word: self._lexicon.nearest(word) for word in strange[:16]}


def class_tower(count: int, checkpoint: Path, inside: TextTower | None = None) -> ClassTower:
    """Return what reads prompts for a network of `count` classes.

    Their names stand in a file beside the checkpoint, `NAME.classes.txt`, one on each line, or
    `inside` the checkpoint; a network of 1000 classes without either is taken for one of ImageNet;
    else classes have numbers.
    """
    listed = checkpoint.with_name(f"{checkpoint.stem}.classes.txt")
    names = _listed(listed)
    if len(names) == count:
        return ClassTower(names, f"class names of {listed.name}")
    if isinstance(inside, ClassTower):
        return inside
    if count == IMAGENET_CLASSES:
        return ClassTower(_imagenet(), "class names of ImageNet")
    return ClassTower([str(number) for number in range(count)], "class numbers")


def _listed(file: Path) -> list[str]:
    try:
        if not file.is_file():  # asked first: opening a pipe would wait for its other end
            return []
        with open(file, "rb") as stream:
            text = stream.read(MAX_NAMES_BYTES).decode("utf-8", "replace")
    except (OSError, ValueError):
        return []
    return [line.strip() for line in text.splitlines() if line.strip()]


def _imagenet() -> Sequence[str]:
    """The names that open_clip gives the classes of ImageNet; numbers where it is broken."""
    try:
        return import_open_clip().IMAGENET_CLASSNAMES
    except TowerError:
        return [str(number) for number in range(IMAGENET_CLASSES)]
