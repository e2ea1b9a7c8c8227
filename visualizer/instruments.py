"""Which instruments there are, in the order in which they are asked."""

from __future__ import annotations

from collections.abc import Sequence

from visualizer.aligning import Aligning
from visualizer.captures import Captures
from visualizer.comparing import Comparing
from visualizer.component_shares import ComponentShares
from visualizer.control import Control
from visualizer.gallery import Gallery
from visualizer.history import HistoryKeeper
from visualizer.inspecting import Inspecting
from visualizer.instrument import Desk, Instrument
from visualizer.latent_library import LatentLibrary
from visualizer.playback import Playback
from visualizer.precision_times import PrecisionTimes
from visualizer.profiling import Profiling
from visualizer.prompts import Prompts
from visualizer.script_calls import ScriptCalls
from visualizer.sheets import Sheets
from visualizer.sweeping import Sweeping
from visualizer.tour import Tour
from visualizer.walking import Walking
from visualizer.watchdog import Watchdog


def all_instruments(desk: Desk) -> Sequence[Instrument]:
    """Every instrument of the window."""
    kinds: Sequence[type[Instrument]] = (
        HistoryKeeper,
        Comparing,
        Captures,
        Sheets,
        Gallery,
        Prompts,
        LatentLibrary,
        Walking,
        Playback,
        Tour,  # its views stand in for those of the tabs above
        ComponentShares,
        Inspecting,
        Aligning,
        Control,
        ScriptCalls,
        Sweeping,
        Profiling,
        PrecisionTimes,
        Watchdog,
    )
    return tuple(kind(desk) for kind in kinds)
