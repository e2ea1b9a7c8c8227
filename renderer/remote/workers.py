"""Workers: renderers in processes of their own on this computer, beside the first one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from renderer.pipeline.painter import MakeWorker, WorkerStoppedError
from renderer.remote.client import STOPPED, RemoteThread
from renderer.remote.connection import Connection, ProcessConnection, here


class RemoteWorker(RemoteThread):
    """A worker: what it has not drawn when it stops is told, so that others draw it.

    Args:
        connect: starts the process; raises `LineError`.
        device: its device, for people.
        wake: called when there is something new to look at.
    """

    def __init__(
        self, connect: Callable[[], Connection], device: str, wake: Callable[[], None]
    ) -> None:
        super().__init__(connect, device, wake, "raw", elsewhere=False)

    def take_notes(self) -> list[str]:
        """Take what the user should know: that it cannot be started."""
        frame = self.take()
        complaint = [] if frame is None or frame.error is None else [frame.error]
        return [*super().take_notes(), *complaint]

    def _stopped(self, sentence: str) -> None:
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
