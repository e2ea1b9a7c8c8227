"""The room that a prompt takes of what the model reads, and the words that fall off its end."""

from __future__ import annotations

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from renderer.frame.frame import TokenCount
from widgets import scopes, theme
from widgets.context import Context
from widgets.controls.tooltips import tip

BAR_EM = 3.2
KEPT_SHOWN = 40
"""Characters before the cut that are shown, so that one sees where it is."""
LOST_SHOWN = 200
TIP_SHOWN = 2_000
PIECE = 14
"""Longer words are broken: scripts without spaces are one long word."""


def count_of(context: Context, index: int) -> TokenCount | None:
    """The tokens of row `index` in the last picture: at most a keystroke behind."""
    frame = context.frame
    return frame.tokens[index] if frame is not None and index < len(frame.tokens) else None


def meter(count: TokenCount | None) -> None:
    """Draw how full the text window is: a small bar and "7 / 77"."""
    corner, height = imgui.get_cursor_screen_pos(), imgui.get_frame_height()
    with scopes.font(None, theme.SMALL_PX):
        draw, width = imgui.get_window_draw_list(), theme.em(BAR_EM)
        middle, thick = corner.y + height / 2, theme.em(0.11)
        over = count is not None and count.cut_at is not None
        ends = ((corner.x, middle - thick), (corner.x + width, middle + thick))
        draw.add_rect_filled(*ends, theme.ink(theme.CONTROL), thick)
        if count is not None and count.limit:
            filled = width * min(1.0, count.used / count.limit)
            end = (corner.x + filled, middle + thick)
            draw.add_rect_filled(
                ends[0], end, theme.ink(theme.WARNING if over else theme.ACCENT), thick
            )
        label = "tokens" if count is None else f"{count.used} / {count.limit}"
        at = (corner.x + width + theme.em(0.5), middle - imgui.get_text_line_height() / 2)
        draw.add_text(at, theme.ink(theme.WARNING if over else theme.DIM), label)
        imgui.dummy((width + theme.em(0.5) + imgui.calc_text_size(label).x, height))
    tip("Tokens used, of those that the model reads. Words beyond the limit are cut off.")


def fallen(words: str, count: TokenCount | None) -> str:
    """The end of `words` that the model does not see; empty when it sees all."""
    if count is None or count.cut_at is None:
        return ""
    return words[count.cut_at :].strip()


def overflow(words: str, count: TokenCount | None) -> None:
    """Show where the prompt is cut: the last words that count, then those that fall off."""
    lost = fallen(words, count)
    if not lost or count is None or count.cut_at is None:
        return
    with scopes.font(None, theme.SMALL_PX), scopes.group():
        _caption(lost)
        kept, end = tail(words[: count.cut_at]), head(lost)
        _flow(kept, end)
    shown = lost if len(lost) <= TIP_SHOWN else lost[:TIP_SHOWN] + "…"
    tip("The model does not read:", shown)


def tail(words: str) -> str:
    """The last few of `words`, from the beginning of one of them."""
    words = words.rstrip()
    if len(words) <= KEPT_SHOWN:
        return words
    end = words[-KEPT_SHOWN:]
    _, space, rest = end.partition(" ")
    return "…" + (rest if space and rest else end)


def head(words: str) -> str:
    """The first of `words`, as many as there is room for."""
    return words if len(words) <= LOST_SHOWN else words[:LOST_SHOWN].rstrip() + "…"


def pieces(words: str) -> list[str]:
    """`words` in parts that a line may end after."""
    parts: list[str] = []
    for word in words.split():
        parts += [word[i : i + PIECE] for i in range(0, len(word), PIECE)]
        parts[-1] += " "
    return parts


def _caption(lost: str) -> None:
    number = len(lost.split())
    what = "1 word is cut" if number == 1 else f"{number} words are cut"
    with theme.text_colour(theme.WARNING):
        imgui.text_unformatted(f"{icons.ICON_FA_SCISSORS}  {what} off at the end:")


def _flow(kept: str, lost: str) -> None:
    """Kept words, then lost ones struck through, wrapped like one text."""
    corner, room = imgui.get_cursor_screen_pos(), imgui.get_content_region_avail().x
    draw, line = imgui.get_window_draw_list(), imgui.get_text_line_height()
    x = y = 0.0
    for part, gone in [(p, False) for p in pieces(kept)] + [(p, True) for p in pieces(lost)]:
        width = imgui.calc_text_size(part).x
        if x and x + imgui.calc_text_size(part.rstrip()).x > room:
            x, y = 0.0, y + line
        at = (corner.x + x, corner.y + y)
        draw.add_text(at, theme.ink(theme.WARNING if gone else theme.DIM), part)
        if gone:
            middle = at[1] + line * 0.55
            draw.add_line_h(at[0], at[0] + width, middle, theme.ink(theme.WARNING, 0.6))
        x += width
    imgui.dummy((room, y + line))
