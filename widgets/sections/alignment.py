"""Alignment: how far the picture shows what the words say, and at which psi it would more."""

from __future__ import annotations

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.frame.alignment_report import CURVE_PSI, Alignment
from renderer.recipe.figures import minus
from renderer.recipe.recipe import Canvas, Recipe
from widgets import scopes, theme
from widgets.context import Context
from widgets.controls import plots
from widgets.controls.buttons import fitted
from widgets.controls.section import section
from widgets.controls.tooltips import tip
from widgets.sections.alignment_view import TITLE, AlignmentView, SwitchGauge

WORDS_EM = 9.5
NUMBER_EM = 2.8
CURVE_EM = 4.6
COSINE_TOP = 0.5
"""The end of the bar of a cosine: CLIP's own photographs with their captions seldom pass 0.4."""
JUDGE_TEXT = (
    "The mean over the words below. A small network, trained on real scenes of this demo world, "
    "looks at the picture and says how sure it is of each, from 0 to 1. It sees 64 pixels. The "
    "model's description says how often it is right about real scenes, for each kind of word."
)
CLIP_TEXT = (
    "The cosine similarity of the picture's and the text's embeddings, computed by {0}. Use it to "
    "compare pictures of one prompt: good ones reach about 0.2 to 0.35, depending on the CLIP and "
    "the prompt. The bar ends at 0.5."
)
SQUARE_TEXT = "Of a wider canvas only the square that the model was trained on is measured."
CURVE_TEXT = (
    "The same figure at nine values of psi from −0.5 to 1.5, measured while the program is idle. "
    "The line marks the current psi. Click a point to use its psi."
)
SWITCH_TEXT = (
    "Measure each new picture with the image half of {0}. This takes memory, and time for each "
    "picture, so it is off by default. Nothing is downloaded."
)


def draw(context: Context) -> Recipe:
    """Draw the section; returns the recipe, with another psi where one was taken."""
    view = context.see(AlignmentView)
    score = view.now.score if view.on and view.now is not None else None
    with section(
        context,
        TITLE,
        icons.ICON_FA_BULLSEYE,
        "How well the picture matches the prompt.",
        summary="" if score is None else f"{score:.2f}",
    ) as opened:
        return _body(context, view) if opened else context.recipe


def _body(context: Context, view: AlignmentView) -> Recipe:
    if view.gauge.kind == "none":
        theme.wrapped(view.gauge.reason, theme.DIM)
        return context.recipe
    if view.gauge.kind == "clip":
        _switch(context, view)
    if view.problem:
        theme.wrapped(view.problem, theme.WARNING)
    if not view.on or view.problem:
        return context.recipe
    _figures(view, wide=context.recipe.canvas != Canvas())
    return _curve(context, view)


def _switch(context: Context, view: AlignmentView) -> None:
    name = view.gauge.name
    pressed, on = imgui.checkbox(f"Measure with {name}###measure", view.on)
    tip(SWITCH_TEXT.format(name))
    if pressed:
        context.ask(SwitchGauge(on))


def _figures(view: AlignmentView, *, wide: bool) -> None:
    """The whole, then word by word; `wide` pictures are measured in part."""
    now, judge = view.now or Alignment(None), view.gauge.kind == "judge"
    top = 1.0 if judge else COSINE_TOP
    label = "All words" if judge else "Cosine"
    text = JUDGE_TEXT if judge else CLIP_TEXT.format(view.gauge.name)
    _bar(label, now.score, top, f"{text} {SQUARE_TEXT}" if wide else text, True)
    for word in now.words:
        text = (
            f"How sure the judge is of “{word.words}”."
            if judge
            else f"Cosine for “{word.words}” alone."
        )
        _bar(word.words, word.score, top, text, False)
    if view.now is None:
        return
    if judge and now.score is None:
        theme.wrapped("The prompt names nothing that the judge knows.", theme.DIM)
    if now.unknown:
        theme.wrapped(f"Not judged: {', '.join(now.unknown[:12])}", theme.DIM)
        tip("This demo world does not have these, so the judge cannot tell whether they are shown.")
    theme.wrapped(f"{now.took_ms:.0f} ms per picture", theme.DIM)
    tip("Time to measure, on top of rendering the picture.")


def _bar(label: str, score: float | None, top: float, text: str, main: bool) -> None:
    """One line: words, a bar from 0 to `top`, and the number."""
    corner, room = imgui.get_cursor_screen_pos(), imgui.get_content_region_avail().x
    height, draw = imgui.get_text_line_height(), imgui.get_window_draw_list()
    start, end = theme.em(WORDS_EM), room - theme.em(NUMBER_EM)
    imgui.dummy((room, height))
    tip(text)
    shown = fitted(label, start - theme.em(0.5))
    draw.add_text(corner, theme.ink(theme.TEXT if main else theme.DIM), shown)
    low, high = corner.y + height * (0.2 if main else 0.32), corner.y + height * 0.82
    rounding = theme.em(0.15)
    left, right = corner.x + start, corner.x + end
    draw.add_rect_filled((left, low), (right, high), theme.ink(theme.CONTROL), rounding)
    if score is None:
        return
    share = min(max(score / top, 0.0), 1.0)
    if share > 0.005:
        stop = left + max((right - left) * share, 2 * rounding)
        ink = theme.ink(theme.ACCENT if main else theme.ACCENT_DEEP)
        draw.add_rect_filled((left, low), (stop, high), ink, rounding)
    number = minus(f"{score:.2f}")
    at = corner.x + room - imgui.calc_text_size(number).x
    draw.add_text((at, corner.y), theme.ink(theme.TEXT), number)


def _curve(context: Context, view: AlignmentView) -> Recipe:
    recipe, width = context.recipe, imgui.get_content_region_avail().x
    span = CURVE_PSI[0], CURVE_PSI[-1]
    taken = plots.curve(
        "curve",
        view.curve,
        span,
        recipe.psi,
        (width, theme.em(CURVE_EM)),
        CURVE_TEXT,
        (0.0, 1.0) if view.gauge.kind == "judge" else None,
    )
    _axis(view, width)
    return recipe if taken is None else replace(recipe, psi=taken)


def _axis(view: AlignmentView, width: float) -> None:
    """Under the curve: the ends of psi, and how much of it is measured."""
    corner, draw = imgui.get_cursor_screen_pos(), imgui.get_window_draw_list()
    with scopes.font(None, theme.SMALL_PX):
        known, count = len(view.curve), len(CURVE_PSI)
        middle = "psi" if known == count else f"psi, {known} of {count} measured"
        for words, share in (
            (f"{CURVE_PSI[0]:g}", 0.0),
            (middle, 0.5),
            (f"{CURVE_PSI[-1]:g}", 1.0),
        ):
            text = minus(words)
            left = theme.em(plots.LABELS_EM) if share < 1 else 0.0
            at = corner.x + left + share * (width - left - imgui.calc_text_size(text).x)
            draw.add_text((at, corner.y - theme.em(0.3)), theme.ink(theme.DIM), text)
        imgui.dummy((width, imgui.get_text_line_height() - theme.em(0.4)))
