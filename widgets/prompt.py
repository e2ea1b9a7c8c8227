"""The prompt: words that the picture follows at every keystroke, blended by weight."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from renderer.frame import TokenCount
from renderer.recipe import Prompt, Recipe, TextPart
from widgets import suggestions, theme, tower
from widgets.actions import ShowDialog
from widgets.buttons import button, choice, icon_button
from widgets.context import Context
from widgets.live_text import FLAGS, live_text
from widgets.section import section
from widgets.slider import Slider
from widgets.tips import tip

MAX_ROWS = 64
EMPTY_HINT = "Describe a picture…"
WEIGHT = Slider(
    "Weight",
    default=1.0,
    low=0.0,
    high=2.0,
    text="How much this prompt counts in the blend. Negative values, typed, push away from it.",
)
WEIGHT_EM = 6.0
BLENDS = (
    ("lerp", "Lerp", "Add the prompts' embeddings, each times its weight."),
    ("slerp", "Slerp", "Walk from prompt to prompt along the unit sphere of embeddings."),
)


@dataclass
class PromptPanel:
    """Edits `Recipe.text`.  It remembers which row was typed in last, for chips to land in."""

    title: str = "Prompt"
    row: int = 0

    def draw(self, context: Context) -> Recipe:
        """Draw the section; returns the recipe that the user wants."""
        recipe = context.recipe
        with section(
            context,
            self.title,
            icons.ICON_FA_PEN,
            "The words that the picture follows.",
            summary=recipe.text.prompts[0].text or "empty",
            changed=len(recipe.text.prompts) > 1,
        ) as opened:
            if not opened:
                return recipe
            if tower.has_none(context):
                _no_tower(context)
            text = self._rows(context, recipe.text)
            text = self._blend(context, text)
            text = suggestions.draw(context, text, min(self.row, len(text.prompts) - 1))
        return msgspec.structs.replace(recipe, text=text)

    def _rows(self, context: Context, text: TextPart) -> TextPart:
        rows: list[Prompt] = []
        reason = _no_text(context)
        for index, prompt in enumerate(text.prompts):
            imgui.push_id(f"prompt{index}")
            new = self._input(context, index, prompt, reason)
            removed, new = self._footer(context, index, new, len(text.prompts), reason)
            imgui.pop_id()
            if not removed:
                rows.append(new)
        return msgspec.structs.replace(text, prompts=tuple(rows) or (Prompt(),))

    def _input(self, context: Context, index: int, prompt: Prompt, reason: str) -> Prompt:
        """The text box of one row."""
        imgui.push_font(None, theme.PROMPT_PX)
        lines = 3 if index == 0 else 2
        padding = (theme.em(0.6), theme.em(0.5))
        size = (-1e-9, imgui.get_text_line_height() * lines + 2 * padding[1])
        imgui.push_style_var(imgui.StyleVar_.frame_padding, padding)
        flags = FLAGS | imgui.InputTextFlags_.word_wrap
        flags |= imgui.InputTextFlags_.ctrl_enter_for_new_line

        def box(text: str) -> tuple[bool, str]:
            return imgui.input_text_multiline("##text", text, size, flags)

        imgui.begin_disabled(bool(reason))
        words = live_text(context, prompt.text, box)
        imgui.end_disabled()
        if imgui.is_item_active():
            self.row = index
        low, high = imgui.get_item_rect_min(), imgui.get_item_rect_max()
        tip("", reason or None)
        draw = imgui.get_window_draw_list()
        if imgui.is_item_active():
            rounding = imgui.get_style().frame_rounding
            draw.add_rect(low, high, theme.ink(theme.ACCENT, 0.75), rounding, theme.em(0.08))
        if not words:
            at = (low.x + padding[0], low.y + padding[1])
            draw.add_text(at, theme.ink(theme.DIM, 0.85), EMPTY_HINT)
        imgui.pop_style_var()
        imgui.pop_font()
        return prompt if reason else msgspec.structs.replace(prompt, text=words)

    def _footer(
        self, context: Context, index: int, prompt: Prompt, rows: int, reason: str
    ) -> tuple[bool, Prompt]:
        """Under a text box: its tokens, its weight, and the button that removes it."""
        count = _count(context, index)
        right = imgui.get_cursor_pos_x() + imgui.get_content_region_avail().x
        _meter(count)
        gap, side = imgui.get_style().item_inner_spacing.x, imgui.get_frame_height()
        single = "With one prompt there is nothing to weigh it against." if rows == 1 else ""
        why = reason or single or None
        label, width = imgui.calc_text_size(WEIGHT.label).x, theme.em(WEIGHT_EM)
        imgui.same_line(right - label - width - 2 * side - 2 * gap)
        imgui.begin_disabled(bool(why))
        imgui.align_text_to_frame_padding()
        imgui.push_style_color(imgui.Col_.text, theme.colour(theme.DIM))
        imgui.text_unformatted(WEIGHT.label)
        imgui.pop_style_color()
        imgui.same_line(0, gap)
        weight = WEIGHT.control(context, prompt.weight, (width, side), why)
        imgui.end_disabled()
        imgui.same_line(0, gap)
        cleared = icon_button(
            icons.ICON_FA_ERASER,
            "clear",
            "Empty this prompt",
            quiet=True,
            reason="" if prompt.text else "It is empty.",
        )
        imgui.same_line(0, 0)
        removed = icon_button(
            icons.ICON_FA_XMARK,
            "remove",
            "Remove this prompt",
            quiet=True,
            reason="" if rows > 1 else "The last prompt stays.",
        )
        _overflow(prompt.text, count)
        words = "" if cleared else prompt.text
        return removed, Prompt(text=words, weight=weight)

    def _blend(self, context: Context, text: TextPart) -> TextPart:
        full = len(text.prompts) >= MAX_ROWS
        if button(
            f"{icons.ICON_FA_PLUS}  Add prompt###add",
            "Another row of words, blended with the others by weight.",
            reason=_no_text(context) or (f"At most {MAX_ROWS} prompts." if full else ""),
        ):
            self.row = len(text.prompts)
            text = msgspec.structs.replace(text, prompts=(*text.prompts, Prompt()))
        single = "" if len(text.prompts) > 1 else "Add a second prompt to blend."
        imgui.same_line()
        width = theme.em(6.4)
        blend = choice("blend", BLENDS, text.blend, width, single)
        imgui.same_line()
        imgui.begin_disabled(bool(single))
        _, normalize = imgui.checkbox("Normalise", text.normalize)
        imgui.end_disabled()
        tip(
            "Bring the blend back to length 1, the length of every text that the model learnt "
            "from. Off, weights also make the text count more or less.",
            single or None,
        )
        return msgspec.structs.replace(text, blend=blend, normalize=normalize)


def _no_tower(context: Context) -> None:
    """Prompts have no effect yet; what to do about that."""
    imgui.push_style_color(imgui.Col_.text, theme.colour(theme.WARNING))
    imgui.push_text_wrap_pos(0.0)
    imgui.text_unformatted("No text tower: prompts have no effect yet.")
    imgui.pop_text_wrap_pos()
    imgui.pop_style_color()
    label = f"{icons.ICON_FA_FONT}  Choose a text tower…###choose tower"
    if button(label, "What turns the prompts into numbers", primary=True):
        context.ask(ShowDialog("tower"))
    imgui.dummy((0, theme.em(0.1)))


def _no_text(context: Context) -> str:
    if context.model is not None and context.model.c_dim == 0:
        return "This model was trained without text."
    return ""


def _count(context: Context, index: int) -> TokenCount | None:
    """The tokens of row `index` in the last picture: at most a keystroke behind."""
    frame = context.frame
    return frame.tokens[index] if frame is not None and index < len(frame.tokens) else None


def _meter(count: TokenCount | None) -> None:
    """How full the text window is: "7 / 77" with a small bar."""
    corner, height = imgui.get_cursor_screen_pos(), imgui.get_frame_height()
    imgui.push_font(None, theme.SMALL_PX)
    draw, width = imgui.get_window_draw_list(), theme.em(3.2)
    middle = corner.y + height / 2
    over = count is not None and count.cut_at is not None
    tint = theme.WARNING if over else theme.ACCENT
    thick = theme.em(0.11)
    draw.add_rect_filled(
        (corner.x, middle - thick),
        (corner.x + width, middle + thick),
        theme.ink(theme.CONTROL),
        thick,
    )
    if count is not None and count.limit:
        filled = width * min(1.0, count.used / count.limit)
        draw.add_rect_filled(
            (corner.x, middle - thick),
            (corner.x + filled, middle + thick),
            theme.ink(tint),
            thick,
        )
    label = "tokens" if count is None else f"{count.used} / {count.limit}"
    at = (corner.x + width + theme.em(0.5), middle - imgui.get_text_line_height() / 2)
    draw.add_text(at, theme.ink(theme.WARNING if over else theme.DIM), label)
    imgui.dummy((width + theme.em(0.5) + imgui.calc_text_size(label).x, height))
    imgui.pop_font()
    tip("Tokens used of those that the model reads. Words beyond the end fall off.")


def _overflow(words: str, count: TokenCount | None) -> None:
    """The words that the model does not see, when there are any."""
    if count is None or count.cut_at is None or count.cut_at >= len(words):
        return
    lost = words[count.cut_at :].strip()
    shown = lost if len(lost) <= 160 else lost[:159] + "…"
    imgui.push_style_color(imgui.Col_.text, theme.colour(theme.WARNING))
    imgui.push_text_wrap_pos(0.0)
    imgui.text_unformatted(f"Falls off the end: {shown}")
    imgui.pop_text_wrap_pos()
    imgui.pop_style_color()
