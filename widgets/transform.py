"""Transform: turn, move and scale the content through the generator's Fourier input."""

from __future__ import annotations

import msgspec
from imgui_bundle import icons_fontawesome_6 as icons

from renderer.recipe import Recipe, TransformPart
from widgets.context import Context
from widgets.section import section
from widgets.slider import Slider

DEFAULT = TransformPart()
ROTATE = Slider(
    "Rotate",
    DEFAULT.rotate_deg,
    -180.0,
    180.0,
    "Turns the content, counter-clockwise, before the first layer sees it.",
    decimals=1,
    unit="°",
)
X = Slider("Right", DEFAULT.x, -1.0, 1.0, "Moves the content right, in widths of the picture.")
Y = Slider("Up", DEFAULT.y, -1.0, 1.0, "Moves the content up, in heights of the picture.")
ZOOM = Slider(
    "Zoom",
    DEFAULT.zoom,
    0.25,
    4.0,
    "Enlarges the content itself; the picture keeps its resolution.",
    unit="×",
    limits=(0.01, 100.0),
    logarithmic=True,
)


def draw(context: Context) -> Recipe:
    """Draw the section that edits `Recipe.transform`; returns the recipe that the user wants."""
    recipe = context.recipe
    part = recipe.transform
    with section(
        context,
        "Transform",
        icons.ICON_FA_UP_DOWN_LEFT_RIGHT,
        "Move the content inside the generator, not the picture.",
        summary="none" if part == DEFAULT else "on",
        changed=part != DEFAULT,
    ) as opened:
        if not opened:
            return recipe
        part = TransformPart(
            rotate_deg=ROTATE.draw(context, part.rotate_deg),
            x=X.draw(context, part.x),
            y=Y.draw(context, part.y),
            zoom=ZOOM.draw(context, part.zoom),
        )
    return msgspec.structs.replace(recipe, transform=part)
