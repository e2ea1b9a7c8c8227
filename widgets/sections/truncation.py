"""Truncation: how far from the average the latent may go, in all blocks or in each."""

from __future__ import annotations

from collections.abc import Sequence

from imgui_bundle import icons_fontawesome_6 as icons
from msgspec.structs import replace

from renderer.recipe.figures import minus
from renderer.recipe.recipe import PSI_RANGE, Recipe
from widgets.context import Context
from widgets.controls import block_sliders, filmstrip, labelled_row
from widgets.controls.section import disclosure, section
from widgets.controls.slider import HOW, Slider

PSI = Slider(
    "Psi",
    default=1.0,
    low=PSI_RANGE[0],
    high=PSI_RANGE[1],
    text="Moves the latent part of w between the average (0) and its own value (1). Above 1 "
    "exaggerates, below 0 goes to the opposite side. The text is not truncated.",
    marks=((0.0, "0 average"), (1.0, "1 as trained")),
)
STRIP = (-0.5, 0.0, 0.25, 0.5, 0.75, 1.0, 1.5)
"""The values of the filmstrip."""
PER_BLOCK = "Psi of each block"
BLOCKS_TEXT = (
    "The truncation of single resolution blocks. A block without a value of its own follows psi; "
    "right-click one to let it follow again."
)


def draw(context: Context) -> Recipe:
    """Draw the section that edits `Recipe.psi` and `Recipe.psi_blocks`."""
    recipe = context.recipe
    own = sum(value is not None for value in recipe.psi_blocks)
    summary = f"psi {PSI.shown(recipe.psi)}"
    with section(
        context,
        "Truncation",
        icons.ICON_FA_COMPRESS,
        "How far from the average picture to go.",
        summary=f"{summary}, {own} of their own" if own else summary,
        changed=recipe.psi != PSI.default or own > 0,
    ) as opened:
        if not opened:
            return recipe
        recipe = replace(recipe, psi=PSI.draw(context, recipe.psi))
        taken = filmstrip.draw(
            context, "strip", STRIP, lambda psi: replace(recipe, psi=psi), recipe.psi, _label
        )
        if taken is not None:
            recipe = replace(recipe, psi=taken)
        opened = disclosure(context, PER_BLOCK)
        block_sliders.mark(changed=own > 0)
        return _blocks(context, recipe) if opened else recipe


def with_psi(
    own: Sequence[float | None], index: int, psi: float | None
) -> tuple[float | None, ...]:
    """The truncations of the blocks with another one for block `index`; None follows psi."""
    new = [*own, *[None] * (index + 1 - len(own))]
    new[index] = psi
    while new and new[-1] is None:
        new.pop()
    return tuple(new)


def _label(psi: float) -> str:
    return minus(f"{psi:g}")


def _blocks(context: Context, recipe: Recipe) -> Recipe:
    """A slider for each block; one that is put where psi is follows it."""
    count = len(block_sliders.resolutions(context))
    own = [recipe.psi_blocks[i] if i < len(recipe.psi_blocks) else None for i in range(count)]
    values = [recipe.psi_of_block(index) for index in range(count)]

    def slider(size: int) -> Slider:
        text = f"The truncation of the {size} px block alone."
        return Slider(f"Psi at {size} px", recipe.psi, *PSI_RANGE, text)

    why, bright = block_sliders.reason(context) or None, [one is not None for one in own]
    width = labelled_row.begin("Blocks", f"{BLOCKS_TEXT}\n{HOW}", why)
    new = block_sliders.draw(context, slider, values, width, why, own=bright)
    psi_blocks = recipe.psi_blocks
    for index, (before, after) in enumerate(zip(values, new, strict=True)):
        if after != before:
            psi = None if after == recipe.psi else after
            psi_blocks = with_psi(psi_blocks, index, psi)
    if labelled_row.end(bool(recipe.psi_blocks), why):
        psi_blocks = ()
    return replace(recipe, psi_blocks=psi_blocks)
