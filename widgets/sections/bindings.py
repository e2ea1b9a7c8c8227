"""Bindings of knobs: a list with ranges, and the card that learns another one."""

from __future__ import annotations

from dataclasses import dataclass

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from renderer.parameters.bindings import source_label
from renderer.parameters.kinds import Text
from renderer.parameters.parameter import Command, Parameter
from renderer.parameters.parameters import parameters_of
from widgets import scopes, theme
from widgets.context import Context
from widgets.controls import binding_row, focus
from widgets.controls.buttons import button, chips, fitted
from widgets.controls.control_view import ControlView, Learn, Learning, StopLearning
from widgets.controls.tooltips import tip

LIST_EM = (24.0, 16.0)
MOST = 60
"""Maximum number of matching parameters listed."""
TITLE = "To map a knob, do both in any order"
FIRST_STEP = "In this window, move a slider, or"
SECOND_STEP = "Turn the knob, press the key or send OSC"


@dataclass
class BindingList:
    """The bindings and the way to a new one; `search` is what was typed to find a parameter."""

    search: str = ""

    def draw(self, context: Context, view: ControlView) -> None:
        """Draw the list, then the button or the card of a binding in the making."""
        for index, binding in enumerate(view.bindings):
            with scopes.name(f"binding{index}"):
                binding_row.draw(context, index, binding)
        if view.learning is None:
            _begin(context, view)
        else:
            self._learning(context, view, view.learning)

    def _learning(self, context: Context, view: ControlView, learning: Learning) -> None:
        """The two steps, in any order."""
        with theme.text_colour(theme.ACCENT):
            imgui.text_unformatted(TITLE)
        if _step(1, FIRST_STEP, learning.label, "choose…", "choose"):
            self.search = ""
            imgui.open_popup("parameters")
        self._popup(context)
        source = source_label(learning.source) if learning.source else ""
        if _step(2, SECOND_STEP, source, "play…", "sources"):
            imgui.open_popup("sources")
        _sources(context, view)
        if not view.hears and not source:
            theme.wrapped(
                "Turn OSC on, choose a controller, or let an LFO or the beat play it.",
                theme.WARNING,
            )
        if button("Cancel###stop", "Cancel mapping"):
            context.ask(StopLearning())

    def _popup(self, context: Context) -> None:
        """A list of everything that a knob can move."""
        with scopes.popup("parameters") as opened:
            if not opened:
                return
            if imgui.is_window_appearing():
                imgui.set_keyboard_focus_here()
            imgui.set_next_item_width(theme.em(LIST_EM[0]))
            _, self.search = imgui.input_text_with_hint("##search", "Search…", self.search)
            focus.border()
            with scopes.child("list", (theme.em(LIST_EM[0]), theme.em(LIST_EM[1]))):
                for item in found(context, self.search):
                    if _choice(item):
                        context.ask(Learn(address=item.address))
                        imgui.close_current_popup()


def _sources(context: Context, view: ControlView) -> None:
    """A list of what plays by itself: oscillators, audio, beats."""
    with scopes.popup("sources") as opened:
        if opened:
            for source in view.playing:
                if imgui.selectable(f"{source_label(source)}##{source}", False)[0]:
                    context.ask(Learn(source=source))


def found(context: Context, search: str) -> list[Parameter | Command]:
    """Return what a knob can move, and whose name or address holds all the words of `search`."""
    known = parameters_of(context.recipe, context.model)
    words = search.lower().split()
    matching: list[Parameter | Command] = []
    for item in (*known, *known.commands):
        name = f"{item.label} {item.address}".lower()
        if not isinstance(item.kind, Text) and all(word in name for word in words):
            matching.append(item)
            if len(matching) == MOST:
                break
    return matching


def _choice(item: Parameter | Command) -> bool:
    """A line of the list: the name, and at the right end its address; whether it is pressed."""
    corner, room = imgui.get_cursor_pos(), imgui.get_content_region_avail().x
    pressed = imgui.selectable(f"{item.label}##{item.address}", False)[0]
    tip(item.text)
    below = imgui.get_cursor_pos()
    width = imgui.calc_text_size(item.address).x
    if imgui.calc_text_size(item.label).x + theme.em(1) + width < room:
        imgui.set_cursor_pos((corner.x + room - width, corner.y))
        imgui.text_disabled(item.address)
        imgui.set_cursor_pos(below)
        imgui.dummy((0, 0))
    return pressed


def _begin(context: Context, view: ControlView) -> None:
    """The button that begins a binding, and what was heard that means nothing yet."""
    if button(
        f"{icons.ICON_FA_LINK}  Map a knob###map",
        "Connect a knob, key or fader to a control in this window.",
    ):
        context.ask(Learn())
    if not view.unknown:
        return
    theme.dim("Received, but not mapped")
    names = [source_label(source) for source in view.unknown]
    pressed = chips("unknown", names, "Click to choose what it controls.")
    if pressed is not None:
        context.ask(Learn(source=view.unknown[names.index(pressed)]))


def _step(number: int, words: str, answer: str, link: str, name: str) -> bool:
    """One step of learning, with its answer once it is known; whether its link was pressed."""
    done = bool(answer)
    icon = icons.ICON_FA_CIRCLE_CHECK if done else str(number)
    imgui.align_text_to_frame_padding()
    left = imgui.get_cursor_pos_x()
    with theme.text_colour(theme.ACCENT if done else theme.DIM):
        imgui.text_unformatted(icon)
    imgui.same_line(left + theme.em(1.6))
    padding = imgui.get_style().frame_padding.x
    room = imgui.get_content_region_avail().x
    if link:
        room -= imgui.calc_text_size(link).x + 2 * padding + theme.em(0.5)
    shown = fitted(answer or words, room)
    imgui.text_unformatted(shown)
    tip("" if shown == (answer or words) else answer or words)
    if not link:
        return False
    imgui.same_line(left + theme.em(1.6) + room + theme.em(0.5))
    return button(f"{link}###{name}", "Choose from a list")
