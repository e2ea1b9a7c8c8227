"""Noise: the fine grain that every layer of the synthesis adds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from imgui_bundle import icons_fontawesome_6 as icons
from msgspec.structs import replace

from renderer.recipe.recipe import NoisePart, Recipe
from widgets.context import Context
from widgets.controls import block_sliders, labelled_row
from widgets.controls.buttons import choice
from widgets.controls.section import disclosure, section
from widgets.controls.seed_field import SeedField
from widgets.controls.slider import HOW, Slider

DEFAULT = NoisePart()
Mode = Literal["const", "random", "none"]
MODES: tuple[tuple[Mode, str, str], ...] = (
    ("const", "Stored", "The noise maps that are stored in the model: always the same grain."),
    ("random", "Random", "Fresh noise maps, drawn from the seed below."),
    ("none", "None", "No noise at all."),
)
SEED = SeedField("Seed", DEFAULT.seed, "The seed of the fresh noise maps.")
STRENGTH = Slider(
    "Strength",
    default=DEFAULT.strength,
    low=0.0,
    high=2.0,
    text="Multiplies the noise of every layer; 1 is as trained.",
)
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
        mode = _mode(part.mode)
        fixed = None if mode == "random" else "Only random noise is drawn from a seed."
        none = "There is no noise to scale." if mode == "none" else None
        part = replace(
            part,
            mode=mode,
            seed=SEED.draw(context, part.seed, fixed),
            strength=STRENGTH.draw(context, part.strength, none),
        )
        opened = disclosure(context, PER_BLOCK)
        block_sliders.mark(changed=bool(part.blocks))
        if opened:
            part = _blocks(context, part, none or block_sliders.reason(context) or None)
    return replace(recipe, noise=part)


def with_strength(own: Sequence[float], index: int, strength: float) -> tuple[float, ...]:
    """The strengths of the blocks with another one for block `index`; ones at the end go."""
    new = [*own, *[1.0] * (index + 1 - len(own))]
    new[index] = strength
    while new and new[-1] == 1.0:
        new.pop()
    return tuple(new)


def _blocks(context: Context, part: NoisePart, reason: str | None) -> NoisePart:
    """A slider for each block."""
    count = len(block_sliders.resolutions(context))
    values = [*part.blocks[:count], *[1.0] * (count - len(part.blocks))]

    def slider(size: int) -> Slider:
        text = f"Multiplies the noise of the {size} px block, on top of the strength above."
        return Slider(f"Noise at {size} px", 1.0, STRENGTH.low, STRENGTH.high, text)

    width = labelled_row.begin("Blocks", f"{BLOCKS_TEXT}\n{HOW}", reason)
    own = [value != 1.0 for value in values]
    new, strengths = (
        block_sliders.draw(context, slider, values, width, reason, own=own),
        part.blocks,
    )
    for index, (before, after) in enumerate(zip(values, new, strict=True)):
        if after != before:
            strengths = with_strength(strengths, index, after)
    if labelled_row.end(bool(part.blocks), reason):
        strengths = ()
    return replace(part, blocks=strengths)


def _mode(mode: Mode) -> Mode:
    width = labelled_row.begin("Mode", "Where the noise comes from.")
    mode = choice("mode", MODES, mode, width)
    return DEFAULT.mode if labelled_row.end(mode != DEFAULT.mode) else mode
