"""The latent: where it starts on the map of seeds, where it walks to, and how it wanders."""

from __future__ import annotations

from dataclasses import dataclass, field
from dataclasses import replace as replace_field

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.parameters.registry import NO_MODEL
from renderer.recipe import latent_ends
from renderer.recipe.recipe import LatentPart, Recipe
from widgets import theme
from widgets.actions import Action
from widgets.context import Context
from widgets.controls import labelled_row
from widgets.controls.buttons import button, choice, fitted, icon_button
from widgets.controls.section import disclosure, section
from widgets.controls.seed_field import SeedField
from widgets.controls.slider import Slider
from widgets.controls.tooltips import tip
from widgets.latent import seed_blend
from widgets.latent import wander as walk
from widgets.latent.components import ComponentsPanel
from widgets.latent.library import KeptLatents, NamedLatents
from widgets.latent.seed_map import PlaneMap
from widgets.latent.travel_tool import place

DEFAULT = LatentPart()
TITLE = "Latent"
PRESSES = ("/seed/previous", "/seed/next", "/random")
SEED = replace_field(SeedField.of("/latent/seed"), presses=PRESSES)
TARGET = SeedField.of("/latent/target")
POSITION = Slider.of("/latent/position")
BLENDS = (
    ("slerp", "Slerp", "Along the great arc: every step is as likely a latent as the two ends."),
    ("lerp", "Lerp", "Along the straight line: steps in the middle are closer to the average."),
)
PATH, BLEND, WANDER = "Path to the target", "Blend of seeds", "Wander"
KEPT, COMPONENTS = "Saved latents", "Components and directions"
SETTLE = (
    "Start from the current latent: the picture stays the same, and Position begins at 0 here. "
    "The latent is then stored as values."
)
WRITTEN_OUT = "This latent is stored as values and has no seed."
BLENDED = "Several seeds are blended in its place; see Blend of seeds."


@dataclass(frozen=True)
class Settle(Action):
    """Make the current latent the start of the walk; the picture stays."""


@dataclass(frozen=True)
class SwapEnds(Action):
    """Exchange start and target of the walk, where the start lies between seeds."""


@dataclass
class LatentPanel:
    """Edits `Recipe.latent` and `Recipe.moves`.  Its parts remember what is looked at."""

    plane: PlaneMap = field(default_factory=PlaneMap)
    named: NamedLatents = field(default_factory=NamedLatents)
    components: ComponentsPanel = field(default_factory=ComponentsPanel)

    def draw(self, context: Context) -> Recipe:
        """Draw the section; returns the recipe that the user wants."""
        recipe = context.recipe
        with section(
            context,
            TITLE,
            icons.ICON_FA_SEEDLING,
            "Which of the countless pictures of the same prompt.",
            summary=_summary(recipe.latent),
            changed=recipe.latent != DEFAULT or bool(recipe.moves),
        ) as opened:
            if not opened:
                return recipe
            part = _start(context, recipe.latent)
            part = self._map(context, part)
            if part.morph is not None:
                _between_key_frames(context)
            part = _target(context, part)
            part = _walk(context, part)
            if disclosure(context, PATH):
                part = _path(context, part)
            if disclosure(context, BLEND):
                part = seed_blend.draw(context, part)
            if disclosure(context, WANDER):
                walk.draw(context)
            if disclosure(context, KEPT):
                recipe = self.named.draw(context)
            made = recipe.moves
            if disclosure(context, COMPONENTS):
                made = self.components.draw(context, made)
        if part != context.recipe.latent:
            recipe = replace(recipe, latent=part)
        return recipe if made == recipe.moves else replace(recipe, moves=made)

    def _map(self, context: Context, part: LatentPart) -> LatentPart:
        """The map of seeds, with the button that lets the latent wander in its corner."""
        new = self.plane.draw(context, imgui.get_content_region_avail().x)
        high = imgui.get_item_rect_max().x, imgui.get_item_rect_min().y
        walk.on_map(context, high)
        return part if new == context.recipe.latent else new


def _summary(part: LatentPart) -> str:
    if part.seeds:
        return f"{len(part.seeds)} seeds"
    return "values" if part.values else place(part)


def _start(context: Context, part: LatentPart) -> LatentPart:
    """The seed, or the values in its place."""
    if not part.on_plane:
        name = f"{len(part.seeds)} blended seeds" if part.seeds else _name(context, part.values)
        if _written_out(SEED, name, BLENDED if part.seeds else WRITTEN_OUT):
            return latent_ends.start_at_seed(part, part.seed)
        return part
    seed = SEED.draw(context, part.seed)
    return part if seed == part.seed else latent_ends.start_at_seed(part, seed)


def _target(context: Context, part: LatentPart) -> LatentPart:
    if part.target_values:
        if _written_out(TARGET, _name(context, part.target_values), WRITTEN_OUT):
            return latent_ends.aim_at_seed(part, part.target_seed)
        return part
    seed = TARGET.draw(context, part.target_seed)
    return part if seed == part.target_seed else latent_ends.aim_at_seed(part, seed)


def _name(context: Context, values: tuple[float, ...]) -> str:
    return context.see(KeptLatents).name_of(values) or f"{len(values)} values"


def _written_out(of: SeedField, name: str, why: str) -> bool:
    """A row with something else in the place of a seed; returns whether the seed is wanted back."""
    with labelled_row.row(of.label, f"{of.text}\n{why}") as row:
        corner, height = imgui.get_cursor_screen_pos(), imgui.get_frame_height()
        imgui.dummy((row.width, height))
        tip(f"{name}\n{why}")
        draw = imgui.get_window_draw_list()
        draw.add_rect_filled(
            corner,
            (corner.x + row.width, corner.y + height),
            theme.ink(theme.ACCENT_SOFT),
            imgui.get_style().frame_rounding,
        )
        words = f"{icons.ICON_FA_BOOKMARK}  {fitted(name, row.width - theme.em(3))}"
        at = (corner.x + theme.em(0.6), corner.y + (height - imgui.get_font_size()) / 2)
        draw.add_text(at, theme.ink(theme.ACCENT), words)
        row.enable()
        imgui.same_line(0, imgui.get_style().item_inner_spacing.x)
        let_go = icon_button(icons.ICON_FA_XMARK, "let go", "Back to the previous seed", quiet=True)
    return let_go


def _between_key_frames(context: Context) -> None:
    """Draw what a morph is, with a button that ends it."""
    imgui.align_text_to_frame_padding()
    with theme.text_colour(theme.ACCENT):
        imgui.text_unformatted(f"{icons.ICON_FA_ROUTE}  Between two key frames")
    tip("The timeline is between two latents here; seed and position are those of the first.")
    imgui.same_line()
    if button("Use current###let go", SETTLE, reason=_no_model(context)):
        context.ask(Settle())


def _walk(context: Context, part: LatentPart) -> LatentPart:
    """The slider from start to target, and the button that exchanges them."""
    with labelled_row.row(POSITION.label, f"{POSITION.text}\n{POSITION.how}") as row:
        side, gap = imgui.get_frame_height(), imgui.get_style().item_inner_spacing.x
        position = POSITION.control(context, part.position, (row.width - side - gap, side))
        left, right = imgui.get_item_rect_min(), imgui.get_item_rect_max()
        imgui.same_line(0, gap)
        text = "Swap seed and target; the picture stays the same."
        swap = icon_button(icons.ICON_FA_ARROW_RIGHT_ARROW_LEFT, "swap", text)
        if row.reset(part.position != POSITION.default):
            position = POSITION.default
    chosen = POSITION.draw_marks(left.x, right.x, part.position)
    position = position if chosen is None else chosen
    part = replace(part, position=position)
    if not swap:
        return part
    if latent_ends.between_seeds(part):  # no target lies between seeds: its values must be found
        context.ask(SwapEnds())
        return part
    return latent_ends.swapped(part)


def _path(context: Context, part: LatentPart) -> LatentPart:
    """Draw the choice of path, and the button that starts again from the current position."""
    text = "The path between the two latents."
    with labelled_row.row("Path", text, offers=(context, "/latent/blend")) as row:
        blend = choice("blend", BLENDS, part.blend, row.width)
        if row.reset(blend != DEFAULT.blend):
            blend = DEFAULT.blend
    with labelled_row.row("Start", SETTLE) as row:
        row.enable()
        none = "" if part.position or part.morph else "Position is already 0."
        label = f"{icons.ICON_FA_ANCHOR}  From here###settle"
        if button(label, SETTLE, reason=none or _no_model(context)):
            context.ask(Settle())
    return replace(part, blend=blend)


def _no_model(context: Context) -> str:
    return NO_MODEL.reason(context.recipe, context.model)
