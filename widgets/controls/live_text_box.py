"""Text boxes whose every keystroke counts, and whose text others may change meanwhile.

While a box has the keyboard, Dear ImGui keeps a copy of its own; undo, a chip or a dropped file
change the recipe behind it.  This file keeps the two the same.
"""

from __future__ import annotations

from collections.abc import Callable

from imgui_bundle import imgui

from renderer.recipe.quoting import one_line
from renderer.recipe.recipe import MAX_CHARACTERS
from widgets import theme
from widgets.context import Context
from widgets.controls import completion, focus

REACH_EM = 0.5
"""A click this near to a box, on nothing else, is taken for one into it."""
FLAGS = imgui.InputTextFlags_.no_undo_redo  # the document's undo covers what is typed


def live_text(
    context: Context,
    words: str,
    box: Callable[[str], tuple[bool, str]],
    *,
    wanted: bool = False,
    names: tuple[str, ...] = (),
) -> str:
    """Draw a text box; returns the text that the user wants.

    Args:
        context: this UI frame.
        words: the text as the recipe has it.
        box: draws the box "##text" with a text in it, with `FLAGS`; returns (changed, new text).
        wanted: the box gets the keyboard.
        names: are offered under the box while one types.
    """
    item, entry = imgui.get_id("##text"), context.entry
    words = completion.taken_by_key(entry, item) or words
    if wanted or entry.near == item:
        imgui.set_keyboard_focus_here()
        entry.near = 0
        entry.taken = item
    if context.entry.answers.get(item, words) != words:
        _read_again(item)
    changed, typed = box(words)
    focus.border()
    if entry.taken == item and imgui.is_item_active():
        _read_again(item)  # one goes on writing at the end
        entry.taken = 0
    # Escape leaves the box.  Dear ImGui would also bring back what was there before.
    if changed and not imgui.is_key_pressed(imgui.Key.escape):
        words = plain(typed)
        context.entry.typed_s = context.now_s
        if words != typed:
            _read_again(item)
    if names:
        words = completion.draw(context, item, words, names)
    context.entry.answers[item] = words
    if _missed():
        entry.near = item
    return words


def _missed() -> bool:
    """Return whether a click went just beside the box that was drawn last: it was meant for it."""
    if (
        not imgui.is_mouse_clicked(0)
        or imgui.is_any_item_hovered()
        or not imgui.is_window_hovered()
    ):
        return False
    low, high, reach = imgui.get_item_rect_min(), imgui.get_item_rect_max(), theme.em(REACH_EM)
    corner, end = (low.x - reach, low.y - reach), (high.x + reach, high.y + reach)
    return imgui.is_mouse_hovering_rect(corner, end)


def _read_again(item: int) -> None:
    """Let the box take the text that it is given in place of its own copy.

    Only the box that has the keyboard has one that counts.  Another's is compared anyway when it
    gets the keyboard; asked to read again, it would keep its cursor beyond the end until then.
    """
    state = imgui.internal.get_input_text_state(item)
    if state is not None and imgui.internal.get_active_id() == item:
        state.reload_user_buf_and_move_to_end()


def plain(text: str) -> str:
    """`text` on one line, no longer than a recipe holds."""
    return one_line(text)[:MAX_CHARACTERS]
