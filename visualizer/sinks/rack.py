"""All sinks that are on: where instruments open them, and where each picture passes once."""

from __future__ import annotations

import time
from collections.abc import Callable

from visualizer.sinks.sink import Picture, Sink
from visualizer.sinks.sink_runner import SinkReport, SinkRunner


class SinkRack:
    """Sinks by their names.  All methods are for the main thread.

    Args:
        wake: wakes the main loop; called from other threads when a sink has changed.
    """

    def __init__(self, wake: Callable[[], object]) -> None:
        self._wake = wake
        self._runners: dict[str, SinkRunner] = {}
        self._leaving: list[SinkRunner] = []

    def open(
        self, name: str, title: str, open_sink: Callable[[], Sink], *, capacity: int = 1
    ) -> None:
        """Switch a sink on; one of this name that is on is closed first.

        Args:
            name: under which `close` and `report` know it.
            title: for people.
            open_sink: called in the sink's thread.
            capacity: of its queue, see `SinkRunner`.
        """
        before = self._leave(name)
        before = before or next((one for one in self._leaving if one.title == title), None)
        self._runners[name] = SinkRunner(
            title, open_sink, capacity=capacity, changed=self._wake, after=before
        )

    def close(self, name: str, timeout_s: float = 0.0) -> bool:
        """Switch a sink off: it takes what waits and is closed in its own thread.

        Args:
            name: of the sink; one that is not on is no mistake.
            timeout_s: wait for this at most so long, for what must not be lost.

        Returns:
            Whether it is closed.
        """
        runner = self._leave(name)
        return runner is None or runner.close(timeout_s)

    def feed(self, picture: Picture) -> None:
        """Hand a picture to all sinks that are on."""
        for runner in self._runners.values():
            runner.take(picture)

    def feed_one(self, name: str, picture: Picture) -> None:
        """Hand a picture to one sink that is on."""
        if (runner := self._runners.get(name)) is not None:
            runner.take(picture)

    def runner(self, name: str) -> SinkRunner | None:
        """Return what runs a sink that is on, to be asked how it ended after `close`."""
        return self._runners.get(name)

    def report(self, name: str) -> SinkReport | None:
        """Return the state of a sink, until it is switched off; None where there is none."""
        runner = self._runners.get(name)
        return None if runner is None else runner.report

    def end(self, timeout_s: float) -> bool:
        """Switch all off and wait for them.

        Args:
            timeout_s: for all together.

        Returns:
            Whether all of them are closed.
        """
        for name in list(self._runners):
            self._leave(name)
        until_s = time.monotonic() + timeout_s
        ended = [one.close(max(0.0, until_s - time.monotonic())) for one in self._leaving]
        return all(ended)

    def _leave(self, name: str) -> SinkRunner | None:
        runner = self._runners.pop(name, None)
        self._leaving = [one for one in self._leaving if one.thread.is_alive()]
        if runner is not None and not runner.close():
            self._leaving.append(runner)
            return runner
        return None
