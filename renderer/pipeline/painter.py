"""Makers of pictures, as work sees them that needs no particular one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar

from renderer.errors import PictureError
from renderer.frame.frame import Frame
from renderer.frame.preview import Granted, Wish
from renderer.recipe.identity import Needs
from renderer.recipe.recipe import Recipe

T = TypeVar("T")
AHEAD = 2
"""Pictures of an export that a renderer in another process has at a time: it draws one while the
other travels."""
ENDED = "The renderer has stopped: restart it."
"""The sentence for work that no renderer is left to do."""


class WorkerStoppedError(PictureError):
    """The worker that should have drawn a picture has stopped; the message is for the user."""


class WorkerHangsError(WorkerStoppedError):
    """The worker that should have drawn a picture does not answer, and has told so."""


class Painter(Protocol):
    """A maker of pictures: a render thread, or a renderer at the other end of a line."""

    @property
    def width(self) -> int:
        """Pictures that are worth asking for at once."""
        ...

    @property
    def workers(self) -> tuple[int, int]:
        """Number of its own workers, and of those that take work now."""
        ...

    @property
    def current(self) -> Needs | None:
        """The things that the newest recipe of the window needs; None before the first."""
        ...

    def draw(self, recipe: Recipe, label: str) -> Future[Frame]:
        """Draw a picture for an export, exactly, into main memory.

        Args:
            recipe: of the picture.
            label: the status meanwhile.

        Returns:
            Holds the frame, which may be one with an error; cancelling it gives the picture up.
        """
        ...

    def run(self, work: Callable[[Any], T], label: str) -> Future[T]:
        """Do other work with the renderer, in turn."""
        ...

    def wish(self, wishes: Sequence[Wish]) -> None:
        """Ask for previews; they take the place of all asked for before."""
        ...

    def take_granted(self) -> list[Granted]:
        """The previews that were made since the last call."""
        ...

    def take_notes(self) -> list[str]:
        """Take what the user should know, each sentence once."""
        ...


class Worker(Painter, Protocol):
    """A renderer beside the first; its draws fail with `WorkerStoppedError` when it stops or hangs,
    and it starts again by itself."""

    @property
    def name(self) -> str:
        """Its device, for people."""
        ...

    @property
    def ready(self) -> bool:
        """Tell whether it takes work now."""
        ...

    def start(self) -> None: ...
    def stop(self, timeout_s: float = 2.0) -> bool: ...


MakeWorker = Callable[[Callable[[], None]], Worker]
"""Makes a worker; gets what it calls, from any thread, when it has something new."""
