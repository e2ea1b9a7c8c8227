"""Style mixing: another latent and another text, block by block, on two tracks."""

from __future__ import annotations

import msgspec
from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from renderer.recipe import MixingPart, MixTrack, Recipe
from widgets import row, theme
from widgets.context import Context
from widgets.live_text import FLAGS, live_text
from widgets.section import section
from widgets.seed import SeedField
from widgets.slider import Slider

DEFAULT = MixingPart()
SEED = SeedField("Seed", DEFAULT.seed, "The latent that the blocks below may take instead.")
SLIDER_EM = 5.2
LATENT_TEXT = (
    "Takes the source seed's latent in the {0} px block: 0 keeps the picture's own, 1 takes the "
    "source's."
)
TEXT_TEXT = (
    "Takes the source prompt's text in the {0} px block: 0 keeps the picture's own, 1 takes the "
    "source's."
)


def draw(context: Context) -> Recipe:
    """Draw the section that edits `Recipe.mixing`; returns the recipe that the user wants."""
    recipe = context.recipe
    part = recipe.mixing
    active = part.latent.active or part.text.active
    with section(
        context,
        "Mixing",
        icons.ICON_FA_SLIDERS,
        "Let some resolution blocks follow another seed or other words.",
        summary="on" if active else "off",
        changed=active,
    ) as opened:
        if not opened:
            return recipe
        seed = SEED.draw(context, part.seed)
        latent = _track(context, "Latent", part.latent, LATENT_TEXT, _reason(context))
        prompt = _prompt(context, part.prompt, _text_reason(context))
        text = _track(context, "Text", part.text, TEXT_TEXT, _text_reason(context))
    mixing = MixingPart(seed=seed, prompt=prompt, latent=latent, text=text)
    return msgspec.structs.replace(recipe, mixing=mixing)


def _reason(context: Context) -> str | None:
    return None if context.model is not None else "No model is loaded yet."


def _text_reason(context: Context) -> str | None:
    if context.model is not None and context.model.c_dim == 0:
        return "This model was trained without text."
    return _reason(context)


def _prompt(context: Context, words: str, reason: str | None) -> str:
    width = row.begin("Prompt", "The words that the text track below may take instead.", reason)
    imgui.set_next_item_width(width)
    new = live_text(
        context,
        words,
        lambda text: imgui.input_text_with_hint("##text", "Other words…", text, FLAGS),
    )
    if row.end(words != DEFAULT.prompt, reason):
        return DEFAULT.prompt
    return words if reason else new


def _track(context: Context, name: str, track: MixTrack, text: str, reason: str | None) -> MixTrack:
    """One slider for each resolution block, coarsest first."""
    blocks = context.model.blocks if context.model is not None else (8, 16, 32, 64)
    weights = [track.of_block(index) for index in range(len(blocks))]
    width = row.begin(name, f"{name} of the source, block by block: coarse at the left.", reason)
    gap = theme.em(0.3)
    each = min((width - gap * (len(blocks) - 1)) / len(blocks), theme.em(4.0))
    height = theme.em(SLIDER_EM)
    left = imgui.get_cursor_screen_pos().x
    imgui.begin_group()
    for index, size in enumerate(blocks):
        if index:
            imgui.same_line(0, gap)
        imgui.push_id(index)
        slider = Slider(f"{name} at {size} px", 0.0, 0.0, 1.0, text.format(size))
        weights[index] = slider.control(
            context, weights[index], (each, height), reason, vertical=True
        )
        imgui.pop_id()
    _legend(left, blocks, each, gap)
    imgui.end_group()
    if row.end(track.active, reason):
        return MixTrack()
    while weights and weights[-1] == 0.0:
        weights.pop()
    return track if reason else MixTrack(tuple(weights))


def _legend(left: float, blocks: tuple[int, ...], each: float, gap: float) -> None:
    """Resolutions under the sliders, and which end is coarse."""
    imgui.push_font(None, theme.SMALL_PX)
    draw, top = imgui.get_window_draw_list(), imgui.get_cursor_screen_pos().y
    top -= imgui.get_style().item_spacing.y * 0.5
    for index, size in enumerate(blocks):
        label = str(size)
        middle = left + index * (each + gap) + each / 2
        at = (middle - imgui.calc_text_size(label).x / 2, top)
        draw.add_text(at, theme.ink(theme.DIM), label)
    right = left + len(blocks) * (each + gap) - gap
    below = top + imgui.get_text_line_height() + theme.em(0.1)
    draw.add_text((left, below), theme.ink(theme.DIM), "coarse: layout")
    fine = "fine: colour, texture"
    draw.add_text((right - imgui.calc_text_size(fine).x, below), theme.ink(theme.DIM), fine)
    imgui.dummy((right - left, 2 * imgui.get_text_line_height() - theme.em(0.2)))
    imgui.pop_font()
