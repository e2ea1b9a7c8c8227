"""The look: one dark palette with one accent, and every size in heights of the font.

Colours are written as they are read in a design tool ("#rrggbb").  Text colours keep a contrast of
at least 4.5:1 (WCAG 2.1, AA) on every surface that they appear on; a test holds that.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from imgui_bundle import ImVec2, ImVec4, imgui

from widgets import scopes

FONT_PX = 16.0
"""Height of the body font at scale 1, in pixels."""
PROMPT_PX = 18.0
SMALL_PX = 13.5
CHIP_PX = 14.5
HERO_PX = 26.0

SIDEBAR_EM = 26.0
"""45 widths of a digit, plus the cards' margins."""
SIDEBAR_MIN_EM = 21.0
SIDEBAR_MAX_EM = 42.0
LABEL_EM = 5.4
GAP_EM = 0.5

# Surfaces, from the back to the front.
CANVAS = "#0e0f13"
PANEL = "#14161b"
CARD = "#1c1f26"
CONTROL = "#292e38"
CONTROL_HOVER = "#323844"
CONTROL_ACTIVE = "#3a4150"
POPUP = "#1f232b"
LINE = "#2c313b"

# Text.
TEXT = "#e8eaf0"
DIM = "#a9b0be"
ACCENT = "#5fd0b4"
WARNING = "#f2bd62"
DANGER = "#ff8f86"
ON_ACCENT = "#0c1f1a"
WORDS = "#8fb4f8"
"""The text half of mixing, beside the accent of the latent half."""
PLAYED = "#cba6ff"
"""Marks a control that an oscillator, a knob or another source plays or moves."""

# Fills.
CHIP = "#262b34"
ACCENT_SOFT = "#27443d"
ACCENT_SOFT_HOVER = "#2e5147"
ACCENT_HOVER = "#79dcc4"
ACCENT_ACTIVE = "#4bbb9f"
ACCENT_DEEP = "#2f7f6d"
WORDS_DEEP = "#3f66a8"
DANGER_DEEP = "#4a2226"
RECORDING = "#c0281c"
ON_RECORDING = "#ffffff"


@dataclass(frozen=True)
class Fonts:
    """The fonts of the window; both also hold the icons."""

    body: imgui.ImFont
    bold: imgui.ImFont


@lru_cache(256)
def colour(code: str, alpha: float = 1.0) -> ImVec4:
    """`"#rrggbb"` as Dear ImGui's colour, not to be changed; `alpha` is 0 (clear) to 1 (solid)."""
    red, green, blue = (int(code[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return ImVec4(red, green, blue, alpha)


def ink(code: str, alpha: float = 1.0) -> int:
    """`"#rrggbb"` packed for a draw list; it fades together with disabled controls."""
    return imgui.get_color_u32(colour(code, alpha))


_TEXT = imgui.Col_.text


def text_colour(code: str, alpha: float = 1.0) -> scopes.Scope:
    """Write in another colour, for a `with`."""
    return scopes.colour(_TEXT, colour(code, alpha))


def dim(text: str) -> None:
    """Write a label that steps back behind what it names."""
    with text_colour(DIM):
        imgui.text_unformatted(text)


def wrapped(text: str, code: str = DIM, width: float = 0.0) -> None:
    """Write text of a colour that breaks into lines within `width` pixels; 0 is all the room."""
    at = imgui.get_cursor_pos_x() + width if width else 0.0
    with text_colour(code), scopes.wrap(at):
        imgui.text_unformatted(text)


def em(count: float) -> float:
    """`count` heights of the current font in pixels."""
    return imgui.get_font_size() * count


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours, 1 to 21.  Source: WCAG 2.1, relative luminance."""
    brighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(code: str) -> float:
    parts = [int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def apply(scale: float, zoom: float = 1.0) -> None:
    """Give the current Dear ImGui context this look.

    Args:
        scale: pixels per point of the screen (1 plain, 2 HiDPI).
        zoom: the user's own wish for larger or smaller text, a factor.
    """
    style = imgui.Style()
    _sizes(style)
    _colours(style)
    style.scale_all_sizes(scale * zoom)
    style.font_size_base = FONT_PX
    style.font_scale_dpi = scale
    style.font_scale_main = zoom
    _copy(style, imgui.get_style())


# `scale_all_sizes` multiplies what it finds, so every scale starts from a fresh style.
_FIELDS = tuple(
    name
    for name in dir(imgui.Style)
    if not name.startswith("_") and not callable(getattr(imgui.Style, name, None))
)


def _copy(source: imgui.Style, target: imgui.Style) -> None:
    for name in _FIELDS:
        setattr(target, name, getattr(source, name))
    for index in range(int(imgui.Col_.count)):
        target.set_color_(index, source.color_(index))


def _sizes(style: imgui.Style) -> None:
    style.window_padding = ImVec2(12, 12)
    style.frame_padding = ImVec2(9, 5)
    style.item_spacing = ImVec2(8, 8)
    style.item_inner_spacing = ImVec2(6, 6)
    style.cell_padding = ImVec2(4, 3)
    style.indent_spacing = 16
    style.scrollbar_size = 10
    style.scrollbar_rounding = 5
    style.scrollbar_padding = 2
    style.grab_min_size = 10
    style.window_rounding = 0
    style.child_rounding = 8
    style.frame_rounding = 6
    style.popup_rounding = 8
    style.grab_rounding = 5
    style.tab_rounding = 6
    style.window_border_size = 0
    style.child_border_size = 0
    style.popup_border_size = 1
    style.frame_border_size = 0
    style.disabled_alpha = 0.42
    style.hover_delay_short = 0.35
    style.hover_stationary_delay = 0.2


def _colours(style: imgui.Style) -> None:
    column = imgui.Col_
    table: dict[imgui.Col_, ImVec4] = {
        column.text: colour(TEXT),
        column.text_disabled: colour(DIM),
        column.window_bg: colour(PANEL),
        column.child_bg: colour(CARD, 0.0),
        column.popup_bg: colour(POPUP),
        column.border: colour(LINE),
        column.frame_bg: colour(CONTROL),
        column.frame_bg_hovered: colour(CONTROL_HOVER),
        column.frame_bg_active: colour(CONTROL_HOVER),
        column.menu_bar_bg: colour(PANEL, 0.0),
        column.title_bg: colour(POPUP),
        column.title_bg_active: colour(POPUP),
        column.scrollbar_bg: colour(PANEL, 0.0),
        column.scrollbar_grab: colour(CONTROL_ACTIVE),
        column.scrollbar_grab_hovered: colour("#4a5263"),
        column.scrollbar_grab_active: colour("#5a6375"),
        column.check_mark: colour(ACCENT),
        column.slider_grab: colour(ACCENT),
        column.slider_grab_active: colour(ACCENT),
        column.button: colour(CONTROL),
        column.button_hovered: colour(CONTROL_HOVER),
        column.button_active: colour(CONTROL_ACTIVE),
        column.header: colour(CONTROL),
        column.header_hovered: colour(CONTROL_HOVER),
        column.header_active: colour(CONTROL_ACTIVE),
        column.table_header_bg: colour(CONTROL),
        column.table_border_light: colour(LINE),
        column.table_border_strong: colour(LINE),
        column.separator: colour(LINE),
        column.separator_hovered: colour(ACCENT_DEEP),
        column.separator_active: colour(ACCENT),
        column.resize_grip: colour(LINE, 0.0),
        column.resize_grip_hovered: colour(ACCENT_DEEP),
        column.resize_grip_active: colour(ACCENT),
        column.input_text_cursor: colour(ACCENT),
        column.plot_lines: colour(ACCENT),
        column.plot_histogram: colour(ACCENT),
        column.text_selected_bg: colour(ACCENT_DEEP, 0.75),
        column.nav_cursor: colour(ACCENT),
        column.drag_drop_target: colour(ACCENT),
        column.modal_window_dim_bg: colour("#000000", 0.55),
    }
    for index, value in table.items():
        style.set_color_(index, value)
