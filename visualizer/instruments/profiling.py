"""The render thread's figures for the performance section, and its measuring of blocks."""

from __future__ import annotations

from collections.abc import Iterable

from visualizer.services.instrument import Instrument
from widgets.context import Context
from widgets.sections.performance import TITLE, Profile


class Profiler(Instrument):
    """Has every block timed while the times are shown."""

    def views(self, now_s: float) -> Iterable[object]:
        """Return what was left out, and what waits."""
        thread = self.desk.thread
        counts = thread.counts
        return (
            Profile(counts.not_begun, counts.given_up, counts.not_shown, thread.previews_waiting),
        )

    def drawn(self, context: Context, edited: bool) -> None:
        """Time the blocks of the next picture if the section was open."""
        options = context.options
        self.desk.thread.time_blocks = options.show_sidebar and TITLE in options.open_sections
