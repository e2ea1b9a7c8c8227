"""Truncation: how far from the average the latent may go."""

from __future__ import annotations

import msgspec
from imgui_bundle import icons_fontawesome_6 as icons

from renderer.recipe import PSI_RANGE, Recipe
from widgets.context import Context
from widgets.section import section
from widgets.slider import Slider

PSI = Slider(
    "Psi",
    default=1.0,
    low=PSI_RANGE[0],
    high=PSI_RANGE[1],
    text="Moves the latent part of w between its average (0) and its own place (1). Beyond 1 it "
    "exaggerates, below 0 it goes to the other side. The words are not truncated.",
    marks=((0.0, "0 average"), (1.0, "1 as trained")),
)


def draw(context: Context) -> Recipe:
    """Draw the section that edits `Recipe.psi`; returns the recipe that the user wants."""
    recipe = context.recipe
    with section(
        context,
        "Truncation",
        icons.ICON_FA_COMPRESS,
        "How far from the average picture to go.",
        summary=f"psi {PSI.shown(recipe.psi)}",
        changed=recipe.psi != PSI.default,
    ) as opened:
        if not opened:
            return recipe
        return msgspec.structs.replace(recipe, psi=PSI.draw(context, recipe.psi))
