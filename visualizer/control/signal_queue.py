"""Signals from knobs, faders and the network, on its way from their threads to the loop."""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from renderer.parameters.bindings import source_label
from renderer.parameters.kinds import Value

MAX_SIGNALS = 4096
"""More than this between two redraws is a flood: the oldest are dropped."""
MAX_BYTES = 4_000_000
SHOWN = 60


@dataclass(frozen=True)
class Signal:
    """One message: its source, and its values.

    `source` is an OSC address, or a MIDI controller as `renderer.parameters.bindings` names it;
    `at_s` is when a controller's message came in.
    """

    source: str
    values: tuple[Value, ...] = ()
    at_s: float = field(default=0.0, compare=False)

    @property
    def size(self) -> int:
        """Roughly the memory it takes, in bytes."""
        return 200 + sum(sys.getsizeof(value) for value in self.values)

    def in_words(self) -> str:
        """Return it as the panel shows it, in at most `SHOWN` characters."""
        values = " ".join(
            f"{value:.3g}" if isinstance(value, float) else str(value)[:SHOWN]
            for value in self.values[:SHOWN]
        )
        words = f"{source_label(self.source)} {values}".strip()
        return words if len(words) <= SHOWN else words[: SHOWN - 1] + "…"


class Inbox:
    """Collects signals; every method may be called from any thread.

    Args:
        wake: wakes the loop.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._lock = threading.Lock()
        self._signals: deque[Signal] = deque()
        self._bytes = 0

    def put(self, signal: Signal) -> None:
        """Leave a signal for the loop."""
        with self._lock:
            first = not self._signals
            self._signals.append(signal)
            self._bytes += signal.size
            while len(self._signals) > MAX_SIGNALS or self._bytes > MAX_BYTES:
                self._bytes -= self._signals.popleft().size
        if first:  # an awake loop takes this one, too
            self._wake()

    def take(self) -> list[Signal]:
        """Everything that has come in since the last call, oldest first."""
        with self._lock:
            taken, self._signals, self._bytes = list(self._signals), deque(), 0
        return taken
