"""The latent: a seed, a second seed, and a walk between the two."""

from __future__ import annotations

import msgspec
from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from renderer.recipe import LatentPart, Recipe
from widgets import row
from widgets.buttons import button, choice
from widgets.context import Context
from widgets.section import section
from widgets.seed import SeedField
from widgets.slider import Slider

DEFAULT = LatentPart()
SEED = SeedField(
    "Seed",
    DEFAULT.seed,
    "Which random latent z the picture grows from: other seeds, other pictures of the same words.",
)
TARGET = SeedField("Target", DEFAULT.target_seed, "The seed that the walk below goes to.")
POSITION = Slider(
    "Walk",
    default=DEFAULT.position,
    low=0.0,
    high=1.0,
    text="Walks z from the seed (0) to the target (1).",
    decimals=3,
    marks=((0.0, "seed"), (1.0, "target")),
)
BLENDS = (
    ("slerp", "Slerp", "Along the great arc: every step is as likely a latent as its ends."),
    ("lerp", "Lerp", "Along the straight line: steps in the middle lie nearer to the average."),
)


def swapped(part: LatentPart) -> LatentPart:
    """The same walk from its other end: the same latent, with the two seeds exchanged."""
    return LatentPart(
        seed=part.target_seed,
        target_seed=part.seed,
        position=round(1.0 - part.position, POSITION.decimals),
        blend=part.blend,
    )


def draw(context: Context) -> Recipe:
    """Draw the section that edits `Recipe.latent`; returns the recipe that the user wants."""
    recipe = context.recipe
    part = recipe.latent
    with section(
        context,
        "Latent",
        icons.ICON_FA_SEEDLING,
        "Which of the countless pictures for the same words.",
        summary=f"seed {part.seed}",
        changed=part != DEFAULT,
    ) as opened:
        if not opened:
            return recipe
        part = msgspec.structs.replace(
            part,
            seed=SEED.draw(context, part.seed),
            target_seed=TARGET.draw(context, part.target_seed),
            position=POSITION.draw(context, part.position),
        )
        part = _path(part)
    return msgspec.structs.replace(recipe, latent=part)


def _path(part: LatentPart) -> LatentPart:
    width = row.begin("Path", "The way that the walk takes between the two latents.")
    label = f"{icons.ICON_FA_RIGHT_LEFT}  Swap ends"
    gap = imgui.get_style().item_spacing.x
    room = imgui.calc_text_size(label).x + 2 * imgui.get_style().frame_padding.x
    blend = choice("blend", BLENDS, part.blend, width - gap - room)
    imgui.same_line(0, gap)
    swap = button(f"{label}###swap", "Exchange seed and target; the picture stays.")
    if row.end(blend != DEFAULT.blend):
        blend = DEFAULT.blend
    part = msgspec.structs.replace(part, blend=blend)
    return swapped(part) if swap else part
