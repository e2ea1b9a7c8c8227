"""NDI: pictures over the network, for OBS, Resolume, vMix, TouchDesigner and mixing desks.

By cyndilib (extra `ndi`), which brings the NDI library.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from visualizer.sinks.layouts import with_alpha
from visualizer.sinks.libraries import load
from visualizer.sinks.sink import Picture, Sink, SinkError

TITLE = "NDI"
RATE = Fraction(60)
"""The rate that receivers are told; pictures come when they are ready."""


class NdiSink(Sink):
    """A source of NDI.

    Args:
        name: under which receivers list it.

    Raises:
        SinkError: the library is not there.
    """

    repeat_s = 0.5

    def __init__(self, name: str) -> None:
        self._name = name
        self._senders = load("cyndilib.sender", TITLE)
        self._frames = load("cyndilib.video_frame", TITLE)
        self._formats = load("cyndilib.wrapper.ndi_structs", TITLE)
        self._sender: Any = None
        self._size = (0, 0)
        self._receivers = 0

    def take(self, picture: Picture) -> None:
        """Send it to all who receive."""
        if picture.size != self._size:
            self._open(picture.size)
        if not self._sender.write_video(with_alpha(picture.pixels()).reshape(-1)):
            raise SinkError("NDI no longer accepts pictures. Switch it on again to retry.")
        self._receivers = self._sender.get_num_connections(0.0)

    @property
    def status(self) -> str:
        """Return how many receive."""
        return "1 receiver" if self._receivers == 1 else f"{self._receivers} receivers"

    def close(self) -> None:
        """Leave the network."""
        sender, self._sender = self._sender, None
        if sender is not None:
            sender.close()

    def _open(self, size: tuple[int, int]) -> None:
        """Begin with pictures of another size: a sender that is open keeps its own."""
        self.close()
        frame = self._frames.VideoSendFrame()
        frame.set_resolution(*size)
        frame.set_frame_rate(RATE)
        frame.set_fourcc(self._formats.FourCC.RGBA)
        self._sender = self._senders.Sender(self._name, clock_video=False)
        self._sender.set_video_frame(frame)
        self._sender.open()
        self._size = size
