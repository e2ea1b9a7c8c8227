"""One row of the prompt panel: its words, its tokens, its weight, and what can be done with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.recipe.recipe import Prompt, Recipe
from renderer.recipe.templates import plain, retyped, typed
from widgets import scopes, theme
from widgets.context import Context
from widgets.controls import unknown_words
from widgets.controls.buttons import fitted, icon_button
from widgets.controls.completion import class_names
from widgets.controls.live_text_box import FLAGS, live_text
from widgets.controls.slider import Slider
from widgets.controls.tooltips import tip
from widgets.controls.word_lists_view import WordListsView
from widgets.picture.compare import Compare
from widgets.prompt import wildcards
from widgets.prompt.token_meter import count_of, meter, overflow

EMPTY_HINT = "Describe a picture…"
CLASS_HINT = "Name a class…"
WEIGHT = Slider.of("/text/weight/1")
WEIGHT_EM = 6.0
MENU = "row menu"
OTHERS_SHOWN = 12
"""Maximum number of prompts offered to compare with: a menu longer than the window is no help."""
Verb = Literal["remove", "duplicate", "up", "down", "mute", "draw"]


@dataclass(frozen=True)
class RowState:
    """The state of a row besides its prompt.

    `rows` are all there are; `reason` is why nothing can be typed, `pad` the weight that the pad
    gives this row, `focus` whether its box is to get the keyboard, and `seed` what its wildcards
    are drawn by.
    """

    index: int
    rows: int
    reason: str = ""
    pad: float | None = None
    focus: bool = False
    seed: int = 0

    @property
    def single(self) -> bool:
        """Return whether there is nothing to weigh it against."""
        return self.rows == 1

    @property
    def fixed(self) -> str:
        """Return why its weight cannot be changed; empty where it can."""
        return self.reason or ("" if self.pad is None else "The pad sets this prompt's weight.")


@dataclass(frozen=True)
class RowAnswer:
    """The answer of a row: its prompt, and what is to be done with it, if anything.

    `grip` is whether its handle is held, `typed` whether its box has the keyboard.
    """

    prompt: Prompt
    verb: Verb | None = None
    grip: bool = False
    typed: bool = False


def draw(context: Context, prompt: Prompt, state: RowState) -> RowAnswer:
    """Draw one row; returns what the user wants."""
    words, active = _box(context, typed(prompt), state)
    words = unknown_words.hint(context, words)
    lists = context.see(WordListsView).lists
    prompt = retyped(prompt, words, state.seed, state.index, lists)
    again = wildcards.draw(context, prompt, state.seed, state.index)
    grip = False
    count = count_of(context, state.index)
    right = imgui.get_cursor_pos_x() + imgui.get_content_region_avail().x
    if not state.single:
        grip = _grip()
        imgui.same_line(0, theme.em(0.35))
    meter(count)
    prompt, verb = _tools(context, prompt, state, right)
    overflow(prompt.text, count)
    return RowAnswer(prompt, "draw" if again else verb, grip, active)


def _box(context: Context, words: str, state: RowState) -> tuple[str, bool]:
    """The text box, as high as its words need; (words wanted, whether it has the keyboard)."""
    with scopes.font(None, theme.PROMPT_PX):
        padding = (theme.em(0.6), theme.em(0.5))
        size = (-1e-9, imgui.get_text_line_height() * _lines(words, state) + 2 * padding[1])
        with scopes.style(imgui.StyleVar_.frame_padding, padding):
            flags = FLAGS | imgui.InputTextFlags_.word_wrap
            flags |= imgui.InputTextFlags_.ctrl_enter_for_new_line

            def box(text: str) -> tuple[bool, str]:
                return imgui.input_text_multiline("##text", text, size, flags)

            with scopes.disabled(bool(state.reason)):
                wanted = live_text(
                    context, words, box, wanted=state.focus, names=class_names(context)
                )
            active = imgui.is_item_active()
            low = imgui.get_item_rect_min()
            tip("", state.reason or None)
            draw = imgui.get_window_draw_list()
            if not wanted:
                hint = state.reason or (CLASS_HINT if class_names(context) else EMPTY_HINT)
                at = (low.x + padding[0], low.y + padding[1])
                draw.add_text(at, theme.ink(theme.DIM, 0.85), hint)
    return (words if state.reason else wanted), active


def _lines(words: str, state: RowState) -> int:
    """Return the number of lines shown: a single prompt has room to grow, many are kept small."""
    least, most = (3, 8) if state.single else (2, 4) if state.rows < 4 else (1, 4)
    room = imgui.get_content_region_avail().x - theme.em(1.4)
    # What is beyond the highest box need not be measured.
    wide = words[: round(most * room / theme.em(0.15))]
    high = imgui.calc_text_size(wide, False, room).y / imgui.get_text_line_height()
    return min(max(round(high), least), most)


def _grip() -> bool:
    """The handle by which a row is dragged to another place; whether it is held."""
    width, height = theme.em(0.9), imgui.get_frame_height()
    corner = imgui.get_cursor_screen_pos()
    imgui.invisible_button("grip", (width, height))
    held = imgui.is_item_active()
    if held or imgui.is_item_hovered():
        imgui.set_mouse_cursor(imgui.MouseCursor_.resize_ns)
    tip("Drag to reorder. The order matters for Slerp and the pad.")
    at = (corner.x, corner.y + (height - imgui.get_font_size()) / 2)
    ink = theme.ink(theme.ACCENT if held else theme.DIM)
    imgui.get_window_draw_list().add_text(at, ink, icons.ICON_FA_GRIP_VERTICAL)
    return held


def _tools(
    context: Context, prompt: Prompt, state: RowState, right: float
) -> tuple[Prompt, Verb | None]:
    """Weight and buttons, against the right edge at `right` of the panel."""
    side = imgui.get_frame_height()
    buttons = 1 if state.single else 3
    verb: Verb | None = None
    if state.single:
        imgui.same_line(right - side)
    else:
        prompt = _weight(context, prompt, state, right - buttons * side)
        if _mute_button(prompt, state):
            verb = "mute"
        imgui.same_line(0, 0)
    if icon_button(icons.ICON_FA_ELLIPSIS, "more", "More for this prompt", quiet=True):
        imgui.open_popup(MENU)
    prompt, chosen = _menu(context, prompt, state)
    if not state.single:
        imgui.same_line(0, 0)
        if icon_button(icons.ICON_FA_XMARK, "remove", "Remove this prompt", quiet=True):
            chosen = "remove"
    return prompt, chosen or verb


def _weight(context: Context, prompt: Prompt, state: RowState, right: float) -> Prompt:
    """The weight's slider in the room that is left of `right`, with its name where that fits."""
    imgui.same_line()
    gap, side = imgui.get_style().item_inner_spacing.x, imgui.get_frame_height()
    room = right - imgui.get_cursor_pos_x() - gap
    label = imgui.calc_text_size(WEIGHT.label).x + gap
    named = room - label >= theme.em(3.5)
    width = min(room - label if named else room, theme.em(WEIGHT_EM))
    imgui.same_line(right - gap - width - (label if named else 0.0))
    why = state.fixed
    with scopes.disabled(bool(why)):
        if named:
            imgui.align_text_to_frame_padding()
            theme.dim(WEIGHT.label)
            imgui.same_line(0, gap)
        shown = prompt.weight if state.pad is None else state.pad
        track = WEIGHT.at(f"/text/weight/{state.index + 1}")
        weight = track.control(context, shown, (width, side), why or None)
    imgui.same_line(0, gap)
    return prompt if why else replace(prompt, weight=weight)


def _mute_button(prompt: Prompt, state: RowState) -> bool:
    muted = prompt.weight == 0.0
    icon = icons.ICON_FA_EYE_SLASH if muted else icons.ICON_FA_EYE
    text = (
        "Unmute: use this prompt in the blend again"
        if muted
        else "Mute: leave this prompt out of the blend"
    )
    return icon_button(icon, "mute", text, quiet=True, reason=state.fixed)


def _menu(context: Context, prompt: Prompt, state: RowState) -> tuple[Prompt, Verb | None]:
    """The menu behind the dots."""
    with scopes.popup(MENU) as opened:
        if not opened:
            return prompt, None
        chosen: Verb | None = None
        entries: tuple[tuple[str, Verb, bool], ...] = (
            ("Duplicate", "duplicate", True),
            ("Move up", "up", state.index > 0),
            ("Move down", "down", state.index + 1 < state.rows),
        )
        for label, verb, enabled in entries:
            if imgui.menu_item(label, "", False, enabled)[0]:
                chosen = verb
        imgui.separator()
        _compare(context, state)
        imgui.separator()
        if imgui.menu_item("Empty", "", False, bool(prompt.text))[0]:
            prompt = plain(prompt, "")
        prompt = wildcards.menu(context, prompt, state.seed, state.index)
    return prompt, chosen


def alone(recipe: Recipe, index: int) -> Recipe:
    """`recipe` with prompt `index` as its only one."""
    prompt = replace(recipe.text.prompts[index], weight=1.0)
    return replace(recipe, text=replace(recipe.text, prompts=(prompt,), pad=None))


def _compare(context: Context, state: RowState) -> None:
    """Entries that lay two pictures side by side: before and after, or one prompt and another."""
    if imgui.menu_item_simple("Keep as A, continue editing as B"):
        context.ask(Compare(context.recipe))
    tip("The current picture stays on the left; what you change from now on shows on the right.")
    with scopes.menu("Compare with", not state.single) as opened:
        if not opened:
            return
        prompts = context.recipe.text.prompts
        others = [index for index in range(len(prompts)) if index != state.index]
        others.sort(key=lambda index: abs(index - state.index))
        for index in sorted(others[:OTHERS_SHOWN]):
            words = fitted(prompts[index].text[:200].strip() or "(empty)", theme.em(20))
            if imgui.menu_item_simple(f"{index + 1}. {words}###with{index}"):
                context.ask(
                    Compare(alone(context.recipe, state.index), alone(context.recipe, index))
                )
