"""Workers: renderers in processes of their own on this computer, beside the first one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from renderer.pipeline.painter import MakeWorker, WorkerHangsError, WorkerStoppedError
from renderer.remote.client import STOPPED, RemoteThread
from renderer.remote.connection import Connection, ProcessConnection, here
from renderer.remote.messages import GiveUp

HANGS_S = 5.0
"""Seconds without a word after which a worker counts as hanging: it says something every second."""
STUCK_S = 90.0
"""Seconds without a sign of life from its work, which may be a long one."""
HANGS = "The worker on {} does not answer; the others draw its pictures."


class RemoteWorker(RemoteThread):
    """A worker: what it has not drawn when it stops or hangs is told, so that others draw it.

    Args:
        connect: starts the process; raises `LineError`.
        device: its device, for people.
        wake: called when there is something new to look at.
    """

    def __init__(
        self, connect: Callable[[], Connection], device: str, wake: Callable[[], None]
    ) -> None:
        super().__init__(connect, device, wake, "raw", elsewhere=False)
        self._hangs = False

    @property
    def ready(self) -> bool:
        """Tell whether it takes work now."""
        return super().ready and not self._hangs

    def take_notes(self) -> list[str]:
        """Take what the user should know: that it cannot be started."""
        frame = self.take()
        complaint = [] if frame is None or frame.error is None else [frame.error]
        return [*super().take_notes(), *complaint]

    def _ticked(self, silent_s: float) -> None:
        hangs = silent_s > HANGS_S or self.quiet_s > STUCK_S
        before, self._hangs = self._hangs, hangs
        if hangs:
            self._leave_to_others()
        if hangs and not before:
            with self._lock:
                self._notes.append(HANGS.format(self.name))
        if hangs != before:
            self._notify()

    def _leave_to_others(self) -> None:
        """Fail what it should draw; should it go on later, it need not draw that any more."""
        for number in self._calls.fail_all(WorkerHangsError(HANGS.format(self.name))):
            self._outbox.put(GiveUp(number))

    def _stopped(self, sentence: str) -> None:
        self._hangs = False
        self._calls.fail_all(WorkerStoppedError(STOPPED.format(sentence)))


def workers_on(devices: Sequence[str], folders: Sequence[str] = ()) -> list[MakeWorker]:
    """Make workers, one for each device.

    Args:
        devices: see `renderer.models.worker_devices`.
        folders: that they may read models from; none allows all.
    """

    def make(device: str, wake: Callable[[], None]) -> RemoteWorker:
        command = here(device, folders=folders)
        return RemoteWorker(partial(ProcessConnection, command), device, wake)

    return [partial(make, device) for device in devices]
