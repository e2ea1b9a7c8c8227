"""What to write: the model's own example prompts, and the words that it was trained on."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec
from imgui_bundle import imgui

from renderer.recipe.recipe import TextPart
from widgets import theme
from widgets.context import Context
from widgets.controls.buttons import MAX_CHIPS, chips
from widgets.controls.section import disclosure, toggle

SHOWN = 4
"""So many examples are shown at first; a model may have dozens."""
MAX_WORDS = 3 * MAX_CHIPS
MORE = "More examples"
WORDS = "Words this model knows"


def draw(context: Context, text: TextPart, row: int) -> TextPart:
    """Draw clickable examples and words; returns the text with what was picked.

    Args:
        context: this UI frame.
        text: the prompts now.
        row: the prompt that a pick lands in.
    """
    model = context.model
    if model is None:
        return text
    if model.example_prompts:
        picked = _examples(context, model.example_prompts)
        if picked is not None:
            text = with_words(text, row, picked)
    if model.vocabulary:
        imgui.dummy((0, 0))
        if disclosure(context, WORDS):
            text = _vocabulary(model.vocabulary, text, row)
            if model.left_out:
                _caption(f"The model's card holds {model.left_out:,} more examples and words.")
    return text


def _examples(context: Context, examples: tuple[str, ...]) -> str | None:
    imgui.dummy((0, theme.em(0.1)))
    _caption("Try")
    few = len(examples) <= SHOWN + 1  # a button for one more takes the room of that one
    opened = few or MORE in context.options.open_sections
    labels = list(examples[: MAX_CHIPS - 1] if opened else examples[:SHOWN])
    if not few:
        labels.append("fewer" if opened else f"{len(examples) - SHOWN:,} more…")
    picked = chips("examples", labels, "Put these words into the prompt.")
    if opened and len(examples) >= MAX_CHIPS:
        _caption(f"and {len(examples) - MAX_CHIPS + 1:,} more")
    if picked is not None and picked not in examples:
        toggle(context, MORE)
        return None
    return picked


def _vocabulary(
    vocabulary: tuple[tuple[str, tuple[str, ...]], ...], text: TextPart, row: int
) -> TextPart:
    room = MAX_WORDS
    for topic, words in vocabulary:
        if not room:
            break
        words, room = words[:room], max(room - len(words), 0)
        _caption(topic[:1].upper() + topic[1:])
        picked = chips(topic, words, "Put this into the prompt, in place of another of its kind.")
        if picked is not None:
            text = with_words(text, row, taken_up(text.prompts[row].text, picked, words))
    if (hidden := sum(len(words) for _, words in vocabulary) - MAX_WORDS) > 0:
        _caption(f"and {hidden:,} more")
    return text


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
    prompts[row] = msgspec.structs.replace(prompts[row], text=words)
    return msgspec.structs.replace(text, prompts=tuple(prompts))


def _caption(text: str) -> None:
    imgui.push_font(None, theme.SMALL_PX)
    imgui.push_style_color(imgui.Col_.text, theme.colour(theme.DIM))
    imgui.text_unformatted(text)
    imgui.pop_style_color()
    imgui.pop_font()
