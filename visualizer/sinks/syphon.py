"""Syphon: pictures for other programs on the same Mac, by syphon-python (extra `syphon`)."""

from __future__ import annotations

from typing import Any

from visualizer.sinks.layouts import with_alpha
from visualizer.sinks.libraries import load
from visualizer.sinks.sink import Picture, Sink

TITLE = "Syphon"


class SyphonSink(Sink):
    """A server of Syphon, by Metal: OpenGL would need a thread that has a context.

    Args:
        name: under which clients list it.

    Raises:
        SinkError: the library is not there.
    """

    repeat_s = 0.5

    def __init__(self, name: str) -> None:
        self._raw = load("syphon.utils.raw", TITLE)
        self._server = load("syphon", TITLE).SyphonMetalServer(name)
        self._texture: Any = None
        self._size = (0, 0)
        self._watched = False

    def take(self, picture: Picture) -> None:
        """Publish it."""
        if picture.size != self._size:
            self._texture = self._raw.create_mtl_texture(self._server.device, *picture.size)
            self._size = picture.size
        self._raw.copy_bytes_to_mtl_texture(with_alpha(picture.pixels()).tobytes(), self._texture)
        self._server.publish_frame_texture(self._texture)
        self._watched = bool(self._server.has_clients)

    @property
    def status(self) -> str:
        """Return whether a program receives."""
        return "received" if self._watched else "no receiver"

    def close(self) -> None:
        """Leave the list of servers."""
        self._server.stop()
