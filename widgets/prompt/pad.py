"""A square between four prompts: where the puck lies says how much each of them counts."""

from __future__ import annotations

from dataclasses import dataclass

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.recipe.recipe import Pad, Prompt, TextPart
from widgets import scopes, theme
from widgets.context import Context
from widgets.controls.buttons import fitted
from widgets.controls.tooltips import tip

SIDE_EM = 15.0
STEP = 0.02
"""The step of an arrow key for the puck; with Shift, a tenth of the square."""
CORNERS = ("upper left", "upper right", "lower left", "lower right")
DECIMALS = 3
KEYS = (
    (imgui.Key.left_arrow, (-1.0, 0.0)),
    (imgui.Key.right_arrow, (1.0, 0.0)),
    (imgui.Key.up_arrow, (0.0, -1.0)),
    (imgui.Key.down_arrow, (0.0, 1.0)),
)
HOW = "Drag, or use the arrow keys. Double-click for the middle."


@dataclass(frozen=True)
class Square:
    """The pad on the screen: its upper left corner and its side, in pixels."""

    left: float
    top: float
    side: float

    def place(self, x: float, y: float) -> Pad:
        """The place at a point of the screen, at most at the edge."""
        return at((x - self.left) / self.side, (y - self.top) / self.side)

    def point(self, pad: Pad) -> tuple[float, float]:
        """Return where a place lies on the screen."""
        return self.left + pad.x * self.side, self.top + pad.y * self.side


def at(x: float, y: float) -> Pad:
    """The place (x, y), brought within the square."""
    return Pad(round(min(max(x, 0.0), 1.0), DECIMALS), round(min(max(y, 0.0), 1.0), DECIMALS))


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
        pad = _surface(text.pad, square)
        _paint(pad, square)
        tip("" if imgui.is_item_active() else HOW)
        text = _corners(context, replace(text, pad=pad), square, (corner.x, corner.x + room))
        imgui.set_cursor_screen_pos((corner.x, square.top + side + line + theme.em(0.4)))
        imgui.dummy((room, theme.em(0.2)))
    return text


def _surface(pad: Pad, square: Square) -> Pad:
    """The square as a control: the mouse takes the puck anywhere, the arrows walk."""
    imgui.invisible_button("surface", (square.side, square.side), imgui.ButtonFlags_.enable_nav)
    if imgui.is_item_active() and imgui.is_mouse_down(0):
        return _held(square)
    if imgui.is_item_hovered() and imgui.is_mouse_clicked(imgui.MouseButton_.right):
        return Pad()
    if not imgui.is_item_focused():
        return pad
    # With its frame around the pad, the arrows are the pad's: elsewhere they step the seed.
    imgui.set_nav_cursor_visible(True)
    return _walked(pad)


def _held(square: Square) -> Pad:
    """Return where the mouse has the puck: under it, or in the middle after a double-click."""
    if imgui.get_io().mouse_clicked_last_count[0] == 2 and not imgui.is_mouse_dragging(0):
        return Pad()
    mouse = imgui.get_mouse_pos()
    return square.place(mouse.x, mouse.y)


def _walked(pad: Pad) -> Pad:
    """Walk with the arrows, which would move the keyboard's focus otherwise."""
    step, item = 0.1 if imgui.get_io().key_shift else STEP, imgui.get_item_id()
    for key, (x, y) in KEYS:
        imgui.internal.set_key_owner(key, item)
        if imgui.is_key_pressed(key):
            pad = at(pad.x + x * step, pad.y + y * step)
    return pad


def _paint(pad: Pad, square: Square) -> None:
    """The square with its middle lines, and the puck with a cross-hair."""
    draw, rounding = imgui.get_window_draw_list(), imgui.get_style().frame_rounding
    lit = imgui.is_item_hovered() or imgui.is_item_active()
    low, high = (square.left, square.top), (square.left + square.side, square.top + square.side)
    draw.add_rect_filled(low, high, theme.ink(theme.CONTROL), rounding)
    middle = square.point(Pad())
    for alpha, (x, y) in ((0.5, middle), (0.9 if lit else 0.6, square.point(pad))):
        code = theme.CONTROL_ACTIVE if (x, y) == middle else theme.ACCENT_DEEP
        draw.add_line_h(low[0], high[0], y, theme.ink(code, alpha))
        draw.add_line_v(x, low[1], high[1], theme.ink(code, alpha))
    for x, y in (low, (high[0], low[1]), (low[0], high[1]), high):
        inset = theme.em(0.35)
        centre = (x + inset if x == low[0] else x - inset, y + inset if y == low[1] else y - inset)
        draw.add_circle_filled(centre, theme.em(0.12), theme.ink(theme.DIM), 12)
    radius = theme.em(0.5 if lit else 0.42)
    draw.add_circle_filled(square.point(pad), radius, theme.ink(theme.ACCENT), 24)
    draw.add_circle(square.point(pad), radius, theme.ink(theme.CANVAS), 24, theme.em(0.1))


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
