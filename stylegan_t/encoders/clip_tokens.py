"""Prompts to the tokens of CLIP, and from a token back to the user's character.

Vocabulary, cleaning (mended encodings, HTML entities, white space, lower case) and the splitting
into words are those of open_clip's `SimpleTokenizer`; ids are equal to its own, but for prompts
that write out the names of the start and end tokens: these are read as plain text.  Added is what a
live text box needs: time that grows with the text and not with its square, whatever is pasted,
and the place where a long prompt is cut.

Two words used below: *clean* text is what open_clip's cleaning leaves, and *solid* text is clean
text without its spaces.
"""

from __future__ import annotations

import functools
import heapq
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor

from stylegan_t.encoders.open_clip_import import import_open_clip

VOCABULARY = 49408
"""Tokens that CLIP's vocabulary knows, the start and the end among them."""
START, END = VOCABULARY - 2, VOCABULARY - 1

READ_CHARACTERS = 8192
"""Characters of a prompt that are read.  75 tokens stand for 2400 bytes at most; the rest is room
for white space and entities, and a bound for cleaning, which hostile text makes quadratic."""
READ_PLAIN_CHARACTERS = 65536
"""The same for plain ASCII, which needs no more cleaning than white space and lower case."""
_PLAIN = re.compile(r"[\t\n\r -%'-~]*")

_SPECIAL = "<start_of_text>|<end_of_text>|"
"""The beginning of open_clip's pattern of words: there, a prompt that spells these out gets the
token itself, and the tower reads nothing behind an end.  Here they are text like any other."""
_REMEMBERED = 64
"""Characters of the longest word whose pieces are kept for the next key press."""
_SCANNED = 512
"""Characters of one word without spaces in which the place of the cut is searched."""


class Word(NamedTuple):
    """A word of clean text: where it starts there, its text, and the pieces that spell it."""

    start: int
    text: str
    pieces: tuple[str, ...]


def tokenize(prompts: list[str], context_length: int) -> Tensor:
    """The ids of prompts: start, tokens, end, zeros.

    A prompt that is too long is cut as open_clip does it: the end token comes last.

    Returns:
        int64 [N, context_length].

    Raises:
        TowerError: open_clip is not installed or does not start.
    """
    ids = torch.zeros(len(prompts), context_length, dtype=torch.long)
    for row, prompt in zip(ids, prompts, strict=True):
        tokens = [START, *_first_ids(prompt, context_length - 2), END]
        row[: len(tokens)] = torch.tensor(tokens)
    return ids


def count_tokens(prompt: str, window: int) -> tuple[int, int, int | None]:
    """Tokens of a prompt without start and end, `window`, and where the prompt is cut.

    The cut is the index of the first character of `prompt` that is not, or not entirely, among the
    first `window` tokens; None when all are.  It never lies on white space.  Where cleaning works
    across words, as mending a wrong encoding may, the cut can be named too early, never too late.
    The number of tokens is that of the part that is read: the first `READ_CHARACTERS`, or
    `READ_PLAIN_CHARACTERS` when the prompt is plain ASCII, after leading white space.

    Raises:
        TowerError: open_clip is not installed or does not start.
    """
    lead, text = _read_part(prompt)
    clean = _clean(text)
    used, dropped = 0, None
    for word in _words(clean):
        if used <= window < used + len(word.pieces):
            dropped = word.start + _characters(word, window - used)
        used += len(word.pieces)
    if dropped is not None:
        return used, window, lead + _cut(text, _solid(clean[:dropped]))
    unread = prompt[lead + len(text) :]
    if unread.strip():
        return used, window, len(prompt) - len(unread.lstrip())
    return used, window, None


def merge_pieces(letters: list[str], ranks: dict[tuple[str, str], int]) -> tuple[str, ...]:
    """Byte-pair encoding in n log n steps: neighbours merge, best rank first, then left to right.

    The same as open_clip's merging, since a pair of CLIP's list always ranks behind the merges
    that make its halves.

    Args:
        letters: the symbols of a word, the last with its mark `</w>`.
        ranks: the pairs that may merge; lower merges first.
    """
    symbols = [*letters, ""]  # an empty symbol was merged away, or is the end
    right = list(range(1, len(letters) + 1))
    left = list(range(-1, len(letters)))
    queue: list[tuple[int, int, str, str]] = []

    def offer(i: int) -> None:
        pair = symbols[i], symbols[right[i]]
        if pair in ranks:
            heapq.heappush(queue, (ranks[pair], i, *pair))

    for i in range(len(letters)):
        offer(i)
    while queue:
        _, i, first, second = heapq.heappop(queue)
        if symbols[i] != first or symbols[right[i]] != second:
            continue  # one of the two has merged with another since
        gone = right[i]
        symbols[i], symbols[gone] = first + second, ""
        right[i] = right[gone]
        left[right[i]] = i
        if left[i] >= 0:
            offer(left[i])
        offer(i)
    return tuple(symbol for symbol in symbols if symbol)


@functools.cache
def _tokenizer() -> Any:
    return import_open_clip().tokenizer.SimpleTokenizer()


@functools.cache
def _word_pattern() -> Any:
    """open_clip's pattern of words, without those that stand for a token of their own."""
    pattern = _tokenizer().pat
    expressions = import_open_clip().tokenizer.re  # of the package `regex`, which knows \p{L}
    return expressions.compile(pattern.pattern.removeprefix(_SPECIAL), pattern.flags)


def _read_part(prompt: str) -> tuple[int, str]:
    """Return where reading begins, behind leading white space, and the text that is read."""
    lead = len(prompt) - len(prompt.lstrip())
    plain = _PLAIN.fullmatch(prompt, lead, lead + READ_PLAIN_CHARACTERS)
    return lead, prompt[lead : lead + (READ_PLAIN_CHARACTERS if plain else READ_CHARACTERS)]


def _clean(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return " ".join(text.split()).lower()
    return _tokenizer().clean_fn(text)


def _solid(clean: str) -> str:
    return "".join(clean.split())


def _words(clean: str) -> Iterator[Word]:
    for match in _word_pattern().finditer(clean):
        text = match.group()
        spell = _remembered_pieces if len(text) <= _REMEMBERED else _pieces
        yield Word(match.start(), text, spell(text))


def _pieces(word: str) -> tuple[str, ...]:
    """The vocabulary's spellings of `word`; each of their characters stands for one byte."""
    tokenizer = _tokenizer()
    letters = [tokenizer.byte_encoder[byte] for byte in word.encode()]
    letters[-1] += "</w>"
    return merge_pieces(letters, tokenizer.bpe_ranks)


_remembered_pieces = functools.lru_cache(maxsize=16384)(_pieces)


def _first_ids(prompt: str, window: int) -> list[int]:
    encoder = _tokenizer().encoder
    ids: list[int] = []
    for word in _words(_clean(_read_part(prompt)[1])):
        ids += [encoder[piece] for piece in word.pieces]
        if len(ids) >= window:
            break
    return ids[:window]


def _characters(word: Word, pieces: int) -> int:
    """The number of characters of `word` that its first `pieces` stand for entirely."""
    size = sum(len(piece) for piece in word.pieces[:pieces])
    return len(word.text.encode()[:size].decode(errors="ignore"))


def _cut(text: str, visible: str) -> int:
    """The index in `text` of the first character that is not in `visible`, a solid text.

    Words are cleaned one by one and laid against `visible` until one does not fit.
    """
    seen = 0
    for match in re.finditer(r"\S+", text):
        word = match.group()
        solid = _solid(_clean(word))
        if not visible.startswith(solid, seen):
            return match.start() + _cut_in_word(word, visible[seen:])
        seen += len(solid)
    return len(text)


def _cut_in_word(word: str, visible: str) -> int:
    """The length of the longest beginning of `word` that `visible` shows."""

    def solid(length: int) -> str:
        return _solid(_clean(word[:length]))

    guess = len(visible)  # right when cleaning keeps the number of characters
    if solid(guess) == visible != solid(guess + 1):
        return guess
    lengths = range(min(len(word), _SCANNED), -1, -1)
    exact = next((length for length in lengths if solid(length) == visible), None)
    if exact is not None:
        return exact
    return next(length for length in lengths if visible.startswith(solid(length)))
