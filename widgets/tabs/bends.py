"""The bends of the picture's layers: what each changes, in which channels, and by how much."""

from __future__ import annotations

from dataclasses import replace as replace_slider

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.parameters.bends import KINDS, bend, bend_amount, changed_kind, missing_layer
from renderer.recipe.bend_words import CHANNELS_HELP, channels_in_words, read_channels
from renderer.recipe.parts.bends import MAX_BENDS, VERTICAL, Span, new_bend
from renderer.recipe.recipe import Bend, Recipe, RecipeError
from widgets import scopes, theme
from widgets.context import Context
from widgets.controls import source_sign
from widgets.controls.buttons import button, fitted, icon_button
from widgets.controls.numbers import RefusedError
from widgets.controls.seed_field import SeedField
from widgets.controls.slider import Slider
from widgets.controls.tooltips import taken, tip
from widgets.controls.typed_text_box import typed_text
from widgets.tabs.layer_view import ChooseChannel, LayersView

KIND_EM, LAYER_EM, CHANNELS_EM = 6.4, 7.4, 7.0
FULL = f"A picture takes at most {MAX_BENDS} bends."
NOTHING = (
    "Nothing is bent. A bend changes what comes out of a layer before the next one reads it: "
    "coarse layers hold the layout, fine ones edges and colour."
)
UPWARD = {"shift": "Up", "mirror": "Upside"}
AMOUNT = {"shift": "Right", "mirror": "Sides"}
"""The labels of amounts with a direction."""


def add_button(context: Context, view: LayersView) -> Recipe:
    """Draw what adds a bend of the chosen layer; returns the recipe with it."""
    assert view.report is not None, "the tab has something to show"
    recipe, layer = context.recipe, view.choice.layer or view.report.view.layer
    full = len(recipe.bends) >= MAX_BENDS
    words = f"{icons.ICON_FA_PLUS}  Bend {layer}###add bend"
    text = "Change what comes out of this layer. Click another in the list to bend that one."
    if button(words, text, primary=not recipe.bends, reason=FULL * full):
        recipe = replace(recipe, bends=(*recipe.bends, new_bend(layer)))
    return recipe


def draw(context: Context, view: LayersView, recipe: Recipe) -> Recipe:
    """Draw the bends of `recipe` into the current child window; returns what the user wants."""
    if not recipe.bends:
        theme.wrapped(NOTHING)
    found: list[Bend] = []
    for index, own in enumerate(recipe.bends):
        with scopes.name(f"bend{index}"):
            new = _bend(context, view, recipe, index, own)
        if new is not None:
            found.append(new)
    return replace(recipe, bends=tuple(found)) if tuple(found) != recipe.bends else recipe


def _bend(context: Context, view: LayersView, recipe: Recipe, index: int, own: Bend) -> Bend | None:
    """One bend: a line that says what it is, and its amounts; None when it is removed."""
    imgui.dummy((0, theme.em(0.1)))
    reason = missing_layer(recipe, context.model, index)
    new = _line(context, view, index, own, reason)
    if new is None or new.kind != own.kind:
        return new
    why = reason or ("" if own.on else "This bend is off.") or None
    label = AMOUNT.get(new.kind, "Amount")
    slider = replace_slider(Slider.of(bend_amount(index, new.kind)), label=label)
    new = replace(new, amount=slider.draw(context, new.amount, why))
    if new.kind in VERTICAL:
        upward = Slider.of(bend_amount(index, new.kind, "vertical"))
        slider = replace_slider(upward, label=UPWARD[new.kind])
        new = replace(new, vertical=slider.draw(context, new.vertical, why))
    if new.kind == "noise":
        seed = next(one for one in bend(index, "noise") if one.address.endswith("/seed"))
        field = replace_slider(SeedField.of(seed), label="Seed")
        new = replace(new, seed=field.draw(context, new.seed, why))
    return new


def _line(context: Context, view: LayersView, index: int, own: Bend, reason: str) -> Bend | None:
    """On or off, the kind, the layer, the channels, and what removes it."""
    gap, side = imgui.get_style().item_inner_spacing.x, imgui.get_frame_height()
    _, on = imgui.checkbox("##on", own.on)
    tip("Turn the bend on or off; off, it keeps its amounts.")
    source_sign.offered(context, f"/bend/{index + 1}/on")
    imgui.same_line(0, gap)
    new = _kind(replace(own, on=on))
    imgui.same_line(0, gap)
    if _layer(own, reason):
        context.ask(ChooseChannel(replace_slider(view.choice, layer=own.layer, channel=None)))
    imgui.same_line(0, gap)
    width = imgui.get_content_region_avail().x - side - gap
    new = replace(new, channels=_channels(context, new.channels, max(width, theme.em(2))))
    imgui.same_line(0, gap)
    removed = icon_button(icons.ICON_FA_XMARK, "remove", "Remove this bend", quiet=True)
    return None if removed else new


def _kind(own: Bend) -> Bend:
    imgui.set_next_item_width(theme.em(KIND_EM))
    with scopes.combo("##kind", own.kind.capitalize()) as opened:
        if opened:
            for kind in KINDS:
                if imgui.selectable(kind.capitalize(), kind == own.kind)[0] and kind != own.kind:
                    own = changed_kind(own, kind)
                tip(next(one.text for one in bend(0, kind) if one.address.endswith("/amount")))
    tip("The change that is made to what comes out of the layer.")
    return own


def _layer(own: Bend, reason: str) -> bool:
    """The layer's name, which leads to it; whether it was pressed."""
    corner, height = imgui.get_cursor_screen_pos(), imgui.get_frame_height()
    width = theme.em(LAYER_EM)
    pressed = imgui.invisible_button("layer", (width, height), imgui.ButtonFlags_.enable_nav)
    hot = imgui.is_item_hovered()
    tip(f"{own.layer or 'No layer'}\nClick to look at it.", reason or None)
    code = theme.WARNING if reason else theme.TEXT if hot else theme.DIM
    shown = fitted(f"of {own.layer or 'no layer'}", width)
    top = corner.y + (height - imgui.get_font_size()) / 2
    imgui.get_window_draw_list().add_text((corner.x, top), theme.ink(code), shown)
    return pressed and not reason


def _channels(context: Context, spans: tuple[Span, ...], width: float) -> tuple[Span, ...]:
    item = imgui.get_id("##channels")
    words = channels_in_words(spans)
    text = typed_text(context, "##channels", words if spans else "all channels", width)
    tip(f"The channels that are changed. {CHANNELS_HELP}")
    if text is None:
        return spans
    return taken(context, item, lambda: _read(text), spans)


def _read(text: str) -> tuple[Span, ...]:
    try:
        return read_channels(text.lower().removesuffix("channels"))
    except RecipeError as error:
        raise RefusedError(str(error)) from error


def marked(recipe: Recipe) -> frozenset[str]:
    """Return the layers that are bent."""
    return frozenset(own.layer for own in recipe.bends if own.acts)


def count(recipe: Recipe) -> str:
    """The number of bends that act, for a label; nothing for none."""
    acting = sum(own.acts for own in recipe.bends)
    return f" ({acting})" if acting else ""
