"""The Layers tab: every layer of the synthesis with its figures, and one of them from near."""

from __future__ import annotations

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from renderer.frame.layer_report import Choice, LayerReport, LayerStats
from renderer.recipe.figures import minus
from renderer.recipe.recipe import Recipe
from widgets import scopes, theme
from widgets.context import Context
from widgets.controls.buttons import choice as choice_of
from widgets.controls.tooltips import tip
from widgets.tabs import bends, channels
from widgets.tabs.layer_view import ChooseChannel, LayersView, ShowBends

TABLE_EM = 39.0
CHANNELS_LEAST_EM, STACKED_EM = 14.0, 14.0
"""With less left beside the list, the channels stand below it, each so high: all scrolls."""
TABLE_LEAST_EM = 19.0
CHANNELS_EM = 35.0
"""The panel beside the table gets at least this much, as long as the table keeps its least."""
SIDES_EM = 11.0
COLUMNS: tuple[tuple[str, float, str], ...] = (
    ("Layer", 6.2, "The layer's path in the model. Click one to look at its channels."),
    ("Row", 2.2, "The row of w that the layer reads."),
    ("Maps", 5.6, "How many channels come out of it, and their side in pixels."),
    ("Mean", 3.6, "Mean of its activations, for the current picture."),
    ("Std", 3.2, "Standard deviation of its activations."),
    ("Min", 3.2, "Smallest activation."),
    ("Max", 3.2, "Largest activation."),
    ("Zero", 2.6, "Share of activations that are exactly zero."),
    (
        "Clamp",
        2.6,
        "Share of activations clamped to the layer's limit. A dash where the limit acts inside "
        "the layer, before a sum.",
    ),
    ("Weight", 7.0, "Shape of its weights: out, in, height, width."),
)
"""Each column's title, width in heights of the font, and what it is."""


def draw(context: Context) -> Recipe:
    """Draw the tab; returns the recipe with the bends that the user wants."""
    view = context.see(LayersView)
    if view.report is None:
        _nothing(context, view)
        return context.recipe
    room = imgui.get_content_region_avail()
    width = max(room.x - theme.em(CHANNELS_EM), theme.em(TABLE_LEAST_EM))
    beside = room.x >= theme.em(TABLE_LEAST_EM + CHANNELS_LEAST_EM)
    table = (min(theme.em(TABLE_EM), width), 0.0) if beside else (room.x, theme.em(STACKED_EM))
    with scopes.child("layers", table):
        chosen = _table(view.report, bends.marked(context.recipe))
    if beside:
        imgui.same_line(0, theme.em(0.8))
    tall = 0.0 if beside else theme.em(STACKED_EM)
    with scopes.child("channels", (0, tall), 0, imgui.WindowFlags_.no_scroll_with_mouse):
        choice, recipe = _beside(context, view)
    if chosen and chosen != view.report.view.layer:
        choice = Choice(chosen, None, choice.own_range)
    if choice != view.choice:
        context.ask(ChooseChannel(choice))
    return recipe


def _beside(context: Context, view: LayersView) -> tuple[Choice, Recipe]:
    """The channels of the chosen layer, or the bends; returns what to look at, and the recipe."""
    sides = (
        (False, "Channels", "Look at the channels of the chosen layer."),
        (True, f"Bends{bends.count(context.recipe)}###bends", "Change what comes out of layers."),
    )
    bending = choice_of("side", sides, view.bending, theme.em(SIDES_EM))
    if bending != view.bending:
        context.ask(ShowBends(bending))
    imgui.same_line(0, theme.em(0.8))
    if bending:
        recipe = bends.add_button(context, view)
        with scopes.child("bends", (0, 0)):
            return view.choice, bends.draw(context, view, recipe)
    return channels.draw(context, view), context.recipe


def _nothing(context: Context, view: LayersView) -> None:
    """Draw why there is nothing to see yet."""
    waits = "There is no picture yet." if context.frame is None else "Reading the layers…"
    theme.wrapped(view.problem or waits, theme.WARNING if view.problem else theme.DIM)


def _table(report: LayerReport, bent: frozenset[str]) -> str:
    """The list; returns the name of the layer that was pressed, or nothing."""
    flags = (
        imgui.TableFlags_.scroll_x
        | imgui.TableFlags_.scroll_y
        | imgui.TableFlags_.sizing_fixed_fit
        | imgui.TableFlags_.no_pad_outer_x
    )
    with scopes.font(None, theme.SMALL_PX):
        pressed = ""
        with scopes.table("table", len(COLUMNS), flags) as opened:
            if opened:
                imgui.table_setup_scroll_freeze(1, 1)
                for title, width, _ in COLUMNS:
                    imgui.table_setup_column(
                        title, imgui.TableColumnFlags_.width_fixed, theme.em(width)
                    )
                _heads()
                clipper = imgui.ListClipper()
                clipper.begin(len(report.layers))
                while clipper.step():
                    for layer in report.layers[clipper.display_start : clipper.display_end]:
                        if _line(layer, layer.name == report.view.layer, layer.name in bent):
                            pressed = layer.name
                clipper.end()
    return pressed


def _heads() -> None:
    imgui.table_next_row()
    for index, (title, _, text) in enumerate(COLUMNS):
        imgui.table_set_column_index(index)
        with theme.text_colour(theme.DIM):
            if index > 1:
                _right(title)
            else:
                imgui.text_unformatted(title)
        tip(text)


def _line(layer: LayerStats, chosen: bool, bent: bool = False) -> bool:
    """One layer, with a mark where it is bent; whether it was pressed."""
    imgui.table_next_row()
    imgui.table_set_column_index(0)
    pressed, _ = imgui.selectable(layer.name, chosen, imgui.SelectableFlags_.span_all_columns)
    if bent:
        tip("This layer is bent: its figures are those after the bend.")
        imgui.same_line(0, theme.em(0.3))
        with theme.text_colour(theme.ACCENT):
            imgui.text_unformatted(icons.ICON_FA_WAVE_SQUARE)
    cells = (
        str(layer.row),
        f"{layer.channels} × {layer.resolution} px",
        *(number(value) for value in (layer.mean, layer.std, layer.low, layer.high)),
        share(layer.zeros),
        "–" if layer.clamped is None else share(layer.clamped),
        " × ".join(str(side) for side in layer.weight),
    )
    for index, cell in enumerate(cells, 1):
        imgui.table_set_column_index(index)
        if index > 1:
            _right(cell)
        else:
            imgui.text_unformatted(cell)
    return pressed


def _right(text: str) -> None:
    """Text at the right edge of its cell."""
    room = imgui.get_content_region_avail().x - imgui.calc_text_size(text).x
    imgui.set_cursor_pos_x(imgui.get_cursor_pos_x() + max(room, 0.0))
    imgui.text_unformatted(text)


def number(value: float) -> str:
    """A figure of at most three digits: "0.0123", "−5.02", "23.6", "−1e-04", "1.2e+05"."""
    text = f"{value:.3g}" if value == 0 or abs(value) >= 0.001 else f"{value:.0e}"
    return minus(text)


def share(value: float) -> str:
    """A share as a percentage: "0", "<0.1%", "12.5%"."""
    if value == 0:
        return "0"
    return "<0.1%" if value < 0.001 else f"{value:.1%}"
