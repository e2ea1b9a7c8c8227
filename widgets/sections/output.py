"""Output: the picture alone on another screen, and in other programs."""

from __future__ import annotations

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.recipe.recipe import Recipe
from widgets import scopes, theme
from widgets.actions import SwitchSink, ToggleOutput
from widgets.context import Context
from widgets.controls import labelled_row
from widgets.controls.buttons import choice
from widgets.controls.section import section
from widgets.controls.tooltips import tip
from widgets.controls.typed_text_box import typed_text
from widgets.output import IN_WINDOW, MAX_NAME, Fit, OutputOptions
from widgets.sections.output_view import ScreensView, SinksView, SinkView

DEFAULT = OutputOptions()
FITS: tuple[tuple[Fit, str, str], ...] = (
    ("fit", "Fit", "The whole picture, black around it."),
    ("fill", "Fill", "The whole screen; what does not fit is cut off."),
    ("pixels", "Exact", "Every pixel is a square of whole screen pixels, and sharp."),
)
PIXELS = ((True, "Smooth", "Large pixels are smoothed."), (False, "Sharp", "Pixels have edges."))
AUTOMATIC, FRAMED = "Another screen", "In a window"


def draw(context: Context) -> Recipe:
    """Draw the section; it changes options and returns the recipe as it is."""
    screens, sinks = context.see(ScreensView), context.see(SinksView).sinks
    said = summary(context.options.output, screens, sinks)
    with section(
        context,
        "Output",
        icons.ICON_FA_TV,
        "The picture alone: on another screen, over the network, in other programs.",
        summary=said,
        changed=said != "off",
    ) as opened:
        if opened:
            _clean(context, screens)
            _place(context, screens)
            _look(context)
            for sink in sinks:
                _sink(context, sink)
            if any(not sink.missing for sink in sinks):
                _name(context)
    return context.recipe


def summary(output: OutputOptions, screens: ScreensView, sinks: tuple[SinkView, ...]) -> str:
    """The state in a few words."""
    where = "window" if screens.shown_on == IN_WINDOW else screens.shown_on
    parts = [f"waits for {screens.missing}" if screens.missing else where] if output.on else []
    parts += [sink.title for sink in sinks if sink.on]
    return ", ".join(filter(None, parts)) or "off"


def _clean(context: Context, view: ScreensView) -> None:
    on = context.options.output.on
    options = (
        (False, "Off", "The picture is in this window only."),
        (True, "On", "A second window shows the picture and nothing else (F10)."),
    )
    text = "A second window that shows the picture alone (F10)."
    with labelled_row.row("Window", text, offers=(context, "/output")) as row:
        wanted = choice("clean", options, on, row.width)
        if row.reset(on):
            wanted = False
    if wanted != on:
        context.ask(ToggleOutput(wanted))
    if view.missing:
        _below(
            f"{view.missing} is not connected. The output returns when it is reconnected.",
            theme.WARNING,
        )


def _place(context: Context, view: ScreensView) -> None:
    output = context.options.output
    names = {"": AUTOMATIC, IN_WINDOW: FRAMED} | {one.name: one.label for one in view.screens}
    place = view.chosen or output.place
    label = names.get(place, f"{place} (not connected)")
    with labelled_row.row("Screen", "Where the clean output is.") as row:
        imgui.set_next_item_width(row.width)
        with scopes.combo("##screen", label) as opened:
            if opened:
                for name, text in names.items():
                    if imgui.selectable(text, name == place)[0]:
                        place = name
        tip("Where the clean output is.")
        if row.reset(place != DEFAULT.place):
            place = DEFAULT.place
    if place != (view.chosen or output.place):
        _change(context, place=place)


def _look(context: Context) -> None:
    output = context.options.output
    with labelled_row.row("Size", "How the picture lies on the screen.") as row:
        fit = choice("fit", FITS, output.fit, row.width)
        if row.reset(fit != DEFAULT.fit):
            fit = DEFAULT.fit
    with labelled_row.row(
        "Pixels", "How pixels are drawn when they are larger than the screen's."
    ) as row:
        smooth = choice("pixels", PIXELS, output.smooth, row.width)
        if row.reset(smooth != DEFAULT.smooth):
            smooth = DEFAULT.smooth
    _change(context, fit=fit, smooth=smooth)


def _sink(context: Context, sink: SinkView) -> None:
    options = ((False, "Off", sink.text), (True, "On", sink.text))
    offers = context, f"/output/{sink.key}"
    with labelled_row.row(sink.title, sink.text, sink.missing or None, offers) as row:
        wanted = choice("sink", options, sink.on, row.width, sink.missing)
        if row.reset(sink.on):
            wanted = False
    if wanted != sink.on:
        context.ask(SwitchSink(sink.key, wanted))
    if sink.problem:
        _below(sink.problem, theme.WARNING)
    elif sink.on:
        words = [f"{sink.per_s:.0f} per second", sink.status]
        words += [f"{sink.dropped} dropped"] if sink.dropped else []
        _below(" · ".join(filter(None, words)), theme.DIM)


def _name(context: Context) -> None:
    output = context.options.output
    with labelled_row.row("Name", "The name under which other programs list the picture.") as row:
        name = typed_text(context, "##name", output.name, row.width)
        if row.reset(output.name != DEFAULT.name):
            name = DEFAULT.name
    if name is not None:
        _change(context, name=name.strip()[:MAX_NAME] or DEFAULT.name)


def _change(context: Context, **changes: object) -> None:
    output = replace(context.options.output, **changes)
    context.out.options = replace(context.options, output=output)


def _below(sentence: str, tint: str) -> None:
    """A sentence below a row, where its control begins."""
    imgui.set_cursor_pos_x(imgui.get_style().window_padding.x + theme.em(theme.LABEL_EM))
    theme.wrapped(sentence, tint)
