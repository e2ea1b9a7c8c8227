"""The dialog that says where pictures are computed."""

from __future__ import annotations

from dataclasses import dataclass, field

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from widgets import scopes, theme
from widgets.actions import Action, ShowDialog
from widgets.chrome.worker_rows import UseWorkers, WorkerRows, WorkersView
from widgets.context import Context
from widgets.controls import focus
from widgets.controls.buttons import button, choice, fitted, icon_button
from widgets.controls.modal import modal
from widgets.controls.place_view import Kind, UseRenderer
from widgets.controls.tooltips import tip

TITLE = "Renderer"
WIDTH_EM = 30.0
LABEL_EM = 8.0
NAME_EM = 16.0
MOST_SHOWN = 5
IN_USE = "in use"
KINDS: tuple[tuple[Kind, str, str], ...] = (
    ("thread", "In this program", "The usual place."),
    ("process", "In its own process", "If it crashes, the window stays and starts another one."),
    ("host", "On another computer", "Over ssh, for a graphics card that is elsewhere."),
)
EXPLAINED = {
    "thread": "The renderer runs inside this program.",
    "process": "The renderer runs beside this program. If it crashes or runs out of memory, the "
    "window stays, starts another one, and draws the same picture again.",
    "host": "The renderer runs on another computer, which this program reaches over ssh. The same "
    "version of stylegan-t must be installed there, and ssh must log in with a key. Models are "
    "opened there; captures and sessions are saved here.",
}
HOST_HINT, COMMAND_HINT = "user@host", "ssh host stylegan-t serve --stdio"


@dataclass(frozen=True)
class ForgetHost(Action):
    """Take a computer out of the list of those that were used before."""

    host: str
    command: str


@dataclass(frozen=True)
class KnownHost:
    """A computer that a renderer was on, and when, in words."""

    host: str
    command: str
    used: str

    @property
    def name(self) -> str:
        """Return what it is called in a list."""
        return self.host or self.command


@dataclass(frozen=True)
class RendererPlace:
    """The place where pictures are computed: of another computer its `host` and `command`, and its
    `name` for people; `known` are the computers that were used before, the last one first."""

    kind: Kind = "thread"
    host: str = ""
    command: str = ""
    name: str = ""
    known: tuple[KnownHost, ...] = ()


def menu(context: Context) -> None:
    """The entries of the menu: the two places on this computer, computers that were used before,
    and the dialog for another one."""
    place = context.see(RendererPlace)
    for kind, label, text in KINDS[:2]:
        if imgui.menu_item(label, "", place.kind == kind)[0] and place.kind != kind:
            context.ask(UseRenderer(kind))
        tip(text)
    imgui.separator()
    for known in place.known:
        current = (place.host, place.command) == (known.host, known.command)
        label = f"{fitted(known.name, theme.em(NAME_EM))}###{known.host} {known.command}"
        used = IN_USE if current else known.used
        if imgui.menu_item(label, used, current)[0] and not current:
            context.ask(UseRenderer("host", known.host, known.command))
        tip(known.command or f"ssh {known.host}")
    if imgui.menu_item_simple("Another computer…"):
        context.ask(ShowDialog("renderer"))


@dataclass
class RendererDialog:
    """The dialog.  It remembers what is typed while it is open."""

    kind: Kind = "thread"
    host: str = ""
    command: str = ""
    workers: WorkerRows = field(default_factory=WorkerRows)

    def open(self, context: Context) -> None:
        """Open it with the next `draw`."""
        place = context.see(RendererPlace)
        self.kind, self.host, self.command = "host", place.host, place.command
        self.workers.open()
        imgui.open_popup(TITLE)

    def draw(self, context: Context) -> None:
        """Draw it while it is open."""
        with modal(TITLE) as opened:
            if not opened:
                return
            width = theme.em(WIDTH_EM)
            with scopes.font(context.fonts.bold, theme.PROMPT_PX):
                imgui.text_unformatted(TITLE)
            self.kind = choice("kind", KINDS, self.kind, width)
            theme.wrapped(EXPLAINED[self.kind], width=width)
            closes = entered = False
            if self.kind == "host":
                closes = self._known(context, width)
                if imgui.is_window_appearing():
                    imgui.set_keyboard_focus_here()
                named, self.host = _field("Computer", self.host, HOST_HINT, width)
                commanded, self.command = _field("Command", self.command, COMMAND_HINT, width)
                entered = named or commanded
                theme.wrapped("Leave the command empty to use ssh.", theme.DIM, width)
            entered |= self.workers.draw(context, width, moves=self._moves(context))
            closes |= self._buttons(context, entered)
            if closes or imgui.is_key_pressed(imgui.Key.escape):
                imgui.close_current_popup()

    def _moves(self, context: Context) -> bool:
        """Tell whether another place is chosen than the one in use."""
        used = context.see(RendererPlace)
        typed = self.host.strip(), self.command.strip()
        return self.kind != used.kind or (
            self.kind == "host" and typed != (used.host, used.command)
        )

    def _buttons(self, context: Context, entered: bool) -> bool:
        """The line of buttons, where Enter is the first; True when the dialog is to close."""
        moves, is_host = self._moves(context), self.kind == "host"
        workers = self.workers.wanted(context, moves=moves)
        host, command = (self.host.strip(), self.command.strip()) if is_host else ("", "")
        reason = ""
        if is_host and not (host or command):
            reason = "Type the name of the computer first."
        elif not moves and workers == context.see(WorkersView).wanted:
            reason = "The renderer is there already, with these workers."
        label = ("Connect" if is_host else "Use") if moves else "Apply"
        pressed = button(f"{label}###use", primary=True, reason=reason)
        pressed |= entered and not reason
        if pressed and moves:
            context.ask(UseRenderer(self.kind, host, command, workers))
        elif pressed:
            context.ask(UseWorkers(workers))
        imgui.same_line()
        return button("Cancel") or pressed

    def _known(self, context: Context, width: float) -> bool:
        """The computers that were used before: a click connects, with the workers that are typed;
        True when one was chosen."""
        chosen = _known(context, width)
        if chosen is not None:
            workers = self.workers.wanted(context, moves=True)
            context.ask(UseRenderer("host", chosen.host, chosen.command, workers))
        return chosen is not None


def _known(context: Context, width: float) -> KnownHost | None:
    """The computers that were used before; returns the one that is clicked."""
    place, chosen = context.see(RendererPlace), None
    if not place.known:
        return None
    theme.dim("Used before")
    side = imgui.get_frame_height()
    height = min(len(place.known), MOST_SHOWN) * (side + imgui.get_style().item_spacing.y)
    with scopes.child("known", (width, height)):
        room = imgui.get_content_region_avail().x
        for known in place.known:
            current = (place.host, place.command) == (known.host, known.command)
            with scopes.name(f"{known.host} {known.command}"):
                if _host(known, current, room - side):
                    chosen = known
                imgui.same_line(room - side)
                text = f"Take {known.name} out of this list"
                if icon_button(icons.ICON_FA_XMARK, "forget", text):
                    context.ask(ForgetHost(known.host, known.command))
    imgui.dummy((0, theme.em(0.2)))
    return chosen


def _host(known: KnownHost, current: bool, width: float) -> bool:
    """A computer in a line, with when it was used; returns whether it is pressed."""
    corner, side = imgui.get_cursor_screen_pos(), imgui.get_frame_height()
    used = IN_USE if current else known.used
    gap = theme.em(0.6)
    pressed = imgui.selectable("##connect", current, 0, (width - gap, side))[0]
    tip(known.command or f"ssh {known.host}")
    draw, line = imgui.get_window_draw_list(), corner.y + (side - imgui.get_text_line_height()) / 2
    words = imgui.calc_text_size(used).x
    icon = f"{icons.ICON_FA_SERVER}  "
    name = fitted(icon + known.name, width - words - 3 * gap)
    draw.add_text((corner.x + gap, line), theme.ink(theme.TEXT), name)
    draw.add_text((corner.x + width - 2 * gap - words, line), theme.ink(theme.DIM), used)
    return pressed and not current


def _field(label: str, value: str, hint: str, width: float) -> tuple[bool, str]:
    """A box with its label; returns whether Enter was pressed in it, and what it holds."""
    imgui.align_text_to_frame_padding()
    imgui.text_unformatted(label)
    imgui.same_line(theme.em(LABEL_EM))
    imgui.set_next_item_width(width - imgui.get_cursor_pos_x() + imgui.get_cursor_start_pos().x)
    flags = imgui.InputTextFlags_.enter_returns_true
    entered, value = imgui.input_text_with_hint(f"##{label}", hint, value, flags)
    focus.border()
    return entered, value
