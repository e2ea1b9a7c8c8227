from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import pytest

from visualizer.window.frame_pacing import (
    AFTER_INPUT,
    BUSY_S,
    ENOUGH_HZ,
    FRAME_S,
    IDLE_S,
    SLACK_S,
    SLOWEST_S,
    TIPS_S,
    Pacer,
    screen_period_s,
)

HZ = (24, 30, 50, 60, 75, 100, 120, 144, 165, 240)
REDRAWS_S = (0.001, 0.005, 0.016, 0.02, 0.021, 0.04, 0.06, 0.1, 0.2)


@dataclass
class Loop:
    """The main loop on a simulated clock: a screen that presents at its refreshes alone, and
    redraws that take `redraw_s`, on the processor where `software`."""

    hz: float = 60.0
    redraw_s: float = 0.002
    software: bool = False
    busy: bool = False
    now_s: float = 10.0

    def __post_init__(self) -> None:
        self.pacer = Pacer()
        self.begun_s: list[float] = []

    @property
    def slowest_s(self) -> float:
        """The longest time between redraws of something that moves: the pace, or what a redraw
        takes, and the wait for the screen's next refresh."""
        pace_s = max(screen_period_s(self.hz), SLOWEST_S if self.software else 0.0)
        return max(pace_s, self.redraw_s) + 1.01 / self.hz

    def redraw(self) -> None:
        """Wait until one is due, and draw it."""
        self.now_s = max(self.now_s, self.pacer.due_s(busy=self.busy))
        self.pacer.screen(self.hz)
        self.pacer.begin(self.now_s)
        self.begun_s.append(self.now_s)
        drawn_s = self.now_s + self.redraw_s
        if self.software:
            self.pacer.worked(self.redraw_s)
        self.now_s = math.ceil(drawn_s * self.hz) / self.hz

    def gaps_s(self, count: int) -> list[float]:
        """The times between that many redraws."""
        self.begun_s.clear()
        for _ in range(count):
            self.redraw()
        return [after - before for before, after in itertools.pairwise(self.begun_s)]


@pytest.mark.parametrize("hz", HZ)
@pytest.mark.parametrize("redraw_s", REDRAWS_S)
@pytest.mark.parametrize("software", [False, True])
@pytest.mark.parametrize("busy", [False, True])
def test_what_moves_is_drawn_on_whatever_a_redraw_takes(
    hz: float, redraw_s: float, software: bool, busy: bool
) -> None:
    loop = Loop(hz, redraw_s, software, busy)
    loop.pacer.moves = True
    assert max(loop.gaps_s(200)) <= loop.slowest_s
    loop.pacer.moves = False
    loop.redraw()
    if not busy:
        assert max(loop.gaps_s(4)) > IDLE_S - 1.0, "it comes to rest"


@pytest.mark.parametrize("hz", HZ)
@pytest.mark.parametrize("redraw_s", REDRAWS_S)
@pytest.mark.parametrize("software", [False, True])
@pytest.mark.parametrize("busy", [False, True])
def test_a_hand_or_a_gliding_map_that_asks_with_every_redraw_is_drawn_on(
    hz: float, redraw_s: float, software: bool, busy: bool
) -> None:
    loop = Loop(hz, redraw_s, software, busy)
    for _ in range(200):
        loop.redraw()
        loop.pacer.touched(loop.now_s)  # as the loop does after drawing
    gaps = [after - before for before, after in itertools.pairwise(loop.begun_s)]
    assert max(gaps) <= loop.slowest_s


@pytest.mark.parametrize("redraw_s", REDRAWS_S)
def test_what_another_thread_makes_is_shown_at_once_whatever_a_redraw_takes(
    redraw_s: float,
) -> None:
    loop = Loop(redraw_s=redraw_s)
    for _ in range(50):
        loop.redraw()
        loop.pacer.arrived()  # while it was drawn
    gaps = [after - before for before, after in itertools.pairwise(loop.begun_s)]
    assert max(gaps) <= loop.slowest_s


@pytest.mark.parametrize("redraw_s", REDRAWS_S)
def test_after_an_event_several_redraws_follow_whatever_they_take(redraw_s: float) -> None:
    loop = Loop(redraw_s=redraw_s)
    loop.redraw()
    loop.pacer.touched(loop.now_s)
    gaps = loop.gaps_s(AFTER_INPUT)
    assert len(gaps) == AFTER_INPUT - 1
    assert max(gaps) <= loop.slowest_s


@pytest.mark.parametrize("hz", HZ)
def test_the_pace_is_whole_refreshes_and_enough_for_the_eye(hz: float) -> None:
    refreshes = screen_period_s(hz) * hz
    assert refreshes == pytest.approx(round(refreshes))
    assert 1 / screen_period_s(hz) >= min(hz, ENOUGH_HZ)
    assert 1 / screen_period_s(hz) < max(hz, ENOUGH_HZ) + 1e-6 or hz < 2 * ENOUGH_HZ


@pytest.mark.parametrize("said", [-1.0, 0.0, 1.0])
def test_a_screen_that_tells_nothing_sensible_gets_the_usual_pace(said: float) -> None:
    assert screen_period_s(said) == pytest.approx(1 / 60)


def test_after_input_frames_follow_at_full_pace_for_a_moment() -> None:
    pacer = Pacer()
    pacer.touched(10.0)
    for at_s in (10.0, 10.1, 10.2):
        pacer.begin(at_s)
        assert pacer.due_s(busy=False) == pytest.approx(at_s + FRAME_S, abs=1e-3)
    for _ in range(AFTER_INPUT):
        pacer.begin(11.0)
    assert pacer.due_s(busy=False) == 11.0 + IDLE_S


def test_after_input_tooltips_get_their_frames_and_then_there_is_rest() -> None:
    pacer = Pacer()
    pacer.touched(10.0)
    now_s, frames = 10.1, []
    for _ in range(AFTER_INPUT):
        pacer.begin(now_s)
    while (due_s := pacer.due_s(busy=False)) < 11.0:
        now_s = due_s
        pacer.begin(now_s)
        frames.append(now_s - 10.0)
    assert frames == pytest.approx(TIPS_S)
    assert pacer.due_s(busy=False) == now_s + IDLE_S


@pytest.mark.parametrize(("busy", "rest_s"), [(False, IDLE_S), (True, BUSY_S)])
def test_without_input_the_pace_depends_on_the_renderer(busy: bool, rest_s: float) -> None:
    pacer = Pacer()
    pacer.begin(5.0)
    assert pacer.due_s(busy=busy) == 5.0 + rest_s


def test_a_frame_that_is_asked_for_comes_once() -> None:
    pacer = Pacer()
    pacer.begin(5.0)
    pacer.wake_at(7.0)
    pacer.wake_at(6.0)
    assert pacer.due_s(busy=False) == 6.0
    pacer.begin(6.0)
    assert pacer.wake_s == math.inf


def test_a_wish_in_the_past_does_not_make_the_loop_spin() -> None:
    pacer = Pacer()
    pacer.begin(5.0)
    pacer.wake_at(1.0)
    assert pacer.due_s(busy=False) == 5.0 + FRAME_S


def test_a_new_picture_is_drawn_without_delay_but_not_faster_than_the_screen() -> None:
    pacer = Pacer()
    pacer.begin(5.0)
    pacer.arrived()
    assert pacer.due_s(busy=False) < 5.5
    pacer.begin(5.5)
    assert pacer.due_s(busy=False) == pytest.approx(5.5 + FRAME_S, abs=1e-3)


def test_redraws_that_cost_the_processor_leave_time_for_the_renderer() -> None:
    pacer = Pacer()
    for _ in range(100):
        pacer.worked(0.030)
    assert pacer.period_s == pytest.approx(0.045, rel=0.01)
    for _ in range(100):
        pacer.worked(0.005)
    assert pacer.period_s == pytest.approx(FRAME_S, rel=0.01)
    for _ in range(100):
        pacer.worked(10.0)
    assert pacer.period_s <= SLOWEST_S


def costly() -> Pacer:
    """Where no graphics card draws: a redraw takes 24 ms of the processor."""
    pacer = Pacer()
    for _ in range(100):
        pacer.worked(0.024)
    return pacer


def test_costly_redraws_wait_for_the_picture_in_work() -> None:
    pacer = costly()
    pacer.begin(5.0)
    pacer.touched(5.01)
    assert pacer.due_s(busy=True) == pytest.approx(5.0 + SLOWEST_S - SLACK_S)
    assert pacer.due_s(busy=False) == pytest.approx(5.0 + pacer.period_s - SLACK_S)
    pacer.arrived()
    assert pacer.due_s(busy=True) < 5.02, "the picture is there: it is shown at once"


def test_costly_redraws_that_show_nothing_new_are_left_out_while_a_picture_is_made() -> None:
    pacer = costly()
    pacer.touched(5.99)
    assert pacer.due_s(busy=True) < 5.99, "a key is shown at once after a rest"
    pacer.begin(6.0)
    assert pacer.due_s(busy=True) == 6.0 + BUSY_S


def test_what_moves_keeps_its_pace_although_redraws_are_costly() -> None:
    pacer = costly()
    for now_s in (5.0, 5.04, 5.08):
        pacer.moves = True
        pacer.begin(now_s)
        assert pacer.due_s(busy=True) == pytest.approx(now_s + pacer.period_s - SLACK_S)


def test_redraws_that_cost_next_to_nothing_do_not_wait() -> None:
    pacer = Pacer()
    pacer.begin(5.0)
    pacer.touched(5.01)
    assert pacer.due_s(busy=True) == pytest.approx(5.0 + FRAME_S - SLACK_S)
