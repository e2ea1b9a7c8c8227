"""Text towers: prompts in, unit-norm embeddings out.

`TextTower` is what the generator and the tool know; `WordTower` is the small one that ships with
the demo model, and `stylegan_t.encoders.clip_tower.ClipTower` the one that published checkpoints
want.
"""

from __future__ import annotations

import functools
import zlib
from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from msgspec import Struct
from torch import Tensor, nn

from stylegan_t.config import require_sizes
from stylegan_t.encoders.known_words import WORD, KnownWords, Lexicon
from stylegan_t.errors import StyleGANTError


class TowerError(StyleGANTError, ValueError):
    """A text tower cannot be had, or will not be used; the message is one sentence for the user."""


class TextTower(nn.Module, ABC):
    """Turns prompts into embeddings.  `name` is for people, `c_dim` the embedding's length.

    A prompt may be any text and of any length: empty, in any script, a pasted novel.  What does
    not fit the tower's window is not read, and `count` says where that begins.
    """

    name: str
    c_dim: int

    @abstractmethod
    def encode(self, prompts: list[str]) -> Tensor:
        """Embed prompts, in one go: [N, c_dim] float32 of unit norm, where the weights are.

        N may be 0.  In a batch, the last bits of a row can depend on the other rows.
        """

    @abstractmethod
    def count(self, prompt: str) -> tuple[int, int, int | None]:
        """Return how much of the window a prompt fills, cheap enough for every key press.

        Returns:
            Tokens that the prompt fills, tokens that the window holds for the user, and the index
            of the first character of `prompt` that falls off the window (None when all is read).
        """

    def unknown_words(self, prompt: str) -> dict[str, tuple[str, ...]]:
        """Find the words of a prompt that the tower was not taught, cheaply enough for a key press.

        What it reads as it is meant, as it may plurals and slips of the finger, is not among them.
        A tower that cannot tell, or knows all words as a CLIP does, has none: so it is here.

        Returns:
            The first few such words in lower case and their order, each with the words to write in
            its place, the nearest first; often none.
        """
        return {}


class WordTowerConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """Sizes of a `WordTower`.  `buckets` is the number of rows in the table of word pieces;
    `hidden` is the width of a layer before the embedding, for embeddings that are longer than what
    was read is wide, 0 for none."""

    c_dim: int = 128
    width: int = 128
    layers: int = 3
    heads: int = 4
    buckets: int = 8192
    window: int = 48
    hidden: int = 0

    def __post_init__(self) -> None:
        sizes = (self.c_dim, self.width, self.layers, self.heads, self.buckets, self.window)
        require_sizes(*sizes, most=1 << 20, owner="text tower")
        require_sizes(self.hidden, least=0, most=1 << 20, owner="text tower")
        if self.width % self.heads:
            raise ValueError(
                "The sizes of a text tower do not fit: "
                f"a width of {self.width} cannot be shared by {self.heads} heads."
            )


_MAX_READ = 20_000
"""Characters of a prompt that are looked at for words."""
_MAX_WORD = 32
_PIECES_PER_WORD = 24
_JUDGED = 128
"""Different words of a prompt that are looked up."""
_LOOKUPS_KEPT = 4096
_TOLD = 16
"""Unknown words that are told of one prompt."""
_READ_ALIKE = 0.75
"""The cosine from which on two words are the same to a tower.  With the first demo tower, slips of
known words are from 0.78 to 0.98, and "horse" and "house", "people" and "purple" below 0.72."""


@functools.lru_cache(maxsize=16384)
def word_pieces(word: str, buckets: int) -> tuple[int, ...]:
    """Rows of the piece table that spell `word`: the word itself and its runs of 3 to 5 letters.

    Words that share letters share pieces, so that plurals and slips of the finger stay close to
    the word that was meant (Bojanowski et al. 2017, "Enriching word vectors with subword
    information").  The hash is CRC-32: the same on every machine.
    """
    framed = f"<{word[:_MAX_WORD]}>"
    runs = [framed]
    for size in (5, 4, 3):
        runs += [framed[i : i + size] for i in range(len(framed) - size + 1)]
    return tuple(zlib.crc32(run.encode()) % buckets for run in runs[:_PIECES_PER_WORD])


class _Block(nn.Module):
    """A pre-norm transformer layer."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.fc1, self.fc2 = nn.Linear(width, 3 * width), nn.Linear(3 * width, width)

    def forward(self, x: Tensor, visible: Tensor) -> Tensor:
        """[N, T, width] with a mask [N, 1, 1, T] that is true where a word stands."""
        n, t, width = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(n, t, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=visible)
        x = x + self.out(y.transpose(1, 2).reshape(n, t, width))
        return x + self.fc2(F.gelu(self.fc1(self.norm2(x))))


def _projection(config: WordTowerConfig) -> nn.Module:
    """The layers from what was read to the embedding: one, or two with a hidden one between."""
    if not config.hidden:
        return nn.Linear(config.width, config.c_dim)
    return nn.Sequential(
        nn.Linear(config.width, config.hidden), nn.GELU(), nn.Linear(config.hidden, config.c_dim)
    )


class WordTower(TextTower):
    """A small transformer over words, each the mean of its hashed letter pieces.

    It needs no vocabulary file, reads any script, and never fails on an unknown word.  One token
    is one word; `window` words are seen.

    Training declares what it was taught as `known`, which is saved with its weights:

        WordTower(config, "demo words", KnownWords(words=("red", "cottage"), silent=("a", "the")))

    Without it, no word is told to be unknown.
    """

    def __init__(
        self, config: WordTowerConfig, name: str = "word tower", known: KnownWords | None = None
    ) -> None:
        super().__init__()
        self.config, self.name, self.c_dim, self.known = config, name, config.c_dim, known
        self._lexicon = None if known is None else Lexicon(known)
        self._nearest: dict[str, tuple[str, ...] | None] = {}
        self.pieces = nn.EmbeddingBag(config.buckets, config.width, mode="mean")
        self.start = nn.Parameter(torch.zeros(config.width))
        places = torch.empty(config.window + 1, config.width).normal_(std=0.02)
        self.position = nn.Parameter(places)
        self.blocks = nn.ModuleList(
            _Block(config.width, config.heads) for _ in range(config.layers)
        )
        self.norm = nn.LayerNorm(config.width)
        self.project = _projection(config)
        nn.init.normal_(self.pieces.weight, std=0.5)

    def count(self, prompt: str) -> tuple[int, int, int | None]:
        """One token a word; see `TextTower.count`."""
        words = list(WORD.finditer(prompt))
        window = self.config.window
        cut = words[window].start() if len(words) > window else None
        return len(words), window, cut

    def unknown_words(self, prompt: str) -> dict[str, tuple[str, ...]]:
        """See `TextTower.unknown_words`."""
        if self._lexicon is None:
            return {}
        read = self._split(prompt)
        unknown: dict[str, tuple[str, ...]] = {}
        for word in list(dict.fromkeys(read))[:_JUDGED]:
            nearest = self._nearest_to(word, self._lexicon)
            if nearest is not None:
                unknown[word] = nearest
            if len(unknown) == _TOLD:
                break
        return unknown

    def _nearest_to(self, word: str, lexicon: Lexicon) -> tuple[str, ...] | None:
        """Return what to write in place of an unknown word; None for one that the tower reads
        well."""
        if word not in self._nearest:
            if len(self._nearest) >= _LOOKUPS_KEPT:
                self._nearest.clear()
            well = lexicon.knows(word) or self._reads_as(word, lexicon.slips(word))
            self._nearest[word] = None if well else lexicon.nearest(word)
        return self._nearest[word]

    def _reads_as(self, word: str, known: Sequence[str]) -> bool:
        """Return whether the tower takes `word` for one of the words that it may be a slip of."""
        if not known:
            return False
        own, *others = self._encoded([[one] for one in (word, *known)])
        return any(float(own @ other) >= _READ_ALIKE for other in others)

    def forward(self, prompts: list[str]) -> Tensor:
        """Embed prompts with gradients: [N, c_dim] of unit norm."""
        return self._read([self._words(prompt) for prompt in prompts])

    def _split(self, prompt: str) -> list[str]:
        """The words that fit the window."""
        return WORD.findall(prompt.lower()[:_MAX_READ])[: self.config.window]

    def _words(self, prompt: str) -> list[str]:
        """The words that are read."""
        words, lexicon = self._split(prompt), self._lexicon
        if lexicon is None or self.known is None or not self.known.skips:
            return words
        return [word for word in words if self._nearest_to(word, lexicon) is None]

    def _read(self, rows: list[list[str]]) -> Tensor:
        longest = max((len(row) for row in rows), default=0)
        x, visible = self._embed(rows, longest)
        for block in self.blocks:
            x = block(x, visible[:, None, None, :])
        shown = visible[:, :, None].to(x.dtype)
        pooled = (self.norm(x) * shown).sum(dim=1) / shown.sum(dim=1)
        return F.normalize(self.project(pooled).float(), dim=1)

    @torch.inference_mode()
    def encode(self, prompts: list[str]) -> Tensor:
        """See `TextTower.encode`."""
        return self(prompts)

    @torch.inference_mode()
    def _encoded(self, rows: list[list[str]]) -> Tensor:
        """Embed words as they are."""
        return self._read(rows)

    def _embed(self, rows: list[list[str]], longest: int) -> tuple[Tensor, Tensor]:
        """The start vector and the words of each row, [N, 1 + longest, width], and their mask."""
        device = self.start.device
        words = sorted({word for row in rows for word in row})
        index = {word: i + 1 for i, word in enumerate(words)}
        table = self.start.new_zeros(1, self.config.width)
        if words:
            spelled = [word_pieces(word, self.config.buckets) for word in words]
            flat = torch.tensor([i for ids in spelled for i in ids], device=device)
            starts = [0]
            for ids in spelled[:-1]:
                starts.append(starts[-1] + len(ids))
            table = torch.cat([table, self.pieces(flat, torch.tensor(starts, device=device))])
        places = torch.tensor(
            [[index[word] for word in row] + [0] * (longest - len(row)) for row in rows],
            device=device,
            dtype=torch.long,
        ).view(len(rows), longest)
        start = self.start.expand(len(rows), 1, -1)
        x = torch.cat([start, table[places]], dim=1) + self.position[: longest + 1]
        seen = torch.ones(len(rows), 1, dtype=torch.bool, device=device)
        return x, torch.cat([seen, places > 0], dim=1)
