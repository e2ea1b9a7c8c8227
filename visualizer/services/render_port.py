"""The render thread as the window sees it: how another takes its place, how it wakes the window."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, runtime_checkable

from renderer.frame.dropped import Counts
from renderer.frame.frame import Frame
from renderer.pipeline.painter import MakeWorker, Painter
from renderer.pipeline.pool import Pool
from renderer.recipe.recipe import Recipe
from stylegan_t.progress import Progress, Steps
from visualizer.options.renderer_place import HERE, Place
from visualizer.window.shared_glfw import glfw

if TYPE_CHECKING:  # at run time it brings Pillow, which is slow to import
    from renderer.remote.calls import Listable, Listed, OpenedTower
    from renderer.remote.line_keeper import Connecting

T = TypeVar("T")
RESTARTED = "The renderer was restarted in the meantime: try again."


class RendererStatus(Protocol):
    """The state of the render thread."""

    @property
    def kind(self) -> Any: ...
    @property
    def text(self) -> str: ...
    @property
    def share(self) -> float | None: ...


class Rendering(Painter, Protocol):
    """The part of `renderer.pipeline.render_thread.RenderThread` that the window needs."""

    @property
    def time_blocks(self) -> bool: ...
    @time_blocks.setter
    def time_blocks(self, value: bool) -> None: ...
    @property
    def status(self) -> RendererStatus: ...
    @property
    def device_name(self) -> str: ...
    @property
    def device_kind(self) -> str: ...
    @property
    def quiet_s(self) -> float: ...
    @property
    def counts(self) -> Counts: ...
    @property
    def previews_waiting(self) -> int: ...
    def start(self) -> None: ...
    def stop(self, timeout_s: float = 2.0) -> bool: ...
    def leave(self, why: str) -> None: ...
    def submit(self, recipe: Recipe) -> None: ...
    def take(self) -> Frame | None: ...
    def run(self, work: Callable[[Any], T], label: str) -> Future[T]: ...


class FarRenderer(Protocol):
    """A renderer in another process: the part of `renderer.remote.proxy.RemoteRenderer` that
    needs no turn."""

    def listed(self, folder: str, kind: Listable = ...) -> Future[Listed]: ...
    def uploaded(self, path: Path, tell: Steps) -> str: ...
    def opened_tower(
        self, spec: str, *, download: bool, tell: Progress, abandon: Callable[[], bool]
    ) -> OpenedTower: ...


@runtime_checkable
class FarThread(Protocol):
    """A thread whose renderer is in another process; see `renderer.remote.client.RemoteThread`.

    `connected` is whether there is a line now, and `connecting` the way to one; `uploads` the
    folder there that files may be uploaded into, empty where none may.
    """

    @property
    def connected(self) -> bool: ...
    @property
    def connecting(self) -> Connecting | None: ...
    @property
    def uploads(self) -> str: ...
    def hurry(self) -> None: ...
    def asking(self, label: str) -> FarRenderer: ...


Makers = Callable[[Place], Callable[[str], Rendering]]
"""For a place, what makes a thread that computes there on a device."""
Workers = Callable[[Place, Any], Sequence[MakeWorker]]
"""For a place and the thread that computes there, what makes the workers beside it."""


def no_workers(place: Place, thread: Any) -> Sequence[MakeWorker]:
    """Let the thread do all by itself."""
    return ()


class Renderers:
    """Holds the current render thread, `now`, and can put another into its place.

    `pool` is where exports and previews are asked for: it shares them with workers.

    Args:
        make: makes a thread that computes on a device, see `renderer.models.device.choose`.
        device: for the first one.
        place: where they compute.
        makers: make threads elsewhere; without them the place stays.
        workers: make those beside a thread.
        wake: called from any thread when a worker has something new.

    Raises:
        renderer.models.device.DeviceError: the device is not there.
    """

    def __init__(
        self,
        make: Callable[[str], Rendering],
        device: str,
        place: Place = HERE,
        makers: Makers | None = None,
        workers: Workers = no_workers,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._make, self._wanted, self.place, self._makers = make, device, place, makers
        self._workers, self._wake = workers, wake
        self.now = make(device)
        self.pool = self._pool(place, self.now)
        self._left: list[Rendering] = []

    def far(self, label: str) -> FarRenderer | None:
        """The renderer in another process, for work on a thread of its own; None where it is in
        this one."""
        return self.now.asking(label) if isinstance(self.now, FarThread) else None

    @property
    def uploads(self) -> str:
        """The folder there that files may be uploaded into; empty where none may."""
        now = self.now
        return now.uploads if self.place.elsewhere and isinstance(now, FarThread) else ""

    @property
    def connected(self) -> bool:
        """Tell whether there is a line to the renderer, which may also need none."""
        now = self.now
        return not isinstance(now, FarThread) or now.connected

    def restart(self, device: str = "") -> None:
        """Put a new thread into the place of the current one, which is left to itself.

        Models are loaded again; those who wait for a job are told.  What else was asked for is to
        be asked again.

        Args:
            device: where to compute from now on; empty for where it was.

        Raises:
            renderer.models.device.DeviceError: the device is not there; everything stays as it was.
        """
        wanted = device or self._wanted
        self._take(self._make(wanted), self.place)
        self._wanted = wanted

    def move(self, place: Place) -> None:
        """Compute somewhere else from now on, on whichever device is best there.

        Raises:
            renderer.models.device.DeviceError: there is no device.
            renderer.remote.wire.LineError: the place cannot be meant.
        """
        assert self._makers is not None, "this window's renderer stays where it is"
        make = self._makers(place)
        self._take(make("auto"), place)
        self._make, self._wanted, self.place = make, "auto", place

    @property
    def workers(self) -> tuple[int, int]:
        """Number of workers, and of those that take work now."""
        return self.pool.workers

    def share(self, workers: str) -> bool:
        """Share exports and previews among other workers from now on.

        Args:
            workers: see `renderer.models.worker_devices`.

        Returns:
            Whether the renderer was started again for that: it has them where it is.

        Raises:
            renderer.models.device.DeviceError: there is no such device.
        """
        place = replace(self.place, workers=workers)
        if place.here or self._makers is None:
            pool = self._pool(place, self.now)
            self.pool.stop(why=RESTARTED)
            self.pool, self.place = pool, place
            return False
        make = self._makers(place)
        self._take(make(self._wanted), place)
        self._make, self.place = make, place
        return True

    def _pool(self, place: Place, thread: Rendering) -> Pool:
        return Pool(thread, self._workers(place, thread), self._wake)

    def _take(self, new: Rendering, place: Place) -> None:
        pool = self._pool(place, new)
        new.time_blocks = self.now.time_blocks
        self.now.leave(RESTARTED)
        self.pool.stop(why=RESTARTED)
        self.pool = pool
        # Those that were left before and have come to themselves since need not be kept.
        self._left = [thread for thread in self._left if not thread.stop(0.0)] + [self.now]
        self.now = new
        new.start()

    def stop(self, timeout_s: float) -> bool:
        """End the thread; returns whether it, and all that were left before, ended in time."""
        self.pool.stop()
        ended = self.now.stop(timeout_s)
        return all(thread.stop(0.0) for thread in self._left) and ended


class Wake:
    """Wakes the main loop from another thread."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._closed = False

    def __call__(self) -> None:
        self._event.set()
        if not self._closed:
            glfw.post_empty_event()

    def taken(self) -> bool:
        """Return whether it was called since the last look."""
        if not self._event.is_set():
            return False  # not cleared: a call at this very moment would be lost
        self._event.clear()
        return True

    def close(self) -> None:
        """From now on glfw is not there to be woken."""
        self._closed = True
