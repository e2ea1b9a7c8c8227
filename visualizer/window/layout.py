"""Layout of the window: menus, panels at the left, the picture, the status line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import msgspec
from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from renderer.recipe.recipe import Recipe
from visualizer.window.places import arranged
from widgets import scopes, theme
from widgets.chrome import dialogs, menu, shortcuts, status, tour, upload_dialog
from widgets.chrome.renderer_dialog import RendererDialog
from widgets.context import Context, Fill
from widgets.controls import source_menu
from widgets.latent.panel import LatentPanel
from widgets.latent.travel_tool import TravelTool
from widgets.mixing.panel import MixingPanel
from widgets.model import panel as model
from widgets.model.text_tower import TowerDialog
from widgets.picture.area import PictureArea
from widgets.picture.tools import Box
from widgets.picture.transform_handles import PlaceTool
from widgets.prompt.panel import PromptPanel
from widgets.sections import (
    alignment,
    blend,
    canvas,
    capture,
    music,
    noise,
    output,
    performance,
    training_run,
    transform,
    truncation,
)
from widgets.sections.control import ControlPanel
from widgets.tabs import drawer, gallery, grid, history, layers, moments, timeline
from widgets.tabs.drawer import Tab

FIXED = (
    imgui.WindowFlags_.no_title_bar
    | imgui.WindowFlags_.no_move
    | imgui.WindowFlags_.no_collapse
    | imgui.WindowFlags_.no_saved_settings
    | imgui.WindowFlags_.no_bring_to_front_on_focus
    | imgui.WindowFlags_.no_background
)
"""Without backgrounds: the program fills the window itself, in two colours."""

KEYS = {command.title: command.chord for command in shortcuts.DRAWERS}
TABS: tuple[Tab, ...] = (
    Tab(
        "History",
        icons.ICON_FA_CLOCK_ROTATE_LEFT,
        "Every picture that you paused at, and a way back to each.",
        history.draw,
        KEYS["History"],
    ),
    Tab(
        "Timeline",
        icons.ICON_FA_FILM,
        "Key frames of the whole picture: play them, and export a video.",
        timeline.draw,
        KEYS["Timeline"],
    ),
    Tab(
        "Grid",
        icons.ICON_FA_TABLE_CELLS,
        "Many pictures at once: rows and columns that each vary one thing.",
        grid.draw,
        KEYS["Grid"],
    ),
    Tab(
        "Layers",
        icons.ICON_FA_LAYER_GROUP,
        "Inside the model: every layer of the synthesis, its channels and statistics.",
        layers.draw,
        KEYS["Layers"],
    ),
    Tab(
        "Gallery",
        icons.ICON_FA_IMAGES,
        "Everything you captured: search it, and restore any of it.",
        gallery.draw,
        KEYS["Gallery"],
    ),
    Tab(
        "Moments",
        icons.ICON_FA_TABLE_CELLS_LARGE,
        "Numbered pictures to go to on stage, by a key, a pad or OSC.",
        moments.draw,
        KEYS["Moments"],
    ),
)
"""The tabs of the drawer below the picture."""


@dataclass
class Layout:
    """Draws the whole window.  It holds the parts that remember something between frames."""

    picture: PictureArea = field(
        default_factory=lambda: PictureArea(tools={"travel": TravelTool(), "place": PlaceTool()})
    )
    prompt: PromptPanel = field(default_factory=PromptPanel)
    latent: LatentPanel = field(default_factory=LatentPanel)
    mixing: MixingPanel = field(default_factory=MixingPanel)
    control: ControlPanel = field(default_factory=ControlPanel)
    tower: TowerDialog = field(default_factory=TowerDialog)
    renderer: RendererDialog = field(default_factory=RendererDialog)
    dialog: str | None = None
    """The dialog to open with the next frame."""
    scrolls: bool = False
    """True where the panels are higher than their room, as the last frame had them."""

    bare: bool = False
    """True hides everything but the picture."""
    hint: str = ""
    """A sentence at the foot of the picture while it is bare."""

    def draw(self, context: Context) -> Recipe:
        """Draw everything; returns the recipe that the user wants."""
        top = 0.0 if self.bare else menu.draw(context, self.picture.scale)
        size = imgui.get_main_viewport().size
        foot = 0.0 if self.bare else theme.em(status.HEIGHT_EM)
        room = (0.0, top, size.x, size.y - foot)
        places = arranged(
            room,
            theme.em(1),
            context.options.sidebar_em if context.options.show_sidebar and not self.bare else None,
            0.0 if self.bare else drawer.height(context, TABS, room[3] - top),
            opened=drawer.opened(context, TABS) is not None,
        )
        if places.panels is not None:
            self._sidebar(context, places.panels, places.reach)
        self._picture_and_tour(context, places.picture)
        if places.drawer[3] > places.drawer[1]:
            self._drawer(context, places.drawer)
        if self.bare:
            self._write_hint(size.x / 2, size.y)
        else:
            self._status(context, size.y - foot, (size.x, foot))
        shortcuts.listen(context)
        if self.dialog == "tower":
            self.tower.open(context)
        elif self.dialog == "renderer":
            self.renderer.open(context)
        elif self.dialog is not None:
            dialogs.open_dialog(self.dialog)
        self.dialog = None
        dialogs.draw(context)
        source_menu.draw(context)
        self.tower.draw(context)
        self.renderer.draw(context)
        upload_dialog.draw(context)
        tour.draw(context)
        context.entry.settle(active=imgui.is_any_item_active())
        return context.recipe

    def _write_hint(self, middle: float, foot: float) -> None:
        half = imgui.calc_text_size(self.hint).x / 2
        at = (middle - half, foot - theme.em(2))
        imgui.get_foreground_draw_list().add_text(at, theme.ink(theme.TEXT), self.hint)

    def _sidebar(self, context: Context, box: Box, reach: tuple[float, float]) -> None:
        """The panels, whose right edge can be dragged within `reach`."""
        left, top, right, bottom = box
        width, height = right - left, bottom - top
        imgui.set_next_window_pos((left, top))
        imgui.set_next_window_size((width, height))
        imgui.set_next_window_size_constraints((reach[0], height), (reach[1], height))
        # The room for a scrollbar is always kept, so that panels keep their width.
        clear = theme.colour(theme.PANEL, 0.0)
        grab = imgui.get_style().color_(imgui.Col_.scrollbar_grab) if self.scrolls else clear
        flags = FIXED | imgui.WindowFlags_.always_vertical_scrollbar
        with scopes.window("Panels", flags, (theme.em(0.5), theme.em(0.25)), grab):
            self.scrolls = imgui.get_scroll_max_y() > 0.0
            wanted = imgui.get_window_width() / theme.em(1)
            if abs(wanted - width / theme.em(1)) > 0.02:
                limits = (theme.SIDEBAR_MIN_EM, theme.SIDEBAR_MAX_EM)
                context.out.options = msgspec.structs.replace(
                    context.options, sidebar_em=round(min(max(wanted, limits[0]), limits[1]), 2)
                )
            with scopes.style(imgui.StyleVar_.item_spacing, (theme.em(0.5), theme.em(0.5))):
                for panel in (
                    self.prompt.draw,
                    truncation.draw,
                    self.latent.draw,
                    self.mixing.draw,
                    noise.draw,
                    transform.draw,
                    canvas.draw,
                    model.draw,
                    blend.draw,
                    training_run.draw,
                    capture.draw,
                    output.draw,
                    alignment.draw,
                    music.draw,
                    self.control.draw,
                    performance.draw,
                ):
                    context.out.recipe = panel(context)
        line = imgui.get_background_draw_list()
        line.add_line_v(right, top, bottom, theme.ink(theme.LINE))

    def _picture_and_tour(self, context: Context, box: Box) -> None:
        """The picture, and below it what the tour says."""
        left, top, right, bottom = box
        strip = min(tour.strip(context), max(bottom - top, 0.0) / 2)
        edge = bottom - strip
        with _bare_window("Picture", (left, top, right, edge)) as area:
            context.out.fills.append(Fill(area, theme.CANVAS))
            self.picture.draw(context)
            context.out.areas["Picture"] = self.picture.box or area
        if strip:
            context.out.areas["Tour"] = (left, edge, right, bottom)
            context.out.fills.append(Fill(context.out.areas["Tour"], theme.CANVAS))

    def _drawer(self, context: Context, box: Box) -> None:
        with _bare_window("Drawer", box) as area:
            context.out.areas["Drawer"] = area
            context.out.recipe = drawer.draw(context, TABS, area)

    def _status(self, context: Context, top: float, size: tuple[float, float]) -> None:
        imgui.set_next_window_pos((0, top))
        imgui.set_next_window_size(size)
        flags = FIXED | imgui.WindowFlags_.no_resize | imgui.WindowFlags_.no_scrollbar
        with scopes.window("Status", flags | imgui.WindowFlags_.no_nav):
            status.draw(context)


@contextmanager
def _bare_window(name: str, box: Box) -> Iterator[Box]:
    """A window of Dear ImGui without any frame; yields its left, top, right and bottom."""
    left, top, right, bottom = box
    imgui.set_next_window_pos((left, top))
    imgui.set_next_window_size((right - left, bottom - top))
    flags = FIXED | imgui.WindowFlags_.no_resize
    flags |= imgui.WindowFlags_.no_scrollbar | imgui.WindowFlags_.no_scroll_with_mouse
    with scopes.window(name, flags, (0.0, 0.0)):
        yield box
