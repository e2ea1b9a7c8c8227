"""A line within one process: pipes, a server at their far end, and a hand on the cable."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from renderer.frame.frame import Frame
from renderer.models.store import Loader
from renderer.models.text_towers import OpenTower
from renderer.pipeline.render_thread import RenderThread
from renderer.recipe.recipe import Recipe
from renderer.remote.client import RemoteThread
from renderer.remote.folders import Folders
from renderer.remote.messages import Wanted
from renderer.remote.server import Server
from renderer.remote.wire import LineError
from tests.renderer.fakes import CountingLoader, FakeTowers

WAIT_S = 20.0
"""Far more than anything here takes; a test that waits this long has failed."""


def pipe() -> tuple[BinaryIO, BinaryIO]:
    """What reads and what writes."""
    reads, writes = os.pipe()
    return os.fdopen(reads, "rb"), os.fdopen(writes, "wb")


@dataclass
class Far:
    """One line with its server."""

    reads: BinaryIO
    writes: BinaryIO
    server_reads: BinaryIO
    server_writes: BinaryIO
    thread: threading.Thread

    def said(self) -> str:
        """See `Connection`."""
        return ""

    def complaint(self) -> str:
        """What the far end said on its way down."""
        return ""

    def ending(self) -> str:
        """A thread has no exit code."""
        return ""

    def close(self) -> None:
        """Let the server end, as that of a process ends whose line is closed."""
        for stream in (self.writes, self.server_reads):
            with contextlib.suppress(OSError, ValueError):
                stream.close()
        self.thread.join(WAIT_S)


@dataclass
class Loopback:
    """Opens lines to servers in threads; `refuse` is raised by the next attempts."""

    load: Loader = field(default_factory=CountingLoader)
    folders: tuple[Path, ...] = ()
    uploads: Path | None = None
    open_tower: OpenTower = field(default_factory=FakeTowers)
    refuse: list[LineError] = field(default_factory=list)
    lines: list[Far] = field(default_factory=list)
    servers: list[Server] = field(default_factory=list)

    def connect(self) -> Far:
        """See `renderer.remote.connection.Connection`."""
        if self.refuse:
            raise self.refuse.pop(0)
        server_reads, writes = pipe()
        reads, server_writes = pipe()
        allowed = Folders(self.folders)
        load = allowed.loader(self.load)
        server = Server(
            server_reads,
            server_writes,
            lambda wake: RenderThread("cpu", wake, load=load, open_tower=self.open_tower),
            allowed,
            uploads=self.uploads,
            open_tower=self.open_tower,
        )

        def serve() -> None:
            try:
                server.run()
            finally:
                with contextlib.suppress(OSError):
                    server_writes.close()

        thread = threading.Thread(target=serve, daemon=True)
        far = Far(reads, writes, server_reads, server_writes, thread)
        self.servers.append(server)
        self.lines.append(far)
        thread.start()
        return far

    def cut(self) -> None:
        """Pull the cable."""
        self.lines[-1].close()


class Near:
    """A window's side of a line, with what woke it."""

    def __init__(self, far: Loopback, pictures: Wanted = "auto") -> None:
        self.far, self.woken = far, threading.Event()
        self.thread = RemoteThread(far.connect, "the far end", self.woken.set, pictures)

    def until(self, what: Callable[[], Any]) -> None:
        """Wait until `what` is true."""
        end = time.monotonic() + WAIT_S
        while not what():
            assert time.monotonic() < end, "this never happened"
            time.sleep(0.001)

    def next_frame(self) -> Frame:
        """Wait for a frame as the window does."""
        end = time.monotonic() + WAIT_S
        while (frame := self.thread.take()) is None:
            assert time.monotonic() < end, f"no frame came: {self.thread.status}"
            self.woken.wait(0.05)
            self.woken.clear()
        return frame

    def show(self, wanted: Recipe, *, exact: bool = True) -> Frame:
        """Submit, and wait for the frame that answers."""
        self.thread.submit(wanted)
        while (frame := self.next_frame()).recipe != wanted or frame.early or exact > frame.exact:
            pass
        return frame
