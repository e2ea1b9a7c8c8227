"""One mixing source in detail: its seed and words, the usual choices of blocks, and its layers."""

from __future__ import annotations

from collections.abc import Sequence

from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.parameters.registry import NO_MODEL, NO_TEXT
from renderer.recipe import mixing_tracks
from renderer.recipe.recipe import MixSource, MixTrack
from renderer.recipe.templates import place_of, typed
from widgets import scopes, theme
from widgets.context import Context
from widgets.controls import block_sliders, drawn_words, labelled_row, unknown_words
from widgets.controls.buttons import choice
from widgets.controls.completion import class_names
from widgets.controls.live_text_box import FLAGS, live_text
from widgets.controls.section import disclosure
from widgets.controls.seed_field import SeedField
from widgets.controls.weight_cells import Cell, Cells
from widgets.mixing.matrix import (
    INKS,
    Half,
    half,
    latent_name,
    reason,
    with_half,
)

SEED = SeedField.of("/mixing/1/seed")
KINDS = (
    ("Coarse", "Its layout: all of this source in blocks of up to 8 px, nothing elsewhere."),
    ("Middle", "Its shapes: all of it in blocks of 16 and 32 px, nothing elsewhere."),
    ("Fine", "Its look: all of it in blocks of 64 px and more, nothing elsewhere."),
    ("All", "All of this source in every block."),
    ("None", "Nothing of this source."),
)
"""Each of `renderer.recipe.mixing_tracks.KINDS`, and what taking it means."""
LAYERS = "Layers of this source"
ROW_EM = 1.7
GAP_EM = 0.25
MOST_EM = 3.0
LAYERS_TEXT = (
    "The layers of each block. A faint one follows its block; drag it to give it a weight of its "
    "own; right-click and Reset let it follow again."
)


def draw(
    context: Context,
    cells: Cells,
    numbered: tuple[int, MixSource],
    halves: Sequence[Half],
    *,
    focus: bool = False,
) -> MixSource:
    """Draw the details of one source; returns the source that the user wants.

    Args:
        context: this UI frame.
        cells: draws the weights of its layers.
        numbered: its number, from 0, and the source as it is now.
        halves: which of its tracks the matrix shows; the choices act on these.
        focus: its words get the keyboard.
    """
    index, source = numbered
    at = f"/mixing/{index + 1}"
    seed = SEED.at(f"{at}/seed").draw(context, source.seed)
    if seed != source.seed:
        source = replace(source, seed=seed, values=())
    words = _prompt(context, typed(source, "prompt"), focus=focus)
    source = drawn_words.written(context, source, "prompt", words, place_of("sources", index))
    source = _kinds(context, source, halves)
    if disclosure(context, LAYERS):
        source = _layers(context, cells, at, source, halves)
    return source


def _prompt(context: Context, words: str, *, focus: bool) -> str:
    why = NO_TEXT.reason(context.recipe, context.model) or None
    with labelled_row.row(
        "Text", "The prompt of this source; without one, only its latent is mixed in.", why
    ) as row:
        imgui.set_next_item_width(row.width)
        new = live_text(
            context,
            words,
            lambda text: imgui.input_text_with_hint("##text", "Another prompt…", text, FLAGS),
            wanted=focus and why is None,
            names=class_names(context),
        )
        back = row.reset(bool(words))
    new = unknown_words.hint(context, new)
    if back:
        return ""
    return words if why else new


def _kinds(context: Context, source: MixSource, halves: Sequence[Half]) -> MixSource:
    """The usual choices of blocks, for the halves that are shown and have something to offer."""
    sizes = block_sliders.resolutions(context)
    reasons = {which: reason(context, source, which) for which in halves}
    free: list[Half] = [which for which in halves if not reasons[which]]
    why = "" if free else reasons[halves[0]]
    kinds = mixing_tracks.KINDS if free else ()
    now = next((k for k in kinds if _is(source, free, mixing_tracks.of_kind(k, sizes))), "")
    width, options = imgui.get_content_region_avail().x, [(k, k, text) for k, text in KINDS]
    chosen = choice("take", options, now, width, why)
    if chosen == now:
        return source
    for which in free:
        source = with_half(source, which, mixing_tracks.of_kind(chosen, sizes))
    return source


def _is(source: MixSource, halves: Sequence[Half], track: MixTrack) -> bool:
    return all(half(source, which) == track for which in halves)


def _layers(
    context: Context, cells: Cells, address: str, source: MixSource, halves: Sequence[Half]
) -> MixSource:
    """A line for each block with a cell for each of its layers; `address` is the source's."""
    if context.model is None:
        imgui.text_disabled(NO_MODEL.sentence)
        return source
    sizes, head, gap = context.model.blocks, theme.em(theme.LABEL_EM), theme.em(GAP_EM)
    most = max(stop - start for start, stop in context.model.rows_of_block)
    room = imgui.get_content_region_avail().x - head
    each = min((room - gap * (most - 1)) / most, theme.em(MOST_EM))
    width = (each - theme.em(0.1) * (len(halves) - 1)) / len(halves)
    with scopes.style(imgui.StyleVar_.item_spacing, (gap, gap)):
        for block, size in enumerate(sizes):
            corner = imgui.get_cursor_screen_pos()
            imgui.dummy((head, theme.em(ROW_EM)))
            at = (corner.x, corner.y + (theme.em(ROW_EM) - imgui.get_font_size()) / 2)
            imgui.get_window_draw_list().add_text(at, theme.ink(theme.DIM), f"{size} px")
            for place, of in enumerate(range(*context.model.rows_of_block[block])):
                for part, which in enumerate(halves):
                    left = corner.x + head + place * (each + gap) + part * (width + theme.em(0.1))
                    imgui.set_cursor_screen_pos((left, corner.y))
                    box = (width, theme.em(ROW_EM))
                    source = _layer(context, cells, address, (block, of), source, which, box)
    with scopes.font(None, theme.SMALL_PX):
        theme.wrapped(LAYERS_TEXT)
    return source


def _layer(
    context: Context,
    cells: Cells,
    at: str,
    place: tuple[int, int],
    source: MixSource,
    which: Half,
    size: tuple[float, float],
) -> MixSource:
    """One layer's cell; `place` is its block and its row of w, `at` the source's address."""
    block, of = place
    track = half(source, which)
    now, own = track.of_row(of, block), any(known == of for known, _ in track.rows)
    cell = Cell(
        now,
        INKS[which],
        lambda: _explained(context, of, source, which),
        faint=not own,
        reason=reason(context, source, which),
        address=f"{at}/{which}/row/{of}",
    )
    new = cells.draw(context, f"{which} row{of}", cell, size)
    if new == now:
        return source
    return with_half(source, which, mixing_tracks.with_row(track, of, new))


def _explained(context: Context, of: int, source: MixSource, which: Half) -> str:
    layer = context.model.layer_of_row(of) if context.model is not None else None
    named = f"Layer {layer.name}, row {of} of w" if layer is not None else f"Row {of} of w"
    what = latent_name(source) if which == "latent" else f"the text “{source.prompt}”"
    return f"{named}: how much of {what} it takes."
