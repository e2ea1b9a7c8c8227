"""Music: the tempo with a light for each beat, oscillators and sound that play parameters."""

from __future__ import annotations

from dataclasses import replace as replace_slider

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.parameters.bindings import LFO
from renderer.parameters.lfo import (
    CENTRE,
    DEPTH,
    MAX_LFOS,
    PERIOD,
    PHASE,
    SHAPES,
    TEMPO,
    Lfo,
    Unit,
)
from renderer.recipe.recipe import Recipe
from widgets import scopes, theme
from widgets.context import Context
from widgets.controls import beat_lights, labelled_row, source_sign
from widgets.controls.buttons import button, choice, icon_button
from widgets.controls.music_view import (
    BEATS_A_BAR,
    ChangeLfo,
    Clock,
    FollowClock,
    ListClocks,
    MusicView,
    RestartBar,
    SetTempo,
    TapTempo,
)
from widgets.controls.section import section
from widgets.controls.slider import Slider
from widgets.controls.tooltips import tip
from widgets.sections import sound
from widgets.sections.playing import begin_mapping, meter

LIGHT_EM = 2.4
TEMPO_SLIDER = replace_slider(Slider.of(TEMPO), address="/tempo")
PERIOD_SLIDER, PHASE_SLIDER, DEPTH_SLIDER, CENTRE_SLIDER = map(
    Slider.of, (PERIOD, PHASE, DEPTH, CENTRE)
)
CLOCKS: tuple[tuple[Clock, str, str], ...] = (
    ("own", "Own", "The tempo is what you type or tap."),
    ("midi", "MIDI", "The tempo follows the MIDI clock of another program or machine."),
    ("link", "Link", "The tempo is shared with programs that have Ableton Link on this network."),
)
UNITS: tuple[tuple[Unit, str, str], ...] = (
    ("beats", "beats", "A cycle takes this many beats."),
    ("seconds", "seconds", "A cycle takes this many seconds."),
)
WAVES = {
    "sine": "Sine",
    "triangle": "Triangle",
    "saw": "Saw",
    "square": "Square",
    "random": "Random",
    "drift": "Drift",
}
SHAPE_CHOICES = tuple(
    (shape, WAVES[shape], text)
    for shape, text in zip(
        SHAPES,
        (
            "Rises and falls softly.",
            "Rises and falls evenly.",
            "Rises evenly and jumps back.",
            "Jumps between two values.",
            "Jumps to a random value every cycle.",
            "Drifts from one random value to the next.",
        ),
        strict=True,
    )
)
NO_INPUT = "Choose an input"


def draw(context: Context) -> Recipe:
    """Draw the section; it asks for everything and returns the recipe as it is."""
    view = context.see(MusicView)
    with section(
        context,
        "Music",
        icons.ICON_FA_MUSIC,
        "Tempo, beats, oscillators and sound that play the picture.",
        summary=summary(view),
        changed=view.clock != "own" or bool(view.lfos) or bool(view.device),
    ) as opened:
        if opened:
            _tempo(context, view)
            _clock(context, view)
            for lfo in view.lfos:
                with scopes.name(f"lfo{lfo.number}"):
                    _lfo(context, view, lfo)
            full = f"There can be at most {MAX_LFOS} LFOs." if not view.next_lfo else ""
            text = "An oscillator (LFO): its value rises and falls with the beat."
            if button(f"{icons.ICON_FA_PLUS}  LFO###add", text, reason=full):
                context.ask(ChangeLfo(view.next_lfo, Lfo()))
            sound.draw(context, view)
    return context.recipe


def summary(view: MusicView) -> str:
    """The state in a few words."""
    count = len(view.lfos)
    lfos = ("" if not count else ", 1 LFO") if count < 2 else f", {count} LFOs"
    return f"{view.bpm:.0f} BPM{lfos}" if lfos or view.clock != "own" else ""


def _tempo(context: Context, view: MusicView) -> None:
    midi = view.follows and view.clock == "midi"
    reason = "The MIDI clock sets the tempo." if midi else ""
    _lights(context, view)
    bpm = TEMPO_SLIDER.draw(context, view.bpm, reason=reason or None)
    if bpm != view.bpm:
        context.ask(SetTempo(float(bpm)))
    with labelled_row.row("Beat", "Set tempo and beat by hand.") as row:
        if button("Tap###tap", "Click this, or press B, on the beats of the music.", reason=reason):
            context.ask(TapTempo())
        source_sign.offered(context, "/tempo/tap")
        imgui.same_line()
        shared = "Link says where a bar begins." if view.clock == "link" and view.follows else ""
        if button("First beat###one", "This is the first beat of a bar.", reason=reason or shared):
            context.ask(RestartBar())
        source_sign.offered(context, "/tempo/restart")
        row.enable()


def _lights(context: Context, view: MusicView) -> None:
    """Draw a light for each beat of a bar, large enough to be read from a distance."""
    width, height = imgui.get_content_region_avail().x, theme.em(LIGHT_EM)
    corner, size = imgui.get_cursor_screen_pos(), (width, height)
    beat_lights.draw(context, view.beat, (corner.x, corner.y), size, theme.em(0.3), theme.HERO_PX)
    imgui.dummy(size)
    place = beat_lights.place(view.beat) + 1
    tip(f"Beat {place} of {BEATS_A_BAR}, at {view.bpm:.1f} beats per minute.")


def _clock(context: Context, view: MusicView) -> None:
    source = view.input
    with labelled_row.row("Clock", "The clock that the tempo follows.") as row:
        clock: Clock = choice("clock", CLOCKS, view.clock, row.width)
        if row.reset(view.clock != "own"):
            clock = "own"
    if clock == "midi":
        with labelled_row.row("From", "The MIDI input that the clock comes from.") as row:
            imgui.set_next_item_width(row.width)
            with scopes.combo("##input", source or NO_INPUT) as opened:
                if opened:
                    if imgui.is_window_appearing():
                        context.ask(ListClocks())
                    for name in view.inputs or ():
                        if imgui.selectable(name, name == source)[0]:
                            source = name
                    if view.inputs == ():
                        imgui.text_disabled("No MIDI input is connected.")
            if row.reset(bool(source)):
                source = ""
    if (clock, source) != (view.clock, view.input):
        context.ask(FollowClock(clock, source))
    if view.clock_problem:
        imgui.set_cursor_pos_x(imgui.get_style().window_padding.x + theme.em(theme.LABEL_EM))
        theme.wrapped(view.clock_problem, theme.WARNING)


def _lfo(context: Context, view: MusicView, lfo: Lfo) -> None:
    """One oscillator: its name and meter in a line, its settings below."""
    source, at = f"{LFO}{lfo.number}", f"/lfo/{lfo.number}"
    right = imgui.get_cursor_pos_x() + imgui.get_content_region_avail().x
    side = imgui.get_frame_height()
    new: Lfo | None = lfo
    imgui.align_text_to_frame_padding()
    imgui.text_unformatted(f"LFO {lfo.number}")
    imgui.same_line(imgui.get_style().window_padding.x + theme.em(theme.LABEL_EM))
    meter(context, view.values.get(source, 0.0), right - 3 * side - theme.em(0.4), lit=lfo.on)
    imgui.same_line(right - 3 * side)
    if icon_button(icons.ICON_FA_LINK, "map", "Choose what it plays.", quiet=True):
        begin_mapping(context, source)
    imgui.same_line(0, 0)
    icon, words = (icons.ICON_FA_PAUSE, "Stop") if lfo.on else (icons.ICON_FA_PLAY, "Play")
    if icon_button(icon, "on", f"{words} it; what it plays returns to its set value.", quiet=True):
        new = replace(lfo, on=not lfo.on)
    imgui.same_line(0, 0)
    if icon_button(icons.ICON_FA_XMARK, "remove", "Remove", quiet=True):
        new = None
    with labelled_row.row("Shape", "How it moves.", offers=(context, f"{at}/shape")) as row:
        shape = choice("shape", SHAPE_CHOICES, lfo.shape, row.width)
        if row.reset(lfo.shape != "sine"):
            shape = "sine"
    period = replace_slider(PERIOD_SLIDER, address=f"{at}/period").draw(context, lfo.period)
    text = "The unit in which its cycles are counted."
    with labelled_row.row("In", text, offers=(context, f"{at}/unit")) as row:
        unit = choice("unit", UNITS, lfo.unit, row.width)
        if row.reset(lfo.unit != "beats"):
            unit = "beats"
    depth = replace_slider(DEPTH_SLIDER, address=f"{at}/depth").draw(context, lfo.depth)
    centre = replace_slider(CENTRE_SLIDER, address=f"{at}/centre").draw(context, lfo.centre)
    phase = replace_slider(PHASE_SLIDER, address=f"{at}/phase").draw(context, lfo.phase)
    if new is not None:
        new = replace(
            new,
            shape=shape,
            period=float(period),
            unit=unit,
            depth=float(depth),
            centre=float(centre),
            phase=float(phase),
        )
    if new != lfo:
        context.ask(ChangeLfo(lfo.number, new))
