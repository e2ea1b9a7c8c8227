"""Noise: the fine grain that every layer of the synthesis adds."""

from __future__ import annotations

from typing import Literal

from imgui_bundle import icons_fontawesome_6 as icons
from msgspec.structs import replace

from renderer.parameters.parameters import declared
from renderer.parameters.registry import noise_of_block
from renderer.recipe.recipe import NoisePart, Recipe
from widgets.context import Context
from widgets.controls import block_sliders, labelled_row
from widgets.controls.buttons import choice
from widgets.controls.section import disclosure, section
from widgets.controls.seed_field import SeedField
from widgets.controls.slider import HOW_PLAYED, Slider

DEFAULT = NoisePart()
Mode = Literal["const", "random", "none"]
MODES: tuple[tuple[Mode, str, str], ...] = (
    ("const", "Stored", "The noise maps that are stored in the model: always the same grain."),
    ("random", "Random", "Fresh noise maps, drawn from the seed below."),
    ("none", "None", "No noise at all."),
)
SEED = SeedField.of("/noise/seed")
STRENGTH = Slider.of("/noise/strength")
PER_BLOCK = "Noise of each block"
BLOCKS_TEXT = (
    "Noise of single resolution blocks: in coarse blocks it shifts shapes a little, in fine ones "
    "it is the visible grain."
)


def draw(context: Context) -> Recipe:
    """Draw the section that edits `Recipe.noise`; returns the recipe that the user wants."""
    recipe = context.recipe
    part = recipe.noise
    with section(
        context,
        "Noise",
        icons.ICON_FA_BRAILLE,
        "The fine grain inside the synthesis.",
        summary=next(label.lower() for mode, label, _ in MODES if mode == part.mode),
        changed=part != DEFAULT,
    ) as opened:
        if not opened:
            return recipe
        part = replace(part, mode=_mode(context, part.mode))
        recipe, model = replace(recipe, noise=part), context.model
        fixed = declared("/noise/seed").reason(recipe, model) or None
        none = declared("/noise/strength").reason(recipe, model) or None
        part = replace(
            part,
            seed=SEED.draw(context, part.seed, fixed),
            strength=STRENGTH.draw(context, part.strength, none),
        )
        recipe = replace(recipe, noise=part)
        opened = disclosure(context, PER_BLOCK, changed=bool(part.blocks))
        reason = none or block_sliders.reason(context) or None
        return _blocks(context, recipe, reason) if opened else recipe


def _blocks(context: Context, recipe: Recipe, reason: str | None) -> Recipe:
    """A slider for each block."""
    sizes, blocks = block_sliders.resolutions(context), recipe.noise.blocks
    values = [*blocks[: len(sizes)], *[1.0] * (len(sizes) - len(blocks))]

    def slider(index: int, size: int) -> Slider:
        return Slider.of(noise_of_block(index, size))

    with labelled_row.row("Blocks", f"{BLOCKS_TEXT}\n{HOW_PLAYED}", reason) as row:
        own = [value != 1.0 for value in values]
        new = block_sliders.draw(context, slider, values, row.width, reason, own=own)
        for index, (before, after) in enumerate(zip(values, new, strict=True)):
            if after != before:
                recipe = noise_of_block(index, sizes[index]).put(recipe, after)
        if row.reset(bool(blocks)):
            recipe = replace(recipe, noise=replace(recipe.noise, blocks=()))
    return recipe


def _mode(context: Context, mode: Mode) -> Mode:
    parameter = declared("/noise/mode")
    why = parameter.reason(context.recipe, context.model)
    with labelled_row.row("Mode", parameter.text, why or None, (context, parameter.address)) as row:
        mode = choice("mode", MODES, mode, row.width, why)
        return DEFAULT.mode if row.reset(mode != DEFAULT.mode) else mode
