"""A and B: two pictures in one place, with a line between them that one drags."""

from __future__ import annotations

from dataclasses import dataclass

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from renderer.recipe.differences import changes
from renderer.recipe.identity import same_picture, unhashed
from renderer.recipe.recipe import Recipe
from widgets import theme
from widgets.actions import Action
from widgets.context import Context, Laid, Preview
from widgets.controls.buttons import fitted, icon_button
from widgets.picture.tools import Box, Hand

GRIP_EM = 1.2
"""Width of the place where the line is taken."""
KNOB_EM = 0.75
HIDDEN = "both are fixed: your changes are not shown"
FOLLOW = "Let B show your changes again, instead of the fixed picture"
NAME_EM = 26.0
"""The words on the plate are cut beyond this."""
Key = imgui.Key


@dataclass(frozen=True)
class SetA(Action):
    """Keep a recipe as A, on the left, and compare; None takes the current recipe."""

    recipe: Recipe | None = None


@dataclass(frozen=True)
class SetB(Action):
    """Keep a recipe as B, on the right, and compare; None takes the current recipe."""

    recipe: Recipe | None = None


@dataclass(frozen=True)
class Compare(Action):
    """Compare `a`, on the left, with `b`, on the right; None is the current picture, live."""

    a: Recipe | None
    b: Recipe | None = None


@dataclass(frozen=True)
class SwapSides(Action):
    """Let A and B change places."""


@dataclass(frozen=True)
class StopComparing(Action):
    """Show the current picture alone again."""


@dataclass(frozen=True)
class ComparisonView:
    """The two sides of a comparison: `a` on the left, `b` on the right; None is the current
    picture.

    `before` is the picture from which the current one was made, for a peek at it.
    """

    on: bool = False
    a: Recipe | None = None
    b: Recipe | None = None
    before: Recipe | None = None


def picture_key(recipe: Recipe) -> tuple[str, Recipe]:
    """Under which a picture at the model's own resolution is kept among the previews."""
    return "picture", unhashed(recipe)


@dataclass
class Wipe:
    """Draws the comparison over the picture.  `at` is where the line is: 0 left, 1 right."""

    at: float = 0.5

    def use(self, context: Context, hand: Hand) -> Recipe:
        """Draw over the picture and follow the mouse; returns the recipe as it is."""
        view = context.see(ComparisonView)
        if self._peeks(context, view, hand) or not view.on:
            return context.recipe
        if _escapes(context):
            context.ask(StopComparing())
        self._drag(hand)
        left, top, right, bottom = hand.box
        line = left + self.at * (right - left)
        for name, recipe, box in (
            ("A", view.a, (left, top, line, bottom)),
            ("B", view.b, (line, top, right, bottom)),
        ):
            waits = recipe is not None and not _lay(context, hand, recipe, box)
            _letter(name, box, hand.clip, at_right=name == "B", waits=waits)
        self._line(hand, line)
        _plate(context, view, hand)
        return context.recipe

    def _peeks(self, context: Context, view: ComparisonView, hand: Hand) -> bool:
        """While B is held: A, or the picture before, in the whole place."""
        other = view.a if view.on and view.a is not None else view.before
        io = imgui.get_io()
        plain = not (io.key_ctrl or io.key_shift or io.key_alt or io.key_super)
        held = imgui.is_key_down(Key.b) and plain and _has_keys(context)
        if other is None or not held:
            return False
        waits = not _lay(context, hand, other, hand.box)
        words = "A" if view.on and view.a is not None else "Before"
        _letter(words, hand.box, hand.clip, at_right=False, waits=waits)
        return True

    def _drag(self, hand: Hand) -> None:
        """Follow the mouse where it takes the line; the picture below does not get that drag."""
        left, top, right, bottom = hand.box
        line, half = left + self.at * (right - left), theme.em(GRIP_EM) / 2
        high, low = max(top, hand.clip[1]), min(bottom, hand.clip[3])
        if low - high < 1:
            return
        imgui.set_cursor_screen_pos((line - half, high))
        imgui.invisible_button("wipe", (2 * half, low - high))
        if imgui.is_item_hovered() or imgui.is_item_active():
            imgui.set_mouse_cursor(imgui.MouseCursor_.resize_ew)
        if imgui.is_item_hovered() and imgui.is_mouse_double_clicked(0):
            self.at = 0.5
        elif imgui.is_item_active() and hand.delta[0]:
            self.at = min(max((hand.mouse[0] - left) / max(right - left, 1.0), 0.0), 1.0)

    def _line(self, hand: Hand, x: float) -> None:
        draw, knob = imgui.get_window_draw_list(), theme.em(KNOB_EM)
        top, bottom = max(hand.box[1], hand.clip[1]), min(hand.box[3], hand.clip[3])
        thin = theme.em(0.06)
        draw.add_rect_filled((x - 2 * thin, top), (x + 2 * thin, bottom), theme.ink("#000000", 0.5))
        draw.add_rect_filled((x - thin, top), (x + thin, bottom), theme.ink(theme.TEXT))
        middle = (x, (top + bottom) / 2)
        draw.add_circle_filled(middle, knob, theme.ink(theme.TEXT))
        words = icons.ICON_FA_ARROWS_LEFT_RIGHT
        size = imgui.calc_text_size(words)
        at = (middle[0] - size.x / 2, middle[1] - size.y / 2)
        draw.add_text(at, theme.ink(theme.CANVAS), words)


def _has_keys(context: Context) -> bool:
    """Return whether keys mean the picture: no text is typed, and nothing is open over the
    window."""
    typing = imgui.get_io().want_text_input
    return not (typing or context.entry.popup or context.entry.letters.text)


def _escapes(context: Context) -> bool:
    """Return whether Escape ends the comparison: not while it gives up a load."""
    busy = bool(context.status.back_to) or imgui.is_any_item_active()
    return _has_keys(context) and not busy and imgui.is_key_pressed(Key.escape, False)


def _lay(context: Context, hand: Hand, recipe: Recipe, box: Box) -> bool:
    """Put a recipe's picture into the part `box` of the picture's place; whether it is there."""
    if context.frame is not None and same_picture(recipe, context.frame.recipe):
        return True  # it is what lies there
    shown = _picture(context, recipe)
    if shown is None:
        return False
    low = (max(box[0], hand.clip[0]), max(box[1], hand.clip[1]))
    high = (min(box[2], hand.clip[2]), min(box[3], hand.clip[3]))
    if high[0] > low[0] and high[1] > low[1]:
        context.out.laid.append(Laid(shown, hand.box, (*low, *high)))
    return True


def _picture(context: Context, recipe: Recipe) -> Preview | None:
    """A recipe's picture at the model's own resolution."""
    known = context.previews.known(picture_key(recipe))
    if known is not None or context.picture is None:
        return known
    return context.previews.get(recipe, max(context.picture.width, context.picture.height))


def _letter(words: str, box: Box, clip: Box, *, at_right: bool, waits: bool) -> None:
    """The name of a side, in the lower outer corner of what is seen of it."""
    text = f"{words}  is being rendered…" if waits else words
    draw, pad = imgui.get_window_draw_list(), theme.em(0.35)
    size = imgui.calc_text_size(text)
    left, right = max(box[0], clip[0]), min(box[2], clip[2])
    bottom = min(box[3], clip[3]) - pad
    if right - left < size.x + 4 * pad:
        return
    x = right - size.x - 3 * pad if at_right else left + pad
    high = (x + size.x + 2 * pad, bottom)
    low = (x, bottom - size.y - pad)
    draw.add_rect_filled(low, high, theme.ink(theme.CANVAS, 0.78), theme.em(0.3))
    draw.add_text((x + pad, low[1] + pad / 2), theme.ink(theme.TEXT), text)


def _plate(context: Context, view: ComparisonView, hand: Hand) -> None:
    """Draw what differs, and the buttons to swap and to stop, at the top of the picture's area."""
    side, pad, gap = imgui.get_frame_height(), theme.em(0.6), theme.em(0.35)
    letters, hidden = imgui.calc_text_size("A").x, hides_changes(context.recipe, view)
    buttons = 3 if hidden else 2
    room = hand.clip[2] - hand.clip[0] - 2 * letters - buttons * side - 4 * gap - 4 * pad
    words = HIDDEN if hidden else _difference(context, view)
    words = fitted(words, max(min(room, theme.em(NAME_EM)), theme.em(2)))
    wide = imgui.calc_text_size(words).x
    width = 2 * letters + buttons * side + wide + 4 * gap + 2 * pad
    x, y = (hand.clip[0] + hand.clip[2] - width) / 2, hand.clip[1] + theme.em(0.5)
    draw = imgui.get_window_draw_list()
    draw.add_rect_filled((x, y), (x + width, y + side), theme.ink(theme.POPUP, 0.92), theme.em(0.4))
    line = y + (side - imgui.get_text_line_height()) / 2
    x += pad
    draw.add_text((x, line), theme.ink(theme.TEXT), "A")
    x += letters + gap
    imgui.set_cursor_screen_pos((x, y))
    text = "Swap A and B"
    if icon_button(icons.ICON_FA_ARROW_RIGHT_ARROW_LEFT, "swap", text, quiet=True):
        context.ask(SwapSides())
    x += side + gap
    draw.add_text((x, line), theme.ink(theme.TEXT), "B")
    x += letters + 2 * gap
    draw.add_text((x, line), theme.ink(theme.WARNING if hidden else theme.DIM), words)
    imgui.set_cursor_screen_pos((x + wide, y))
    if hidden:
        if icon_button(icons.ICON_FA_EYE, "follow", FOLLOW, quiet=True):
            context.ask(Compare(view.a))
        imgui.same_line(0, 0)
    if icon_button(icons.ICON_FA_XMARK, "stop comparing", "Stop comparing (Escape)", quiet=True):
        context.ask(StopComparing())


def hides_changes(recipe: Recipe, view: ComparisonView) -> bool:
    """Return whether the current picture is on neither side, as both are kept."""
    if view.a is None or view.b is None:
        return False
    return not (same_picture(recipe, view.a) or same_picture(recipe, view.b))


def _difference(context: Context, view: ComparisonView) -> str:
    """Return what changes from A to B, in words."""
    a, b = view.a or context.recipe, view.b or context.recipe
    return ", ".join(changes(a, b, limit=3)) or "the same picture"
