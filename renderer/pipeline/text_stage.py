"""The text stage: prompts to one embedding, every prompt encoded once; and words not known."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from renderer.errors import TextTowerError
from renderer.frame.frame import TokenCount, UnknownWords
from renderer.models.store import LoadedModel
from renderer.models.text_towers import LoadedTower
from renderer.pipeline import cache_keys
from renderer.pipeline.latents import NO_DIRECTION, unit, weighted
from renderer.pipeline.owned_cache import OwnedCache
from renderer.pipeline.text_rows import finished, strengthened, turned
from renderer.recipe.recipe import Recipe, TextPart
from stylegan_t.encoders.text import TextTower

PROMPTS_KEPT = 2048
"""Text embeddings kept: at 768 values each, 6 MB."""
BLENDS_KEPT = 128
UNKNOWN_KEPT = 16
UNKNOWN_TOLD = 200
"""Maximum number of unknown words that a frame names."""
NO_TEXT = "This model takes no text: prompts have no effect."
NO_TOWER = "This checkpoint contains no text tower: prompts have no effect."
NO_CLASS = "The text names no class of this model: all classes count alike."
CANCELLED = "The prompts cancel each other out: the text has no effect on this picture."


@dataclass(frozen=True, eq=False)
class BlendedText:
    """The text side of a recipe.

    `embedding` is float32 in main memory: [1, c_dim] where all rows of w take the same, else
    [num_ws, c_dim]; or None for a model without text.  `tokens` has one count for each prompt;
    `notes` are sentences for the user; `norm` and `angle_deg` are those of `text_rows.TextRows`.
    """

    embedding: Tensor | None
    tokens: tuple[TokenCount, ...] = ()
    notes: tuple[str, ...] = ()
    norm: float = 1.0
    angle_deg: float = 0.0


@dataclass(frozen=True, eq=False)
class _Reader:
    """The reader of a model's prompts, and the token that its readings are kept under."""

    encode: Callable[[list[str]], Tensor]
    tower: TextTower
    token: int


class PromptReader:
    """Encodes prompts and blends them, with a bounded cache for each.

    Only prompts that were not seen lately reach the text tower, so that a key press in one row of
    many encodes one prompt; a prompt of weight 0 is counted and not encoded.  What another tower
    than the checkpoint's own has read is kept under that tower's token: models share it.
    """

    def __init__(self) -> None:
        self._prompts: OwnedCache[Tensor] = OwnedCache(PROMPTS_KEPT)
        self._counts: OwnedCache[TokenCount] = OwnedCache(PROMPTS_KEPT)
        self._blends: OwnedCache[BlendedText] = OwnedCache(BLENDS_KEPT)
        self._unknown: OwnedCache[UnknownWords] = OwnedCache(UNKNOWN_KEPT)

    def known(
        self, model: LoadedModel, tower: LoadedTower | None, part: TextPart
    ) -> BlendedText | None:
        """The blend of `part` when it is in the cache."""
        return self._blends.get(_key(model, tower, part))

    def read(
        self,
        model: LoadedModel,
        tower: LoadedTower | None,
        part: TextPart,
        pause: Callable[[], None],
    ) -> BlendedText:
        """Blend the prompts of `part`.

        Args:
            model: takes the text.
            tower: reads the prompts; None for the model's own.
            part: the prompts.
            pause: called before each encoding; it may raise.

        Raises:
            TextTowerError: tower and model do not fit together.
        """
        key = _key(model, tower, part)
        return self._blends.made(key, lambda: self._blend(model, tower, part, pause))

    def forget(self, token: int) -> None:
        """Drop all that a model or a text tower has to do with, by its token."""
        for cache in (self._prompts, self._counts, self._blends, self._unknown):
            cache.forget(token)

    def unknown_words(
        self,
        model: LoadedModel,
        tower: LoadedTower | None,
        recipe: Recipe,
        pause: Callable[[], None],
    ) -> UnknownWords:
        """Find the words in all texts of `recipe` that what reads them does not know.

        It is too little work to be a stage's.

        Args:
            model, tower, pause: as for `read`.
            recipe: its prompts, directions, mixing sources and layout are looked at, whatever they
                weigh: a text is told of while it is written.
        """
        reader = _reader(model, tower) if model.info.c_dim else None
        if reader is None:
            return ()
        texts = _texts(recipe)
        key = (reader.token,), texts
        return self._unknown.made(key, lambda: _unknown(reader, texts, pause))

    def _blend(
        self,
        model: LoadedModel,
        tower: LoadedTower | None,
        part: TextPart,
        pause: Callable[[], None],
    ) -> BlendedText:
        asked = any(prompt.text.strip() for prompt in part.prompts)
        if not model.info.c_dim:
            return BlendedText(None, notes=(NO_TEXT,) if asked else ())
        if tower is not None:
            _require_fit(model, tower)
        reader = _reader(model, tower)
        if reader is None:
            return BlendedText(torch.zeros(1, model.info.c_dim), notes=(NO_TOWER,))
        tokens = tuple(self._count(reader, prompt.text) for prompt in part.prompts)

        def read(texts: Sequence[str]) -> Tensor:
            return torch.stack([self._prompt(reader, text, pause) for text in texts]).double()

        plain = _plain(part, model.info.c_dim, read)
        text = finished(*_worked(part, plain, model.info.num_ws, read), part.normalize)
        silent = (NO_CLASS,) if model.info.has_classes else (CANCELLED,)
        heard = float(text.rows.norm(dim=1).max()) > NO_DIRECTION
        notes = () if heard or (model.info.has_classes and not asked) else silent
        return BlendedText(text.rows, tokens, notes, text.norm, text.angle_deg)

    def _prompt(self, reader: _Reader, prompt: str, pause: Callable[[], None]) -> Tensor:
        """Embedding [c_dim] of one prompt.

        Prompts are encoded one at a time: in a batch, the last bits would depend on the others.
        """

        def make() -> Tensor:
            pause()
            return reader.encode([prompt])[0].float().cpu()

        return self._prompts.made(((reader.token,), _digest(prompt)), make)

    def _count(self, reader: _Reader, prompt: str) -> TokenCount:
        key = (reader.token,), _digest(prompt)
        return self._counts.made(key, lambda: TokenCount(*reader.tower.count(prompt)))


def _texts(recipe: Recipe) -> tuple[str, ...]:
    """Return every text in a recipe that may have been typed, once."""
    parts = [recipe.text, *([recipe.layout.text] if recipe.layout else [])]
    texts = [prompt.text for part in parts for prompt in part.prompts]
    texts += [part.neutral for part in parts]
    texts += [t for part in parts for d in part.directions for t in (d.plus, d.minus)]
    texts += [source.prompt for source in recipe.mixing.sources]
    return tuple(dict.fromkeys(text for text in texts if text))


def _unknown(reader: _Reader, texts: Sequence[str], pause: Callable[[], None]) -> UnknownWords:
    found: dict[str, tuple[str, ...]] = {}
    for text in texts:
        pause()
        found.update(reader.tower.unknown_words(text))
        if len(found) >= UNKNOWN_TOLD:
            break
    return tuple(found.items())[:UNKNOWN_TOLD]


def _plain(part: TextPart, c_dim: int, read: Callable[[Sequence[str]], Tensor]) -> Tensor:
    """The weighted blend of the prompts before its norm is looked at, [1, c_dim] float64."""
    spoken = [(p.text, w) for p, w in zip(part.prompts, part.weights, strict=True) if w]
    if not spoken:
        return torch.zeros(1, c_dim, dtype=torch.float64)
    texts, weights = zip(*spoken, strict=True)
    return weighted(read(texts), weights, part.blend)


def _worked(
    part: TextPart, blend: Tensor, num_ws: int, read: Callable[[Sequence[str]], Tensor]
) -> tuple[Tensor, Tensor]:
    """The blend of prompts after strength and directions, before its norm is looked at; and plain.

    Returns:
        [1 or num_ws, c_dim] and [1, c_dim], float64.
    """
    plain = unit(blend) if part.normalize else blend
    raw = blend
    if part.strength != 1:
        raw = strengthened(read([part.neutral]), plain, part.strength, part.blend)
    turns = cache_keys.turns(part.directions, num_ws)
    if turns:
        text = unit(raw) if part.normalize else raw
        differences = read([turn.plus for turn in turns]) - read([turn.minus for turn in turns])
        raw = turned(text, differences, turns, num_ws)
    return raw, plain


def _key(model: LoadedModel, tower: LoadedTower | None, part: TextPart) -> Hashable:
    owners = model.token, tower and tower.token
    texts = tuple(prompt.text for prompt in part.prompts)
    return owners, cache_keys.text_key(part, model.info), texts


def _reader(model: LoadedModel, tower: LoadedTower | None) -> _Reader | None:
    """Return what reads the prompts; None where the model brings no text tower and no other is
    named."""
    if tower is not None:
        return _Reader(tower.tower.encode, tower.tower, tower.token)
    own = model.generator.text
    return None if own is None else _Reader(model.generator.encode_text, own, model.token)


def _digest(prompt: str) -> bytes:
    """In place of the text: thousands of pasted novels would be a lot of memory."""
    return hashlib.blake2b(prompt.encode("utf-8", "surrogatepass")).digest()


def _require_fit(model: LoadedModel, tower: LoadedTower) -> None:
    if tower.tower.c_dim != model.info.c_dim:
        raise TextTowerError(
            f"The text tower {tower.tower.name} gives {tower.tower.c_dim} values for a prompt, but "
            f"{model.info.name} takes {model.info.c_dim}: choose another text tower."
        )
