"""A training run: its snapshots on a slider, the newest at hand, and the curves of its log."""

from __future__ import annotations

from dataclasses import replace

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from renderer.files.training_log import Curve
from renderer.files.training_run import Snapshot
from renderer.parameters.settings import SNAPSHOT
from renderer.recipe.recipe import Recipe
from stylegan_t.terminal.visible import visible
from widgets import scopes, theme
from widgets.context import Context
from widgets.controls import labelled_row, plots
from widgets.controls.buttons import button, fitted
from widgets.controls.run_view import (
    BrowseRun,
    CloseRun,
    FollowRun,
    RunView,
    ShowNewest,
    ShowSnapshot,
)
from widgets.controls.section import section
from widgets.controls.slider import HOW, Slider
from widgets.controls.tooltips import tip

TITLE = "Training run"
NEWEST_KEY = "F9"
CHART_EM = 5.0
CHARTS = 2
"""Curves that are seen at once."""
TRACK = Slider.of(SNAPSHOT)
FEW = "There is only one snapshot."
FOLLOW_TEXT = "Show each new snapshot as soon as it is written."


def draw(context: Context) -> Recipe:
    """Draw the section; it asks for other snapshots and edits nothing itself."""
    run = context.see(RunView)
    with section(
        context,
        TITLE,
        icons.ICON_FA_CHART_LINE,
        "The snapshots of a training run, and what it has logged.",
        summary=_summary(run),
        changed=run.newer,
    ) as opened:
        if opened and run.out_of_reach:
            theme.wrapped(run.out_of_reach, theme.DIM)
        if opened and not run.folder:
            if not run.out_of_reach:
                theme.wrapped("Open a run's folder to go through its snapshots.", theme.DIM)
            _open(context, run)
        elif opened:
            _folder(context, run)
            _snapshots(context, run)
            _newest(context, run)
            _charts(context, run)
    return context.recipe


def _summary(run: RunView) -> str:
    if not run.folder:
        return "none open"
    return "a newer snapshot" if run.newer else f"{len(run.snapshots)} snapshots"


def _open(context: Context, run: RunView) -> None:
    label = f"{icons.ICON_FA_FOLDER_OPEN}  Open a run…###open run"
    text = "The folder that training writes its snapshots to; it may be dropped, too"
    if button(label, text, reason=run.out_of_reach):
        context.ask(BrowseRun())


def _folder(context: Context, run: RunView) -> None:
    width = imgui.get_content_region_avail().x
    theme.dim(fitted(run.folder[::-1], width)[::-1])
    tip(visible(run.folder))
    _open(context, run)
    imgui.same_line()
    if button(f"{icons.ICON_FA_XMARK}  Close###close run", "The model that is shown stays"):
        context.ask(CloseRun())
    if run.problem:
        theme.wrapped(visible(run.problem), theme.WARNING)
    if run.unfinished:
        theme.wrapped(f"{run.unfinished} is being written.", theme.DIM)


def _snapshots(context: Context, run: RunView) -> None:
    """The slider, and what it stands on."""
    count, shown = len(run.snapshots), run.shown
    if not count:
        return
    why = run.out_of_reach or (FEW if count < 2 else None)
    track = replace(TRACK, high=float(max(count, TRACK.low + 1)), limits=(TRACK.low, float(count)))
    before = count if shown is None else shown + 1
    with labelled_row.row(TRACK.label, f"{TRACK.text}\n{HOW}", why) as row:
        size = (row.width, imgui.get_frame_height())
        after = round(track.control(context, float(before), size, why))
        if row.reset(shown is not None and shown < count - 1):
            after = count
    if after != before:
        context.ask(ShowSnapshot(min(max(after, 1), count) - 1))
    words = (
        "Another model is shown." if shown is None else _said(run.snapshots[shown], count, shown)
    )
    theme.wrapped(words, theme.DIM)


def _said(snapshot: Snapshot, count: int, place: int) -> str:
    seen = "" if snapshot.kimg is None else f", {snapshot.kimg:g} thousand pictures seen"
    return f"{snapshot.name}{seen} ({place + 1} of {count})"


def _newest(context: Context, run: RunView) -> None:
    """A button for the newest, and the switch that follows it."""
    if run.newer and run.snapshots:
        theme.wrapped(f"A newer snapshot was written: {run.snapshots[-1].name}", theme.ACCENT)
    why = run.out_of_reach or ("" if run.snapshots else "There is no snapshot yet.")
    if not why and run.shown == len(run.snapshots) - 1 and not run.newer:
        why = "The newest one is shown."
    label = f"{icons.ICON_FA_FORWARD_STEP}  Newest###newest"
    if button(label, f"Show the newest snapshot ({NEWEST_KEY})", primary=run.newer, reason=why):
        context.ask(ShowNewest())
    imgui.same_line()
    changed, on = imgui.checkbox("Follow", run.follow)
    tip(FOLLOW_TEXT)
    if changed:
        context.ask(FollowRun(on))


def _charts(context: Context, run: RunView) -> None:
    """The first curves of the log, each with a menu of the others."""
    if not run.curves:
        imgui.text_disabled("It has logged nothing yet.")
        return
    for place in range(min(CHARTS, len(run.curves))):
        with scopes.name(f"chart {place}"):
            _chart(context, run, _chosen(run, place))


def _chosen(run: RunView, place: int) -> Curve:
    """The curve of a chart; a menu chooses another, which Dear ImGui's storage remembers."""
    store, key = imgui.get_state_storage(), imgui.get_id("curve")
    index = store.get_int(key, place)
    index = index if index < len(run.curves) else place
    imgui.set_next_item_width(imgui.get_content_region_avail().x)
    names = [curve.name for curve in run.curves]
    changed, chosen = imgui.combo("##curve", index, names)
    tip("What this chart shows")
    if changed:
        store.set_int(key, chosen)
    return run.curves[chosen if changed else index]


def _chart(context: Context, run: RunView, curve: Curve) -> None:
    """A curve over thousand pictures, with a line at the snapshot that is shown."""
    kimgs = [one.kimg for one in run.snapshots if one.kimg is not None]
    ends = [x for x, _ in (*curve.points[:1], *curve.points[-1:])]
    span = min([*ends, *kimgs[:1]]), max([*ends, *kimgs[-1:]])
    shown = run.snapshots[run.shown].kimg if run.shown is not None else None
    now = span[0] - 1.0 if shown is None else shown
    size = imgui.get_content_region_avail().x, theme.em(CHART_EM)
    text = f"{curve.name} over thousand pictures ({span[0]:g} to {span[1]:g})."
    if not run.out_of_reach:
        text += " Click a place to show the snapshot next to it."
    clicked = plots.curve(curve.name, curve.points, span, now, size, text)
    if clicked is not None and kimgs and not run.out_of_reach:
        near = min(kimgs, key=lambda kimg: abs(kimg - clicked))
        place = next(i for i, one in enumerate(run.snapshots) if one.kimg == near)
        context.ask(ShowSnapshot(place))
