"""Words with wildcards in a box of one line: what is typed, and below it what was drawn."""

from __future__ import annotations

from typing import TypeVar

from msgspec import Struct

from renderer.recipe.templates import rewritten, typed
from widgets import scopes, theme
from widgets.context import Context
from widgets.controls.tooltips import tip
from widgets.controls.word_lists_view import WordListsView

S = TypeVar("S", bound=Struct)
MAX_SHOWN = 120
ABOUT = "Drawn from the wildcards in the box; the die at the prompts draws again."


def written(context: Context, owner: S, field: str, words: str, place: str) -> S:
    """Return `owner` with `words` in a box of it, and draw below what came of wildcards in them.

    Args:
        context: this UI frame.
        owner: has the words, see `renderer.recipe.templates`.
        field: the name of the words in it.
        words: what the box holds by now.
        place: of the words, by which they are drawn.
    """
    seed, lists = context.recipe.text.wildcard_seed, context.see(WordListsView).lists
    new = rewritten(owner, field, words, seed, place, lists)
    text = getattr(new, field)
    if text != typed(new, field) and text:
        with scopes.font(None, theme.SMALL_PX):
            theme.wrapped(f"= {text[:MAX_SHOWN]}")
        tip(ABOUT)
    return new
