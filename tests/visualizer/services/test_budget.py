"""The share of a redraw for what comes from outside."""

from __future__ import annotations

from visualizer.services.budget import WORK_S, Budget


def test_a_budget_is_spent_when_its_time_has_gone() -> None:
    now = [5.0]
    budget = Budget(lambda: now[0])
    assert not budget.spent()
    now[0] += WORK_S * 0.9
    assert not budget.spent()
    now[0] += WORK_S * 0.2
    assert budget.spent()
