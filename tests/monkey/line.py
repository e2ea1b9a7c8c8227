"""The renderer in another process: found wherever a window asks for it, and killed now and then.

Nothing but this program's own `serve` is ever started: whatever host or command is typed leads to a
process on this computer.
"""

from __future__ import annotations

import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest import mock

from renderer.pipeline.render_thread import RenderThread
from renderer.remote import connection
from renderer.remote.connection import SERVE, ProcessConnection
from visualizer.options.renderer_place import HERE, Place
from visualizer.services.render_port import Renderers, Rendering, Wake

PLACES = {"thread": HERE, "process": Place(process=True), "host": Place(host="me@box")}
SAID = 60
SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP, "continue": signal.SIGCONT}


def serving(home: Path) -> list[str]:
    """The command of the other computer: it reads files below `home`."""
    return [sys.executable, "-m", "visualizer", *SERVE, "--device", "cpu", "--folder", str(home)]


def is_ours(program: object, arguments: object) -> bool:
    """Whether a program that is about to be started is a renderer of ours."""
    if program != sys.executable or not isinstance(arguments, (list, tuple)):
        return False
    return list(arguments[1:5]) == ["-m", "visualizer", *SERVE]


def renderers(place: str) -> Callable[[Wake], Renderers]:
    """What makes a window's renderers, the first of which is at `place`."""

    def make(wake: Wake) -> Renderers:
        def makers(at: Place) -> Callable[[str], Rendering]:
            if at.here:
                return lambda device: RenderThread("cpu", wake)
            return lambda device: at.thread("cpu", wake)

        first = PLACES[place]
        return Renderers(makers(first), "cpu", first, makers)

    return make


class Line:
    """Knows the renderers that were started, and what they say.

    Args:
        home: the folder that they may read.
        root: where the program is.
    """

    def __init__(self, home: Path, root: Path) -> None:
        self._home, self._root = home, root
        self._started: deque[ProcessConnection] = deque(maxlen=8)
        self.said: deque[str] = deque(maxlen=SAID)

    @contextmanager
    def standing(self) -> Iterator[None]:
        """Every host and command leads here meanwhile."""
        far, start, line = serving(self._home), ProcessConnection.__init__, self

        def started(made: ProcessConnection, command: list[str]) -> None:
            start(made, command)
            line._started.append(made)

        with ExitStack() as stack:
            for real in (connection.over_ssh, connection.by_command):  # asked as the real ones are
                asked = mock.create_autospec(real, return_value=far)
                stack.enter_context(mock.patch.object(connection, real.__name__, asked))
            stack.enter_context(mock.patch.object(ProcessConnection, "__init__", started))
            paths = os.pathsep.join(filter(None, (str(self._root), os.environ.get("PYTHONPATH"))))
            stack.enter_context(mock.patch.dict(os.environ, PYTHONPATH=paths))
            yield

    def signal(self, name: str) -> None:
        """Kill the newest renderer, let it hang, or go on."""
        newest = self._started[-1] if self._started else None
        if newest is not None and not newest.ended:
            os.kill(newest.pid, SIGNALS[name])

    @property
    def alive(self) -> int:
        """How many of the renderers that were started last have not ended."""
        return sum(not one.ended for one in self._started)

    @property
    def memory_mb(self) -> float:
        """What the newest renderer holds in memory."""
        newest = self._started[-1] if self._started else None
        if newest is None or newest.ended:
            return 0.0
        pages = int(Path(f"/proc/{newest.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
