"""Style mixing: other latents and other words, block by block, on two tracks."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.recipe.contact_sheet import of_sources
from renderer.recipe.recipe import MAX_SEED, MAX_SOURCES, MixingPart, MixSource, Recipe
from widgets import scopes, theme
from widgets.context import Context
from widgets.controls import block_sliders
from widgets.controls.buttons import button, choice, icon_button
from widgets.controls.grid_view import SetSheet, SheetView
from widgets.controls.section import section
from widgets.mixing import source as mixing_source
from widgets.mixing.matrix import INKS, Half, Matrix, name

GRID = "Grid"
"""The tab below the picture with the sheet of sources against sources."""
Shown = Literal["latent", "both", "text"]
SHOWN: tuple[tuple[Shown, str, str], ...] = (
    ("latent", "Latent", "Show and change how much blocks take of the sources' latents."),
    ("both", "Both", "Show both: latents on the left of each cell, text on the right."),
    ("text", "Text", "Show and change how much blocks take of the sources' text."),
)
HALVES: dict[Shown, tuple[Half, ...]] = {
    "latent": ("latent",),
    "both": ("latent", "text"),
    "text": ("text",),
}
EMPTY = (
    "A source is another seed, with its own prompt if you like. Coarse blocks control layout, "
    "fine ones colour and texture: mix a source into any of them."
)
HINT = "Drag a cell up to mix more of that source into that block."


@dataclass
class MixingPanel:
    """Edits `Recipe.mixing`.  It remembers which source is looked at, which halves, and whether the
    words of a new source are to get the keyboard."""

    shown: Shown = "both"
    writes: bool = False
    matrix: Matrix = field(default_factory=Matrix)

    def draw(self, context: Context) -> Recipe:
        """Draw the section; returns the recipe that the user wants."""
        recipe = context.recipe
        sources = recipe.mixing.sources
        with section(
            context,
            "Mixing",
            icons.ICON_FA_SLIDERS,
            "Let some resolution blocks follow another seed or prompt.",
            summary=_summary(sources),
            changed=recipe.mixing.active,
        ) as opened:
            if not opened:
                return recipe
            new = self._body(context, sources)
        if tuple(new) == sources:
            return recipe
        return replace(recipe, mixing=MixingPart(tuple(new)))

    def _body(self, context: Context, sources: Sequence[MixSource]) -> list[MixSource]:
        new = list(sources)
        self.matrix.chosen = min(self.matrix.chosen, max(len(new) - 1, 0))
        if not new:
            theme.wrapped(EMPTY)
            return self._foot(context, new)
        halves = self._halves(context)
        new = self.matrix.draw(context, new, halves)
        if not context.recipe.mixing.active:
            theme.wrapped(HINT)
        new = self._foot(context, new)
        chosen = min(self.matrix.chosen, len(new) - 1)
        if len(new) == len(sources):
            new = self._chosen(context, new, chosen, halves)
        return new

    def _halves(self, context: Context) -> tuple[Half, ...]:
        """Return which halves are shown; a model without text has one only."""
        if context.model is not None and not context.model.takes_text:
            return HALVES["latent"]
        self.shown = choice("shown", SHOWN, self.shown, imgui.get_content_region_avail().x)
        if self.shown == "both":
            _legend()
        return HALVES[self.shown]

    def _foot(self, context: Context, sources: list[MixSource]) -> list[MixSource]:
        full = len(sources) >= MAX_SOURCES
        label = f"{icons.ICON_FA_PLUS}  Add source###add source"
        why = f"At most {MAX_SOURCES} sources." if full else ""
        if button(label, "Another seed, with its own prompt if you like, to mix in.", reason=why):
            sources = [*sources, MixSource(seed=_new_seed(context.recipe, sources))]
            self._choose(len(sources) - 1)
            self.writes = True
        imgui.same_line()
        label = f"{icons.ICON_FA_TABLE_CELLS}  Grid###grid"
        if button(label, "Open a grid that mixes rows of sources with columns of sources."):
            context.out.options = replace(context.options, drawer=GRID)
            sheet = context.see(SheetView).sheet
            context.ask(SetSheet(of_sources(sheet, len(block_sliders.resolutions(context)))))
        return sources

    def _chosen(
        self, context: Context, sources: list[MixSource], index: int, halves: tuple[Half, ...]
    ) -> list[MixSource]:
        """The details of the chosen source, and the buttons that copy and remove it."""
        source = sources[index]
        with scopes.name(f"details{index}"):
            copied, removed = _title(context, source, len(sources))
            new = mixing_source.draw(
                context, self.matrix.cells, (index, source), halves, focus=self.writes
            )
            self.writes = False
        if copied:
            self._choose(index + 1)
            return [*sources[: index + 1], source, *sources[index + 1 :]]
        if removed:
            self._choose(max(min(index, len(sources) - 2), 0))
            return [*sources[:index], *sources[index + 1 :]]
        return [*sources[:index], new, *sources[index + 1 :]]

    def _choose(self, index: int) -> None:
        self.matrix.chosen, self.matrix.reveals = index, True


def _legend() -> None:
    """Draw which half of a cell is which, by its colour and its side."""
    with scopes.font(None, theme.SMALL_PX):
        draw, side = imgui.get_window_draw_list(), theme.em(0.6)
        words: tuple[tuple[Half, str], ...] = (("latent", "left: latent"), ("text", "right: text"))
        for which, label in words:
            if which != "latent":
                imgui.same_line(0, theme.em(1.2))
            corner, height = imgui.get_cursor_screen_pos(), imgui.get_text_line_height()
            top = corner.y + (height - side) / 2
            low = (corner.x + side, top + side)
            draw.add_rect_filled((corner.x, top), low, theme.ink(INKS[which].edge), theme.em(0.15))
            imgui.dummy((side, height))
            imgui.same_line(0, theme.em(0.4))
            theme.dim(label)


def _title(context: Context, source: MixSource, count: int) -> tuple[bool, bool]:
    """The chosen source's name, and whether to copy or remove it."""
    side = imgui.get_frame_height()
    imgui.align_text_to_frame_padding()
    with scopes.font(context.fonts.bold, 0):
        right = imgui.get_cursor_pos_x() + imgui.get_content_region_avail().x
        left = imgui.get_cursor_screen_pos()
        room = imgui.get_content_region_avail().x - 2 * side - theme.em(0.5)
        with scopes.clip((left.x, left.y), (left.x + room, left.y + side), True):
            imgui.text_unformatted(name(source))
    imgui.same_line(right - 2 * side)
    full = f"At most {MAX_SOURCES} sources." if count >= MAX_SOURCES else ""
    text = "Copy this source, with its weights"
    copied = icon_button(icons.ICON_FA_COPY, "copy", text, quiet=True, reason=full)
    imgui.same_line(0, 0)
    text = "Remove this source"
    removed = icon_button(icons.ICON_FA_XMARK, "remove", text, quiet=True)
    return copied, removed


def _new_seed(recipe: Recipe, sources: Sequence[MixSource]) -> int:
    """The first seed after the picture's own that no source has."""
    taken = {recipe.latent.seed, *(source.seed for source in sources)}
    after = ((recipe.latent.seed + step) % (MAX_SEED + 1) for step in itertools.count(1))
    return next(seed for seed in after if seed not in taken)


def _summary(sources: Sequence[MixSource]) -> str:
    active = [source for source in sources if source.active]
    if not active:
        return "off"
    return name(active[0]) if len(active) == 1 else f"{len(active)} sources"
