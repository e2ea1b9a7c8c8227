"""Output: every picture that is shown goes to the sinks that are on."""

from __future__ import annotations

from renderer.frame.frame import Frame
from visualizer.services.instrument import Instrument
from visualizer.sinks.sink import Picture


class Output(Instrument):
    """Feeds the sinks."""

    def saw(self, frame: Frame, now_s: float) -> None:
        """Hand on the picture."""
        self.desk.sinks.feed(Picture(frame, now_s))
