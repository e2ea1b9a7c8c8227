"""A window that says what it likes to a server at the other end of two pipes."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from renderer.pipeline.render_thread import RenderThread
from renderer.remote.folders import Folders
from renderer.remote.messages import from_renderer
from renderer.remote.server import Server
from renderer.remote.wire import MAX_MESSAGE, Writer, passed_over, received
from tests.renderer.fakes import CountingLoader, FakeTowers
from tests.renderer.remote.loopback import WAIT_S, pipe


class Window:
    """A window that says what it likes."""

    def __init__(self, loader: CountingLoader | None = None, folders: Sequence[Path] = ()) -> None:
        self.loader = loader or CountingLoader()
        server_reads, self.writes = pipe()
        self.reads, server_writes = pipe()
        self.ended = threading.Event()
        self.server = Server(
            server_reads,
            server_writes,
            lambda wake: RenderThread("cpu", wake, load=self.loader, open_tower=FakeTowers()),
            Folders(folders),
            open_tower=FakeTowers(),
        )

        def serve() -> None:
            try:
                self.server.run()
            finally:
                server_writes.close()
                self.ended.set()

        threading.Thread(target=serve, daemon=True).start()
        self.writer = Writer(self.writes)
        passed_over(self.reads)
        self.came = received(self.reads, MAX_MESSAGE)

    def say(self, *said: Any) -> None:
        """Send messages."""
        for message in said:
            self.writer.send(message)

    def hear(self, kind: type[Any]) -> Any:
        """Wait for a message of a kind; pictures on the way are seen."""
        for data in self.came:
            message = from_renderer.decode(data)
            if isinstance(message, kind):
                return message
        pytest.fail(f"no {kind.__name__} came")

    def close(self) -> bool:
        """End the line; returns whether the server ended."""
        self.writer.close()
        return self.ended.wait(WAIT_S)
