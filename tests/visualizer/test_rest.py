"""A window that nobody touches: how often it is drawn, counted in a time that the test makes."""

from __future__ import annotations

import concurrent.futures
from dataclasses import dataclass

import pytest
from msgspec.structs import replace

from renderer.recipe.recipe import Recipe
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from visualizer.instruments.gallery import AGAIN_S
from visualizer.session.state import State
from widgets.context import Options

pytestmark = pytest.mark.display

MINUTE_S = 60.0
SETTLE_S = 45.0
"""By then the last notice has gone, and what was done has been kept."""
ANSWER_S = 10.0


@dataclass
class Clock:
    """Stands still until it is moved."""

    now_s: float = 100.0

    def __call__(self) -> float:
        return self.now_s


def redraws(ui: Driver, clock: Clock, seconds: float) -> int:
    """How often the main loop draws the window in this time, if nobody touches it."""
    app, end_s, count = ui.app, clock.now_s + seconds, 0
    while True:
        # What works beside the window takes no time of this clock.
        beside = [item.future for item in app._background._pending]
        assert not concurrent.futures.wait(beside, ANSWER_S).not_done
        _, arrived = app._noticed()
        if arrived:
            app._pacer.arrived()
        due_s = app._pacer.due_s(busy=app._busy())
        if due_s > end_s:
            clock.now_s = end_s
            return count
        clock.now_s = max(clock.now_s, due_s)
        ui.frames(1)
        count += 1


def test_a_window_at_rest_is_hardly_ever_drawn(open_window: Open) -> None:
    clock = Clock()
    ui = open_window(state=State(Recipe()), clock=clock)
    redraws(ui, clock, SETTLE_S)
    assert redraws(ui, clock, 5 * MINUTE_S) <= 5


def test_after_an_edit_it_comes_to_rest_again(open_window: Open) -> None:
    clock = Clock()
    ui = open_window(state=State(Recipe()), clock=clock)
    redraws(ui, clock, SETTLE_S)
    ui.app.session.edit(replace(ui.app.session.recipe, psi=0.5))
    ui.app._pacer.touched(clock.now_s)  # as whoever edits does
    assert redraws(ui, clock, SETTLE_S) > 2, "the picture, its figures, the history"
    assert redraws(ui, clock, MINUTE_S) <= 1


def test_an_open_gallery_looks_at_its_folder_with_one_redraw_each(open_window: Open) -> None:
    clock = Clock()
    options = Options(drawer="Gallery", open_sections=())
    ui = open_window(state=State(Recipe(), options), clock=clock)
    redraws(ui, clock, SETTLE_S)
    assert redraws(ui, clock, MINUTE_S) <= MINUTE_S / AGAIN_S + 1
    ui.app.session.options = replace(ui.app.session.options, drawer="")
    redraws(ui, clock, SETTLE_S)
    assert redraws(ui, clock, MINUTE_S) <= 1
