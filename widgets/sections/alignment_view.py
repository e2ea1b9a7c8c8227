"""The view of the Alignment section, and its actions."""

from __future__ import annotations

from dataclasses import dataclass

from renderer.frame.alignment_report import Alignment, Gauge
from widgets.actions import Action

TITLE = "Alignment"
NOTHING = Gauge()


@dataclass(frozen=True)
class AlignmentView:
    """The gauge and its findings: the gauge, whether it is switched `on`, what it says of the
    current picture (None: nothing yet), and (psi, score) of the curve as far as it is measured.
    `problem` says why it cannot measure."""

    gauge: Gauge = NOTHING
    on: bool = False
    now: Alignment | None = None
    curve: tuple[tuple[float, float], ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class SwitchGauge(Action):
    """Measure with CLIP, or stop."""

    on: bool
