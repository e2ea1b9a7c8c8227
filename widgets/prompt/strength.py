"""Text strength: how far the text goes from a neutral prompt, apart from truncation."""

from __future__ import annotations

from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.parameters.parameters import declared
from renderer.recipe.recipe import TextPart
from renderer.recipe.templates import NEUTRAL as NEUTRAL_FIELD
from renderer.recipe.templates import typed
from widgets import theme
from widgets.context import Context
from widgets.controls import drawn_words, labelled_row, unknown_words
from widgets.controls.completion import class_names
from widgets.controls.live_text_box import FLAGS, live_text
from widgets.controls.section import disclosure
from widgets.controls.slider import Slider

TITLE = "Text strength"
DEFAULT = TextPart()
STRENGTH = Slider.of("/text/strength")
NEUTRAL = declared("/text/neutral").text


def draw(context: Context, text: TextPart) -> TextPart:
    """Draw the disclosure; returns the text that the user wants."""
    opened = disclosure(context, TITLE)
    if not opened:
        if (text.strength, text.neutral) != (DEFAULT.strength, DEFAULT.neutral):
            aside(STRENGTH.shown(text.strength))
        return text
    reason = declared("/text/strength").reason(context.recipe, context.model) or None
    strength = STRENGTH.draw(context, text.strength, reason)
    words = _neutral(context, typed(text, NEUTRAL_FIELD), reason)
    text = replace(text, strength=strength)
    return drawn_words.written(context, text, NEUTRAL_FIELD, words, NEUTRAL_FIELD)


def aside(words: str) -> None:
    """Write quietly after a closed disclosure what it holds."""
    imgui.same_line()
    with theme.text_colour(theme.ACCENT):
        imgui.text_unformatted(words)


def _neutral(context: Context, words: str, reason: str | None) -> str:
    with labelled_row.row("Neutral", NEUTRAL, reason) as row:
        imgui.set_next_item_width(row.width)
        new = live_text(
            context,
            words,
            lambda text: imgui.input_text_with_hint("##text", "No text", text, FLAGS),
            names=class_names(context),
        )
        back = row.reset(words != DEFAULT.neutral)
    new = unknown_words.hint(context, new)
    if back:
        return DEFAULT.neutral
    return words if reason else new
