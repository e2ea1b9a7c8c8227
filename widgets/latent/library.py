"""Latents that were kept under a name: take one as start, as target, or to mix with."""

from __future__ import annotations

from dataclasses import dataclass

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.files.latent_file import MAX_NAME, SavedLatent
from renderer.parameters.registry import NO_MODEL
from renderer.recipe import latent_ends, mixing_tracks
from renderer.recipe.recipe import MAX_SOURCES, LatentPart, MixingPart, MixSource, Recipe
from widgets import scopes, theme
from widgets.actions import Action
from widgets.context import Context
from widgets.controls import focus
from widgets.controls.buttons import button, button_width, fitted, icon_button
from widgets.controls.section import toggle
from widgets.controls.thumbnail import thumb
from widgets.controls.tooltips import tip

THUMB_EM = 2.7
ROWS_SHOWN = 5
"""More rows than these scroll."""
MENU = "more"
EMPTY = (
    "Save a latent that you like, to use it again with other prompts, in other sessions and for "
    "mixing."
)


@dataclass(frozen=True)
class KeptLatents:
    """The saved latents, the newest first.  `deleted` names the one that was deleted last."""

    latents: tuple[SavedLatent, ...] = ()
    deleted: str = ""

    def name_of(self, values: tuple[float, ...]) -> str:
        """The name of the latent with these values; empty where none was kept."""
        return next((kept.name for kept in self.latents if kept.values == values), "")


@dataclass(frozen=True)
class KeepLatent(Action):
    """Keep the current latent under a name; an empty one is found for it."""

    name: str


@dataclass(frozen=True)
class RenameLatent(Action):
    """Give a kept latent another name."""

    name: str
    new: str


@dataclass(frozen=True)
class DeleteLatent(Action):
    """Take a latent out of those that were kept."""

    name: str


@dataclass(frozen=True)
class UndeleteLatent(Action):
    """Bring the latent back that was deleted last."""


@dataclass(frozen=True)
class ExportLatent(Action):
    """Write a kept latent into a file of its own."""

    name: str


@dataclass(frozen=True)
class ImportLatent(Action):
    """Keep the latent of a file that the user chooses."""


@dataclass
class NamedLatents:
    """The list.  It remembers the names that are being typed."""

    wanted: str = ""
    _renamed: str = ""
    _typed: str = ""
    _focus: bool = False

    def draw(self, context: Context) -> Recipe:
        """Draw list and buttons; returns the recipe that the user wants."""
        kept = context.see(KeptLatents)
        self._keep(context)
        recipe = context.recipe
        if kept.latents:
            recipe = self._list(context, kept.latents)
        else:
            theme.wrapped(EMPTY)
        if kept.deleted:
            _undelete(context, kept.deleted)
        return recipe

    def _keep(self, context: Context) -> None:
        """The box for a name, the button that keeps, and the one that opens a file."""
        side, gap = imgui.get_frame_height(), imgui.get_style().item_inner_spacing.x
        label = "Save###keep"
        taken = button_width(label) + side + 2 * gap
        imgui.set_next_item_width(imgui.get_content_region_avail().x - taken)
        flags = imgui.InputTextFlags_.enter_returns_true
        entered, self.wanted = imgui.input_text_with_hint(
            "##name", f"seed {context.recipe.latent.seed}", self.wanted, flags
        )
        focus.border()
        tip("The name to save this latent under.")
        imgui.same_line(0, gap)
        reason = NO_MODEL.reason(context.recipe, context.model)
        text = "Save this latent, wherever it is between seeds, without the prompt."
        if (button(label, text, reason=reason) or entered) and not reason:
            context.ask(KeepLatent(self.wanted))
            self.wanted = ""
        imgui.same_line(0, gap)
        if icon_button(icons.ICON_FA_FOLDER_OPEN, "import", "Open a latent file…", quiet=True):
            context.ask(ImportLatent())

    def _list(self, context: Context, latents: tuple[SavedLatent, ...]) -> Recipe:
        recipe, pitch = context.recipe, theme.em(THUMB_EM) + theme.em(0.3)
        height = pitch * min(len(latents), ROWS_SHOWN)
        if len(latents) > ROWS_SHOWN:
            height += pitch * 0.4  # half a row says that it goes on
        with (
            scopes.style(imgui.StyleVar_.item_spacing, (theme.em(0.4), theme.em(0.3))),
            scopes.child("kept", (0, height), 0, imgui.WindowFlags_.no_background),
        ):
            clipper = imgui.ListClipper()
            clipper.begin(len(latents), pitch)
            while clipper.step():
                for index in range(clipper.display_start, clipper.display_end):
                    with scopes.name(latents[index].name):
                        new = self._row(context, latents[index])
                    recipe = recipe if new is None else new
        return recipe

    def _row(self, context: Context, kept: SavedLatent) -> Recipe | None:
        """One kept latent; returns a recipe when the user wants one."""
        recipe, side, line = context.recipe, theme.em(THUMB_EM), imgui.get_frame_height()
        reason, new = unsuitable(context, kept), None
        start = replace(recipe, latent=latent_ends.start_at_values(recipe.latent, kept.values))
        corner = imgui.get_cursor_pos()
        right = corner.x + imgui.get_content_region_avail().x
        with scopes.disabled(bool(reason)):
            if thumb(context, "thumb", recipe if reason else start, side) and not reason:
                new = start
        tip(f"{kept.name}\nStart from this latent.", reason or None)
        left, top = corner.x + side + theme.em(0.5), corner.y + (side - line) / 2
        buttons = right - 3 * line - theme.em(0.2)
        imgui.set_cursor_pos((left, top))
        self._name(context, kept, buttons - left - theme.em(0.4))
        imgui.set_cursor_pos((buttons, top))
        part = self._ends(recipe.latent, kept, reason)
        if part is not None:
            new = replace(recipe, latent=part)
        new = self._menu(context, kept, reason) or new
        imgui.set_cursor_pos(corner)
        imgui.dummy((0, side))
        return new

    def _name(self, context: Context, kept: SavedLatent, room: float) -> None:
        """The name, or the box in which it is changed."""
        if self._renamed != kept.name:
            imgui.align_text_to_frame_padding()
            imgui.text_unformatted(fitted(kept.name, room))
            tip(kept.name if fitted(kept.name, room) != kept.name else "")
            if imgui.is_item_hovered() and imgui.is_mouse_double_clicked(0):
                self._rename(kept.name)
            return
        if self._focus:
            imgui.set_keyboard_focus_here()
            self._focus = False
        imgui.set_next_item_width(room)
        flags = imgui.InputTextFlags_.auto_select_all
        _, self._typed = imgui.input_text("##rename", self._typed, flags)
        focus.border()
        if imgui.is_item_deactivated():
            if imgui.is_item_deactivated_after_edit() and self._typed.strip():
                context.ask(RenameLatent(kept.name, self._typed[: 4 * MAX_NAME]))
            self._renamed = ""

    def _rename(self, name: str) -> None:
        self._renamed = self._typed = name
        self._focus = True

    def _ends(self, part: LatentPart, kept: SavedLatent, reason: str) -> LatentPart | None:
        new = None
        text = "Start from this latent"
        if icon_button(icons.ICON_FA_LOCATION_DOT, "start", text, quiet=True, reason=reason):
            new = latent_ends.start_at_values(part, kept.values)
        imgui.same_line(0, 0)
        text = "Interpolate to this latent"
        if icon_button(icons.ICON_FA_FLAG_CHECKERED, "target", text, quiet=True, reason=reason):
            new = latent_ends.aim_at_values(part, kept.values)
        imgui.same_line(0, 0)
        if icon_button(icons.ICON_FA_ELLIPSIS, "menu", "Mix, rename, export, delete", quiet=True):
            imgui.open_popup(MENU)
        return new

    def _menu(self, context: Context, kept: SavedLatent, reason: str) -> Recipe | None:
        with scopes.popup(MENU) as opened:
            if not opened:
                return None
            recipe, new = context.recipe, None
            full = len(recipe.mixing.sources) >= MAX_SOURCES
            if imgui.menu_item("Add as mixing source", "", False, not reason and not full)[0]:
                new = with_source(context, kept)
            tip("", reason or (f"At most {MAX_SOURCES} sources." if full else None))
            if imgui.menu_item_simple("Rename…"):
                self._rename(kept.name)
            if imgui.menu_item_simple("Export…"):
                context.ask(ExportLatent(kept.name))
            imgui.separator()
            if imgui.menu_item_simple("Delete"):
                context.ask(DeleteLatent(kept.name))
        return new


def unsuitable(context: Context, kept: SavedLatent) -> str:
    """Return why a kept latent cannot be used with the current model; empty when it can."""
    if context.model is None:
        return NO_MODEL.sentence
    if len(kept.values) != context.model.z_dim:
        return (
            f"This latent has {len(kept.values)} values; {context.model.name} takes "
            f"{context.model.z_dim}."
        )
    return ""


def with_source(context: Context, kept: SavedLatent) -> Recipe:
    """The recipe that also mixes in a kept latent, in its middle blocks; opens that panel."""
    recipe, model = context.recipe, context.model
    latent = mixing_tracks.of_kind("Middle", model.blocks if model is not None else ())
    source = MixSource(values=kept.values, latent=latent)
    if "Mixing" not in context.options.open_sections:
        toggle(context, "Mixing")
    return replace(recipe, mixing=MixingPart((*recipe.mixing.sources, source)))


def _undelete(context: Context, name: str) -> None:
    """A line that says what was deleted, with the way back."""
    label = f"{icons.ICON_FA_ARROW_ROTATE_LEFT}  Undo###undelete"
    room = imgui.get_content_region_avail().x - imgui.calc_text_size(label, True).x - theme.em(2)
    imgui.align_text_to_frame_padding()
    imgui.text_disabled(fitted(f"Deleted “{name}”.", room))
    imgui.same_line()
    if button(label, "Restore it."):
        context.ask(UndeleteLatent())
