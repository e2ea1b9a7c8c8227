"""Looks after the render thread: says when it does not answer, and puts another into its place."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from visualizer.services.action_table import Handler, on
from visualizer.services.instrument import Desk, Instrument
from widgets.context import Context
from widgets.picture.unresponsive_card import KeepWaiting, RestartRenderer, Silence

QUIET_S = 12.0
"""No block of a large model takes that long on a modest processor, nor does any single step of the
other work."""
LOADING_QUIET_S = 90.0
"""A load that gets on says so; a slow disk or a text tower may take long over one step."""
AGAIN = 2.0
"""Factor by which the time until the next question grows."""

logger = logging.getLogger(__name__)


class Watchdog(Instrument):
    """Tells the user of a renderer that hangs or has ended, and of what can be done."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._patience = 1.0

    def handlers(self) -> Iterable[Handler]:
        """Return the handlers of what the card over the picture, and the one about errors, ask
        for."""
        return (on(KeepWaiting, self._wait), on(RestartRenderer, self._restart))

    def views(self, now_s: float) -> Iterable[object]:
        """Return whether the renderer is silent, and where it computes."""
        thread = self.desk.thread
        kind, ended = thread.device_kind, thread.status.kind == "stopped"
        return (Silence(ended, int(thread.quiet_s) if self._is_long else 0, kind),)

    def drawn(self, context: Context, edited: bool) -> None:
        """See that there is a frame when the silence begins to be long, and every second of it."""
        quiet_s = self.desk.thread.quiet_s
        if quiet_s < 1.0:
            self._patience = 1.0  # it has answered
            if quiet_s == 0.0 and not context.status.busy:
                return
        left_s = 1.0 if self._is_long else max(self._limit_s - quiet_s, 0.0) + 0.02
        self.desk.wake_at(context.now_s + left_s)

    @property
    def _limit_s(self) -> float:
        loads = self.desk.thread.status.kind == "loading"
        return (LOADING_QUIET_S if loads else QUIET_S) * self._patience

    @property
    def _is_long(self) -> bool:
        return self.desk.thread.quiet_s >= self._limit_s

    def _wait(self, action: KeepWaiting) -> None:
        while self._is_long:
            self._patience *= AGAIN

    def _restart(self, action: RestartRenderer) -> None:
        # PyTorch: not before it has started behind the splash
        from renderer.models.device import DeviceError

        session, quiet_s = self.desk.session, self.desk.thread.quiet_s
        logger.warning("the renderer is restarted after %.0f s without an answer", quiet_s)
        try:
            self.desk.renderers.restart(action.device)
        except DeviceError as error:
            session.say(str(error), "error")
            return
        self._patience = 1.0
        self.desk.previews.forget_refused()
        session.fail(None)
        self.desk.submit_again()
        session.say(f"The renderer was restarted on {self.desk.thread.device_name}.", "good")
