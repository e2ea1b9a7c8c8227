"""One binding with its range and the ways to change it: in the list of all, and in the menu of what
it moves."""

from __future__ import annotations

from dataclasses import replace as replace_slider

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.parameters.bindings import MIDI_CC, Binding, around_set, source_label
from renderer.parameters.kinds import Number, Whole
from renderer.parameters.parameter import Command, Parameter
from renderer.parameters.parameters import parameters_of
from renderer.recipe.recipe import WILD
from widgets import scopes, theme
from widgets.context import Context
from widgets.controls.buttons import fitted, icon_button
from widgets.controls.control_view import ChangeBinding, ControlView
from widgets.controls.slider import Slider
from widgets.controls.tooltips import tip

ENDLESS = "An endless knob, which sends steps. Click for one with two ends."
AROUND = "It plays around the value that is set. Click for a range of its own."
WHOLE = "It plays over a range of its own. Click to play around the value that is set."
FINITE = "A knob with two ends. Click for an endless one, which sends steps."


def draw(context: Context, index: int, binding: Binding) -> None:
    """Draw the binding at `index`, to the right edge of the window: its two ends in a line, and its
    range in another where it has one."""
    view = context.see(ControlView)
    target = parameters_of(context.recipe, context.model).find(binding.address)
    right = imgui.get_cursor_pos_x() + imgui.get_content_region_avail().x
    side = imgui.get_frame_height()
    number = isinstance(target, Parameter) and isinstance(target.kind, Number | Whole)
    plays = binding.plays and number
    buttons = 2 * side if binding.source.startswith(MIDI_CC) or plays else side
    _ends(binding, target, right - buttons - imgui.get_cursor_pos_x(), is_active(binding, view))
    new: Binding | None = binding
    imgui.same_line(right - buttons)
    if binding.source.startswith(MIDI_CC):
        icon = icons.ICON_FA_INFINITY if binding.relative else icons.ICON_FA_ARROWS_LEFT_RIGHT
        text = ENDLESS if binding.relative else FINITE
        if icon_button(icon, "relative", text, quiet=True):
            new = replace(binding, relative=not binding.relative)
        imgui.same_line(0, 0)
    if plays and target is not None and isinstance(target.kind, Number | Whole):
        icon = icons.ICON_FA_PLUS_MINUS if binding.around else icons.ICON_FA_ARROWS_LEFT_RIGHT
        if icon_button(icon, "around", AROUND if binding.around else WHOLE, quiet=True):
            new = around_set(binding, target.kind, not binding.around)
        imgui.same_line(0, 0)
    if icon_button(icons.ICON_FA_XMARK, "remove", "Remove", quiet=True):
        new = None
    if new is not None and target is not None and isinstance(target.kind, Number | Whole):
        new = _range(context, new, Slider.of(target), right)
    if new != binding:
        context.ask(ChangeBinding(index, new))


def _ends(binding: Binding, target: Parameter | Command | None, room: float, active: bool) -> None:
    """ "CC 21 → Psi", bright while the knob moves."""
    imgui.align_text_to_frame_padding()
    label = target.label if target else f"{binding.address} (not available now)"
    words = f"{source_label(binding.source)}  →  {label}"
    tint = theme.ACCENT if active else theme.TEXT if target else theme.DIM
    with theme.text_colour(tint):
        imgui.text_unformatted(fitted(words, room))
    tip(f"{binding.source} controls {binding.address}")


def _range(context: Context, binding: Binding, of: Slider, right: float) -> Binding:
    """The values at the two ends of the knob, on sliders like the one `of` what it moves."""
    limits = None if of.limits is None else finite(of.limits)
    if binding.around:  # what is added to the set value
        span = of.high - of.low
        limits = (-span, span)
        of = replace_slider(of, low=-span, high=span, logarithmic=False)
    of = replace_slider(
        of, text="The value at one end of the knob.", limits=limits, marks=(), address=""
    )
    left = imgui.get_style().window_padding.x + theme.em(theme.LABEL_EM)
    gap, side = theme.em(0.4), imgui.get_frame_height()
    width = (right - left - 2 * side - gap) / 2
    imgui.align_text_to_frame_padding()
    theme.dim("Range")
    imgui.same_line(left)
    ends = []
    for name, value, default in (("low", binding.low, of.low), ("high", binding.high, of.high)):
        slider = replace_slider(of, label=name, default=default)
        with scopes.name(name):
            ends.append(slider.control(context, value, (width, side)))
        imgui.same_line(0, gap)
    low, high = ends
    imgui.same_line(right - side)
    if icon_button(icons.ICON_FA_ARROW_RIGHT_ARROW_LEFT, "swap", "Reverse the knob", quiet=True):
        low, high = high, low
    return replace(binding, low=float(low), high=float(high))


def finite(limits: tuple[float, float]) -> tuple[float, float]:
    """Limits as far as a binding can hold them."""
    return max(limits[0], -WILD), min(limits[1], WILD)


def is_active(binding: Binding, view: ControlView) -> bool:
    """Return whether the binding's source was moved just now."""
    return binding.source.partition("#")[0] in view.active
