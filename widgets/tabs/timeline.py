"""The Timeline tab: key frames of the whole picture, and a playhead that runs over them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from renderer.parameters import settings
from renderer.recipe.recipe import Recipe
from renderer.timeline.edits import TAKE_PLAYS, stretched, with_length, with_loop
from renderer.timeline.timeline import Loop, Timeline
from widgets import scopes, theme
from widgets.actions import Undo
from widgets.context import Context
from widgets.controls import source_sign, undo_buttons
from widgets.controls.buttons import beside, button, button_width, choice, icon_button
from widgets.controls.slider import Slider
from widgets.controls.timeline_view import (
    AddKey,
    DeleteKey,
    SetAutoKey,
    SetSpeed,
    SetTimeline,
    StepKey,
    TimelineView,
    TogglePlay,
    UpdateKey,
)
from widgets.tabs import keyframe_lane, video_export

EMPTY = "A video is made of key frames: add this picture, change anything, add the next one."
NEXT = "Now change anything, then press K for the next key frame."
LENGTH = Slider.of(settings.LENGTH)
SPEEDS = (0.25, 0.5, 1.0, 2.0)
LOOPS: tuple[tuple[Loop, str, str], ...] = (
    ("once", icons.ICON_FA_ARROW_RIGHT, "Play once, to the end"),
    ("loop", icons.ICON_FA_REPEAT, "Loop: from the last key frame back to the first"),
    ("ping-pong", icons.ICON_FA_ARROW_RIGHT_ARROW_LEFT, "Ping-pong: there and back again"),
)
LOOP_EM, SPEED_EM = 5.2, 10.8
ADD = f"{icons.ICON_FA_PLUS}  Key frame###add key"


def draw(context: Context) -> Recipe:
    """Draw the tab; it asks for whatever changes, and returns the recipe as it is."""
    view = context.see(TimelineView)
    if not view.timeline.empty:
        _bar(context, view)
        keyframe_lane.draw(context, view, NEXT if len(view.timeline.keys) == 1 else "")
    else:
        _empty(context, view)
    return context.recipe


def _empty(context: Context, view: TimelineView) -> None:
    imgui.dummy((0, theme.em(0.6)))
    theme.wrapped(EMPTY)
    none = "" if context.frame is not None else "There is no picture yet."
    text = "Add the picture as the first key frame (K)"
    if button(f"{icons.ICON_FA_PLUS}  Add key frame", text, primary=True, reason=none):
        context.ask(AddKey())
    if view.emptied:
        imgui.same_line()
        if button("Undo", "Restore the previous timeline"):
            context.ask(Undo())


# -- the line of controls ------------------------------------------------------------------------


def _bar(context: Context, view: TimelineView) -> None:
    """All controls, in groups that wrap like words where the window is narrow."""
    side, gap = imgui.get_frame_height(), theme.em(0.2)
    groups: Sequence[tuple[float, Callable[[Context, TimelineView], None]]] = (
        (3 * side + 2 * gap, _transport),
        (theme.em(11.2), _time),
        (button_width(ADD) + 5 * side + 5 * gap, _keys),
        (theme.em(LOOP_EM), _loop),
        (theme.em(SPEED_EM + 0.4) + side, _playing),
    )
    right = imgui.get_cursor_pos_x() + imgui.get_content_region_avail().x
    for index, (width, group) in enumerate(groups):
        if index:
            beside(width, theme.em(0.4 if group is _playing else 0.7))
        with scopes.group():
            group(context, view)
    width = video_export.width(context, view)
    beside(width, theme.em(0.7))
    imgui.set_cursor_pos_x(max(imgui.get_cursor_pos_x(), right - width))
    video_export.draw(context, view)


def _transport(context: Context, view: TimelineView) -> None:
    gap = theme.em(0.2)
    if icon_button(icons.ICON_FA_BACKWARD_STEP, "back", "To the previous key frame"):
        context.ask(StepKey(-1))
    source_sign.offered(context, "/key/previous")
    imgui.same_line(0, gap)
    icon = icons.ICON_FA_PAUSE if view.playing else icons.ICON_FA_PLAY
    ink = theme.ACCENT if view.playing else ""
    if icon_button(icon, "play", "Pause (Space)" if view.playing else "Play (Space)", ink=ink):
        context.ask(TogglePlay())
    source_sign.offered(context, "/play")
    imgui.same_line(0, gap)
    if icon_button(icons.ICON_FA_FORWARD_STEP, "ahead", "To the next key frame"):
        context.ask(StepKey(1))
    source_sign.offered(context, "/key/next")


def _time(context: Context, view: TimelineView) -> None:
    imgui.align_text_to_frame_padding()
    left = imgui.get_cursor_pos_x()
    imgui.text_unformatted(f"{view.position_s:.2f}")
    imgui.same_line()
    imgui.set_cursor_pos_x(left + theme.em(2.9))
    imgui.text_disabled("of")
    imgui.same_line(0, theme.em(0.5))
    size = (left + theme.em(11.2) - imgui.get_cursor_pos_x(), imgui.get_frame_height())
    with scopes.name("Length"):
        length_s = LENGTH.control(context, view.timeline.length_s, size)
    if length_s != view.timeline.length_s:
        pressed = imgui.get_io().mouse_clicked_time[0]
        context.ask(SetTimeline(with_length(view.timeline, length_s), ("length", pressed)))


def _keys(context: Context, view: TimelineView) -> None:
    gap, here = theme.em(0.2), view.timeline.key_at(view.position_s)
    text = (
        "Add the picture as a key frame: here, or after the last one if there is one here already "
        "(K)"
    )
    take = TAKE_PLAYS if view.timeline.take is not None else ""
    if button(ADD, text, reason=take):
        context.ask(AddKey())
    source_sign.offered(context, "/key/add")
    imgui.same_line(0, gap)
    reason = "" if view.changed else "The picture already is the one on the timeline."
    reason = take or reason
    text = "Update the key frame at the playhead with the picture (Shift+K)"
    ink = theme.ACCENT if view.changed else ""
    if icon_button(icons.ICON_FA_ARROWS_ROTATE, "update", text, reason=reason, ink=ink):
        context.ask(UpdateKey())
    imgui.same_line(0, gap)
    reason = "" if here is not None else "The playhead is not at a key frame."
    text = "Delete the key frame at the playhead (Delete)"
    if icon_button(icons.ICON_FA_TRASH_CAN, "delete", text, reason=reason):
        context.ask(DeleteKey())
    imgui.same_line(0, gap)
    undo_buttons.draw(context)
    imgui.same_line(0, gap)
    _auto_key(context, view)


def _auto_key(context: Context, view: TimelineView) -> None:
    text = (
        "Auto-key is on: every change of the picture goes into the key frame at the playhead"
        if view.auto_key
        else "Auto-key: let every change of the picture go into the key frame at the playhead"
    )
    ink = theme.DANGER if view.auto_key else ""
    lit = (imgui.Col_.button, theme.colour(theme.DANGER_DEEP))
    with scopes.colours(lit) if view.auto_key else scopes.plain():
        pressed = icon_button(icons.ICON_FA_CIRCLE_DOT, "auto", text, ink=ink)
    if pressed:
        context.ask(SetAutoKey(not view.auto_key))


def _loop(context: Context, view: TimelineView) -> None:
    loop: Loop = choice("loop", LOOPS, view.timeline.loop, theme.em(LOOP_EM))
    if loop != view.timeline.loop:
        context.ask(SetTimeline(with_loop(view.timeline, loop)))


def _playing(context: Context, view: TimelineView) -> None:
    speeds = [(speed, f"{speed:g}×", f"Play at {speed:g} times the speed") for speed in SPEEDS]
    speed = choice("speed", speeds, view.speed, theme.em(SPEED_EM))
    if speed != view.speed:
        context.ask(SetSpeed(speed))
    imgui.same_line(0, theme.em(0.4))
    if icon_button(icons.ICON_FA_ELLIPSIS, "whole", "More for the whole timeline"):
        imgui.open_popup("more of timeline")
    with scopes.popup("more of timeline") as opened:
        if opened:
            _more(context, view.timeline)


def _more(context: Context, timeline: Timeline) -> None:
    choices = (
        ("Twice as long", stretched(timeline, timeline.length_s * 2)),
        ("Half as long", stretched(timeline, timeline.length_s / 2)),
        (
            "Remove the take" if timeline.take else "Remove all key frames",
            Timeline(fps=timeline.fps, loop=timeline.loop),
        ),
    )
    for title, wanted in choices:
        if imgui.menu_item_simple(title):
            context.ask(SetTimeline(wanted))
