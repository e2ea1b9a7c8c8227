"""Limits of the parameters of a recipe: ranges, decimals, named positions, choices."""

from __future__ import annotations

from typing import get_args

import msgspec

from renderer.parameters.kinds import Choice, Number, Text, Whole
from renderer.recipe.recipe import (
    MAX_ROWS,
    MAX_ZOOM,
    MIN_ZOOM,
    LatentPart,
    NoisePart,
    Recipe,
    TextPart,
)


def options_of(part: type[msgspec.Struct], field: str) -> Choice:
    """The words that a field of a recipe's part may hold."""
    types = {item.name: item.type for item in msgspec.structs.fields(part)}
    return Choice(get_args(types[field]))


PSI = Number(-1.0, 2.0, marks=((0.0, "0 average"), (1.0, "1 as trained")))
CUTOFF = Whole(1, 50, limits=(1, MAX_ROWS), optional=True, nothing="all rows")
PSI_TOWARDS = options_of(Recipe, "psi_towards")
BLOCK_PSI = Number(PSI.low, PSI.high, optional=True, nothing="follows /psi")
WEIGHT = Number(0.0, 2.0)
SHARE = Number(0.0, 1.0, limits=(0.0, 1.0))
MIX = Number(0.0, 1.0)
MIX_ROW = Number(MIX.low, MIX.high, optional=True, nothing="follows its block")
BLEND = Number(0.0, 1.0, marks=((0.0, "first"), (1.0, "second")))
TEXT_STRENGTH = Number(-0.5, 2.0, marks=((0.0, "neutral"), (1.0, "prompt")))
NOISE_STRENGTH = Number(0.0, 2.0)
AMOUNT = Number(-2.0, 2.0)
DEVIATIONS = Number(-3.0, 3.0, unit=" σ")
"""Further out the model has seen next to nothing."""
STEPS = Number(-3.0, 3.0)
"""Lengths of a vector from a file, whose scale is whatever its author chose."""
POSITION = Number(0.0, 1.0, decimals=3, marks=((0.0, "seed"), (1.0, "target")))
OFFSET = Number(-0.5, 0.5)
TURN = Number(-180.0, 180.0, unit="°", decimals=1)
SHIFT = Number(-1.0, 1.0)
ZOOM = Number(0.25, 4.0, limits=(MIN_ZOOM, MAX_ZOOM), unit="×", logarithmic=True)
SEED = Whole(0, 127)
ROW = Whole(0, 50, limits=(0, MAX_ROWS - 1))
LAST_ROW = Whole(0, 50, limits=(0, MAX_ROWS - 1), optional=True, nothing="up to the last row")
LINE = Text()
TEXT_BLENDS = options_of(TextPart, "blend")
LATENT_BLENDS = options_of(LatentPart, "blend")
NOISE_MODES = options_of(NoisePart, "mode")
PRECISIONS = options_of(Recipe, "precision")
