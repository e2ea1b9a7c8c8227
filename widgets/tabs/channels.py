"""The channels of one layer: one large, all of them small, a histogram and a spectrum."""

from __future__ import annotations

from dataclasses import replace

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from renderer.frame.layer_report import ChannelView, Choice
from renderer.recipe.figures import minus
from widgets import scopes, theme
from widgets.context import Context, Preview
from widgets.controls import plots
from widgets.controls.buttons import beside, choice, icon_button
from widgets.controls.timeline_view import TimelineView
from widgets.controls.tooltips import tip
from widgets.tabs import layer_mark
from widgets.tabs.layer_view import (
    ATLAS,
    CHANNEL,
    SPECTRUM,
    ExportLayer,
    LayersView,
    MarkPlace,
    SaveLayer,
)

NO_KEYS = "The timeline has no key frames yet: press K to add one."
BUSY = "Another video is being written."
HOW_VIDEO = (
    "It shows this layer in the place of the picture, with the settings of the Timeline tab."
)
CELL_EM = 2.2
GAP_EM = 0.2
PLOTS_EM = 13.0
RANGE_EM = 8.6
STEPPER_EM = 5.0
SAVE = "save layer menu"
EDGE_PX = 0.5
"""Half a pixel of a small channel stays outside, for neighbours would shine through."""
SMALLEST_GRID_EM = 7.0
RANGES: tuple[tuple[bool, str, str], ...] = (
    (True, "Own", "Every small channel uses the whole range of colours for itself."),
    (False, "Shared", "All channels share one range of colours, the layer's."),
)
HOW = (
    "Blue is below zero, dark is zero, amber above; beyond ±{0:.3g} colours are at their "
    "brightest.\nClick to mark a point, here or on the picture: its value is shown below. "
    "Right-click removes the mark. The wheel goes to the next channel."
)


def draw(context: Context, view: LayersView) -> Choice:
    """Draw into the current child window; returns what the user wants to look at."""
    assert view.report is not None, "the tab has something to show"
    seen = view.report.view
    # What is chosen may not be there yet: steps go on from what was chosen last.
    wanted = view.choice if view.choice.layer else replace(view.choice, layer=seen.layer)
    wanted = _head(context, seen, wanted)
    room = imgui.get_content_region_avail()
    side = min(room.y, room.x * 0.4)
    if side < theme.em(1):  # a window as small as that shows nothing here
        return wanted
    wanted = _large(context, view, seen, side, wanted)
    imgui.same_line(0, theme.em(0.6))
    left = imgui.get_content_region_avail().x
    taken = theme.em(PLOTS_EM) + theme.em(0.6)
    has_plots = left - taken > theme.em(SMALLEST_GRID_EM)
    width = left - taken * has_plots
    high = _arranged(seen, width)[2] > imgui.get_content_region_avail().y
    # A bar that came and went would change the cells' size, and so whether it is needed.
    bar = imgui.WindowFlags_.always_vertical_scrollbar if high else imgui.WindowFlags_.no_scrollbar
    with scopes.child("all channels", (width, 0), 0, bar):
        wanted = _small(context, seen, wanted)
    if has_plots:
        imgui.same_line(0, theme.em(0.6))
        with scopes.child("plots", (0, 0), 0, imgui.WindowFlags_.no_scrollbar):
            _plots(context, seen)
    return wanted


def stepped(channel: int | None, by: int, count: int) -> int | None:
    """The channel that is `by` steps further; before the first stands the mean."""
    at = (-1 if channel is None else channel) + by
    return None if at < 0 else min(at, count - 1)


def _head(context: Context, seen: ChannelView, wanted: Choice) -> Choice:
    """The line above: which layer, which channel, its range."""
    imgui.align_text_to_frame_padding()
    with scopes.font(context.fonts.bold, 0):
        imgui.text_unformatted(seen.layer)
    beside(theme.em(STEPPER_EM) + 2 * imgui.get_frame_height(), theme.em(0.8))
    first, last = wanted.channel is None, wanted.channel == seen.channels - 1
    if icon_button(
        icons.ICON_FA_CHEVRON_LEFT,
        "previous channel",
        "Previous channel",
        quiet=True,
        reason="This is the mean." * first,
    ):
        wanted = replace(wanted, channel=stepped(wanted.channel, -1, seen.channels))
    imgui.same_line(0, 0)
    name = "Mean" if wanted.channel is None else str(wanted.channel)
    label = f"{name} of {seen.channels}"
    start = imgui.get_cursor_pos_x()
    width = theme.em(STEPPER_EM)
    imgui.set_cursor_pos_x(start + (width - imgui.calc_text_size(label).x) / 2)
    imgui.align_text_to_frame_padding()
    imgui.text_unformatted(label)
    tip("The channel, counted from 0; the mean of all comes before the first.")
    imgui.same_line(start + width, 0)
    if icon_button(
        icons.ICON_FA_CHEVRON_RIGHT,
        "next channel",
        "Next channel",
        quiet=True,
        reason="This is the last channel." * last,
    ):
        wanted = replace(wanted, channel=stepped(wanted.channel, 1, seen.channels))
    imgui.same_line(0, 0)
    _save(context, replace(wanted, layer=seen.layer))
    beside(theme.em(RANGE_EM), theme.em(0.6))
    room = min(theme.em(RANGE_EM), imgui.get_content_region_avail().x)
    own = choice("range", RANGES, wanted.own_range, room)
    return replace(wanted, own_range=own)


def _save(context: Context, wanted: Choice) -> None:
    """The button that saves what is seen, and its menu."""
    text = "Save as a picture, or as a video over the timeline"
    if icon_button(icons.ICON_FA_DOWNLOAD, "save layer", text, quiet=True):
        imgui.open_popup(SAVE)
    with scopes.popup(SAVE) as opened:
        if not opened:
            return
        what = "the mean" if wanted.channel is None else f"channel {wanted.channel}"
        timeline = context.see(TimelineView)
        reason = NO_KEYS * timeline.timeline.empty or BUSY * (timeline.video is not None)
        for everything, words in ((False, what), (True, "all channels")):
            if imgui.menu_item_simple(f"Save {words}###save {everything}"):
                context.ask(SaveLayer(everything))
        imgui.separator()
        for everything, words in ((False, what), (True, "all channels")):
            label = f"Export a video of {words}###video {everything}"
            if imgui.menu_item(label, "", False, not reason)[0]:
                context.ask(ExportLayer(wanted.layer, wanted.channel, everything))
            tip(HOW_VIDEO, reason or None)


def _large(
    context: Context, view: LayersView, seen: ChannelView, side: float, wanted: Choice
) -> Choice:
    """The chosen channel; a click marks a place, the wheel steps."""
    corner = imgui.get_cursor_screen_pos()
    imgui.invisible_button("large channel", (side, side))
    box = _within((corner.x, corner.y), side, seen.values.shape)
    _paint(context.previews.known(CHANNEL), box)
    tip(HOW.format(seen.reach))
    io = imgui.get_io()
    if imgui.is_item_clicked():
        place = (
            (io.mouse_pos.x - box[0]) / (box[2] - box[0]),
            (io.mouse_pos.y - box[1]) / (box[3] - box[1]),
        )
        context.ask(MarkPlace((min(max(place[0], 0.0), 1.0), min(max(place[1], 0.0), 1.0))))
    if imgui.is_item_clicked(1):
        context.ask(MarkPlace(None))
    if imgui.is_item_hovered() and io.mouse_wheel:
        by = -1 if io.mouse_wheel > 0 else 1
        wanted = replace(wanted, channel=stepped(wanted.channel, by, seen.channels))
    _caption(f"±{seen.reach:.3g}", box, at_right=False)
    if view.mark is not None:
        layer_mark.paint(view.mark, box)
        value = f"{icons.ICON_FA_CROSSHAIRS} {minus(f'{seen.at(*view.mark):.3g}')}"
        _caption(value, box, at_right=True)
    return wanted


def _within(
    corner: tuple[float, float], side: float, shape: tuple[int, ...]
) -> tuple[float, float, float, float]:
    """The place of a channel of rows and columns in a square: its proportions stay."""
    scale = side / max(shape)
    width, height = shape[1] * scale, shape[0] * scale
    left, top = corner[0] + (side - width) / 2, corner[1] + (side - height) / 2
    return left, top, left + width, top + height


def _caption(text: str, box: tuple[float, float, float, float], *, at_right: bool) -> None:
    """Small words in a lower corner of `box`."""
    draw, pad = imgui.get_window_draw_list(), theme.em(0.2)
    with scopes.font(None, theme.SMALL_PX):
        size = imgui.calc_text_size(text)
        left = box[2] - size.x - 3 * pad if at_right else box[0] + pad
        low = (left, box[3] - size.y - 2 * pad)
        high = (left + size.x + 2 * pad, box[3] - pad)
        draw.add_rect_filled(low, high, theme.ink(theme.CANVAS, 0.78), pad)
        draw.add_text((left + pad, low[1] + pad / 2), theme.ink(theme.TEXT), text)


def _small(context: Context, seen: ChannelView, wanted: Choice) -> Choice:
    """All channels, the mean first; returns the choice with the one that was pressed."""
    room = imgui.get_content_region_avail().x
    across, side, height = _arranged(seen, room)
    if side < 1:
        return wanted
    count, step = seen.channels + 1, side + theme.em(GAP_EM)
    rows = -(-count // across)
    origin, high = imgui.get_cursor_screen_pos(), imgui.get_window_height()
    first = max(0, int(imgui.get_scroll_y() // step))
    shown = context.previews.known(ATLAS)
    for row in range(first, min(rows, first + int(high // step) + 2)):
        for column in range(min(across, count - row * across)):
            cell = row * across + column
            imgui.set_cursor_screen_pos((origin.x + column * step, origin.y + row * step))
            if _cell(shown, seen, cell, side, wanted):
                wanted = replace(wanted, channel=None if cell == 0 else cell - 1)
    imgui.set_cursor_screen_pos(origin)
    imgui.dummy((room, height))
    return wanted


def _arranged(seen: ChannelView, room: float) -> tuple[int, float, float]:
    """Return how many small channels stand side by side in `room`, their side, and the height of
    all."""
    least, gap = theme.em(CELL_EM), theme.em(GAP_EM)
    across = max(1, int((room + gap) // (least + gap)))
    side = (room - gap * (across - 1)) / across
    rows = -(-(seen.channels + 1) // across)
    return across, side, rows * (side + gap) - gap


def _cell(shown: Preview | None, seen: ChannelView, cell: int, side: float, wanted: Choice) -> bool:
    """One small channel as a button."""
    corner = imgui.get_cursor_screen_pos()
    pressed = imgui.invisible_button(f"cell{cell}", (side, side))
    box = (corner.x, corner.y, corner.x + side, corner.y + side)
    name = "Mean of all channels" if cell == 0 else f"Channel {cell - 1}"
    if shown is not None:
        row, column = divmod(cell, seen.columns)
        left, top = column * seen.cell + EDGE_PX, row * seen.cell + EDGE_PX
        right, bottom = (end + seen.cell - 2 * EDGE_PX for end in (left, top))
        width, height = shown.width, shown.height
        _paint(shown, box, (left / width, top / height), (right / width, bottom / height))
    tip(name)
    if wanted.channel == (None if cell == 0 else cell - 1):
        ink, rounding = theme.ink(theme.ACCENT), theme.em(0.15)
        imgui.get_window_draw_list().add_rect(box[:2], box[2:], ink, rounding, theme.em(0.12))
    return pressed


def _paint(
    shown: Preview | None,
    box: tuple[float, float, float, float],
    low: tuple[float, float] = (0.0, 0.0),
    high: tuple[float, float] = (1.0, 1.0),
) -> None:
    draw = imgui.get_window_draw_list()
    if shown is None:
        draw.add_rect_filled(box[:2], box[2:], theme.ink(theme.CONTROL))
    else:
        draw.add_image(imgui.ImTextureRef(shown.texture), box[:2], box[2:], low, high)


def _plots(context: Context, seen: ChannelView) -> None:
    """Histogram above, spectrum below."""
    room, gap = imgui.get_content_region_avail(), theme.em(0.5)
    if room.y < theme.em(2):
        return
    what = "all activations of the layer" if seen.channel is None else "this channel"
    with scopes.style(imgui.StyleVar_.item_spacing, (gap, gap)):
        height = (room.y - gap) / 2
        plots.bars(
            minus(f"{seen.low:.3g} … {seen.high:.3g}"),
            seen.counts,
            (room.x, height),
            f"Histogram of {what}, from the smallest value to the largest.",
        )
        side = min(height, room.x / 2)
        corner = imgui.get_cursor_screen_pos()
        imgui.dummy((side, side))
        _paint(
            context.previews.known(SPECTRUM),
            (corner.x, corner.y, corner.x + side, corner.y + side),
        )
        tip("2-D spectrum: the power of each frequency, low ones in the middle, over five decades.")
        imgui.same_line(0, gap)
        plots.line(
            minus(f"{min(seen.profile):.0f} … {max(seen.profile):.0f} dB"),
            seen.profile,
            (room.x - side - gap, side),
            "Power by frequency in decibels, from one wave across the picture on the left to the "
            "highest frequency of this size on the right.",
        )
