"""Commands with their keys: one table for the keyboard, the menus and the overview."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imgui_bundle import imgui

from widgets import actions, scopes, theme
from widgets.actions import Action
from widgets.chrome import moment_keys
from widgets.chrome.moment_keys import RECALL_KEYS, STORE_KEYS
from widgets.chrome.session_menu import BrowseSession, SaveSession
from widgets.context import Context
from widgets.controls.key_names import MAIN
from widgets.controls.music_view import TapTempo
from widgets.controls.recording_view import Record
from widgets.controls.run_view import ShowNewest
from widgets.controls.timeline_view import AddKey, DeleteKey, TogglePlay, UpdateKey
from widgets.latent.wander import ToggleWander
from widgets.picture.compare import Compare, ComparisonView, SetA, SetB, StopComparing
from widgets.prompt.suggestions import SurpriseMe
from widgets.tabs.history import Star

Key = imgui.Key


@dataclass(frozen=True)
class Command:
    """Something that the keyboard and a menu both offer.

    `while_typing`: works while a text box has the keyboard, because the chord types nothing.
    `repeats`: held down, it goes on.
    `any_shift`: some keyboards need Shift to reach the key, others do not.
    """

    title: str
    action: Action
    key: imgui.Key
    key_name: str
    ctrl: bool = False
    shift: bool = False
    while_typing: bool = True
    repeats: bool = False
    any_shift: bool = False

    @property
    def letter(self) -> bool:
        """Return whether its key types something."""
        return not self.while_typing and (len(self.key_name) == 1 or self.key == Key.space)

    @property
    def chord(self) -> str:
        """The keys as they are written in a menu."""
        names = [MAIN] * self.ctrl + ["Shift"] * self.shift + [self.key_name]
        return "+".join(names)

    def pressed(self, *, ctrl: bool, shift: bool) -> bool:
        """Return whether its key went down in this frame, with these modifiers."""
        wrong_shift = shift != self.shift and not self.any_shift
        if ctrl != self.ctrl or wrong_shift or imgui.get_io().key_alt:
            return False
        return imgui.is_key_pressed(self.key, self.repeats)


OPEN_MODEL = Command("Open model…", actions.BrowseModel(), Key.o, "O", ctrl=True)
SAVE_PICTURE = Command("Save picture", actions.CaptureImage(), Key.s, "S", ctrl=True)
SAVE_WINDOW = Command("Save window", actions.CaptureWindow(), Key.s, "S", ctrl=True, shift=True)
RECORD = Command("Record", Record(), Key.r, "R", ctrl=True)
OPEN_SESSION = Command("Open session…", BrowseSession(), Key.o, "O", ctrl=True, shift=True)
SAVE_SESSION = Command("Save session", SaveSession(), Key.e, "E", ctrl=True)
STAR = Command("Star this picture", Star(), Key.d, "D", ctrl=True)
KEEP_A = Command("Compare: keep this as A", SetA(), Key.a, "A", while_typing=False)
KEEP_B = Command("Compare: keep this as B", SetB(), Key.b, "B", shift=True, while_typing=False)
QUIT = Command("Quit", actions.Quit(), Key.q, "Q", ctrl=True)
UNDO = Command("Undo", actions.Undo(), Key.z, "Z", ctrl=True, repeats=True)
REDO = Command("Redo", actions.Redo(), Key.z, "Z", ctrl=True, shift=True, repeats=True)
RANDOM = Command("Random seed", actions.RandomSeed(), Key.r, "R", while_typing=False)
SURPRISE = Command("Surprise me", SurpriseMe(), Key.r, "R", shift=True, while_typing=False)
NEXT = Command(
    "Next seed", actions.StepSeed(1), Key.right_arrow, "Right", while_typing=False, repeats=True
)
PREVIOUS = Command(
    "Previous seed", actions.StepSeed(-1), Key.left_arrow, "Left", while_typing=False, repeats=True
)
FIT = Command("Fit picture", actions.FitPicture(), Key._0, "0", ctrl=True)
ACTUAL = Command("Actual size", actions.ActualSize(), Key._0, "0", shift=True, while_typing=False)
ZOOM_IN = Command("Zoom in", actions.ZoomPicture(1), Key.equal, "+", ctrl=True, any_shift=True)
ZOOM_OUT = Command("Zoom out", actions.ZoomPicture(-1), Key.minus, "-", ctrl=True)
TRAVEL = Command(
    "Travel through latents", actions.ChooseTool("travel"), Key.t, "T", while_typing=False
)
HAND = Command("Move the view", actions.ChooseTool("hand"), Key.h, "H", while_typing=False)
PLACE = Command("Place the content", actions.ChooseTool("place"), Key.m, "M", while_typing=False)
PLAY = Command("Play the timeline", TogglePlay(), Key.space, "Space", while_typing=False)
ADD_KEY = Command("Add a key frame", AddKey(), Key.k, "K", while_typing=False)
UPDATE_KEY = Command(
    "Update the key frame", UpdateKey(), Key.k, "K", shift=True, while_typing=False
)
DELETE_KEY = Command("Delete the key frame", DeleteKey(), Key.delete, "Delete", while_typing=False)
DRAWER_KEYS = {
    "History": Key.f2,
    "Timeline": Key.f3,
    "Grid": Key.f4,
    "Layers": Key.f5,
    "Gallery": Key.f6,
    "Moments": Key.f12,
}
"""The key of each tab below the picture."""
DRAWERS = tuple(
    Command(title, actions.ToggleDrawer(title), key, str(key.name).upper())
    for title, key in DRAWER_KEYS.items()
)
WANDER = Command("Wander", ToggleWander(), Key.f7, "F7")
NEWEST = Command("Show the newest snapshot", ShowNewest(), Key.f9, "F9")
PANELS = Command("Panels", actions.TogglePanels(), Key.f8, "F8")
OUTPUT = Command("Clean output", actions.ToggleOutput(), Key.f10, "F10")
FULLSCREEN = Command("Full screen", actions.ToggleFullscreen(), Key.f11, "F11")
TAP = Command("Tap the tempo", TapTempo(), Key.b, "B", while_typing=False)
OVERVIEW = Command("Shortcuts", actions.ShowDialog("shortcuts"), Key.f1, "F1")

COMMANDS = (
    OPEN_MODEL,
    SAVE_PICTURE,
    SAVE_WINDOW,
    RECORD,
    OPEN_SESSION,
    SAVE_SESSION,
    UNDO,
    REDO,
    STAR,
    KEEP_A,
    KEEP_B,
    RANDOM,
    SURPRISE,
    PREVIOUS,
    NEXT,
    FIT,
    ACTUAL,
    ZOOM_IN,
    ZOOM_OUT,
    TRAVEL,
    HAND,
    PLACE,
    PLAY,
    ADD_KEY,
    UPDATE_KEY,
    DELETE_KEY,
    *DRAWERS,
    WANDER,
    TAP,
    PANELS,
    NEWEST,
    OUTPUT,
    FULLSCREEN,
    OVERVIEW,
    QUIT,
)

LETTERS = frozenset(
    c.key_name.lower() if len(c.key_name) == 1 else " " for c in COMMANDS if c.letter
)
"""The letters that are commands, B included, which is held."""
GAP_EM = 1.5
"""Room between the columns of the overview."""
MISSED = "What you typed did nothing, because no text box was active. Click a text box first."
ARROWS = (Key.left_arrow, Key.right_arrow)
WALKING = (*ARROWS, Key.space)
"""Keys that belong to keyboard navigation, once that has begun."""

GESTURES = (
    ("Tab", "move from control to control; arrows and Enter work there"),
    ("Drag a slider", "change it; the picture follows"),
    (f"{MAIN}+click a slider", "type a value"),
    ("Right-click, or Menu key", "reset a control, choose what plays it"),
    ("Up, Down in a mixing cell", "5% more or less; with Shift 1%"),
    ("Wheel over the picture", "zoom at the cursor"),
    ("Drag the picture", "use the chosen tool: travel, move the view, place the content"),
    ("Middle-drag the picture", "move the view"),
    ("Double-click the picture", "fit the picture"),
    ("Letters outside text boxes", "do nothing when several follow each other"),
    (RECALL_KEYS, f"go to this moment; {STORE_KEYS} stores it"),
    ("Hold B", "show A, or the picture before the last change"),
    ("Escape while a model loads", "go back to the previous model"),
    ("Drop a file", "open a model, or restore everything from a saved picture"),
)


def listen(context: Context) -> None:
    """Ask for the command whose keys went down.  Escape never quits."""
    ctrl, shift = imgui.get_io().key_ctrl, imgui.get_io().key_shift
    # Escape closes a popup before this is asked: what was open a frame ago counts.
    popup = context.entry.popup
    context.entry.popup = imgui.is_popup_open("", imgui.PopupFlags_.any_popup)
    if context.entry.popup:
        return
    if popup:  # what had the frame went with it: it would go to the panel below
        imgui.set_nav_cursor_visible(False)
    else:
        _cancel_load(context)
    typing = imgui.get_io().want_text_input
    _leave_with_escape()
    _hear_letters(context, typing=typing)
    moment_keys.listen(context, ctrl=ctrl, shift=shift, typing=typing)
    # Tab brings a frame around one control; from then on the arrows move that frame.
    arrows = not (typing or imgui.get_io().nav_visible)
    if arrows:
        for key in WALKING:
            imgui.internal.set_key_owner(key, imgui.get_id("seed arrows"))
    for command in COMMANDS:
        if typing and not command.while_typing:
            continue
        if not command.pressed(ctrl=ctrl, shift=shift):
            continue
        if command.key in WALKING and not arrows:
            continue
        if command.letter:
            back = _back(context, command)
            for action in context.entry.letters.wants(command.action, back, context.now_s):
                context.ask(action)
            continue
        context.entry.letters.end()
        # A number that is being typed has its own undo.
        if not (context.entry.item != 0 and command in (UNDO, REDO)):
            context.ask(command.action)


def _leave_with_escape() -> None:
    """Escape takes the frame away that Tab brings.

    Left to Dear ImGui, it would go on to frame the panel around the control.
    """
    if imgui.is_any_item_active():
        return
    imgui.internal.set_key_owner(Key.escape, imgui.get_id("escape"))
    if imgui.is_key_pressed(Key.escape, False):
        imgui.set_nav_cursor_visible(False)


def _hear_letters(context: Context, *, typing: bool) -> None:
    """Tell single letters from text that was meant for a box."""
    letters, io = context.entry.letters, imgui.get_io()
    plain = not (typing or io.key_ctrl or io.key_alt or io.key_super)
    typed = "".join(map(chr, io.input_queue_characters)) if plain else ""
    if not letters.text:
        typed = "".join(letter for letter in typed if letter not in moment_keys.DIGITS)
    if any(imgui.is_mouse_clicked(button) for button in range(3)):
        letters.end()
    was_text = letters.text
    for action in letters.heard(typed.lower(), context.now_s, LETTERS):
        context.ask(action)
    if letters.text and not was_text:
        context.ask(actions.Say(MISSED))
    letters.queued = not imgui.get_current_context().input_events_queue.empty()


def _back(context: Context, command: Command) -> Action:
    """The action that takes back what a letter's command is about to do."""
    if isinstance(command.action, actions.ChooseTool):
        return actions.ChooseTool(context.options.tool)
    if command in (KEEP_A, KEEP_B):
        view = context.see(ComparisonView)
        return Compare(view.a, view.b) if view.on else StopComparing()
    return TogglePlay() if command is PLAY else actions.Undo()


def _cancel_load(context: Context) -> None:
    """Escape gives up a load, when nothing else has the keyboard."""
    busy = imgui.get_io().want_text_input or imgui.is_any_item_active()
    if context.status.back_to and not busy and imgui.is_key_pressed(Key.escape, False):
        context.ask(actions.CancelLoad())


def overview() -> None:
    """The tables of keys and gestures, for the help dialog: side by side where there is room."""
    split = COMMANDS.index(DRAWERS[0])
    rows = [(command.chord, command.title) for command in COMMANDS if command not in DRAWERS]
    tabs = ", ".join(command.key_name for command in DRAWERS), ", ".join(DRAWER_KEYS)
    others = [tabs, *rows[split:]]
    left, right = _widths(rows[:split]), _widths([*GESTURES, *others])
    beside = imgui.get_main_viewport().size.x > sum(left) + sum(right) + theme.em(8)
    _table("Keys", rows[:split], left)
    if beside:
        imgui.same_line(0, theme.em(2))
    with scopes.group():
        _table("Gestures", GESTURES, right)
        _table("Keys of the window", others, right)


def _widths(rows: Sequence[tuple[str, str]]) -> tuple[float, float]:
    """Return the widths of both columns in pixels, so that no word is cut."""
    keys, what = (
        max(imgui.calc_text_size(text).x for text in texts) for texts in zip(*rows, strict=True)
    )
    return keys + theme.em(GAP_EM), what + theme.em(GAP_EM)


def _table(title: str, rows: Sequence[tuple[str, str]], widths: tuple[float, float]) -> None:
    """A title with two columns below it, whose widths are in pixels."""
    with scopes.group():
        with theme.text_colour(theme.ACCENT):
            imgui.text_unformatted(title)
        close = (theme.em(0.25), theme.em(0.03))
        with (
            scopes.style(imgui.StyleVar_.cell_padding, close),
            scopes.table(title, 2, 0, (sum(widths), 0)) as opened,
        ):
            if opened:
                for name, width in zip(("keys", "what"), widths, strict=True):
                    imgui.table_setup_column(name, imgui.TableColumnFlags_.width_fixed, width)
                for keys, what in rows:
                    imgui.table_next_row()
                    imgui.table_next_column()
                    imgui.text_unformatted(keys)
                    imgui.table_next_column()
                    imgui.text_disabled(what)
        imgui.dummy((0, theme.em(0.2)))
