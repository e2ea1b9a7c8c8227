"""The picture: large, centred, zoomed at the cursor; and over it whatever must not be missed."""

from __future__ import annotations

from dataclasses import dataclass, field

from imgui_bundle import ImVec2, imgui

from widgets import scopes, theme
from widgets.actions import ToolName
from widgets.context import Context, Picture
from widgets.controls import loading, spinner
from widgets.controls.loading import Cancel
from widgets.controls.upload_view import CancelUpload, UploadView
from widgets.picture import connecting_card, error_card, unresponsive_card, viewport
from widgets.picture.tools import Box, Hand, PictureTool
from widgets.picture.unresponsive_card import Silence
from widgets.picture.viewport import View

SLOW_S = 0.35
"""A picture that takes longer than this gets a moving line, so that the wait is seen."""


@dataclass
class PictureArea:
    """The picture's part of the window.  It remembers how the user looks at the picture.

    `tools` follow a drag of the left button, each under its name; without one, as with the "hand",
    the drag moves the view.  `overlays` are drawn over the picture, whatever the tool.
    """

    tools: dict[ToolName, PictureTool] = field(default_factory=dict)
    overlays: list[PictureTool] = field(default_factory=list)
    view: View = field(default_factory=View)
    scale: float = 1.0
    box: Box | None = None
    """The place of the picture in this frame, and (below) what it must stay within."""
    clip: Box = (0.0, 0.0, 0.0, 0.0)
    _size: tuple[int, int] = (0, 0)
    _hovered: bool = False
    _held_now: bool = False
    _held: bool = False
    _loading_since_s: float | None = None
    _busy_since_s: float | None = None

    def fit(self) -> None:
        """Show the whole picture."""
        self.view = View()

    def actual_size(self) -> None:
        """Show one picture pixel as one screen pixel, centred."""
        self.view = View(1.0)

    def zoom(self, step: int, cursor: tuple[float, float] = (0.0, 0.0)) -> None:
        """Zoom one step in (+1) or out (-1) about `cursor`, in pixels from the area's centre."""
        new_scale = viewport.next_scale(self.scale, step)
        self.view = viewport.zoomed(self.view, self.scale, new_scale, cursor)

    def draw(self, context: Context) -> None:
        """Draw into the current Dear ImGui window, whose whole inside it takes."""
        corner, room = imgui.get_cursor_screen_pos(), imgui.get_content_region_avail()
        area = (max(room.x, 1.0), max(room.y, 1.0))
        middle = (corner.x + area[0] / 2, corner.y + area[1] / 2)
        imgui.set_next_item_allow_overlap()  # the cards have buttons
        buttons = imgui.ButtonFlags_.mouse_button_left | imgui.ButtonFlags_.mouse_button_middle
        imgui.invisible_button("picture", area, buttons)
        long = self._loads_long(context)
        self.box, self.clip = None, (corner.x, corner.y, corner.x + area[0], corner.y + area[1])
        if context.picture is not None:
            self._look(context, context.picture, area, middle)
            self._place(context.picture, middle)
            self._use(context)
        elif context.error is None and not connecting_card.wanted(context):
            self._waiting(context, middle, words=not long)
        if long:
            loading.card(context, corner, area)
        else:
            self._busy_line(context, corner, area)
        if (upload := context.see(UploadView)).doing:
            above = loading.card_height() + theme.em(0.6) if long else 0.0
            stop = Cancel(CancelUpload(), "What has arrived is deleted there", "cancel upload")
            room = (area[0], area[1] - above)
            loading.working_card(context, corner, room, upload.doing, upload.share, stop)
        if connecting_card.wanted(context):
            connecting_card.draw(context, corner, area)
        elif context.see(Silence).worth_saying:
            unresponsive_card.draw(context, corner, area)
        elif error_card.wanted(context) and context.status.activity != "loading":
            error_card.draw(context, corner, area)

    def _look(
        self, context: Context, picture: Picture, area: viewport.Size, middle: tuple[float, float]
    ) -> None:
        """Follow the mouse: wheel, drag, double-click."""
        if self._size != (picture.width, picture.height):
            self._size, self.view = (picture.width, picture.height), View()
        dense = imgui.get_io().display_framebuffer_scale.x or 1.0
        size = (picture.width / dense, picture.height / dense)
        fitting = viewport.fit_scale(area, size)
        self.scale = self.view.scale or fitting
        io = imgui.get_io()
        if imgui.is_item_hovered() and io.mouse_wheel:
            cursor = (io.mouse_pos.x - middle[0], io.mouse_pos.y - middle[1])
            self.zoom(1 if io.mouse_wheel > 0 else -1, cursor)
        pans = context.options.tool not in self.tools or imgui.is_mouse_down(2)
        if imgui.is_item_active() and pans and (io.mouse_delta.x or io.mouse_delta.y):
            self.view = viewport.panned(self.view, self.scale, (io.mouse_delta.x, io.mouse_delta.y))
            imgui.set_mouse_cursor(imgui.MouseCursor_.resize_all)
        self._hovered, self._held_now = imgui.is_item_hovered(), imgui.is_item_active()
        # The tool that places the content has its own double-click.
        fits = pans or context.options.tool != "place"
        if self._hovered and imgui.is_mouse_double_clicked(0) and fits:
            self.fit()
        self.scale = self.view.scale or fitting
        shown = (size[0] * self.scale, size[1] * self.scale)
        self.view = viewport.kept_inside(self.view, area, shown)

    def _use(self, context: Context) -> None:
        """Let the tool and the overlays follow the mouse."""
        assert self.box is not None
        io, left = imgui.get_io(), imgui.is_mouse_down(0) and not imgui.is_mouse_down(2)
        held = self._held_now and left
        hand = Hand(
            box=self.box,
            clip=self.clip,
            mouse=(io.mouse_pos.x, io.mouse_pos.y),
            delta=(io.mouse_delta.x, io.mouse_delta.y),
            hovered=self._hovered,
            pressed=held and not self._held,
            held=held,
            released=self._held and not held,
            twice=self._hovered and imgui.is_mouse_double_clicked(0),
            shift=io.key_shift,
        )
        self._held = held
        draw = imgui.get_window_draw_list()
        with scopes.clipped(draw, self.clip[:2], self.clip[2:]):
            chosen = self.tools.get(context.options.tool)
            for tool in (*([chosen] if chosen else []), *self.overlays):
                context.out.recipe = tool.use(context, hand)

    def _place(self, picture: Picture, middle: tuple[float, float]) -> None:
        dense = imgui.get_io().display_framebuffer_scale.x or 1.0
        width, height = (side / dense * self.scale for side in (picture.width, picture.height))
        # On whole pixels, so that whole multiples are exact.
        left = round((middle[0] + self.view.centre[0] - width / 2) * dense) / dense
        top = round((middle[1] + self.view.centre[1] - height / 2) * dense) / dense
        self.box = (left, top, left + width, top + height)

    def _loads_long(self, context: Context) -> bool:
        """Return whether something has been loading long enough to be shown."""
        if context.status.activity != "loading":
            self._loading_since_s = None
            return False
        if self._loading_since_s is None:
            self._loading_since_s = context.now_s
        return context.now_s - self._loading_since_s >= SLOW_S

    def _waiting(self, context: Context, middle: tuple[float, float], *, words: bool) -> None:
        """Before the first picture: what is being waited for, unless a card says it."""
        spinner.paint(context.now_s, (middle[0], middle[1] - theme.em(2.2)), theme.em(1.4))
        if not words:
            return
        draw = imgui.get_window_draw_list()
        text = loading.words(context).rstrip(".…") + "…"
        if context.status.share is not None:
            text += f" {context.status.share:.0%}"
        size = imgui.calc_text_size(text)
        draw.add_text((middle[0] - size.x / 2, middle[1]), theme.ink(theme.DIM), text)

    def _busy_line(self, context: Context, corner: ImVec2, area: viewport.Size) -> None:
        """A line at the top edge while the next picture is slow to come: it moves, or grows where
        it is known how far the picture is."""
        if not context.status.busy:
            self._busy_since_s = None
            return
        if self._busy_since_s is None:
            self._busy_since_s = context.now_s
        waited = context.now_s - self._busy_since_s
        if waited < SLOW_S or context.picture is None:
            return
        length = area[0] * 0.22
        start = corner.x + (area[0] + length) * ((waited * 0.55) % 1.0) - length
        if context.status.share is not None:  # it says how far it is
            start, length = corner.x, area[0] * context.status.share
        draw, thick = imgui.get_window_draw_list(), theme.em(0.14)
        draw.add_rect_filled(
            (max(start, corner.x), corner.y),
            (min(start + length, corner.x + area[0]), corner.y + thick),
            theme.ink(theme.ACCENT),
        )
