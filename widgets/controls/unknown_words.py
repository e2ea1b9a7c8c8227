"""What a model does not know of the words in a text box: told below it, quietly, as one types."""

from __future__ import annotations

import functools

from imgui_bundle import imgui

from renderer.frame.frame import UnknownWords
from widgets import theme
from widgets.context import Context
from widgets.controls.tooltips import tip

SETTLED_S = 0.5
"""A word that is being typed is not judged before the keyboard has rested this long."""
SHOWN = 4
LONGEST = 24
"""Letters of a word that are shown."""
READ = 20_000
"""Characters of a text that are looked through, as a tower does."""
ABOUT = (
    "It was trained without these words and does with them what it can, often nothing. "
    "What it knows stands below the prompts, where its checkpoint says so."
)


def hint(context: Context, words: str) -> None:
    """Draw below a text box which of its `words` the model does not know; nothing where it knows
    them all.  What it knows comes with the last picture's frame."""
    frame = context.frame
    if frame is None or not frame.unknown or not words:
        return
    found = unknown_in(words, frame.unknown, _in_work(context, words))
    if not found:
        return
    imgui.push_font(None, theme.SMALL_PX)
    imgui.push_style_color(imgui.Col_.text, theme.colour(theme.DIM))
    imgui.push_text_wrap_pos(0.0)
    imgui.text_unformatted(sentence(found))
    imgui.pop_text_wrap_pos()
    imgui.pop_style_color()
    imgui.pop_font()
    tip(ABOUT)


@functools.lru_cache(maxsize=256)
def unknown_in(words: str, unknown: UnknownWords, in_work: int | None = None) -> UnknownWords:
    """Find those of the `unknown` words that stand in a text, in its order.

    Args:
        words: the text.
        unknown: what a frame tells.
        in_work: a place in the text; the word there is still being typed, and left out.
    """
    from stylegan_t.encoders.known_words import (
        WORD,  # with a frame, torch has been loaded: not before
    )

    told = dict(unknown)
    found: dict[str, tuple[str, ...]] = {}
    for spot in WORD.finditer(words[:READ].lower()):
        word = spot.group()
        if word in told and not (in_work is not None and spot.start() <= in_work <= spot.end()):
            found[word] = told[word]
    return tuple(found.items())


def sentence(unknown: UnknownWords) -> str:
    """Tell of unknown words, at least one, and of what to write in their place."""
    if len(unknown) == 1:
        word, nearest = unknown[0]
        instead = f" Nearest: {', '.join(nearest)}." if nearest else ""
        return f"This model does not know “{_cut(word)}”.{instead}"
    told = [
        f"“{_cut(word)}”" + (f" (nearest: {', '.join(nearest)})" if nearest else "")
        for word, nearest in unknown[:SHOWN]
    ]
    more = len(unknown) - SHOWN
    if more > 0:
        return f"This model does not know {', '.join(told)} and {more} more."
    return f"This model does not know {', '.join(told[:-1])} and {told[-1]}."


def _cut(word: str) -> str:
    return word if len(word) <= LONGEST else word[:LONGEST] + "…"


def _in_work(context: Context, words: str) -> int | None:
    """Where in `words` the cursor stands while somebody types there; None else."""
    item, entry = imgui.internal.get_active_id(), context.entry
    if context.now_s - entry.typed_s > SETTLED_S or entry.answers.get(item) != words:
        return None
    state = imgui.internal.get_input_text_state(item)
    if state is None:
        return None
    before = words.encode("utf-8", "surrogatepass")[: state.get_cursor_pos()]
    return len(before.decode("utf-8", "ignore"))
