"""The renderer of a command that writes files, with its workers: here, or on another computer."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent import futures
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from renderer.frame.frame import Frame
from renderer.pipeline.pool import Pool
from renderer.remote.wire import LineError
from stylegan_t.terminal.progress_line import ProgressLine
from visualizer.options.renderer_place import Place

if TYPE_CHECKING:
    from renderer.pipeline.render_thread import RenderThread
    from renderer.remote.client import RemoteThread

LOOK_S = 0.05
STOP_S = 5.0


@dataclass(frozen=True)
class Painters:
    """A renderer with its workers, while a command draws."""

    pool: Pool
    thread: RenderThread | RemoteThread
    progress: ProgressLine

    def wait(self, ahead: Future[Frame]) -> None:
        """Return once a frame is there; meanwhile tell what is being done.

        Raises:
            click.ClickException: there is no renderer where it should be.
        """
        while not ahead.done():
            futures.wait([ahead], LOOK_S)
            self._tell()

    def _tell(self) -> None:
        for note in self.pool.take_notes():
            self.progress.say(f"Note: {note}")
        status, frame = self.thread.status, self.thread.take()
        if frame is not None and frame.error is not None:
            raise click.ClickException(frame.error)
        if status.kind == "loading":
            self.progress.tell(status.text.partition(", ")[0], status.share or 0.0)
        elif status.kind == "starting":
            self.progress.tell(status.text)


@contextlib.contextmanager
def painters(device: str, place: Place, progress: ProgressLine) -> Iterator[Painters]:
    """Start a renderer and its workers, which end with the block.

    Args:
        device: as it was typed.
        place: of the renderer.
        progress: tells what is being done.

    Raises:
        click.ClickException: there is no such device or computer; one sentence.
    """
    progress.tell("Starting PyTorch")
    # PyTorch is slow to import: not before the options are checked
    from renderer.models.device import DeviceError

    try:
        thread, pool = _made(device, place)
    except (DeviceError, LineError) as error:
        progress.done()
        raise click.ClickException(str(error)) from error
    thread.start()
    try:
        yield Painters(pool, thread, progress)
    finally:
        pool.stop(STOP_S)
        thread.stop(STOP_S)
        progress.done()


def _made(device: str, place: Place) -> tuple[Any, Pool]:
    # PyTorch is slow to import: not before the options are checked
    from renderer.models.worker_devices import worker_devices
    from renderer.pipeline.render_thread import RenderThread
    from renderer.remote.workers import workers_on

    if not place.here:
        remote = place.thread(device, _nothing)
        return remote, Pool(remote)
    thread = RenderThread(device)
    return thread, Pool(thread, workers_on(worker_devices(place.workers, thread.device)))


def _nothing() -> None:
    """Wake no one: `Painters.wait` looks by itself."""
