"""Suggestions of words to write: the model's own example prompts, and the words that it was trained
on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from renderer.recipe.recipe import TextPart
from renderer.recipe.templates import retyped, typed
from widgets import scopes, theme
from widgets.actions import Action
from widgets.context import Context
from widgets.controls import source_sign
from widgets.controls.buttons import MAX_CHIPS, button, chips
from widgets.controls.section import disclosure, toggle

SHOWN = 4
"""Number of examples shown at first; a model may have dozens."""
MAX_WORDS = 3 * MAX_CHIPS
MORE = "More examples"
WORDS = "Words this model knows"
SURPRISE = f"{icons.ICON_FA_DICE}  Surprise me###surprise"
SURPRISE_TIP = "Write a random sentence of this model's world into the prompt. Shift+R"
SEARCH_FROM = 40
"""Number of words from which a search field helps."""
FIND_BYTES = 200

Vocabulary = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class SurpriseMe(Action):
    """Put a random sentence of the model's own world into the prompt `row`; the last row, where
    there are not that many."""

    row: int = 0


@dataclass
class Suggestions:
    """Clickable examples and words; `wanted` is what is searched for among the words."""

    wanted: str = ""

    def draw(self, context: Context, text: TextPart, row: int, reason: str = "") -> TextPart:
        """Draw them; returns the text with what was picked.

        Args:
            context: this UI frame.
            text: the current prompts.
            row: the prompt that a pick lands in.
            reason: when not empty, why no sentence can be made up.
        """
        model = context.model
        if model is None:
            return text
        imgui.dummy((0, theme.em(0.1)))
        if button(SURPRISE, SURPRISE_TIP, reason=reason):
            context.ask(SurpriseMe(row))
        source_sign.offered(context, "/surprise")
        if model.example_prompts:
            picked = _examples(context, model.example_prompts)
            if picked is not None:
                text = with_words(text, row, picked)
        if model.vocabulary:
            imgui.dummy((0, 0))
            if disclosure(context, WORDS):
                text = self._vocabulary(model.vocabulary, text, row)
                if model.left_out:
                    _caption(f"The model card lists {model.left_out:,} more examples and words.")
        return text

    def _vocabulary(self, vocabulary: Vocabulary, text: TextPart, row: int) -> TextPart:
        """The words by topic, or those that are searched for."""
        shown = vocabulary
        if sum(len(words) for _, words in vocabulary) >= SEARCH_FROM:
            imgui.set_next_item_width(-1)
            hint = f"{icons.ICON_FA_MAGNIFYING_GLASS}  Search"
            self.wanted = imgui.input_text_with_hint("##find word", hint, self.wanted)[1]
            self.wanted = self.wanted[:FIND_BYTES]
            shown = found(vocabulary, self.wanted)
            if not shown:
                _caption("The model card lists no such word.")
        room = MAX_WORDS
        for topic, words in shown:
            if not room:
                break
            words, room = words[:room], max(room - len(words), 0)
            _caption(topic[:1].upper() + topic[1:])
            picked = chips(
                topic, words, "Add this to the prompt, replacing another word of its kind."
            )
            if picked is not None:
                kind = next(whole for name, whole in vocabulary if name == topic)
                text = with_words(text, row, taken_up(typed(text.prompts[row]), picked, kind))
        if (hidden := sum(len(words) for _, words in shown) - MAX_WORDS) > 0:
            _caption(f"and {hidden:,} more")
        return text


def found(vocabulary: Vocabulary, wanted: str) -> Vocabulary:
    """The words that hold `wanted`, by topic; all words of a topic whose own name holds it."""
    key = wanted.strip().casefold()
    if not key:
        return vocabulary
    kept = (
        (
            topic,
            words if key in topic.casefold() else tuple(w for w in words if key in w.casefold()),
        )
        for topic, words in vocabulary
    )
    return tuple((topic, words) for topic, words in kept if words)


def _examples(context: Context, examples: tuple[str, ...]) -> str | None:
    _caption("Try")
    few = len(examples) <= SHOWN + 1  # a button for one more takes the room of that one
    opened = few or MORE in context.options.open_sections
    labels = list(examples[: MAX_CHIPS - 1] if opened else examples[:SHOWN])
    if not few:
        labels.append("fewer" if opened else f"{len(examples) - SHOWN:,} more…")
    picked = chips("examples", labels, "Use this as the prompt.")
    if opened and len(examples) >= MAX_CHIPS:
        _caption(f"and {len(examples) - MAX_CHIPS + 1:,} more")
    if picked is not None and picked not in examples:
        toggle(context, MORE)
        return None
    return picked


def taken_up(prompt: str, picked: str, kind: Sequence[str]) -> str:
    """`prompt` with one of the words of a kind in place of the first other one that it has; at its
    end where it has none."""
    said = sorted(map(re.escape, kind), key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(said)})(?!\w)", re.IGNORECASE)
    found = [spot.group().lower() for spot in pattern.finditer(prompt)]
    if picked.lower() in found:
        return prompt
    if found:
        return pattern.sub(lambda _: picked, prompt, count=1)
    return f"{prompt.rstrip()} {picked}".lstrip()


def with_words(text: TextPart, row: int, words: str) -> TextPart:
    """`text` with `words` in place of those of prompt `row`."""
    prompts = list(text.prompts)
    prompts[row] = retyped(prompts[row], words, text.wildcard_seed, row)
    return msgspec.structs.replace(text, prompts=tuple(prompts))


def _caption(text: str) -> None:
    with scopes.font(None, theme.SMALL_PX):
        theme.dim(text)
