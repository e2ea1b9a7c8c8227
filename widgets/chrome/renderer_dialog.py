"""The dialog that says where pictures are computed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from imgui_bundle import imgui

from widgets import scopes, theme
from widgets.actions import Action
from widgets.chrome.worker_rows import WorkerRows
from widgets.context import Context
from widgets.controls import focus
from widgets.controls.buttons import button, choice
from widgets.controls.modal import modal

TITLE = "Renderer"
WIDTH_EM = 30.0
LABEL_EM = 8.0
Kind = Literal["thread", "process", "host"]
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
class UseRenderer(Action):
    """Compute pictures there from now on; `host` and `command` are those of another computer."""

    kind: Kind
    host: str = ""
    command: str = ""


@dataclass(frozen=True)
class RendererPlace:
    """The place where pictures are computed; `host` and `command` are the last that were used."""

    kind: Kind = "thread"
    host: str = ""
    command: str = ""


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
        self.kind, self.host, self.command = place.kind, place.host, place.command
        self.workers.open(context)
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
            if self.kind == "host":
                self.host = _field("Computer", self.host, HOST_HINT, width)
                self.command = _field("Command", self.command, COMMAND_HINT, width)
                theme.wrapped("Leave the command empty to use ssh.", theme.DIM, width)
            self.workers.draw(context, width)
            if self._buttons(context) or imgui.is_key_pressed(imgui.Key.escape):
                imgui.close_current_popup()

    def _buttons(self, context: Context) -> bool:
        """The line of buttons; True when the dialog is to close."""
        used = context.see(RendererPlace)
        chosen = RendererPlace(self.kind, self.host.strip(), self.command.strip())
        reason = ""
        if self.kind == "host" and not (chosen.host or chosen.command):
            reason = "Type the name of the computer first."
        elif chosen == used or (self.kind != "host" and self.kind == used.kind):
            reason = "The renderer is there already."
        label = "Connect" if self.kind == "host" else "Use"
        pressed = button(f"{label}###use", primary=True, reason=reason)
        if pressed:
            context.ask(UseRenderer(chosen.kind, chosen.host, chosen.command))
        imgui.same_line()
        return button("Cancel") or pressed


def _field(label: str, value: str, hint: str, width: float) -> str:
    imgui.align_text_to_frame_padding()
    imgui.text_unformatted(label)
    imgui.same_line(theme.em(LABEL_EM))
    imgui.set_next_item_width(width - imgui.get_cursor_pos_x() + imgui.get_cursor_start_pos().x)
    value = imgui.input_text_with_hint(f"##{label}", hint, value)[1]
    focus.border()
    return value
