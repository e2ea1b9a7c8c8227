"""Control: OSC from other programs, MIDI from knobs and keys, and what each of them moves."""

from __future__ import annotations

from dataclasses import dataclass, field

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from renderer.parameters.parameters import parameters_of
from renderer.recipe.recipe import Recipe
from widgets import scopes, theme
from widgets.actions import CopyText
from widgets.context import Context
from widgets.controls import labelled_row
from widgets.controls.buttons import choice, fitted, icon_button
from widgets.controls.control_view import (
    ChangeFeedback,
    ChangeLamps,
    ChangeOsc,
    ChooseInput,
    ControlView,
    ListInputs,
    OscReach,
)
from widgets.controls.numbers import RefusedError, parse_number
from widgets.controls.section import disclosure, section
from widgets.controls.tooltips import taken, tip
from widgets.controls.typed_text_box import typed_text
from widgets.sections.bindings import BindingList

DEFAULT = ControlView()
REACHES: tuple[tuple[OscReach, str, str], ...] = (
    ("off", "Off", "OSC is off."),
    ("local", "Local", "Programs on this computer can send OSC."),
    (
        "anywhere",
        "Network",
        "Other computers can send OSC, too: anyone who can reach this one over the network.",
    ),
)
NO_INPUT = "No controller"
FEEDBACK = "Send changes to another program"
ONOFF = ((False, "Off", "Nothing is sent."), (True, "On", "Every value that changes is sent."))
LAMPS = (
    (False, "Off", "Nothing is sent to the controller."),
    (True, "On", "Each mapped value is sent back to its knob, fader or key."),
)


@dataclass
class ControlPanel:
    """The section; it remembers what is searched for in it."""

    bindings: BindingList = field(default_factory=BindingList)

    def draw(self, context: Context) -> Recipe:
        """Draw the section; it asks for everything and returns the recipe as it is."""
        view = context.see(ControlView)
        with section(
            context,
            "Control",
            icons.ICON_FA_PLUG,
            "Control everything from outside: OSC, MIDI knobs and keys.",
            summary=summary(view),
            changed=view.osc != "off" or bool(view.midi) or bool(view.bindings),
        ) as opened:
            if opened:
                _osc(context, view)
                _midi(context, view)
                self.bindings.draw(context, view)
                _feedback(context, view)
        return context.recipe


def summary(view: ControlView) -> str:
    """The state in a few words."""
    parts = []
    if view.osc != "off":
        parts.append("OSC failed" if view.osc_problem else f"OSC {view.port}")
    if view.midi:
        parts.append("MIDI failed" if view.midi_problem else "MIDI")
    if parts and view.bindings:
        count = len(view.bindings)
        parts.append("1 knob" if count == 1 else f"{count} knobs")
    return ", ".join(parts) or "off"


# -- OSC -----------------------------------------------------------------------------------------


def _osc(context: Context, view: ControlView) -> None:
    with labelled_row.row(
        "OSC", "Open Sound Control: messages from other programs, over UDP."
    ) as row:
        reach: OscReach = choice("osc", REACHES, view.osc, row.width)
        if row.reset(view.osc != DEFAULT.osc):
            reach = DEFAULT.osc
    port = _port(context, "Port", view.port, DEFAULT.port, "The UDP port to listen on.")
    if (reach, port) != (view.osc, view.port):
        context.ask(ChangeOsc(reach, port))
    if view.osc != "off":
        _state(context, view)


def _state(context: Context, view: ControlView) -> None:
    """Draw what is heard, in a line or two."""
    if view.osc_problem:
        _words(view.osc_problem, theme.WARNING)
        return
    left = imgui.get_style().window_padding.x + theme.em(theme.LABEL_EM)
    imgui.set_cursor_pos_x(left)
    side = imgui.get_frame_height()
    room = imgui.get_content_region_avail().x - side - theme.em(0.4)
    imgui.align_text_to_frame_padding()
    theme.dim(fitted(view.heard or "Listening. Try /psi with a number.", room))
    tip(f"The last message: {view.heard}\n{_garbage(view.garbage)}".strip())
    imgui.same_line(left + room + theme.em(0.4))
    if icon_button(
        icons.ICON_FA_COPY,
        "addresses",
        "Copy the list of all addresses; stylegan-t parameters prints it too.",
        quiet=True,
    ):
        context.ask(CopyText(addresses(context), "the list of addresses"))
    if view.problem:
        _words(view.problem, theme.WARNING)


def addresses(context: Context) -> str:
    """Every address with what it takes, one a line."""
    known = parameters_of(context.recipe, context.model)
    return "\n".join(f"{item.address}\t{item.kind.words}" for item in (*known, *known.commands))


def _garbage(count: int) -> str:
    return f"{count} packets were not OSC and were ignored." if count else ""


def _port(context: Context, label: str, value: int, default: int, text: str) -> int:
    with labelled_row.row(label, text) as row:
        wanted = typed_text(context, "##port", str(value), row.width)
        item = imgui.get_id("##port")
        if row.reset(value != default):
            return default
    if wanted is None:
        return value
    return taken(context, item, lambda: _port_number(wanted), value)


def _port_number(text: str) -> int:
    number = parse_number(text, 1, 65535, "The port")
    if number != int(number):
        raise RefusedError("The port must be a whole number, so it was not changed.")
    return int(number)


# -- MIDI ----------------------------------------------------------------------------------------


def _midi(context: Context, view: ControlView) -> None:
    reason = view.midi_missing or None
    with labelled_row.row("MIDI", "A MIDI controller: its knobs, keys and wheels.", reason) as row:
        imgui.set_next_item_width(row.width)
        chosen = view.midi
        with scopes.combo("##input", view.midi or NO_INPUT) as opened:
            if opened:
                if imgui.is_window_appearing():
                    context.ask(ListInputs())
                chosen = _inputs(view)
        tip("The controller to listen to.", reason)
        if row.reset(view.midi != DEFAULT.midi):
            chosen = DEFAULT.midi
    if chosen != view.midi:
        context.ask(ChooseInput(chosen))
    if view.midi:
        with labelled_row.row("Lamps", "Lamps and motor faders follow the window.") as row:
            on = choice("lamps", LAMPS, view.lamps, row.width)
            if row.reset(view.lamps):
                on = False
        if on != view.lamps:
            context.ask(ChangeLamps(on))
    if view.midi_missing:
        _words(view.midi_missing, theme.DIM)
    elif view.midi_problem:
        _words(view.midi_problem, theme.WARNING)


def _inputs(view: ControlView) -> str:
    """The list of controllers; returns the chosen one."""
    chosen = view.midi
    if imgui.selectable(NO_INPUT, not view.midi)[0]:
        chosen = ""
    for name in view.inputs or ():
        if imgui.selectable(name, name == view.midi)[0]:
            chosen = name
    if view.inputs == ():
        imgui.text_disabled("No MIDI controller is connected.")
    return chosen


# -- feedback ------------------------------------------------------------------------------------


def _feedback(context: Context, view: ControlView) -> None:
    if not disclosure(context, FEEDBACK):
        return
    with labelled_row.row(
        "Send", "Faders of the other program follow what happens here, over OSC."
    ) as row:
        on = choice("send", ONOFF, view.feedback, row.width)
        if row.reset(view.feedback):
            on = False
    with labelled_row.row("To", "The IP address of the computer that the program runs on.") as row:
        host = typed_text(context, "##host", view.host, row.width)
        if row.reset(view.host != DEFAULT.host):
            host = DEFAULT.host
    text = "The UDP port that the other program listens to."
    port = _port(context, "Port ", view.feedback_port, DEFAULT.feedback_port, text)
    wanted = (on, view.host if host is None else host, port)
    if wanted != (view.feedback, view.host, view.feedback_port):
        context.ask(ChangeFeedback(*wanted))
    if view.feedback_problem:
        _words(view.feedback_problem, theme.WARNING)


def _words(sentence: str, tint: str) -> None:
    """A sentence below a row, where its control begins."""
    imgui.set_cursor_pos_x(imgui.get_style().window_padding.x + theme.em(theme.LABEL_EM))
    theme.wrapped(sentence, tint)
