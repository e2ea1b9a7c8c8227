from __future__ import annotations

import math

import pytest

from visualizer.pace import (
    AFTER_INPUT_S,
    BUSY_S,
    FRAME_S,
    IDLE_S,
    SLACK_S,
    SLOWEST_S,
    TIPS_S,
    Pacer,
)


def test_after_input_frames_follow_at_full_pace_for_a_moment() -> None:
    pacer = Pacer()
    pacer.touched(10.0)
    pacer.begin(10.0)
    assert pacer.due_s(10.0, busy=False) == pytest.approx(10.0 + FRAME_S, abs=1e-3)
    later = 10.0 + AFTER_INPUT_S + 0.01
    pacer.begin(later)
    assert pacer.due_s(later, busy=False) > later + 0.1


def test_after_input_tooltips_get_their_frames_and_then_there_is_rest() -> None:
    pacer = Pacer()
    pacer.touched(10.0)
    now_s, frames = 10.0 + AFTER_INPUT_S, []
    pacer.begin(now_s)
    while (due_s := pacer.due_s(now_s, busy=False)) < 11.0:
        now_s = due_s
        pacer.begin(now_s)
        frames.append(now_s - 10.0)
    assert frames == pytest.approx(TIPS_S)
    assert pacer.due_s(now_s, busy=False) == now_s + IDLE_S


@pytest.mark.parametrize(("busy", "rest_s"), [(False, IDLE_S), (True, BUSY_S)])
def test_without_input_the_pace_depends_on_the_renderer(busy: bool, rest_s: float) -> None:
    pacer = Pacer()
    pacer.begin(5.0)
    assert pacer.due_s(5.0, busy=busy) == 5.0 + rest_s


def test_a_frame_that_is_asked_for_comes_once() -> None:
    pacer = Pacer()
    pacer.begin(5.0)
    pacer.wake_at(7.0)
    pacer.wake_at(6.0)
    assert pacer.due_s(5.0, busy=False) == 6.0
    pacer.begin(6.0)
    assert pacer.wake_s == math.inf


def test_a_wish_in_the_past_does_not_make_the_loop_spin() -> None:
    pacer = Pacer()
    pacer.begin(5.0)
    pacer.wake_at(1.0)
    assert pacer.due_s(5.0, busy=False) == 5.0 + FRAME_S


def test_a_new_picture_is_drawn_without_delay_but_not_faster_than_the_screen() -> None:
    pacer = Pacer()
    pacer.begin(5.0)
    pacer.arrived(5.5)
    assert pacer.due_s(5.5, busy=False) < 5.5
    pacer.begin(5.5)
    assert pacer.due_s(5.5, busy=False) == pytest.approx(5.5 + FRAME_S, abs=1e-3)


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
    assert pacer.due_s(5.01, busy=True) == pytest.approx(5.0 + SLOWEST_S - SLACK_S)
    assert pacer.due_s(5.01, busy=False) == pytest.approx(5.0 + pacer.period_s - SLACK_S)
    pacer.arrived(5.02)
    assert pacer.due_s(5.02, busy=True) < 5.02, "the picture is there: it is shown at once"


def test_costly_redraws_that_show_nothing_new_are_left_out_while_a_picture_is_made() -> None:
    pacer = costly()
    pacer.touched(5.99)
    assert pacer.due_s(5.99, busy=True) < 5.99, "a key is shown at once after a rest"
    pacer.begin(6.0)
    assert pacer.due_s(6.01, busy=True) == 6.0 + BUSY_S


def test_what_moves_keeps_its_pace_although_redraws_are_costly() -> None:
    pacer = costly()
    for now_s in (5.0, 5.04, 5.08):
        pacer.begin(now_s)
        pacer.arrived(now_s)  # as the loop does while something moves
        assert pacer.due_s(now_s, busy=True) == pytest.approx(now_s + pacer.period_s - SLACK_S)


def test_redraws_that_cost_next_to_nothing_do_not_wait() -> None:
    pacer = Pacer()
    pacer.begin(5.0)
    pacer.touched(5.01)
    assert pacer.due_s(5.01, busy=True) == pytest.approx(5.0 + FRAME_S - SLACK_S)
