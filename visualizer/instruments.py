"""Which instruments there are, in the order in which they are asked."""

from __future__ import annotations

from collections.abc import Sequence

from visualizer.captures import Captures
from visualizer.instrument import Desk, Instrument
from visualizer.sheets import Sheets
from visualizer.tour import Tour


def all_instruments(desk: Desk) -> Sequence[Instrument]:
    """Every instrument of the window."""
    kinds: Sequence[type[Instrument]] = (Captures, Sheets, Tour,)
    return tuple(kind(desk) for kind in kinds)
