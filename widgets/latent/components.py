"""Directions that the model gives: principal components, and those its weights answer to most."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace as replace_slider

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.frame.frame import LayerInfo
from renderer.parameters.component_steps import NO_MODEL, step_along
from renderer.recipe import component_moves
from renderer.recipe.component_moves import Moves
from renderer.recipe.parts.moves import Space
from renderer.recipe.recipe import Move
from widgets import scopes, theme
from widgets.actions import Action
from widgets.context import Context
from widgets.controls import labelled_row
from widgets.controls.buttons import button, choice, icon_button
from widgets.controls.directions_view import SavedDirections
from widgets.controls.slider import Slider
from widgets.latent import directions

SHOWN = 5
STEP = 5
SPACES: tuple[tuple[Space, str, str], ...] = (
    (
        "mapped",
        "Whole picture",
        "Components of the mapped latent, the part of w that all layers share.",
    ),
    ("style", "One layer", "Components of the style of one layer alone, the same for all words."),
    (
        "weights",
        "Weights",
        "Directions to which the weights of one layer respond most (SeFa); they move its row of w.",
    ),
    (
        "block",
        "One block",
        "Directions to which the weights of all layers of a block respond most (SeFa); they move "
        "all rows of w of that block.",
    ),
)
NAMING = "name"
SHARE = "\nIt explains {0:.1%} of their variance."
ANSWER = "\nIt accounts for {0:.1%} of their whole response."


@dataclass(frozen=True)
class Components:
    """The components of a space as far as they are known: each one's share of the variance, the
    largest first; `ready` is whether that is known.  `problem` says why it cannot be."""

    space: Space = "mapped"
    row: int = 0
    shares: tuple[float, ...] = ()
    ready: bool = False
    problem: str = ""


@dataclass(frozen=True)
class LookAtComponents(Action):
    """Find out the components of a space; asked for in every frame in which they are shown."""

    space: Space
    row: int


@dataclass
class ComponentsPanel:
    """Edits `Recipe.moves`.  It remembers which space is looked at, and how much of it."""

    space: Space = "mapped"
    row: int = 1  # row 0 turns and moves the input: it has no style of pictures
    block: int = 0
    shown: int = SHOWN

    def draw(self, context: Context, made: Moves) -> Moves:
        """Draw the list of named directions, and the sliders of those that the model gives;
        returns the moves that the user wants."""
        reason = NO_MODEL.reason(context.recipe, context.model)
        made = directions.draw(context, made)
        imgui.separator()
        self.space = choice("space", SPACES, self.space, imgui.get_content_region_avail().x, reason)
        if self.space == "block":
            self._block(context, made, reason)
        elif self.space != "mapped":
            self._layer(context, made, reason)
        context.ask(LookAtComponents(self.space, self._row))
        known = context.see(Components)
        if (known.space, known.row) != (self.space, self._row):
            known = Components(self.space, self._row)
        count = len(known.shares) if known.ready else self.shown
        with scopes.name(f"{self.space}{self._row}"):
            for index in range(min(self.shown, count)):
                made = self._slider(context, made, index, known)
        return self._foot(made, count)

    @property
    def _row(self) -> int:
        return {"mapped": 0, "block": self.block}.get(self.space, self.row)

    def _layer(self, context: Context, made: Moves, reason: str) -> None:
        """The choice of the layer; those that are moved carry a dot."""
        layers = [layer for layer in _layers(context) if not layer.shared]
        names = {layer.row: _title(layer) for layer in layers}
        if names and self.row not in names:
            self.row = layers[0].row
        self.row = self._chosen(made, "Layer", "The layer that is moved.", reason, names)

    def _block(self, context: Context, made: Moves, reason: str) -> None:
        """The choice of the block, in the same way."""
        sizes = context.model.blocks if context.model else ()
        names = {place: f"{size} px" for place, size in enumerate(sizes)}
        self.block = min(self.block, max(len(names) - 1, 0))
        self.block = self._chosen(made, "Block", "The block that is moved.", reason, names)

    def _chosen(
        self, made: Moves, label: str, text: str, reason: str, names: dict[int, str]
    ) -> int:
        """A row that chooses one of `names`; those that are moved carry a dot."""
        chosen = self._row
        with labelled_row.row(label, text, reason or None) as row:
            gap = imgui.get_style().item_inner_spacing.x
            imgui.set_next_item_width(row.width + gap + imgui.get_frame_height())
            with scopes.combo("##layer", names.get(chosen, "")) as opened:
                if opened:
                    for place, name in names.items():
                        mark = "  •" if component_moves.count_of(made, self.space, place) else ""
                        if imgui.selectable(f"{name}{mark}", place == chosen)[0]:
                            chosen, self.shown = place, SHOWN
            row.enable()
        return chosen

    def _slider(self, context: Context, made: Moves, index: int, known: Components) -> Moves:
        direction = context.see(SavedDirections).known(Move(self.space, index, row=self._row))
        moved = step_along(direction, context.model.blocks if context.model else ())
        recipe = replace(context.recipe, moves=made)
        slider = Slider.of(moved)
        amount = component_moves.amount_of(made, direction)
        name = component_moves.name_of(made, direction) or direction.name
        share = known.shares[index] if index < len(known.shares) else None
        if share is not None:
            told = (SHARE if self.space in ("mapped", "style") else ANSWER).format(share)
            slider = replace_slider(slider, text=slider.text + told)
        corner = imgui.get_cursor_screen_pos()
        reason = moved.reason(recipe, context.model) or known.problem

        def bookmark() -> None:
            _bookmark(context, replace(direction, name=name))

        label = str(index + 1)
        new = directions.row_with_button(context, slider, label, amount, reason, bookmark)
        if share is not None:
            _bar(corner.x + theme.em(1.5), corner.y, share, max(known.shares))
        return made if new == amount else moved.put(recipe, new).moves

    def _foot(self, made: Moves, count: int) -> Moves:
        """More, fewer, and back to nothing."""
        every = self.shown >= count
        if button("More###more", "Show more components.", reason="There are no more." * every):
            self.shown += STEP
        imgui.same_line()
        least = self.shown <= SHOWN
        if button("Fewer###fewer", "Show fewer.", reason="These are the largest ones." * least):
            self.shown -= STEP
        imgui.same_line()
        label = f"{icons.ICON_FA_ARROW_ROTATE_LEFT}  Reset all###reset all"
        none = "" if any(move.amount for move in made) else "Nothing is moved."
        text = "Set all directions back to 0, those of other layers too."
        named = tuple(component_moves.unmoved(move) for move in made if move.name)
        return named if button(label, text, reason=none) else made


def _bookmark(context: Context, direction: Move) -> None:
    """The button that gives a direction a name, which brings it into the list."""
    ink = theme.ACCENT if direction.name else ""
    text = f"Called “{direction.name}”." if direction.name else "Name it to keep it"
    if icon_button(icons.ICON_FA_BOOKMARK, "bookmark", text, quiet=True, ink=ink):
        imgui.open_popup(NAMING)
    with scopes.popup(NAMING) as opened:
        if opened:
            directions.name_box(context, direction)


def _layers(context: Context) -> tuple[LayerInfo, ...]:
    return context.model.layers if context.model is not None else ()


def _title(layer: LayerInfo) -> str:
    return f"{layer.name}  ({layer.resolution} px)"


def _bar(left: float, top: float, share: float, widest: float) -> None:
    """Draw how much of the variance a component holds, beside its number."""
    room = theme.em(theme.LABEL_EM - 2.4)
    height, middle = theme.em(0.28), top + imgui.get_frame_height() / 2
    draw = imgui.get_window_draw_list()
    low, round_ = (left, middle - height / 2), height / 2
    draw.add_rect_filled(low, (left + room, middle + height / 2), theme.ink(theme.CONTROL), round_)
    length = max(room * share / max(widest, 1e-9), height)
    draw.add_rect_filled(
        low, (left + length, middle + height / 2), theme.ink(theme.ACCENT_DEEP), round_
    )
