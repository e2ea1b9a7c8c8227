"""What the performance section knows of the render thread, and what the thread measures for it."""

from __future__ import annotations

from collections.abc import Iterable

from visualizer.services.instrument import Instrument
from widgets.context import Context
from widgets.sections.performance import TITLE, Profile


class Profiling(Instrument):
    """Has every block timed while somebody looks at the times."""

    def views(self, now_s: float) -> Iterable[object]:
        """What was left out, and what waits."""
        thread = self.desk.thread
        counts = thread.counts
        return (
            Profile(counts.not_begun, counts.given_up, counts.not_shown, thread.previews_waiting),
        )

    def drawn(self, context: Context, edited: bool) -> None:
        """Whether the section was open decides what the next picture's blocks are asked for."""
        options = context.options
        self.desk.thread.time_blocks = options.show_sidebar and TITLE in options.open_sections
