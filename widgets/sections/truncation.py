"""Truncation: how far from the average the latent may go, in all blocks or in each."""

from __future__ import annotations

from imgui_bundle import icons_fontawesome_6 as icons
from msgspec.structs import replace

from renderer.parameters.parameters import declared
from renderer.parameters.registry import psi_cutoff, psi_of_block
from renderer.recipe.figures import minus
from renderer.recipe.recipe import Recipe
from widgets.context import Context
from widgets.controls import block_sliders, filmstrip, labelled_row
from widgets.controls.buttons import choice
from widgets.controls.section import disclosure, section
from widgets.controls.slider import HOW_PLAYED, Slider

PSI = Slider.of("/psi")
STRIP = (-0.5, 0.0, 0.25, 0.5, 0.75, 1.0, 1.5)
"""The values of the filmstrip."""
TOWARDS = (
    ("average", "Average", "The model's average picture, or that of the class where it has one."),
    (
        "nearest",
        "Nearest mean",
        "The nearest of several typical pictures, which keeps more of what is special about this "
        "one. They come from a file NAME.means.npy beside the checkpoint, or are found now.",
    ),
)
PER_BLOCK = "Rows and blocks"
BLOCKS_TEXT = (
    "The truncation of single resolution blocks. A block without a value of its own follows psi; "
    "right-click one and choose Reset to let it follow again."
)


def draw(context: Context) -> Recipe:
    """Draw the section that edits `Recipe.psi` and `Recipe.psi_blocks`."""
    recipe = context.recipe
    own = sum(value is not None for value in recipe.psi_blocks)
    more = own > 0 or recipe.psi_cutoff is not None
    summary = f"psi {PSI.shown(recipe.psi)}"
    with section(
        context,
        "Truncation",
        icons.ICON_FA_COMPRESS,
        "How far from the average picture to go.",
        summary=f"{summary}, {own} of their own" if own else summary,
        changed=recipe.psi != PSI.default or recipe.psi_towards != "average" or more,
    ) as opened:
        if not opened:
            return recipe
        recipe = replace(recipe, psi=PSI.draw(context, recipe.psi))
        taken = filmstrip.draw(
            context, "strip", STRIP, lambda psi: replace(recipe, psi=psi), recipe.psi, _label
        )
        if taken is not None:
            recipe = replace(recipe, psi=taken)
        recipe = _towards(context, recipe)
        opened = disclosure(context, PER_BLOCK, changed=more)
        return _blocks(context, _cutoff(context, recipe)) if opened else recipe


def _label(psi: float) -> str:
    return minus(f"{psi:g}")


def _towards(context: Context, recipe: Recipe) -> Recipe:
    """The row that says what psi draws towards."""
    parameter = declared("/psi/towards")
    offers = context, parameter.address
    with labelled_row.row(parameter.name, parameter.text, offers=offers) as row:
        wanted = choice("towards", TOWARDS, recipe.psi_towards, row.width)
        if row.reset(wanted != parameter.default):
            wanted = "average"
    return replace(recipe, psi_towards=wanted)


def _cutoff(context: Context, recipe: Recipe) -> Recipe:
    """The number of rows that psi reaches; all of them is no cutoff."""
    rows = context.model.num_ws if context.model is not None else 0
    parameter = psi_cutoff(rows)
    shown = min(recipe.psi_cutoff or rows, rows)
    why = parameter.reason(recipe, context.model) or None
    wanted = round(Slider.of(parameter, rows).draw(context, shown, why))
    return (
        recipe if wanted == shown else replace(recipe, psi_cutoff=wanted if wanted < rows else None)
    )


def _blocks(context: Context, recipe: Recipe) -> Recipe:
    """A slider for each block; one that is put where psi is follows it."""
    sizes = block_sliders.resolutions(context)
    own = [recipe.psi_blocks[i] if i < len(recipe.psi_blocks) else None for i in range(len(sizes))]
    values = [recipe.psi_of_block(index) for index in range(len(sizes))]

    def slider(index: int, size: int) -> Slider:
        return Slider.of(psi_of_block(index, size), recipe.psi)

    why, bright = block_sliders.reason(context) or None, [one is not None for one in own]
    with labelled_row.row("Blocks", f"{BLOCKS_TEXT}\n{HOW_PLAYED}", why) as row:
        new = block_sliders.draw(context, slider, values, row.width, why, own=bright)
        wanted = recipe
        for index, (before, after) in enumerate(zip(values, new, strict=True)):
            if after != before:
                psi = None if after == recipe.psi else after
                wanted = psi_of_block(index, sizes[index]).put(wanted, psi)
        if row.reset(bool(recipe.psi_blocks)):
            return replace(recipe, psi_blocks=())
    return wanted
