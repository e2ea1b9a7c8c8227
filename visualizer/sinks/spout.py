"""Spout: pictures for other programs on the same Windows computer, by SpoutGL (extra `spout`)."""

from __future__ import annotations

from visualizer.sinks.layouts import with_alpha
from visualizer.sinks.libraries import load
from visualizer.sinks.sink import Picture, Sink, SinkError

TITLE = "Spout"


class SpoutSink(Sink):
    """A sender of Spout.

    Args:
        name: under which receivers list it.

    Raises:
        SinkError: the library is not there, or has no OpenGL.
    """

    repeat_s = 0.5

    def __init__(self, name: str) -> None:
        library = load("SpoutGL", TITLE)
        self._rgba = load("SpoutGL.enums", TITLE).GL_RGBA
        self._sender = library.SpoutSender()
        if not self._sender.createOpenGL():
            raise SinkError("Spout has no OpenGL to work with: update the graphics card's driver.")
        self._sender.setSenderName(name)

    def take(self, picture: Picture) -> None:
        """Share it."""
        data = with_alpha(picture.pixels()).tobytes()
        if not self._sender.sendImage(data, *picture.size, self._rgba, False, 0):
            raise SinkError("Spout no longer accepts pictures. Switch it on again to retry.")

    def close(self) -> None:
        """Leave the list of senders."""
        self._sender.releaseSender()
        self._sender.closeOpenGL()
