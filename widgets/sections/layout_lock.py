"""The layout lock: row 0 of w stays as it is, while everything else goes on changing."""

from __future__ import annotations

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.recipe.figures import minus
from renderer.recipe.recipe import LayoutLock, Recipe
from widgets import scopes, theme
from widgets.context import Context
from widgets.controls import labelled_row
from widgets.controls.buttons import beside, button, fitted
from widgets.controls.tooltips import tip

TEXT = (
    "Keep the layout while prompt, seed and psi change: row 0 of w stays as it is now. That row "
    "shapes the coarsest layer; where a model has a Fourier input, it rotates and moves that."
)
LET_GO = "Let the layout follow prompt, seed and psi again."
TAKE_TEXT = "Keep the current picture's layout instead."


def lock(recipe: Recipe) -> LayoutLock:
    """Return what keeps the layout that the recipe has now, when nothing is kept yet."""
    return LayoutLock(recipe.text, recipe.latent, recipe.psi_of_block(0))


def told(held: LayoutLock) -> str:
    """Return what a lock holds, in a few words."""
    words = " + ".join(prompt.text for prompt in held.text.prompts if prompt.text)
    latent = "blend of seeds" if held.latent.seeds else f"seed {held.latent.seed}"
    if held.latent.values:
        latent = "saved latent"
    return ", ".join([latent, *([f"“{words}”"] if words else []), minus(f"psi {held.psi:.2f}")])


def draw(context: Context) -> Recipe:
    """Draw the row that edits `Recipe.layout`; returns the recipe that the user wants."""
    recipe = context.recipe
    held, kept = recipe.layout, recipe.layout is not None
    with labelled_row.row("Layout", TEXT, offers=(context, "/layout/lock")) as row:
        icon = icons.ICON_FA_LOCK if kept else icons.ICON_FA_LOCK_OPEN
        left = imgui.get_cursor_pos_x()
        room = row.width - 2 * imgui.get_style().frame_padding.x
        words = fitted(f"{icon}  {'Kept' if kept else 'Keep the layout'}", room)
        if button(f"{words}###keep", LET_GO if kept else TEXT, primary=kept):
            held = None if kept else lock(recipe)
        if recipe.layout is not None:
            words = fitted(f"{icons.ICON_FA_ARROWS_ROTATE}  Use current", room)
            wide = row.width - room + imgui.calc_text_size(words).x
            beside(wide + labelled_row.reset_room(), imgui.get_style().item_spacing.x, left)
            same = "This is the current layout." if lock(recipe) == recipe.layout else ""
            if button(f"{words}###take", TAKE_TEXT, reason=same):
                held = lock(recipe)
        labelled_row.fill(left + row.width)
        if row.reset(kept):
            held = None
    if recipe.layout is not None:
        _told(recipe.layout, left, row.width)
    return replace(recipe, layout=held)


def _told(held: LayoutLock, left: float, width: float) -> None:
    """Below the row: what is held."""
    with scopes.font(None, theme.SMALL_PX), theme.text_colour(theme.DIM):
        imgui.set_cursor_pos((left, imgui.get_cursor_pos_y() - theme.em(0.25)))
        words = told(held)
        imgui.text_unformatted(fitted(f"from {words}", width))
    tip(f"The layout comes from {words}.")
