"""The text tower: which one reads the prompts, and the dialog to choose another."""

from __future__ import annotations

from dataclasses import dataclass

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from renderer.parameters.registry import NO_TEXT
from renderer.recipe.names import tower_name
from stylegan_t.config import OPEN_CLIP
from widgets import scopes, theme
from widgets.actions import (
    BrowseTower,
    CancelTower,
    DownloadTower,
    ListTowers,
    ShowDialog,
    UseTower,
)
from widgets.context import Context
from widgets.controls import focus, labelled_row
from widgets.controls.buttons import button, button_width, fitted
from widgets.controls.loading import progress
from widgets.controls.modal import modal
from widgets.controls.spinner import spinner
from widgets.controls.tooltips import tip

TITLE = "Text tower"
WIDTH_EM = 34.0
LIST_EM = 13.0
SIZES_GB = (
    ("ViT-bigG", 10.2),
    ("ViT-g", 5.5),
    ("ViT-H", 3.9),
    ("ViT-L", 1.7),
    ("ViT-B", 0.6),
    ("RN50x64", 2.5),
    ("RN50x16", 1.2),
    ("RN50x4", 0.7),
    ("RN", 0.4),
)
"""About what is fetched for an architecture, by how its name begins."""
EXPLAINED = (
    "Turns a prompt into the embedding that the model takes. A model needs the text tower that it "
    "was trained with; those of the reference code use ViT-L-14 (openai), LAFITE's ViT-B-32 or "
    "ViT-B-16 (openai)."
)


@dataclass(frozen=True)
class TowerChoice:
    """The state of the dialog for text towers.

    `known` are architectures and tags, None until they are listed.  `opening` says what is being
    opened or fetched, empty when nothing is, and `share` how far that is.  `problem` is a sentence;
    `absent` names the tower that is not there and may be downloaded.  `place` is the computer that
    all this is about.
    """

    known: tuple[tuple[str, str], ...] | None = None
    opening: str = ""
    share: float | None = None
    problem: str = ""
    absent: str = ""
    place: str = "this computer"


def has_none(context: Context) -> bool:
    """Return whether the model takes text, but nothing is there to read it."""
    model = context.model
    if model is None or not model.c_dim:
        return False
    return not (model.text_tower or context.recipe.model.tower)


def tower_row(context: Context) -> None:
    """The row of the Model section: the tower's name, which opens the dialog."""
    spec, model = context.recipe.model.tower, context.model
    reason = NO_TEXT.reason(context.recipe, model) or None
    if model is not None and model.has_classes:
        reason = "This model takes names of classes, which need no text tower."
    with labelled_row.row("Text tower", EXPLAINED, reason) as row:
        shown = fitted(_current(context), row.width - theme.em(2.4))
        with (
            scopes.style(imgui.StyleVar_.button_text_align, (0.0, 0.5)),
            theme.text_colour(theme.WARNING) if has_none(context) else scopes.plain(),
        ):
            pressed = imgui.button(f"{shown}###tower", (row.width, 0))
        corner = imgui.get_item_rect_max()
        caret = icons.ICON_FA_CARET_DOWN
        at = (corner.x - theme.em(1.3), corner.y - imgui.get_frame_height() + theme.em(0.32))
        imgui.get_window_draw_list().add_text(at, theme.ink(theme.DIM), caret)
        tip(spec or "The text tower inside the checkpoint. Click to choose another.", reason)
        if pressed and not reason:
            context.ask(ShowDialog("tower"))
        if row.reset(bool(spec)):
            context.ask(UseTower(""))


def _current(context: Context) -> str:
    spec, model = context.recipe.model.tower, context.model
    if spec:
        return tower_name(spec)
    if model is None:
        return "the checkpoint's own"
    return model.text_tower or ("none: choose one…" if model.c_dim else "none")


@dataclass
class TowerDialog:
    """The dialog.  It remembers what is typed into its search and which tower is marked."""

    search: str = ""
    marked: str = ""

    def open(self, context: Context) -> None:
        """Open it with the next `draw`."""
        self.marked = context.recipe.model.tower
        imgui.open_popup(TITLE)
        context.ask(ListTowers())

    def draw(self, context: Context) -> None:
        """Draw it while it is open."""
        with modal(TITLE) as opened:
            if not opened:
                return
            width = theme.em(WIDTH_EM)
            with scopes.font(context.fonts.bold, theme.PROMPT_PX):
                imgui.text_unformatted(TITLE)
            theme.wrapped(EXPLAINED, width=width)
            self._list(context, width)
            self._news(context, width)
            closes = self._buttons(context, width)
            if closes or imgui.is_key_pressed(imgui.Key.escape):
                imgui.close_current_popup()

    def _list(self, context: Context, width: float) -> None:
        """The checkpoint's own, and every tower that has a name."""
        imgui.set_next_item_width(width)
        icon = icons.ICON_FA_MAGNIFYING_GLASS
        self.search = imgui.input_text_with_hint("##search", f"{icon}  Search", self.search)[1]
        focus.border()
        flags = imgui.ChildFlags_.always_use_window_padding
        with (
            scopes.colour(imgui.Col_.child_bg, theme.colour(theme.PANEL)),
            scopes.child("towers", (width, theme.em(LIST_EM)), flags),
        ):
            self._entry("The checkpoint's own", "")
            current = context.recipe.model.tower
            if current and not current.startswith(OPEN_CLIP):
                self._entry(tower_name(current), current)
            known = context.see(TowerChoice).known
            if known is None:
                spinner(context.now_s, theme.em(0.45))
                imgui.same_line()
                imgui.text_disabled("Listing the towers of open_clip…")
            words = self.search.lower().split()
            for architecture, tag in known or ():
                label = f"{architecture} ({tag})"
                if all(word in label.lower() for word in words):
                    self._entry(label, f"{OPEN_CLIP}{architecture}/{tag}")

    def _entry(self, label: str, spec: str) -> None:
        if imgui.selectable(f"{label}###{spec or 'own'}", self.marked == spec)[0]:
            self.marked = spec

    def _news(self, context: Context, width: float) -> None:
        """Draw what is being opened, or why it could not be."""
        towers = context.see(TowerChoice)
        if towers.opening:
            progress(context, towers.opening, towers.share, width)
        elif towers.absent and towers.absent == self.marked:
            theme.wrapped(
                f"{tower_name(towers.absent)} is not on {towers.place}. Downloading it there "
                f"fetches {download_size(towers.absent)} from huggingface.co; it stays in that "
                "site's cache folder, for other programs, too.",
                theme.WARNING,
                width,
            )
        elif towers.problem:
            theme.wrapped(towers.problem, theme.WARNING, width)

    def _buttons(self, context: Context, width: float) -> bool:
        """The line of buttons; True when the dialog is to close."""
        towers, left = context.see(TowerChoice), imgui.get_cursor_pos_x()
        used = self.marked == context.recipe.model.tower
        if towers.opening:
            if button(f"{icons.ICON_FA_XMARK}  Cancel###cancel", "Cancel this"):
                context.ask(CancelTower())
        elif towers.absent and towers.absent == self.marked:
            if button(f"{icons.ICON_FA_DOWNLOAD}  Download###download", primary=True):
                context.ask(DownloadTower(towers.absent))
        elif button("Use it", primary=True, reason="This one is in use." if used else ""):
            context.ask(UseTower(self.marked))
        imgui.same_line()
        file = f"{icons.ICON_FA_FOLDER_OPEN}  From a file…###file"
        browses = button(file, "A CLIP model as open_clip saves it: .safetensors, .bin or .pt")
        if browses:  # two dialogs at a time would be in each other's way
            context.ask(BrowseTower())
        label = "Close"
        imgui.same_line(left + width - button_width(label))
        return button(label) or browses


def download_size(spec: str) -> str:
    """Roughly what a download of a named tower fetches."""
    name = spec.removeprefix(OPEN_CLIP)
    for start, size_gb in SIZES_GB:
        if name.startswith(start):
            return f"about {size_gb:g} GB"
    return "0.6 to 10 GB"
