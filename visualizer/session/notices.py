"""Messages to the user: one line at a time, and the list of all of them."""

from __future__ import annotations

import logging
from collections import deque

from stylegan_t.terminal.visible import visible
from widgets.actions import Tone
from widgets.context import Notice

SHOWN_S: dict[Tone, float] = {"info": 5.0, "good": 6.0, "warning": 9.0, "error": 12.0}
KEPT = 200

logger = logging.getLogger(__name__)


class Notices:
    """Keeps the lines; the newest is in the status line for a while."""

    def __init__(self) -> None:
        self._all: deque[Notice] = deque(maxlen=KEPT)
        self.count = 0
        """Number of lines so far, with those that are no longer kept."""

    def say(self, text: str, tone: Tone, now_s: float) -> None:
        """Tell the user `text`; it may quote a file."""
        text = visible(text)
        logger.info("%s: %s", tone, text)
        self._keep(Notice(text, tone, now_s + SHOWN_S[tone]))

    def log(self, text: str, tone: Tone) -> None:
        """Keep `text`, which the user sees elsewhere, among the messages."""
        text = visible(text)
        logger.info("%s: %s", tone, text)
        self._keep(Notice(text, tone))

    def _keep(self, notice: Notice) -> None:
        self._all.append(notice)
        self.count += 1

    def current(self, now_s: float) -> Notice | None:
        """The line to show now."""
        last = self._all[-1] if self._all else None
        return last if last is not None and now_s < last.until_s else None

    @property
    def all(self) -> tuple[Notice, ...]:
        """Everything that was said, oldest first."""
        return tuple(self._all)
