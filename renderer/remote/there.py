"""The things that a window knows of a renderer elsewhere, by what it has said."""

from __future__ import annotations

from dataclasses import replace

from renderer.frame.dropped import Counts
from renderer.pipeline.painter import AHEAD
from renderer.remote.messages import RendererState, Welcome

MAX_WIDTH = 64


class RendererThere:
    """Knows nothing but a name until the renderer has said something.  For reading from any thread.

    Args:
        name: of the place, for people: "user@host".
        elsewhere: its files are not those of this computer.
    """

    def __init__(self, name: str, *, elsewhere: bool) -> None:
        self._name, self._elsewhere = name, elsewhere
        self._device, self._kind, self._uploads = name, "cpu", ""
        self._met, self._workers, self._never_sent = False, 0, 0
        self._state: RendererState | None = None

    @property
    def name(self) -> str:
        """Return the name of the place, for people."""
        return self._name

    @property
    def device_name(self) -> str:
        """Return the name of the device, and where it is."""
        return self._device

    @property
    def device_kind(self) -> str:
        """Return where it computes: "cuda", "mps" or "cpu"."""
        return self._kind

    @property
    def uploads(self) -> str:
        """Return the folder there that files may be uploaded into; empty where none may."""
        return self._uploads

    @property
    def quiet_s(self) -> float:
        """For how long the renderer has given no sign of life during work, in seconds."""
        state = self._state
        return 0.0 if state is None else state.quiet_s

    @property
    def counts(self) -> Counts:
        """Return the counts of recipes without a picture, those that never left included."""
        state = self._state
        there = Counts() if state is None else state.counts
        return replace(there, not_begun=there.not_begun + self._never_sent)

    @property
    def workers(self) -> tuple[int, int]:
        """Return the number of workers there, and of those that take work now."""
        state = self._state
        return self._workers, 0 if state is None else state.workers

    @property
    def width(self) -> int:
        """Return the number of pictures worth asking for at once: there may be workers, too."""
        return min(AHEAD * (1 + self._workers), MAX_WIDTH)

    def _introduced(self, welcome: Welcome) -> None:
        """The renderer has said what it is."""
        on = f" on {self._name}" if self._elsewhere else ""
        self._device = f"{welcome.device_name}{on}"
        self._kind, self._uploads = welcome.device_kind, welcome.uploads
        self._met, self._workers = True, welcome.workers
