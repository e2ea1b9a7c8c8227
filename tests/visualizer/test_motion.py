"""Whatever moves is drawn on, however long a redraw takes, in a time that the test makes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from msgspec.structs import replace

from renderer.frame.preview import Granted, Wish
from renderer.recipe.recipe import LatentPart, Recipe
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from visualizer.services.render_port import Wake
from visualizer.session.state import State
from visualizer.window import frame_pacing
from widgets.chrome.tour import StartTour
from widgets.context import Options
from widgets.controls.timeline_view import AddKey, Seek, TogglePlay
from widgets.latent.wander import Wander

pytestmark = pytest.mark.display

REDRAWS_S = (0.001, 0.021, 0.2)
SCREENS = ((0.001, 24.0), (0.021, 60.0), (0.04, 240.0), (0.2, 60.0))
"""What a redraw takes, and the screen's refreshes a second; test_pace.py has them all."""
SECONDS = 1.5


@dataclass
class Clock:
    """Moves on while the loop waits and while it draws; `begun_s` is when each redraw began."""

    now_s: float = 100.0

    def __call__(self) -> float:
        return self.now_s


class Slow:
    """The app's own loop with redraws of `redraw_s`, on a screen of `hz`."""

    def __init__(
        self, ui: Driver, clock: Clock, redraw_s: float, hz: float, patch: pytest.MonkeyPatch
    ) -> None:
        self.app, self.clock = ui.app, clock
        self.begun_s: list[float] = []
        self._end_s = math.inf

        def present() -> None:
            drawn_s = clock.now_s + redraw_s
            clock.now_s = math.ceil(drawn_s * hz) / hz

        def sleep(seconds: float) -> None:
            over = clock.now_s >= self._end_s
            clock.now_s = clock.now_s + seconds if over else min(clock.now_s + seconds, self._end_s)
            if clock.now_s >= self._end_s:
                self.app._wake()  # out of the loop: the time is over

        patch.setattr(ui.window, "present", present)
        patch.setattr(ui.window, "_refresh_hz", hz)
        patch.setattr(frame_pacing.glfw, "wait_events_timeout", sleep)

    def run(self, seconds: float) -> list[float]:
        """Let the time pass; the times between redraws."""
        self._end_s, times = self.clock.now_s + seconds, [self.clock.now_s]
        while self.clock.now_s < self._end_s:
            self.app.frame()
            times.append(self.app._pacer.last_frame_s)
        return [after - before for before, after in itertools.pairwise(times)]


def tour(ui: Driver) -> None:
    ui.app.commands.do(StartTour())


def playback(ui: Driver) -> None:
    """Play over two key frames of the same picture: nothing changes that could wake anybody."""
    for at_s in (0.0, 8.0):
        ui.app.commands.do(Seek(at_s))
        ui.app.commands.do(AddKey())
    ui.app.commands.do(Seek(0.0))
    ui.app.commands.do(TogglePlay())


def wandering(ui: Driver) -> None:
    ui.app.commands.do(Wander(True))


@pytest.mark.parametrize(("redraw_s", "hz"), SCREENS)
@pytest.mark.parametrize("begin", [tour, playback, wandering])
def test_what_plays_is_drawn_on(
    open_window: Open,
    monkeypatch: pytest.MonkeyPatch,
    begin: Callable[[Driver], None],
    redraw_s: float,
    hz: float,
) -> None:
    clock = Clock()
    ui = open_window(state=State(Recipe()), clock=clock)
    begin(ui)
    ui.frames(2)
    gaps = Slow(ui, clock, redraw_s, hz, monkeypatch).run(SECONDS)
    assert (
        max(gaps)
        <= max(frame_pacing.screen_period_s(hz), frame_pacing.SLOWEST_S, redraw_s) + 1.01 / hz
    )


@pytest.mark.parametrize("redraw_s", REDRAWS_S)
def test_the_map_of_seeds_glides_to_its_end(
    open_window: Open, monkeypatch: pytest.MonkeyPatch, redraw_s: float
) -> None:
    clock = Clock()
    ui = open_window(state=State(Recipe(), Options(open_sections=("Latent",))), clock=clock)
    slow = Slow(ui, clock, redraw_s, 60, monkeypatch)
    slow.run(1.0)
    recipe = ui.app.session.recipe
    ui.app.session.edit(replace(recipe, latent=replace(recipe.latent, x=1.9)))
    ui.app._pacer.touched(clock.now_s)  # as whoever edits does
    plane = ui.app.layout.latent.plane
    slow.app.frame()
    assert not plane.rests
    slow.run(6.0)
    assert plane.rests


@pytest.mark.parametrize("redraw_s", REDRAWS_S)
def test_previews_are_all_shown_although_one_redraw_takes_few(
    open_window: Open, monkeypatch: pytest.MonkeyPatch, redraw_s: float
) -> None:
    clock = Clock()
    ui = open_window(state=State(Recipe()), clock=clock)
    slow, store = Slow(ui, clock, redraw_s, 60, monkeypatch), ui.app.previews
    slow.run(1.0)
    recipes = [Recipe(latent=LatentPart(seed=seed)) for seed in range(1000, 1100)]
    pixels = np.zeros((8, 8, 3), np.uint8)
    store._arrived.extend(Granted(Wish(recipe, 8), pixels) for recipe in recipes)
    ui.app._wake()
    slow.run(4.0)
    assert not store.busy


def test_a_wake_that_comes_while_one_looks_is_not_lost() -> None:
    wake = Wake()
    event = wake._event
    looked = event.is_set

    def set_after_the_look() -> bool:
        was = looked()
        event.set()
        return was

    event.is_set = set_after_the_look
    assert not wake.taken()
    event.is_set = looked
    assert wake.taken()
