"""The current render thread: another one can take its place while the window is open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

from renderer.frame.dropped import Counts
from renderer.frame.frame import Frame
from renderer.frame.preview import Granted, Wish
from renderer.recipe.recipe import Recipe
from visualizer.services.render_port import RendererStatus, Rendering

T = TypeVar("T")
RESTARTED = "The renderer was restarted in the meantime: try again."


class Renderers:
    """Behaves like the render thread that it holds, and can put another into its place.

    All methods are for the window's thread, but `run`, which any thread may call.

    Args:
        make: makes a thread that computes on a device, see `renderer.models.device.choose`.
        device: for the first one.

    Raises:
        renderer.models.device.DeviceError: the device is not there.
    """

    def __init__(self, make: Callable[[str], Rendering], device: str) -> None:
        self._make, self._wanted = make, device
        self._now = make(device)
        self._recipe: Recipe | None = None
        self._wishes: Sequence[Wish] = ()
        self._left: list[Rendering] = []

    def restart(self, device: str = "") -> None:
        """Put a new thread into the place of the current one, which is left to itself.

        Models are loaded again; the current recipe and previews are requested again; those
        who wait for a job are told.

        Args:
            device: where to compute from now on; empty for where it was.

        Raises:
            renderer.models.device.DeviceError: the device is not there; everything stays as it was.
        """
        wanted = device or self._wanted
        new = self._make(wanted)
        new.time_blocks = self._now.time_blocks
        self._now.leave(RESTARTED)
        # Those that were left before and have come to themselves since need not be kept.
        self._left = [thread for thread in self._left if not thread.stop(0.0)] + [self._now]
        self._wanted, self._now = wanted, new
        new.start()
        if self._recipe is not None:
            new.submit(self._recipe)
        new.wish(self._wishes)

    # -- the current thread -------------------------------------------------------------------

    @property
    def status(self) -> RendererStatus:
        """Return what it is doing."""
        return self._now.status

    @property
    def device_name(self) -> str:
        """Return where it computes, for people."""
        return self._now.device_name

    @property
    def device_kind(self) -> str:
        """Return where it computes: "cuda", "mps" or "cpu"."""
        return self._now.device_kind

    @property
    def quiet_s(self) -> float:
        """For how long it has given no sign of life during work."""
        return self._now.quiet_s

    @property
    def counts(self) -> Counts:
        """Return what became of recipes without a picture."""
        return self._now.counts

    @property
    def previews_waiting(self) -> int:
        """Previews that were asked for and are not begun."""
        return self._now.previews_waiting

    @property
    def time_blocks(self) -> bool:
        """Return whether every block is timed, see `renderer.pipeline.renderer.Renderer`."""
        return self._now.time_blocks

    @time_blocks.setter
    def time_blocks(self, value: bool) -> None:
        self._now.time_blocks = value

    def start(self) -> None:
        """Start it."""
        self._now.start()

    def stop(self, timeout_s: float = 2.0) -> bool:
        """End it; returns whether it, and all that were left before, ended in time."""
        ended = self._now.stop(timeout_s)
        return all(thread.stop(0.0) for thread in self._left) and ended

    def leave(self, why: str) -> None:
        """Leave it to itself."""
        self._now.leave(why)

    def submit(self, recipe: Recipe) -> None:
        """Ask for the frame of `recipe`."""
        self._recipe = recipe
        self._now.submit(recipe)

    def take(self) -> Frame | None:
        """The newest frame that was not taken yet."""
        return self._now.take()

    def wish(self, wishes: Sequence[Wish]) -> None:
        """Ask for previews in place of all asked for before."""
        self._wishes = wishes
        self._now.wish(wishes)

    def take_granted(self) -> list[Granted]:
        """The previews made since the last call."""
        return self._now.take_granted()

    def run(self, work: Callable[[Any], T], label: str) -> Future[T]:
        """Do other work with the renderer on its turn."""
        return self._now.run(work, label)
