"""Sound: which audio input is listened to, with meters of what is heard."""

from __future__ import annotations

from dataclasses import dataclass

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from renderer.parameters.bindings import AUDIO
from renderer.parameters.hearing import ATTACK, GAIN, GATE, NAMES, RELEASE, Hearing
from widgets import scopes, theme
from widgets.context import Context
from widgets.controls import labelled_row
from widgets.controls.buttons import icon_button
from widgets.controls.music_view import ListDevices, ListenTo, MusicView
from widgets.controls.slider import Slider
from widgets.controls.tooltips import tip
from widgets.sections.playing import begin_mapping, meter

NOTHING = "No input"
GAIN_SLIDER, GATE_SLIDER, ATTACK_SLIDER, RELEASE_SLIDER = map(
    Slider.of, (GAIN, GATE, ATTACK, RELEASE)
)


@dataclass(frozen=True)
class Meaning:
    """The words for a value of a sound."""

    label: str
    text: str


MEANINGS = dict(
    zip(
        NAMES,
        (
            Meaning("Level", "The loudness of everything."),
            Meaning("Low", "Bass and drums, below 250 Hz."),
            Meaning("Mid", "Voices and most instruments, 250 to 2000 Hz."),
            Meaning("High", "Cymbals and consonants, above 2000 Hz."),
            Meaning("Onset", "Jumps up when a sound begins, then fades."),
        ),
        strict=True,
    )
)


def draw(context: Context, view: MusicView) -> None:
    """Draw the rows; they ask for everything."""
    device = _device(context, view)
    hearing = view.hearing
    if view.device:
        for name in NAMES:
            with scopes.name(name):
                _value(context, view, name)
        hearing = Hearing(
            float(GAIN_SLIDER.draw(context, hearing.gain_db)),
            float(GATE_SLIDER.draw(context, hearing.gate)),
            float(ATTACK_SLIDER.draw(context, hearing.attack_s)),
            float(RELEASE_SLIDER.draw(context, hearing.release_s)),
        )
    if (device, hearing) != (view.device, view.hearing):
        context.ask(ListenTo(device, hearing))


def _device(context: Context, view: MusicView) -> str:
    """Draw the row of the input; returns the one that is wanted."""
    device, reason = view.device, view.audio_missing or None
    with labelled_row.row("Audio", "An audio input: what it hears can play.", reason) as row:
        imgui.set_next_item_width(row.width)
        with scopes.combo("##device", device or NOTHING) as opened:
            if opened:
                if imgui.is_window_appearing():
                    context.ask(ListDevices())
                if imgui.selectable(NOTHING, not device)[0]:
                    device = ""
                for name in view.devices or ():
                    if imgui.selectable(name, name == device)[0]:
                        device = name
        tip("The audio input to listen to.", reason)
        if row.reset(bool(view.device)):
            device = ""
    if words := view.audio_missing or view.audio_problem:
        imgui.set_cursor_pos_x(imgui.get_style().window_padding.x + theme.em(theme.LABEL_EM))
        theme.wrapped(words, theme.DIM if view.audio_missing else theme.WARNING)
    return device


def _value(context: Context, view: MusicView, name: str) -> None:
    """One value of the sound: its meter, and the button that maps it."""
    source, meaning = f"{AUDIO}{name}", MEANINGS[name]
    right = imgui.get_cursor_pos_x() + imgui.get_content_region_avail().x
    side = imgui.get_frame_height()
    imgui.align_text_to_frame_padding()
    theme.dim(meaning.label)
    tip(meaning.text)
    imgui.same_line(imgui.get_style().window_padding.x + theme.em(theme.LABEL_EM))
    meter(context, view.values.get(source, 0.0), right - side - theme.em(0.4))
    imgui.same_line(right - side)
    if icon_button(icons.ICON_FA_LINK, "map", "Choose what it plays.", quiet=True):
        begin_mapping(context, source)
