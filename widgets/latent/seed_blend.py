"""Several seeds in the place of one: their weights, and a pad of the first four."""

from __future__ import annotations

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.recipe.parts.seeds import seed_weights
from renderer.recipe.recipe import MAX_SEEDS, LatentPart, Pad, WeightedSeed
from widgets import scopes, theme
from widgets.context import Context
from widgets.controls import labelled_row
from widgets.controls.buttons import button, icon_button
from widgets.controls.pad_square import HOW, SIDE_EM, Square, paint, surface
from widgets.controls.seed_field import SeedField, random_seed
from widgets.controls.slider import Slider
from widgets.controls.tooltips import tip

SEED, WEIGHT = SeedField.of("/latent/seeds/1"), Slider.of("/latent/seeds/1/weight")
SEED_EM = 6.5
PAD_AXES = ("/latent/pad/x", "/latent/pad/y")
NONE = "Blend the latents of several seeds, each with a weight of its own."
ADD = "Add a seed to the blend, drawn by chance."
PAD = "A pad sets the weights of the first four seeds by one place."
FULL = f"At most {MAX_SEEDS} seeds."


def draw(context: Context, part: LatentPart) -> LatentPart:
    """Draw the seeds, the buttons and the pad; returns the latent that the user wants."""
    if not part.seeds:
        reason = "This latent is stored as values: choose a seed first." if part.values else ""
        if button(f"{icons.ICON_FA_PLUS}  Blend seeds###blend seeds", NONE, reason=reason):
            first = (WeightedSeed(part.seed), WeightedSeed(random_seed()))
            return replace(part, seeds=first, x=0.0, y=0.0, morph=None)
        return part
    shown, seeds = seed_weights(part.seeds, part.pad), list(part.seeds)
    gone = None
    for index, item in enumerate(part.seeds):
        with scopes.name(f"seed {index + 1}"):
            seeds[index], removed = _row(context, part, index, item, shown[index])
            gone = index if removed else gone
    if gone is not None:
        del seeds[gone]
    part = _without_blend(part) if not seeds else replace(part, seeds=tuple(seeds))
    part = _buttons(part)
    return _pad(context, part) if part.pad is not None else part


def _without_blend(part: LatentPart) -> LatentPart:
    return replace(part, seeds=(), pad=None)


def _row(
    context: Context, part: LatentPart, index: int, item: WeightedSeed, shown: float
) -> tuple[WeightedSeed, bool]:
    """A seed and its weight; returns both, and whether it is to go."""
    reason = "The pad sets the weight of this seed." if part.pad is not None and index < 4 else ""
    address = f"/latent/seeds/{index + 1}"
    with labelled_row.row(f"Seed {index + 1}", SEED.text, offers=(context, address)) as row:
        gap, side = imgui.get_style().item_inner_spacing.x, imgui.get_frame_height()
        width = min(theme.em(SEED_EM), row.width / 2)
        seed = SEED.box(context, item.seed, width)
        imgui.same_line(0, gap)
        room = (row.width - width - gap, side)
        with scopes.disabled(bool(reason)):
            weight = WEIGHT.at(f"{address}/weight").control(context, shown, room, reason or None)
        row.end()
        imgui.same_line(0, gap)
        text = f"Take seed {index + 1} out of the blend"
        gone = icon_button(icons.ICON_FA_XMARK, "remove", text, quiet=True)
    if weight != shown and not reason:
        item = replace(item, weight=weight)
    return (item if seed == item.seed else replace(item, seed=seed)), gone


def _buttons(part: LatentPart) -> LatentPart:
    if not part.seeds:
        return part
    full = FULL if len(part.seeds) >= MAX_SEEDS else ""
    if button(f"{icons.ICON_FA_PLUS}  Seed###add seed", ADD, reason=full):
        part = replace(part, seeds=(*part.seeds, WeightedSeed(random_seed())))
    imgui.same_line()
    words = "Weights" if part.pad is not None else "Pad"
    if button(f"{icons.ICON_FA_UP_DOWN_LEFT_RIGHT}  {words}###seed pad", PAD):
        part = replace(part, pad=None if part.pad is not None else Pad())
    imgui.same_line()
    if button("Single seed###no blend", "Back to the seed above, without the others."):
        part = _without_blend(part)
    return part


def _pad(context: Context, part: LatentPart) -> LatentPart:
    """The pad, with the seeds at its corners."""
    assert part.pad is not None, "there is a pad to draw"
    with scopes.name("pad"), scopes.font(None, theme.SMALL_PX):
        room, line = imgui.get_content_region_avail().x, imgui.get_text_line_height()
        side, corner = min(theme.em(SIDE_EM), room), imgui.get_cursor_screen_pos()
        gap = theme.em(0.3)
        square = Square(corner.x + (room - side) / 2, corner.y + line + gap, side)
        imgui.set_cursor_screen_pos((square.left, square.top))
        pad = surface(context, part.pad, square, PAD_AXES)
        paint(context, pad, square, PAD_AXES)
        tip("" if imgui.is_item_active() else HOW)
        draw, weights = imgui.get_window_draw_list(), seed_weights(part.seeds, pad)
        for index, item in enumerate(part.seeds[:4]):
            words = f"{100 * weights[index]:.0f}%  seed {item.seed}"
            y = square.top - line - gap if index < 2 else square.top + side + gap
            inset = side - imgui.calc_text_size(words).x if index % 2 else 0.0
            draw.add_text((square.left + inset, y), theme.ink(theme.DIM), words)
        imgui.set_cursor_screen_pos((corner.x, square.top + side + line + gap))
        imgui.dummy((room, theme.em(0.2)))
    return replace(part, pad=pad)
