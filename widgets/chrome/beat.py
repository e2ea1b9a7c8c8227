"""The beat in the status line while something goes by it: lights to tap on, and the tempo."""

from __future__ import annotations

from imgui_bundle import imgui

from renderer.parameters.bindings import BEAT
from widgets import scopes, theme
from widgets.context import Context
from widgets.controls import beat_lights, source_sign
from widgets.controls.control_view import ControlView
from widgets.controls.music_view import BEATS_A_BAR, MusicView, TapTempo
from widgets.controls.section import reveal
from widgets.controls.tooltips import tip

LIGHT_EM, GAP_EM, APART_EM = 1.0, 0.2, 0.6
ROOM_EM = 40.0
"""In a narrower window the line is left to words."""
WIDEST = "400 BPM"
MUSIC = "Music"


def counts(context: Context) -> bool:
    """Return whether something goes by the beat, or its tempo was set."""
    played = (binding.source for binding in context.see(ControlView).bindings)
    return context.see(MusicView).counts or any(source.startswith(BEAT) for source in played)


def draw(context: Context, right: float, corner: tuple[float, float], height: float) -> float:
    """Draw lights and tempo up to `right`, an x on the screen, in a line of a `height` whose upper
    left is `corner`; returns the width that they take, 0 where they are not drawn."""
    if not counts(context) or right - corner[0] < theme.em(ROOM_EM):
        return 0.0
    view, gap = context.see(MusicView), theme.em(GAP_EM)
    lights = (BEATS_A_BAR * (theme.em(LIGHT_EM) + gap) - gap, theme.em(LIGHT_EM))
    with scopes.font(context.fonts.bold, theme.FONT_PX):
        words = f"{view.bpm:.0f} BPM"
        size, widest = imgui.calc_text_size(words), imgui.calc_text_size(WIDEST).x
        left = right - widest - theme.em(APART_EM) - lights[0]
        at = (right - size.x, corner[1] + (height - size.y) / 2)
        imgui.get_window_draw_list().add_text(at, theme.ink(theme.TEXT), words)
    low = (left, corner[1] + (height - lights[1]) / 2)
    beat_lights.draw(context, view.beat, low, lights, gap)
    with scopes.flag(imgui.ItemFlags_.no_nav, True):
        imgui.set_cursor_screen_pos((left, corner[1]))
        if imgui.invisible_button("tap", (lights[0], height)):
            context.ask(TapTempo())
        place = beat_lights.place(view.beat) + 1
        tip(f"Beat {place} of {BEATS_A_BAR}. Click, or press B, on the beats of the music.")
        source_sign.offered(context, "/tempo/tap")
        imgui.set_cursor_screen_pos((right - widest, corner[1]))
        if imgui.invisible_button("tempo", (widest, height)):
            reveal(context, MUSIC)
        tip("Open the Music section.")
        source_sign.offered(context, "/tempo")
    return right - left
