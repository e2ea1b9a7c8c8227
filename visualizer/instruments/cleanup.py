"""Sweeps away what a kill left unfinished: in the program's own folder, and among the captures."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from renderer.frame.frame import Frame
from stylegan_t.files.partial_files import sweep
from visualizer.services.instrument import Desk, Instrument
from visualizer.session.earlier_sessions import EarlierSessions
from widgets.context import Context

GALLERY = "Gallery"
"""The tab that lists the captures; a folder that may be slow is not looked at before."""

logger = logging.getLogger(__name__)


class Sweeper(Instrument):
    """Looks into each folder once while the window is open, beside it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._swept: set[Path] = set()

    def saw(self, frame: Frame, now_s: float) -> None:
        """With the first picture the start is over, and there is time for the program's folder."""
        own = self.desk.folders.state
        self._sweep(own, EarlierSessions(own).folder)

    def drawn(self, context: Context, edited: bool) -> None:
        """Captures are swept when they are listed."""
        if context.options.drawer == GALLERY:
            self._sweep(self.desk.session.capture_folder)

    def _sweep(self, *folders: Path) -> None:
        new = [folder for folder in folders if folder not in self._swept]
        if not new:
            return
        self._swept.update(new)

        def work() -> int:
            return sum(sweep(folder, time.time()) for folder in new)

        self.desk.background.run(work, _tell, self.desk.session.say)


def _tell(count: int) -> None:
    if count:
        logger.info("%d unfinished files of an earlier run were deleted", count)
