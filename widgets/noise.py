"""Noise: the fine grain that every layer of the synthesis adds."""

from __future__ import annotations

from typing import Literal

import msgspec
from imgui_bundle import icons_fontawesome_6 as icons

from renderer.recipe import NoisePart, Recipe
from widgets import row
from widgets.buttons import choice
from widgets.context import Context
from widgets.section import section
from widgets.seed import SeedField
from widgets.slider import Slider

DEFAULT = NoisePart()
Mode = Literal["const", "random", "none"]
MODES: tuple[tuple[Mode, str, str], ...] = (
    ("const", "Stored", "The noise maps that are stored in the model: always the same grain."),
    ("random", "Random", "Fresh noise maps, drawn from the seed below."),
    ("none", "None", "No noise at all."),
)
SEED = SeedField("Seed", DEFAULT.seed, "Which fresh noise maps are drawn.")
STRENGTH = Slider(
    "Strength",
    default=DEFAULT.strength,
    low=0.0,
    high=2.0,
    text="Multiplies the noise of every layer; 1 is what the model learnt.",
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
        part = NoisePart(
            mode=mode,
            seed=SEED.draw(context, part.seed, fixed),
            strength=STRENGTH.draw(context, part.strength, none),
        )
    return msgspec.structs.replace(recipe, noise=part)


def _mode(mode: Mode) -> Mode:
    width = row.begin("Mode", "Where the noise comes from.")
    mode = choice("mode", MODES, mode, width)
    return DEFAULT.mode if row.end(mode != DEFAULT.mode) else mode
