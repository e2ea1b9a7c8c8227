"""Ableton Link: one tempo and one beat with the other programs on this network.

It takes LinkPython-extern, which comes with the extra `link`; it is imported when Link is chosen.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from stylegan_t.terminal.installing import pip_install
from visualizer.errors import VisualizerError

QUANTUM = 4.0
"""Beats of a bar, whose first one is the same in all programs."""
MISSING = f"Link needs one more package:  {pip_install('LinkPython-extern')}"


class LinkError(VisualizerError, RuntimeError):
    """Link is not to be had; the message is for the user."""


def why_not() -> str:
    """The sentence for a computer without the package; empty where it is."""
    return "" if importlib.util.find_spec("link") is not None else MISSING


def backend() -> Any:
    """Return the package, imported now.

    Raises:
        LinkError: it is not installed, or does not load.
    """
    if problem := why_not():
        raise LinkError(problem)
    try:
        # an extra that may be missing
        return importlib.import_module("link")
    except (ImportError, OSError) as error:
        raise LinkError(f"Link does not start: {error}") from error


class LinkClock:
    """Takes part in Link from now on.

    Args:
        bpm: the tempo, where no other program has one.

    Raises:
        LinkError: it does not start.
    """

    def __init__(self, bpm: float) -> None:
        package = backend()
        try:
            self._link = package.Link(bpm)
            self._link.enabled = True
        except Exception as error:  # the library's own
            raise LinkError(f"Link does not start: {error}") from error

    @property
    def peers(self) -> int:
        """Return the number of other programs."""
        return int(self._link.numPeers())

    def now(self) -> tuple[float, float]:
        """Return tempo and beat now."""
        state = self._link.captureSessionState()
        return float(state.tempo()), float(state.beatAtTime(self._link.clock().micros(), QUANTUM))

    def set(self, bpm: float) -> None:
        """Set the tempo of all programs."""
        state = self._link.captureSessionState()
        state.setTempo(bpm, self._link.clock().micros())
        self._link.commitSessionState(state)

    def close(self) -> None:
        """Take part no more."""
        self._link.enabled = False
