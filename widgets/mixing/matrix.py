"""The mixing matrix: a row for each source, a column for each block, a weight in each cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.parameters.registry import CLASSES, NO_TEXT
from renderer.recipe import mixing_tracks
from renderer.recipe.recipe import (
    LatentPart,
    MixingPart,
    MixSource,
    MixTrack,
    Prompt,
    Recipe,
    TextPart,
)
from widgets import scopes, theme
from widgets.context import Context
from widgets.controls import block_sliders, thumbnail, weight_cells
from widgets.controls.buttons import fitted
from widgets.controls.tooltips import tip
from widgets.controls.weight_cells import Cell, Cells

Half = Literal["latent", "text"]
INKS: dict[Half, weight_cells.Ink] = {"latent": weight_cells.LATENT, "text": weight_cells.WORDS}
NO_WORDS = "Give this source a prompt first."
ROW_EM = 2.3
GAP_EM = 0.3
HEAD_SHARE, HEAD_EM = 0.31, (5.4, 11.0)
"""Width of a row's head, a small picture and a name: a share of all, within limits."""
MOST_EM = 4.0
"""No column gets wider than this."""
ROWS_SHOWN = 8
"""With more sources than this the list scrolls by itself."""


def name(source: MixSource) -> str:
    """Return the name of a source: its words, else its seed."""
    return source.prompt or latent_name(source)


def latent_name(source: MixSource) -> str:
    """Return the name of the source's latent."""
    return "saved latent" if source.values else f"seed {source.seed}"


def alone(recipe: Recipe, source: MixSource) -> Recipe:
    """Return what the source would be as a picture of its own; without words it has the
    picture's."""
    latent = LatentPart(seed=source.seed, values=source.values)
    text = TextPart(prompts=(Prompt(source.prompt),)) if source.prompt else recipe.text
    return replace(recipe, latent=latent, text=text, mixing=MixingPart())


def half(source: MixSource, which: Half) -> MixTrack:
    """One of a source's two tracks."""
    return source.latent if which == "latent" else source.text


def with_half(source: MixSource, which: Half, track: MixTrack) -> MixSource:
    """The source with one of its tracks replaced."""
    return replace(source, **{which: track})


def reason(context: Context, source: MixSource, which: Half) -> str:
    """Return why nothing can be taken from that half of the source; empty when it can."""
    none = block_sliders.reason(context)
    if none or which == "latent":
        return none
    for inert in (NO_TEXT, CLASSES):
        if none := inert.reason(context.recipe, context.model):
            return none
    return "" if source.prompt or source.text.active else NO_WORDS


@dataclass(frozen=True)
class Grid:
    """Places of the columns, in pixels from the matrix' left edge."""

    head: float
    each: float
    gap: float
    row: float

    @classmethod
    def within(cls, width: float, columns: int) -> Grid:
        """The grid of `columns` blocks in `width` pixels."""
        head = min(max(HEAD_SHARE * width, theme.em(HEAD_EM[0])), theme.em(HEAD_EM[1]))
        gap = theme.em(GAP_EM)
        each = (width - head - gap * columns) / max(columns, 1)
        return cls(head, min(each, theme.em(MOST_EM)), gap, theme.em(ROW_EM))

    def left(self, column: int) -> float:
        """The left edge of a column."""
        return self.head + self.gap + column * (self.each + self.gap)


@dataclass
class Matrix:
    """Draws the matrix.  `chosen` is the source that the panel shows in detail."""

    chosen: int = 0
    reveals: bool = False
    """True when the chosen source is to be scrolled to."""
    cells: Cells = field(default_factory=Cells)

    def draw(
        self, context: Context, sources: Sequence[MixSource], halves: Sequence[Half]
    ) -> list[MixSource]:
        """Draw heads, the picture's own row and all sources; returns the sources wanted.

        Args:
            context: this UI frame.
            sources: of the recipe.
            halves: which of the two tracks are shown, side by side in each cell.
        """
        sizes, new = block_sliders.resolutions(context), list(sources)
        bar = imgui.get_style().scrollbar_size if len(sources) > ROWS_SHOWN else 0.0
        grid = Grid.within(imgui.get_content_region_avail().x - bar, len(sizes))
        new = self._heads(context, grid, new, halves)
        self._rest(context, grid, new, halves)
        gap = theme.em(GAP_EM)
        with scopes.style(imgui.StyleVar_.item_spacing, (gap, gap)):
            shown = min(len(new), ROWS_SHOWN)
            size = (0.0, shown * (grid.row + gap))
            with scopes.child(
                "sources", size, imgui.ChildFlags_.nav_flattened, imgui.WindowFlags_.no_background
            ):
                clipper = imgui.ListClipper()
                clipper.begin(len(new), grid.row + gap)
                if self.reveals:
                    clipper.include_item_by_index(self.chosen)
                while clipper.step():
                    for index in range(clipper.display_start, clipper.display_end):
                        new[index] = self._row(context, grid, index, new[index], halves)
        return new

    def _heads(
        self, context: Context, grid: Grid, sources: list[MixSource], halves: Sequence[Half]
    ) -> list[MixSource]:
        """The resolutions over the columns; a click gives all sources that block, or takes it."""
        corner, draw = imgui.get_cursor_screen_pos(), imgui.get_window_draw_list()
        with scopes.font(None, theme.SMALL_PX):
            height = imgui.get_text_line_height()
            for index, size in enumerate(block_sliders.resolutions(context)):
                left = corner.x + grid.left(index)
                imgui.set_cursor_screen_pos((left, corner.y))
                flags = imgui.ButtonFlags_.enable_nav
                if imgui.invisible_button(f"head{index}", (grid.each, height), flags):
                    sources = _column(context, index, sources, halves)
                ink = theme.ink(theme.TEXT if imgui.is_item_hovered() else theme.DIM)
                tip(
                    f"The {size} px block ({mixing_tracks.kind_of(size).lower()} styles). Click to "
                    "share it equally among the sources, click again to give it back."
                )
                words = f"{size} px" if grid.each >= theme.em(3.0) else str(size)
                at = left + (grid.each - imgui.calc_text_size(words).x) / 2
                draw.add_text((at, corner.y), ink, words)
        imgui.set_cursor_screen_pos((corner.x, corner.y + height + theme.em(0.15)))
        return sources

    def _rest(
        self, context: Context, grid: Grid, sources: Sequence[MixSource], halves: Sequence[Half]
    ) -> None:
        """The first row: what the picture keeps of itself."""
        corner = imgui.get_cursor_screen_pos()
        plain = replace(context.recipe, mixing=MixingPart())
        shown = thumbnail.preview(context, plain, grid.row)
        imgui.dummy((grid.left(0), grid.row))
        box = (corner.x, corner.y, corner.x + grid.row, corner.y + grid.row)
        thumbnail.paint(shown, box, thumbnail.Look())
        tip("What the picture keeps of its own latent and text, in each block.")
        _words(grid, corner, "Picture", "keeps", chosen=False)
        bar = max(theme.em(0.16), 1.0)
        for index in range(len(block_sliders.resolutions(context))):
            rows = block_sliders.rows_of(context, index)
            for which, left, width in _halves(grid, index, halves):
                kept = mixing_tracks.rest([half(source, which) for source in sources], index, rows)
                cell = Cell(kept, INKS[which], lambda: "", faint=True)
                at = imgui.ImVec2(corner.x + left, corner.y)
                draw, ground = imgui.get_window_draw_list(), theme.ink(theme.LINE)
                draw.add_rect((at.x, at.y), (at.x + width, at.y + grid.row), ground, 0.0, bar)
                weight_cells.paint(at, (width, grid.row), cell, still=True)

    def _row(
        self, context: Context, grid: Grid, index: int, source: MixSource, halves: Sequence[Half]
    ) -> MixSource:
        corner, recipe = imgui.get_cursor_screen_pos(), context.recipe
        with scopes.name(f"source{index}"):
            flags = imgui.ButtonFlags_.enable_nav
            if imgui.invisible_button("head", (grid.head, grid.row), flags):
                self.chosen = index
            if self.reveals and self.chosen == index:
                imgui.set_scroll_here_y()
                self.reveals = False
            chosen, lit = self.chosen == index, imgui.is_item_hovered()
            tip(f"{name(source)}\nThe picture of this source alone. Click to edit it below.")
            if chosen or lit:
                ground = theme.ACCENT_SOFT if chosen else theme.CONTROL
                end = (corner.x + grid.head, corner.y + grid.row)
                draw = imgui.get_window_draw_list()
                draw.add_rect_filled(corner, end, theme.ink(ground), theme.em(0.25))
            box = (corner.x, corner.y, corner.x + grid.row, corner.y + grid.row)
            shown = thumbnail.preview(context, alone(recipe, source), grid.row)
            thumbnail.paint(shown, box, thumbnail.Look())
            below = latent_name(source) if source.prompt else ""
            _words(grid, corner, name(source), below, chosen=chosen)
            for column in range(len(block_sliders.resolutions(context))):
                for which, left, width in _halves(grid, column, halves):
                    imgui.set_cursor_screen_pos((corner.x + left, corner.y))
                    source = self._cell(context, (index, column), source, which, (width, grid.row))
        return source

    def _cell(
        self,
        context: Context,
        place: tuple[int, int],
        source: MixSource,
        which: Half,
        size: tuple[float, float],
    ) -> MixSource:
        """One cell; `place` is the number of its source and of its block, from 0."""
        index, column = place
        track, rows = half(source, which), block_sliders.rows_of(context, column)
        now = mixing_tracks.block_weight(track, column, rows)
        cell = Cell(
            now,
            INKS[which],
            lambda: _explained(context, column, source, which),
            dotted=bool(track.rows) and mixing_tracks.uneven(track, rows),
            reason=reason(context, source, which),
            address=f"/mixing/{index + 1}/{which}/{block_sliders.resolutions(context)[column]}",
        )
        new = self.cells.draw(context, f"{which}{column}", cell, size)
        if new == now:
            return source
        return with_half(source, which, mixing_tracks.with_block(track, column, new or 0.0, rows))


def _explained(context: Context, column: int, source: MixSource, which: Half) -> str:
    size = block_sliders.resolutions(context)[column]
    what = f"latent of {latent_name(source)}" if which == "latent" else f"text “{source.prompt}”"
    uneven = mixing_tracks.uneven(half(source, which), block_sliders.rows_of(context, column))
    more = " Its layers differ; dragging makes them equal." if uneven else ""
    return f"How much of the {what} the {size} px block takes.{more}"


def _column(
    context: Context, index: int, sources: list[MixSource], halves: Sequence[Half]
) -> list[MixSource]:
    """The sources when the head of a column is clicked."""
    rows = block_sliders.rows_of(context, index)
    free: list[tuple[int, Half]] = [
        (place, which)
        for place, source in enumerate(sources)
        for which in halves
        if not reason(context, source, which)
    ]
    full = all(
        mixing_tracks.block_weight(half(sources[place], which), index, rows) == 1.0
        for place, which in free
    )
    new = list(sources)
    for place, which in free:
        track = mixing_tracks.with_block(half(new[place], which), index, 0.0 if full else 1.0, rows)
        new[place] = with_half(new[place], which, track)
    return new


def _halves(grid: Grid, column: int, halves: Sequence[Half]) -> list[tuple[Half, float, float]]:
    """The parts of a cell: which track, its left edge and its width in pixels."""
    inner = theme.em(0.1)
    width = (grid.each - inner * (len(halves) - 1)) / len(halves)
    left = grid.left(column)
    return [(which, left + i * (width + inner), width) for i, which in enumerate(halves)]


def _words(grid: Grid, corner: imgui.ImVec2, first: str, second: str, *, chosen: bool) -> None:
    """One or two small lines beside a row's picture."""
    with scopes.font(None, theme.SMALL_PX):
        draw, line = imgui.get_window_draw_list(), imgui.get_text_line_height()
        left = corner.x + grid.row + theme.em(0.4)
        room = corner.x + grid.head - left
        top = corner.y + (grid.row - line * (2 if second else 1)) / 2
        ink = theme.ink(theme.ACCENT if chosen else theme.TEXT)
        draw.add_text((left, top), ink, fitted(first, room))
        if second:
            draw.add_text((left, top + line), theme.ink(theme.DIM), fitted(second, room))
