"""The menu of a control's sources: learn a knob, choose what plays it, over what range, and take it
away again.  It is drawn once a redraw, for the control that asked for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from imgui_bundle import imgui

from renderer.parameters.bindings import (
    AUDIO,
    BEAT,
    EVERY,
    LFO,
    PAD,
    PAD_AXES,
    PAD_BUTTONS,
    source_label,
)
from renderer.parameters.hearing import NAMES
from renderer.parameters.kinds import Switch, Trigger
from renderer.parameters.lfo import Lfo
from renderer.parameters.parameter import Command, Parameter
from renderer.parameters.parameters import parameters_of
from widgets import scopes, theme
from widgets.actions import CopyText
from widgets.context import Context, MenuOf
from widgets.controls import binding_row
from widgets.controls.control_view import ChangeBinding, ControlView, Learn, StopLearning
from widgets.controls.music_view import ChangeLfo, MusicView
from widgets.controls.tooltips import tip

NAME = "sources"
WIDTH_EM = 20.0
NO_DEVICE = "No audio input is chosen yet: choose one under Music."
Target = Parameter | Command


def draw(context: Context) -> None:
    """Draw the menu, if one is open."""
    menu = context.entry.menu
    if menu is None:
        return
    if menu.opens:
        imgui.open_popup(NAME)
        context.entry.menu = replace(menu, opens=False)
    imgui.set_next_window_pos(menu.at, imgui.Cond_.appearing)
    with scopes.popup(NAME) as opened:
        if not opened:
            context.entry.menu = None
            return
        _contents(context, menu)
        _keep_on_screen()


def _keep_on_screen() -> None:
    """Move the menu up once it has grown past the foot of the window, as it does with each row of a
    source that has just been chosen."""
    pos, area = imgui.get_window_pos(), imgui.get_main_viewport()
    lowest = area.work_pos.y + area.work_size.y - imgui.get_window_height()
    if pos.y > max(lowest, area.work_pos.y):
        imgui.set_window_pos((pos.x, max(lowest, area.work_pos.y)))


def _contents(context: Context, menu: MenuOf) -> None:
    """Draw Reset and the entries of each address: of several, each in a menu of its own."""
    if len(menu.addresses) == 1:
        entries(context, menu.addresses[0], menu)
        return
    _reset(context, menu)
    for address in menu.addresses:
        target = parameters_of(context.recipe, context.model).find(address)
        with scopes.menu(target.label if target else address) as opened:
            if opened:
                entries(context, address)


def _reset(context: Context, menu: MenuOf | None) -> None:
    if menu is not None and menu.resets and imgui.menu_item_simple("Reset"):
        context.entry.reset = menu.item


def entries(context: Context, address: str, menu: MenuOf | None = None) -> None:
    """Draw, into a menu that is open, what can play an address and what does; below its name
    stands the Reset of the control whose `menu` this is."""
    view = context.see(ControlView)
    target = parameters_of(context.recipe, context.model).find(address)
    if target is None:
        _reset(context, menu)
        return
    with scopes.font(context.fonts.bold, theme.FONT_PX):
        imgui.text_unformatted(target.label)
    imgui.same_line(theme.em(WIDTH_EM))
    imgui.dummy((0, 0))
    _reset(context, menu)
    if imgui.menu_item("Copy OSC address", target.address, False)[0]:
        context.ask(CopyText(target.address, "the OSC address"))
    imgui.separator()
    _learn(context, view, target)
    with scopes.flag(imgui.ItemFlags_.auto_close_popups, False):
        _oscillators(context, target)
        _list(context, target, "Beat", [f"{BEAT}{every}" for every in EVERY])
        _sound(context, target)
        _pads(context, view, target)
    for index, binding in enumerate(view.bindings):
        if binding.address == target.address:
            with scopes.name(f"binding{index}"):
                imgui.separator()
                binding_row.draw(context, index, binding)


def _learn(context: Context, view: ControlView, target: Target) -> None:
    if view.learning is not None:
        if imgui.menu_item_simple("Stop MIDI learn"):
            context.ask(StopLearning())
    elif imgui.menu_item_simple("MIDI learn…"):
        context.ask(Learn(address=target.address))
    tip("Then turn a knob, press a key or a button of a gamepad, or send OSC.")


def _oscillators(context: Context, target: Target) -> None:
    music = context.see(MusicView)
    with scopes.menu("LFO") as opened:
        if not opened:
            return
        _choices(context, target, [f"{LFO}{lfo.number}" for lfo in music.lfos])
        if music.next_lfo and imgui.menu_item_simple("New LFO"):
            context.ask(ChangeLfo(music.next_lfo, Lfo()))
            context.ask(Learn(f"{LFO}{music.next_lfo}", target.address))


def _sound(context: Context, target: Target) -> None:
    with scopes.menu("Audio") as opened:
        if opened:
            _choices(context, target, [f"{AUDIO}{name}" for name in NAMES])
            if not context.see(MusicView).device:
                imgui.text_disabled(NO_DEVICE)


def _pads(context: Context, view: ControlView, target: Target) -> None:
    """The sticks and triggers of each gamepad, and its buttons where those can do something."""
    pressed = isinstance(target.kind, Switch | Trigger)
    with scopes.menu("Gamepad") as opened:
        if opened:
            for pad in range(1, max(view.pads, 1) + 1):
                names = (*PAD_BUTTONS, *PAD_AXES) if pressed else PAD_AXES
                _choices(context, target, [f"{PAD}{pad}/{name}" for name in names])


def _list(context: Context, target: Target, label: str, names: Iterable[str]) -> None:
    with scopes.menu(label) as opened:
        if opened:
            _choices(context, target, names)


def _choices(context: Context, target: Target, names: Iterable[str]) -> None:
    """A line for each source; one that is chosen has a tick, and another click takes it away."""
    known = {
        binding.source: index
        for index, binding in enumerate(context.see(ControlView).bindings)
        if binding.address == target.address
    }
    for source in names:
        pressed, _ = imgui.menu_item(f"{source_label(source)}##{source}", "", source in known)
        if pressed and source in known:
            context.ask(ChangeBinding(known[source], None))
        elif pressed:
            context.ask(Learn(source, target.address))
