"""The lane of key frames: a ruler, the film between the keys, the keys, and how one goes to the
next."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from imgui_bundle import imgui

from renderer.timeline.easing import EASINGS, Easing, eased
from renderer.timeline.edits import place_for_key, with_easing, with_key, without_key
from renderer.timeline.take import Take
from renderer.timeline.timeline import Timeline, TimelineError, recipe_at
from widgets import scopes, theme
from widgets.context import Context
from widgets.controls.thumbnail import Look, paint, preview
from widgets.controls.timeline_view import (
    DragKey,
    Seek,
    SetTimeline,
    TimelineView,
    UpdateKey,
)
from widgets.controls.tooltips import tip

RULER_EM = 1.35
BAND_EM = 1.5
"""Height of the band below the pictures, with the diamonds and the curves between them."""
THUMB_EM = (2.2, 8.0)
DIAMOND_EM = 0.42
TICKS_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 600.0)
TICK_EM = 4.0
"""Numbers on the ruler stand at least this far apart."""
CURVE_POINTS = 17
MARK_EM = 0.25
"""Width of a bar that says how much was played."""
EASING_WORDS: dict[Easing, tuple[str, str]] = {
    "linear": ("Even", "at constant speed"),
    "in": ("Ease in", "slow at the start"),
    "out": ("Ease out", "slow at the end"),
    "both": ("Ease in and out", "slow at both ends"),
    "hold": ("Hold", "stay, then jump"),
}


@dataclass(frozen=True)
class _Lane:
    """Places of everything, in pixels: the ruler from `top`, pictures from `film`, the band."""

    left: float
    width: float
    top: float
    film: float
    side: float
    length_s: float

    @property
    def band(self) -> float:
        return self.film + self.side

    @property
    def bottom(self) -> float:
        return self.band + theme.em(BAND_EM)

    def x(self, time_s: float) -> float:
        return self.left + self.width * time_s / self.length_s

    def time_s(self, x: float) -> float:
        return (x - self.left) / self.width * self.length_s

    def box(self, time_s: float) -> tuple[float, float, float, float]:
        """The picture of a key: about its moment, but never beyond the ends."""
        half = self.side / 2
        middle = min(max(self.x(time_s), self.left + half), self.left + self.width - half)
        return middle - half, self.film, middle + half, self.band


def draw(context: Context, view: TimelineView, hint: str = "") -> None:
    """Draw the lane into the room that is left.

    Args:
        context: this UI frame.
        view: the timeline, with one key at least, or a take.
        hint: what to do next; stands right of the last key.
    """
    lane = _place(view.timeline)
    _scrub(context, view, lane)
    shown = [preview(context, key.recipe, lane.side) for key in view.timeline.keys]
    _ruler(lane)
    if len(view.timeline.keys) > 1 or view.timeline.take is not None:
        _film(context, view.timeline, lane)
    if view.timeline.take is not None:
        _marks(view.timeline.take, lane)
    else:
        _band(context, view.timeline, lane)
    for index, key in enumerate(view.timeline.keys):
        box, here = lane.box(key.time_s), view.timeline.key_at(view.position_s) == index
        _key(context, view, lane, index)
        paint(shown[index], box, Look(chosen=here))
        _diamond(context, view, lane, index)
        with scopes.popup(f"key menu {index}") as opened:
            if opened:
                _menu(context, view, index)
    if hint:
        _hint(view.timeline, lane, hint)
    _playhead(view, lane)
    imgui.set_cursor_screen_pos((lane.left, lane.bottom))
    imgui.dummy((lane.width, 0))


def _place(timeline: Timeline) -> _Lane:
    corner, room = imgui.get_cursor_screen_pos(), imgui.get_content_region_avail()
    inset, least, most = theme.em(0.6), theme.em(THUMB_EM[0]), theme.em(THUMB_EM[1])
    film = corner.y + theme.em(RULER_EM)
    side = min(max(room.y - theme.em(RULER_EM + BAND_EM + 0.2), least), most)
    width = max(room.x - 2 * inset, theme.em(4))
    return _Lane(corner.x + inset, width, corner.y, film, side, timeline.length_s)


# -- the playhead --------------------------------------------------------------------------------


def _scrub(context: Context, view: TimelineView, lane: _Lane) -> None:
    """Pressing anywhere that is no key moves the playhead there, and dragging on."""
    imgui.set_cursor_screen_pos((lane.left, lane.top))
    imgui.set_next_item_allow_overlap()
    imgui.invisible_button("ruler", (lane.width, lane.bottom - lane.top))
    if imgui.is_item_active() and imgui.is_mouse_down(0):
        at_s = min(max(lane.time_s(imgui.get_io().mouse_pos.x), 0.0), lane.length_s)
        if imgui.is_item_activated() or abs(at_s - view.position_s) > 0.5 / view.timeline.fps:
            context.ask(Seek(at_s, imgui.is_item_activated()))


def _playhead(view: TimelineView, lane: _Lane) -> None:
    draw, x, half = imgui.get_window_draw_list(), lane.x(view.position_s), theme.em(0.35)
    ink = theme.ink(theme.ACCENT)
    draw.add_line((x, lane.top + half), (x, lane.bottom), ink, theme.em(0.1))
    draw.add_triangle_filled(
        (x - half, lane.top), (x + half, lane.top), (x, lane.top + 1.7 * half), ink
    )


def _ruler(lane: _Lane) -> None:
    draw, dim = imgui.get_window_draw_list(), theme.ink(theme.DIM)
    draw.add_line_h(lane.left, lane.left + lane.width, lane.film - 1, theme.ink(theme.LINE))
    apart = theme.em(TICK_EM) / lane.width * lane.length_s
    step_s = next((step for step in TICKS_S if step >= apart), TICKS_S[-1])
    with scopes.font(None, theme.SMALL_PX):
        for number in range(int(lane.length_s / step_s + 1e-6) + 1):
            x, label = lane.x(number * step_s), f"{number * step_s:g}"
            draw.add_line((x, lane.film - theme.em(0.35)), (x, lane.film - 1), dim, 1.0)
            left = min(x, lane.left + lane.width - imgui.calc_text_size(label).x)
            draw.add_text((left + (theme.em(0.25) if left == x else 0), lane.top), dim, label)


def _film(context: Context, timeline: Timeline, lane: _Lane) -> None:
    """Draw what lies between the keys, in pictures that fill the lane, dimmed."""
    draw = imgui.get_window_draw_list()
    with scopes.clipped(draw, (lane.left, lane.film), (lane.left + lane.width, lane.band)):
        count = int(lane.width / lane.side) + 1
        for index in range(count):
            left = lane.left + index * lane.side
            recipe = recipe_at(timeline, lane.time_s(left + lane.side / 2))
            box = (left, lane.film, left + lane.side, lane.band)
            paint(preview(context, recipe, lane.side), box, Look())
        veil = (lane.left + lane.width, lane.band)
        draw.add_rect_filled((lane.left, lane.film), veil, theme.ink(theme.PANEL, 0.6))


# -- keys ----------------------------------------------------------------------------------------


def _key(context: Context, view: TimelineView, lane: _Lane, index: int) -> None:
    """The button under a key's picture."""
    left, top, right, bottom = lane.box(view.timeline.keys[index].time_s)
    imgui.set_cursor_screen_pos((left, top))
    imgui.set_next_item_allow_overlap()
    pressed = imgui.invisible_button(f"key {index}", (right - left, bottom - top))
    _handle(context, view, lane, index, pressed)


def _diamond(context: Context, view: TimelineView, lane: _Lane, index: int) -> None:
    """The mark at a key's exact moment."""
    x, half = lane.x(view.timeline.keys[index].time_s), theme.em(DIAMOND_EM)
    y, draw = lane.band + theme.em(BAND_EM) / 2, imgui.get_window_draw_list()
    imgui.set_cursor_screen_pos((x - 1.3 * half, lane.band))
    pressed = imgui.invisible_button(f"diamond {index}", (2.6 * half, theme.em(BAND_EM)))
    lit = imgui.is_item_hovered() or imgui.is_item_active()
    _handle(context, view, lane, index, pressed)
    here = view.timeline.key_at(view.position_s) == index
    ink = theme.ink(theme.ACCENT if here else theme.TEXT if lit else theme.DIM)
    draw.add_quad_filled((x, y - half), (x + half, y), (x, y + half), (x - half, y), ink)


def _handle(context: Context, view: TimelineView, lane: _Lane, index: int, pressed: bool) -> None:
    """The last item belongs to a key: click goes there, a drag moves it, a right-click has more."""
    key, io = view.timeline.keys[index], imgui.get_io()
    dragged = imgui.internal.is_mouse_drag_past_threshold(0)
    if imgui.is_item_active() and imgui.is_mouse_dragging(0):
        imgui.set_mouse_cursor(imgui.MouseCursor_.resize_ew)
        delta_s = imgui.get_mouse_drag_delta(0, 0.0).x / lane.width * lane.length_s
        context.ask(DragKey(index, delta_s, io.mouse_clicked_time[0]))
    elif pressed and not dragged:
        context.ask(Seek(key.time_s))
    if not imgui.is_item_active():
        tip(
            f"Key frame {index + 1} at {key.time_s:.2f} s\nClick to go there, drag to move it, "
            "right-click for more."
        )
    imgui.open_popup_on_item_click(f"key menu {index}")


def _menu(context: Context, view: TimelineView, index: int) -> None:
    timeline = view.timeline
    key = timeline.keys[index]
    if imgui.menu_item_simple("Go there"):
        context.ask(Seek(key.time_s))
    if imgui.menu_item_simple("Replace with current picture"):
        context.ask(SetTimeline(with_key(timeline, key.time_s, context.recipe)))
    if imgui.menu_item_simple("Duplicate"):
        _duplicate(context, timeline, index)
    if imgui.menu_item_simple("Delete"):
        context.ask(SetTimeline(without_key(timeline, index)))
    imgui.separator()
    imgui.text_disabled("To the next key frame")
    _easings(context, timeline, index)


def _duplicate(context: Context, timeline: Timeline, index: int) -> None:
    """Once more after the last key."""
    key = timeline.keys[index]
    try:
        at_s = place_for_key(timeline, key.time_s)
        context.ask(SetTimeline(with_key(timeline, at_s, key.recipe, key.easing)))
    except TimelineError:
        context.ask(UpdateKey())


# -- from one key to the next --------------------------------------------------------------------


def _band(context: Context, timeline: Timeline, lane: _Lane) -> None:
    """The curves between the diamonds; a click offers others."""
    times_s = timeline.times_s
    ends = [*times_s[1:], lane.length_s]
    for index, end_s in enumerate(ends):
        last = index + 1 == len(times_s)
        if last and (timeline.loop != "loop" or len(times_s) < 2):
            continue
        _curve(context, timeline, lane, index, end_s)


def _curve(context: Context, timeline: Timeline, lane: _Lane, index: int, end_s: float) -> None:
    """Draw how the picture goes from one key to the next."""
    key, half = timeline.keys[index], theme.em(DIAMOND_EM)
    left, right = lane.x(key.time_s) + 1.4 * half, lane.x(end_s) - 1.4 * half
    if right - left < half:
        return
    imgui.set_cursor_screen_pos((left, lane.band))
    imgui.set_next_item_allow_overlap()
    if imgui.invisible_button(f"easing {index}", (right - left, theme.em(BAND_EM))):
        imgui.open_popup(f"easings {index}")
    lit = imgui.is_item_hovered()
    name, words = EASING_WORDS[key.easing]
    tip(f"{name}: {words}. Click for other ways to the next key frame.")
    low, high = lane.band + theme.em(BAND_EM - 0.3), lane.band + theme.em(0.3)
    points: list[imgui.ImVec2Like] = []
    for step in range(CURVE_POINTS):
        share = step / (CURVE_POINTS - 1)
        y = low + (high - low) * eased(key.easing, share)
        if key.easing == "hold" and step == CURVE_POINTS - 1:
            points.append((right, low))
        points.append((left + (right - left) * share, y))
    ink = theme.ink(theme.ACCENT if lit else theme.DIM, 1.0 if lit else 0.7)
    imgui.get_window_draw_list().add_polyline(points, ink, theme.em(0.09), 0)
    with scopes.popup(f"easings {index}") as opened:
        if opened:
            _easings(context, timeline, index)


def _easings(context: Context, timeline: Timeline, index: int) -> None:
    for easing in EASINGS:
        name, words = EASING_WORDS[easing]
        chosen = timeline.keys[index].easing == easing
        if imgui.menu_item(f"{name}###{easing}", words, chosen)[0]:
            context.ask(SetTimeline(with_easing(timeline, index, easing)))


def _marks(take: Take, lane: _Lane) -> None:
    """Draw how much was played when: a bar for each stretch, as high as changes are dense there."""
    count = max(int(lane.width / theme.em(MARK_EM)), 1)
    found, most = density(take, lane.length_s, count)
    draw, ink, pitch = (
        imgui.get_window_draw_list(),
        theme.ink(theme.ACCENT, 0.7),
        lane.width / count,
    )
    low, room = lane.bottom - theme.em(0.15), theme.em(BAND_EM - 0.4)
    draw.add_line_h(lane.left, lane.left + lane.width, low, theme.ink(theme.LINE))
    for index, changes in found:
        left, high = lane.left + index * pitch, low - room * (0.2 + 0.8 * changes / most)
        draw.add_rect_filled((left, high), (left + max(pitch - 1, 1), low), ink)


@lru_cache(maxsize=4)
def density(take: Take, length_s: float, count: int) -> tuple[tuple[tuple[int, int], ...], int]:
    """Return which of `count` stretches of a timeline have how many samples, and the most."""
    places = (min(int(one.time_s / length_s * count), count - 1) for one in take.samples)
    found = Counter(places)
    return tuple(sorted(found.items())), max(found.values())


def _hint(timeline: Timeline, lane: _Lane, hint: str) -> None:
    left = lane.box(timeline.keys[-1].time_s)[2] + theme.em(1)
    y = lane.film + (lane.side - imgui.get_text_line_height()) / 2
    imgui.get_window_draw_list().add_text((left, y), theme.ink(theme.DIM), hint)
