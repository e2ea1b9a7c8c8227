"""The text stage: prompts to one embedding, every prompt encoded once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from renderer.cache import LruCache
from renderer.errors import TextTowerError
from renderer.frame import TokenCount
from renderer.latents import blend_prompts
from renderer.models import LoadedModel
from renderer.recipe import TextPart
from renderer.towers import LoadedTower

PROMPTS_KEPT = 512
"""Text embeddings kept: at 768 values each, 1.5 MB."""
BLENDS_KEPT = 32
NO_TEXT = "This model takes no text: prompts have no effect."
NO_TOWER = "This checkpoint holds no text tower: prompts have no effect."
CANCELLED = "The prompts cancel each other out: the text has no say in this picture."


@dataclass(frozen=True, eq=False)
class BlendedText:
    """The text side of a recipe.

    `embedding` is [1, c_dim] float32 in main memory, or None for a model without text; `tokens`
    has one count for each prompt; `notes` are sentences for the user.
    """

    embedding: Tensor | None
    tokens: tuple[TokenCount, ...] = ()
    notes: tuple[str, ...] = ()


class PromptReader:
    """Encodes prompts and blends them, with a bounded cache for each.

    Only prompts that were not seen lately reach the text tower, so that a key press in one row of
    many encodes one prompt.  What another tower than the checkpoint's own has read is kept under
    that tower's token: models share it.
    """

    def __init__(self) -> None:
        self._prompts: LruCache[tuple[Tensor, TokenCount]] = LruCache(PROMPTS_KEPT)
        self._blends: LruCache[BlendedText] = LruCache(BLENDS_KEPT)

    def known(
        self, model: LoadedModel, tower: LoadedTower | None, part: TextPart
    ) -> BlendedText | None:
        """The blend of `part` when it is in the cache."""
        return self._blends.get((model.token, tower and tower.token, part))

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
        text = self.known(model, tower, part)
        if text is None:
            text = self._blend(model, tower, part, pause)
            self._blends.put((model.token, tower and tower.token, part), text)
        return text

    def forget(self, token: int) -> None:
        """Drop all that a model or a text tower has to do with, by its token."""
        self._prompts.drop(lambda key, _: isinstance(key, tuple) and token in key[:1])
        self._blends.drop(lambda key, _: isinstance(key, tuple) and token in key[:2])

    def _blend(
        self,
        model: LoadedModel,
        tower: LoadedTower | None,
        part: TextPart,
        pause: Callable[[], None],
    ) -> BlendedText:
        if not model.info.c_dim:
            asked = any(prompt.text.strip() for prompt in part.prompts)
            return BlendedText(None, notes=(NO_TEXT,) if asked else ())
        if tower is not None:
            _require_fit(model, tower)
        elif model.generator.text is None:
            return BlendedText(torch.zeros(1, model.info.c_dim), notes=(NO_TOWER,))
        read = [self._prompt(model, tower, prompt.text, pause) for prompt in part.prompts]
        embeddings = torch.stack([embedding for embedding, _ in read])
        weights = [prompt.weight for prompt in part.prompts]
        blend = blend_prompts(embeddings, weights, part.blend, part.normalize)
        notes = () if float(blend.norm()) > 1e-6 else (CANCELLED,)
        return BlendedText(blend, tuple(count for _, count in read), notes)

    def _prompt(
        self,
        model: LoadedModel,
        tower: LoadedTower | None,
        prompt: str,
        pause: Callable[[], None],
    ) -> tuple[Tensor, TokenCount]:
        """Embedding [c_dim] and token count of one prompt.

        Prompts are encoded one at a time: in a batch, the last bits would depend on the others.
        """
        # A digest in place of the text: 512 pasted novels would be a lot of memory.
        digest = hashlib.blake2b(prompt.encode("utf-8", "surrogatepass")).digest()
        key = (model.token if tower is None else tower.token, digest)
        known = self._prompts.get(key)
        if known is None:
            pause()
            reader = model.generator.text if tower is None else tower.tower
            assert reader is not None
            encode = model.generator.encode_text if tower is None else reader.encode
            embedding = encode([prompt])[0].float().cpu()
            known = embedding, TokenCount(*reader.count(prompt))
            self._prompts.put(key, known)
        return known


def _require_fit(model: LoadedModel, tower: LoadedTower) -> None:
    if tower.tower.c_dim != model.info.c_dim:
        raise TextTowerError(
            f"The text tower {tower.tower.name} gives {tower.tower.c_dim} values for a prompt, but "
            f"{model.info.name} takes {model.info.c_dim}: choose another text tower."
        )
