"""A square between four prompts: where the puck lies says how much each of them counts."""

from __future__ import annotations

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.recipe.recipe import Prompt, TextPart
from widgets import scopes, theme
from widgets.context import Context
from widgets.controls.buttons import fitted
from widgets.controls.pad_square import HOW, SIDE_EM, Square, paint, surface
from widgets.controls.tooltips import tip

AXES = ("/text/pad/x", "/text/pad/y")
CORNERS = ("upper left", "upper right", "lower left", "lower right")


def draw(context: Context, text: TextPart) -> TextPart:
    """Draw the pad of `text`, which has one; returns the text that the user wants."""
    assert text.pad is not None, "there is a pad to draw"
    with scopes.name("pad"):
        room, side = imgui.get_content_region_avail().x, theme.em(SIDE_EM)
        corner = imgui.get_cursor_screen_pos()
        line = imgui.get_text_line_height()
        side = min(side, room)
        square = Square(corner.x + (room - side) / 2, corner.y + line + theme.em(0.4), side)
        imgui.set_cursor_screen_pos((square.left, square.top))
        pad = surface(context, text.pad, square, AXES)
        paint(context, pad, square, AXES)
        tip("" if imgui.is_item_active() else HOW)
        text = _corners(context, replace(text, pad=pad), square, (corner.x, corner.x + room))
        imgui.set_cursor_screen_pos((corner.x, square.top + side + line + theme.em(0.4)))
        imgui.dummy((room, theme.em(0.2)))
    return text


def _corners(
    context: Context, text: TextPart, square: Square, ends: tuple[float, float]
) -> TextPart:
    """Draw what lies in the corners: shares and prompts, or a button that adds one."""
    assert text.pad is not None, "there is a pad to draw"
    parts, half = shares(text), (ends[1] - ends[0]) / 2 - theme.em(0.3)
    with scopes.font(None, theme.SMALL_PX):
        gap, line = theme.em(0.4), imgui.get_text_line_height()
        for index in range(len(CORNERS)):
            y = square.top - line - gap if index < 2 else square.top + square.side + gap
            box = (ends[0] if index % 2 == 0 else ends[1] - half, y, half)
            with scopes.name(index):
                if index < len(text.prompts):
                    _label(text.prompts[index], parts[index], box, index)
                elif index == len(text.prompts) and _add(context, text, box, index):
                    text = replace(
                        text, prompts=(*text.prompts, Prompt(_suggestion(context, text)))
                    )
    return text


def shares(text: TextPart) -> tuple[float, ...]:
    """Return what part of the whole blend each prompt is; negative where it is pushed away from."""
    weights = text.weights
    whole = sum(abs(weight) for weight in weights) or 1.0
    return tuple(weight / whole for weight in weights)


def _label(prompt: Prompt, share: float, box: tuple[float, float, float], index: int) -> None:
    """A corner's share and words; the whole prompt in its tooltip."""
    left, top, width = box
    number = f"{100 * share:.0f}%"
    room = width - imgui.calc_text_size(f"{number}  ").x
    words = fitted(prompt.text.strip() or "(empty)", room)
    parts = ((number, theme.ACCENT), (words, theme.DIM))
    if index % 2:  # against the right edge, the number outside
        parts = parts[::-1]
    whole = imgui.calc_text_size(f"{number}  {words}").x
    x = left if index % 2 == 0 else left + width - whole
    imgui.set_cursor_screen_pos((x, top))
    imgui.dummy((whole, imgui.get_text_line_height()))
    tip(f"{CORNERS[index].capitalize()}, prompt {index + 1}:\n{prompt.text.strip() or '(empty)'}")
    draw = imgui.get_window_draw_list()
    for part, code in parts:
        draw.add_text((x, top), theme.ink(code), part)
        x += imgui.calc_text_size(f"{part}  ").x


def _add(context: Context, text: TextPart, box: tuple[float, float, float], index: int) -> bool:
    """A corner without a prompt yet: press it to have one."""
    left, top, width = box
    label = f"{icons.ICON_FA_PLUS}  Prompt for this corner"
    size = imgui.calc_text_size(label)
    x = left if index % 2 == 0 else left + width - size.x
    imgui.set_cursor_screen_pos((x, top))
    pressed = imgui.invisible_button("corner", (size.x, size.y), imgui.ButtonFlags_.enable_nav)
    code = theme.TEXT if imgui.is_item_hovered() else theme.WARNING
    imgui.get_window_draw_list().add_text((x, top), theme.ink(code), label)
    words = _suggestion(context, text)
    what = f"“{words}”" if words else "an empty prompt"
    tip(f"The pad blends four prompts: add {what} in this corner.")
    return pressed


def _suggestion(context: Context, text: TextPart) -> str:
    """An example of the model's that is not among the prompts; nothing where it has none."""
    used = {prompt.text for prompt in text.prompts}
    examples = context.model.example_prompts if context.model is not None else ()
    return next((example for example in examples if example not in used), "")
