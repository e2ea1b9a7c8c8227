"""The tour's marks over the window: a card that names the step, and a frame around its place."""

from __future__ import annotations

from dataclasses import dataclass

from imgui_bundle import imgui

from widgets import scopes, theme
from widgets.actions import Action
from widgets.context import Context
from widgets.controls.buttons import button_width

CARD_EM = 36.0
STRIP_EM = 8.2
"""Height of the strip below the picture that is kept free for the card."""
FADE_S = 0.35


@dataclass(frozen=True)
class StartTour(Action):
    """Play the tour from its beginning."""


@dataclass(frozen=True)
class StopTour(Action):
    """End the tour, and bring back what was there before."""


@dataclass(frozen=True)
class NextStep(Action):
    """Go on to the tour's next step."""


@dataclass(frozen=True)
class TourView:
    """The state of the tour.

    `running` is whether it plays; `index` of `count` steps, the first is 0; `share` is how much of
    this step is over and `since_s` for how long it has been shown; `area` is what of the window it
    is about.
    """

    running: bool = False
    index: int = 0
    count: int = 0
    title: str = ""
    text: str = ""
    share: float = 0.0
    since_s: float = 0.0
    area: str = ""


def strip(context: Context) -> float:
    """Return how much room the card takes below the picture, in pixels; nothing when no tour
    plays."""
    return theme.em(STRIP_EM) if context.see(TourView).running else 0.0


def draw(context: Context) -> None:
    """Draw over everything else, while the tour plays."""
    tour = context.see(TourView)
    if not tour.running:
        return
    _frame(context, tour)
    _card(context, tour)


def _frame(context: Context, tour: TourView) -> None:
    """A bright frame around what the step is about, but not over a dialog."""
    box = context.out.areas.get(tour.area)
    if box is None or imgui.internal.get_top_most_popup_modal() is not None:
        return
    draw, alpha = imgui.get_foreground_draw_list(), min(tour.since_s / FADE_S, 1.0)
    # It closes in on its place, so that the eye follows.
    grow = theme.em(0.15) + theme.em(1.5) * (1.0 - alpha)
    draw.add_rect(
        (box[0] - grow, box[1] - grow),
        (box[2] + grow, box[3] + grow),
        theme.ink(theme.ACCENT, alpha),
        theme.em(0.6),
        theme.em(0.16),
    )


def _card(context: Context, tour: TourView) -> None:
    view = imgui.get_main_viewport().size
    left, top, right, bottom = context.out.areas.get("Tour", (0.0, 0.0, view.x, view.y))
    width = min(theme.em(CARD_EM), right - left - theme.em(1))
    middle = ((left + right) / 2, (top + bottom) / 2)
    imgui.set_next_window_pos(middle, imgui.Cond_.always, (0.5, 0.5))
    imgui.set_next_window_size((width, 0))
    with (
        scopes.style(imgui.StyleVar_.window_rounding, theme.em(0.6)),
        scopes.style(imgui.StyleVar_.window_padding, (theme.em(1.1), theme.em(0.8))),
        scopes.colour(imgui.Col_.window_bg, theme.colour(theme.POPUP)),
    ):
        flags = (
            imgui.WindowFlags_.no_decoration
            | imgui.WindowFlags_.no_move
            | imgui.WindowFlags_.no_saved_settings
            | imgui.WindowFlags_.no_focus_on_appearing
            | imgui.WindowFlags_.no_nav
        )
        with scopes.window("Tour", flags):
            _words(context, tour)
            _progress(tour)


def _words(context: Context, tour: TourView) -> None:
    imgui.align_text_to_frame_padding()
    with theme.text_colour(theme.ACCENT):
        imgui.text_unformatted(f"{tour.index + 1} of {tour.count}")
    imgui.same_line()
    with scopes.font(context.fonts.bold, theme.PROMPT_PX):
        imgui.align_text_to_frame_padding()
        imgui.text_unformatted(tour.title)
    _buttons(context)
    theme.wrapped(tour.text, theme.TEXT)
    theme.wrapped("Take over at any time: just change something.")


def _buttons(context: Context) -> None:
    """At the right end of the first line."""
    wide = button_width("Stop") + imgui.get_style().item_spacing.x + button_width("Next")
    imgui.same_line()
    room = imgui.get_content_region_avail().x
    imgui.set_cursor_pos_x(imgui.get_cursor_pos_x() + max(room - wide, 0.0))
    if imgui.button("Stop"):
        context.ask(StopTour())
    imgui.same_line()
    if imgui.button("Next"):
        context.ask(NextStep())


def _progress(tour: TourView) -> None:
    """A thin line at the card's lower edge."""
    corner, size = imgui.get_window_pos(), imgui.get_window_size()
    draw, thick = imgui.get_window_draw_list(), theme.em(0.16)
    done = (tour.index + tour.share) / max(tour.count, 1)
    inset = theme.em(0.6)
    left, bottom = corner.x + inset, corner.y + size.y - thick / 2
    draw.add_line_h(
        left, left + (size.x - 2 * inset) * done, bottom, theme.ink(theme.ACCENT), thick
    )
