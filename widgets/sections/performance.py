"""Performance: where the time of a picture goes, and how smooth the window is."""

from __future__ import annotations

from dataclasses import dataclass

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from renderer.frame.frame import Frame
from renderer.recipe.recipe import Recipe
from widgets import theme
from widgets.context import Context
from widgets.controls.section import section
from widgets.controls.time_bars import Bar, draw_bars, draw_history
from widgets.controls.tooltips import tip

TITLE = "Performance"
NO_TIME_MS = 0.05
"""Less than this is what looking into a cache takes."""


@dataclass(frozen=True)
class Profile:
    """The fate of recipes that have no picture, since the start: a newer one came before
    they were begun, while they were drawn, or before they were shown; and the previews in line."""

    not_begun: int = 0
    given_up: int = 0
    not_shown: int = 0
    previews_waiting: int = 0


def draw(context: Context) -> Recipe:
    """Draw the section; it changes nothing and returns the recipe as it is."""
    stats = context.stats
    with section(
        context,
        TITLE,
        icons.ICON_FA_GAUGE_HIGH,
        "Where the time for a picture goes.",
        summary=_label(context.frame.total_ms) if context.frame else "",
    ) as opened:
        if opened:
            _figures(context)
            _profile(context.see(Profile))
            if context.frame is None:
                imgui.text_disabled("There is no picture yet.")
            else:
                _line("Blocks", blocks_drawn(context.frame), BLOCKS)
                draw_bars(bars(context.frame, stats.upload_ms))
            draw_history(stats.history_ms, stats.picture_ms)
    return context.recipe


def _figures(context: Context) -> None:
    stats, frame = context.stats, context.frame
    _line("Device", stats.device or "not chosen yet", "Where the model runs.")
    precision = frame.recipe.precision if frame else context.recipe.precision
    _line(
        "Precision", precision, "The data type that the last picture was computed in (see Model)."
    )
    _line(
        "Pictures",
        f"{stats.frames_per_s:.0f} per second",
        "Different pictures shown in the last second.",
    )
    median, worst = stats.ui_ms
    _line(
        "Window",
        f"{stats.ui_frames_per_s:.0f} per second, {median:.1f} ms (99%: {worst:.1f} ms)",
        "Redraws of the window in the last second, and the work of one redraw.",
    )


def _profile(profile: Profile) -> None:
    _line(
        "Skipped",
        f"{profile.not_begun} not started, {profile.given_up} abandoned",
        "Since the start. While you drag, settings change faster than pictures are rendered: the "
        f"newest counts.\n{profile.not_begun} were replaced before they were started, "
        f"{profile.given_up} abandoned for a newer one, {profile.not_shown} finished but not "
        "shown.",
    )
    waiting = profile.previews_waiting
    _line(
        "Previews",
        f"{waiting} waiting" if waiting else "none waiting",
        "Small pictures for panels, rendered while there is nothing else to do.",
    )


BLOCKS = (
    "The model renders from coarse to fine. A picture that differs from the last one only in its\n"
    "finer blocks starts there; the results of the coarser ones are reused."
)


def blocks_drawn(frame: Frame) -> str:
    """Return which blocks the picture took, in words."""
    if synthesis_ms(frame) == 0.0:
        return "all reused"
    if not frame.block_ms:
        return "timed from the next picture on"
    count = len(frame.block_ms)
    first = next((i for i, (_, ms) in enumerate(frame.block_ms) if ms > 0.0), count)
    if first == count:
        return "all reused"
    if first == 0:
        return f"all {count} rendered"
    drawn = f"{first + 1} to {count}" if first + 1 < count else f"{count}"
    return f"{drawn} of {count} rendered"


def bars(frame: Frame, upload_ms: float) -> list[Bar]:
    """The stages of a picture as bars, the blocks of its synthesis below that."""
    found: list[Bar] = []
    for name, ms in (*frame.stage_ms, ("upload", upload_ms)):
        found.append(Bar(name.capitalize(), ms, _label(ms)))
        if name == "synthesis" and frame.model is not None:
            found += _block_bars(frame, kept=ms == 0.0)
    return found


def _block_bars(frame: Frame, *, kept: bool) -> list[Bar]:
    """One for every block of the model, known or not: the panel keeps its height."""
    times = dict(frame.block_ms)
    assert frame.model is not None
    return [
        Bar(f"{side} px", times.get(side, 0.0), _label(times.get(side, 0.0 if kept else None)), 1)
        for side in frame.model.blocks
    ]


def synthesis_ms(frame: Frame) -> float:
    """Return what the synthesis of a picture took; 0 where the whole picture was kept."""
    return dict(frame.stage_ms).get("synthesis", 0.0)


def _label(ms: float | None) -> str:
    if ms is None:
        return "not timed"
    return f"{ms:.1f} ms" if ms >= NO_TIME_MS else "reused"


def _line(name: str, value: str, text: str) -> None:
    theme.dim(name)
    tip(text)
    imgui.same_line(imgui.get_style().window_padding.x + theme.em(theme.LABEL_EM))
    imgui.text_unformatted(value)
