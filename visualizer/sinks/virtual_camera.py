"""A virtual camera: the picture as a webcam for meetings, browsers and OBS.

By pyvirtualcam (extra `camera`), into v4l2loopback on Linux, OBS Virtual Camera elsewhere.
"""

from __future__ import annotations

import numpy as np

from visualizer.sinks.libraries import load
from visualizer.sinks.sink import Picture, Sink, SinkError

TITLE = "The virtual camera"
SIZE = (1280, 720)
"""Width and height: programs expect a camera of this shape, and one that never changes it."""
RATE = 30.0
REMEDY = (
    "On Linux: `sudo apt install v4l2loopback-dkms` and `sudo modprobe v4l2loopback`; "
    "elsewhere install OBS, and start its virtual camera once."
)


class VirtualCameraSink(Sink):
    """The first virtual camera that is free.

    Raises:
        SinkError: the library is not there, or no camera.
    """

    repeat_s = 1 / RATE

    def __init__(self) -> None:
        library = load("pyvirtualcam", TITLE)
        try:
            self._camera = library.Camera(*SIZE, RATE)
        except Exception as error:  # each system's driver has exceptions of its own
            raise SinkError(f"There is no virtual camera to use. {REMEDY}") from error

    def take(self, picture: Picture) -> None:
        """Show it."""
        # Pillow is slow to import: only once a sink resizes
        from renderer.files.framing import framed

        self._camera.send(np.ascontiguousarray(framed(picture.pixels(), SIZE)))

    @property
    def status(self) -> str:
        """Return which camera it is."""
        return str(self._camera.device)

    def close(self) -> None:
        """Switch the camera off."""
        self._camera.close()
