"""The Moments tab: large pads with numbers, to be read and hit from a distance."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from renderer.parameters import settings
from renderer.recipe.moments import MAX_MOMENTS, MAX_NAME, PARTS, Moment, in_order
from renderer.recipe.names import display_name
from renderer.recipe.recipe import Recipe
from renderer.timeline.easing import Easing
from widgets import scopes, theme
from widgets.context import Context
from widgets.controls import focus, source_menu, source_sign, sources
from widgets.controls.buttons import beside, button, button_width, choice, fitted, icon_button
from widgets.controls.key_names import MAIN
from widgets.controls.moments_view import (
    CUT_S,
    ChooseParts,
    DeleteMoment,
    ExportMoments,
    ImportMoments,
    MomentsView,
    MoveMoment,
    RecallMoment,
    RenameMoment,
    SetFade,
    StepMoment,
    StoreMoment,
    UndoMoments,
)
from widgets.controls.slider import Slider
from widgets.controls.thumbnail import Look, picture_button, preview
from widgets.controls.tooltips import tip
from widgets.picture.compare import picture_key

ROW = 9
"""Pads in a row, where there is room: those of the keys 1 to 9 stand side by side."""
SIDE_EM = (4.4, 9.0)
"""The smallest and the largest width of a pad."""
GAP_EM = 0.4
NUMBER_SHARE = 0.3
"""Height of a pad's number, of the pad."""
FADE_EM, EASING_EM, NAME_EM = 9.5, 12.0, 14.0
PAYLOAD = "moment"
FADE = Slider.of(settings.FADE)
EASINGS: Sequence[tuple[Easing, str, str]] = (
    ("linear", "Even", "The same speed all the way"),
    ("in", "In", "Begin slowly"),
    ("out", "Out", "End slowly"),
    ("both", "Both", "Begin and end slowly"),
)
Box = tuple[float, float, float, float]


def draw(context: Context) -> Recipe:
    """Draw the tab; it asks for what it wants, and returns the recipe as it is."""
    view = context.see(MomentsView)
    _bar(context, view)
    with scopes.child("pads", (0, 0)):
        _pads(context, view)
    return context.recipe


# -- the line above the pads -----------------------------------------------------------------------


def _bar(context: Context, view: MomentsView) -> None:
    """All controls, in groups that wrap like words where the window is narrow."""
    side, gap = imgui.get_frame_height(), theme.em(0.2)
    groups: Sequence[tuple[float, Callable[[Context, MomentsView], None]]] = (
        (2 * side + gap, _steps),
        (theme.em(FADE_EM + 3), _fade),
        (theme.em(EASING_EM), _easing),
        (2 * side + gap, _files),
    )
    for index, (width, group) in enumerate(groups):
        if index:
            beside(width, theme.em(0.7))
        with scopes.group():
            group(context, view)
    if view.undo:
        label = f"{icons.ICON_FA_ARROW_ROTATE_LEFT}  Undo {view.undo}"
        beside(button_width(label), theme.em(0.7))
        text = "Take back the last change of the moments; the picture stays as it is"
        if button(f"{fitted(label, theme.em(18))}###undo moments", text):
            context.ask(UndoMoments())


def _steps(context: Context, view: MomentsView) -> None:
    none = "" if view.moments.items else "There are no moments yet."
    text = "To the previous moment"
    if icon_button(icons.ICON_FA_BACKWARD_STEP, "back", text, reason=none):
        context.ask(StepMoment(-1))
    source_sign.offered(context, "/moment/previous")
    imgui.same_line(0, theme.em(0.2))
    if icon_button(icons.ICON_FA_FORWARD_STEP, "ahead", "To the next moment", reason=none):
        context.ask(StepMoment(1))
    source_sign.offered(context, "/moment/next")


def _fade(context: Context, view: MomentsView) -> None:
    imgui.align_text_to_frame_padding()
    theme.dim(FADE.label)
    imgui.same_line(0, theme.em(0.4))
    with scopes.name("fade"):
        size = (theme.em(FADE_EM), imgui.get_frame_height())
        fade_s = FADE.at("/moment/fade").control(context, view.fade_s, size)
    if fade_s != view.fade_s:
        context.ask(SetFade(seconds=fade_s))


def _easing(context: Context, view: MomentsView) -> None:
    reason = "" if view.fade_s > CUT_S else "A fade of 0 seconds is a cut."
    easing: Easing = choice("easing", EASINGS, view.easing, theme.em(EASING_EM), reason)
    if easing != view.easing:
        context.ask(SetFade(easing=easing))


def _files(context: Context, view: MomentsView) -> None:
    text = "Open a file of moments in place of these; that can be undone"
    if icon_button(icons.ICON_FA_FOLDER_OPEN, "open moments", text):
        context.ask(ImportMoments())
    imgui.same_line(0, theme.em(0.2))
    none = "" if view.moments.items else "There are no moments yet."
    text = "Save the moments in a file of their own; the session keeps them anyway"
    if icon_button(icons.ICON_FA_FLOPPY_DISK, "save moments", text, reason=none):
        context.ask(ExportMoments())


# -- the pads --------------------------------------------------------------------------------------


def _pads(context: Context, view: MomentsView) -> None:
    """The pads up to the last one in use, and a row of empty ones."""
    gap, room = theme.em(GAP_EM), imgui.get_content_region_avail().x
    low, high = map(theme.em, SIDE_EM)
    side = min(max((room - (ROW - 1) * gap) / ROW, low), high)
    columns = max(1, min(ROW, int((room + gap + 1) // (side + gap))))
    last = view.moments.items[-1].number if view.moments.items else 0
    shown = min(max(ROW, -(-last // ROW) * ROW + ROW), MAX_MOMENTS)
    corner, pitch = imgui.get_cursor_pos(), side + imgui.get_text_line_height() + 1.5 * gap
    top, bottom = imgui.get_scroll_y(), imgui.get_scroll_y() + imgui.get_window_height()
    known = {moment.number: moment for moment in view.moments.items}
    for index in range(shown):
        row, column = divmod(index, columns)
        if not top - pitch < row * pitch < bottom:
            continue
        imgui.set_cursor_pos((corner.x + column * (side + gap), corner.y + row * pitch))
        with scopes.name(f"pad{index + 1}"):
            _pad(context, view, index + 1, known.get(index + 1), side)
    imgui.set_cursor_pos((corner.x, corner.y))
    imgui.dummy((columns * (side + gap) - gap, -(-shown // columns) * pitch))


def _pad(
    context: Context, view: MomentsView, number: int, moment: Moment | None, side: float
) -> None:
    """One pad: a click recalls its moment, or stores one where there is none; it can be dragged."""
    corner = imgui.get_cursor_screen_pos()
    box = (corner.x, corner.y, corner.x + side, corner.y + side)
    if moment is None:
        pressed = picture_button("pad", None, side, Look(text=_how_to_store(number)))
    else:
        picture = preview(context, moment.recipe, side)
        picture = picture or context.previews.known(picture_key(moment.recipe))
        chosen = number == view.current and (view.at_it or view.share is not None)
        pressed = picture_button("pad", picture, side, Look(chosen, _caption(context, moment)))
        tip(_about(moment))
    if pressed:
        stores = moment is None or imgui.get_io().key_ctrl
        context.ask(StoreMoment(number) if stores else RecallMoment(number))
    _drag(context, number, moment)
    _menu(context, number, moment)
    _face(number, moment, box)
    sign = sources.sign(context, f"/moment/{number}")
    source_sign.frame(imgui.get_window_draw_list(), sign, box[:2], box[2:], vertical=True)
    if view.share is not None and number == view.current:
        _progress(view.share, box)


def _how_to_store(number: int) -> str:
    key = f", or {MAIN}+{number}," if number <= ROW else ""
    return f"Click{key} to store the current picture as moment {number}."


def _about(moment: Moment) -> str:
    held = ", ".join(moment.parts)
    what = f"Changes only: {held}." if held else ""
    ways = f"Click to go there, {MAIN}+click to store the current picture here."
    return "\n".join(line for line in (moment.shown, what, ways) if line)


def _caption(context: Context, moment: Moment) -> str:
    """The parts that it holds, or the model that it needs, where those are others."""
    path = moment.recipe.model.path
    if (not moment.parts or "model" in moment.parts) and path != context.recipe.model.path:
        return display_name(path)
    return ", ".join(moment.parts)


def _face(number: int, moment: Moment | None, box: Box) -> None:
    """The number, large, and below the pad the name, or how to fill it."""
    draw, side = imgui.get_window_draw_list(), box[2] - box[0]
    tall = side * (NUMBER_SHARE if moment else NUMBER_SHARE * 1.4)
    with scopes.font(None, theme.FONT_PX * tall / theme.em(1)):
        size = imgui.calc_text_size(str(number))
        if moment is None:
            at = ((box[0] + box[2] - size.x) / 2, (box[1] + box[3] - size.y) / 2)
        else:
            pad = theme.em(0.25)
            at = (box[0] + pad, box[1])
            low = (box[0] + size.x + 2 * pad, box[1] + size.y)
            draw.add_rect_filled(box[:2], low, theme.ink(theme.CANVAS, 0.75), theme.em(0.25))
        draw.add_text(at, theme.ink(theme.TEXT if moment else theme.DIM), str(number))
    with scopes.font(None, theme.SMALL_PX):
        empty = f"{MAIN}+{number}" if number <= ROW else "empty"
        words = fitted(moment.shown if moment else empty, side)
        left = box[0] if moment else (box[0] + box[2] - imgui.calc_text_size(words).x) / 2
        ink = theme.ink(theme.TEXT if moment else theme.DIM)
        draw.add_text((left, box[3] + 1), ink, words)


def _progress(share: float, box: Box) -> None:
    """Draw how far the fade is, along the lower edge."""
    thick = theme.em(0.3)
    low = (box[0] + (box[2] - box[0]) * share, box[3])
    ink = theme.ink(theme.ACCENT)
    imgui.get_window_draw_list().add_rect_filled((box[0], box[3] - thick), low, ink)


def _drag(context: Context, number: int, moment: Moment | None) -> None:
    """A pad that is dropped on another takes its number."""
    if moment is not None:
        with scopes.drag_source() as dragged:
            if dragged:
                imgui.set_drag_drop_payload_py_id(PAYLOAD, number)
                imgui.text_unformatted(f"{number}  {moment.shown}")
    with scopes.drag_target() as over:
        payload = imgui.accept_drag_drop_payload_py_id(PAYLOAD) if over else None
        if payload is not None and payload.data_id != number:
            context.ask(MoveMoment(payload.data_id, number))


# -- what a right-click offers ---------------------------------------------------------------------


def _menu(context: Context, number: int, moment: Moment | None) -> None:
    with scopes.item_menu("menu") as opened:
        if not opened:
            return
        if moment is not None:
            if imgui.menu_item_simple("Cut to it"):
                context.ask(RecallMoment(number, CUT_S))
            imgui.separator()
        if imgui.menu_item_simple("Store the picture here"):
            context.ask(StoreMoment(number))
        if moment is not None:
            _edits(context, moment)
        imgui.separator()
        with scopes.menu("Play it with") as opened:
            if opened:
                source_menu.entries(context, f"/moment/{number}")


def _edits(context: Context, moment: Moment) -> None:
    with scopes.menu("Change only") as opened:
        if opened:
            _parts(context, moment)
    with scopes.menu("Rename") as opened:
        if opened:
            _rename(context, moment)
    imgui.separator()
    if imgui.menu_item_simple("Delete"):
        context.ask(DeleteMoment(moment.number))


def _parts(context: Context, moment: Moment) -> None:
    """A tick for each part; without any the moment holds all of them."""
    with scopes.flag(imgui.ItemFlags_.auto_close_popups, False):
        if imgui.menu_item("everything", "", not moment.parts)[0]:
            context.ask(ChooseParts(moment.number, ()))
        imgui.separator()
        for part in PARTS:
            if imgui.menu_item(part, "", part in moment.parts)[0]:
                held = in_order(one for one in PARTS if (one in moment.parts) != (one == part))
                context.ask(ChooseParts(moment.number, held))


def _rename(context: Context, moment: Moment) -> None:
    """The box for a name; Enter gives it."""
    entry, place = context.entry, f"moment {moment.number}"
    if entry.file != place:
        entry.file, entry.file_name = place, moment.name
    if imgui.is_window_appearing():
        imgui.set_keyboard_focus_here()
    imgui.set_next_item_width(theme.em(NAME_EM))
    flags = imgui.InputTextFlags_.enter_returns_true | imgui.InputTextFlags_.auto_select_all
    entered, entry.file_name = imgui.input_text("##name", entry.file_name[:MAX_NAME], flags)
    focus.border()
    if entered:
        context.ask(RenameMoment(moment.number, entry.file_name))
        entry.file = ""
        imgui.close_current_popup()
