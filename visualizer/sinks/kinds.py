"""The programs that pictures can go to, and what each of them needs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

from visualizer.sinks.libraries import why_missing
from visualizer.sinks.ndi import NdiSink
from visualizer.sinks.sink import Sink
from visualizer.sinks.spout import SpoutSink
from visualizer.sinks.syphon import SyphonSink
from visualizer.sinks.virtual_camera import VirtualCameraSink
from widgets.output import SinkKey


@dataclass(frozen=True)
class SinkKind:
    """A kind of sink.

    `key` is its name in options and addresses, `title` that for people and `text` what it is for;
    `module` of `package` is what it needs, and `system` the only platform that has it, or empty.
    `make` opens it under a name, in its thread.
    """

    key: SinkKey
    title: str
    text: str
    module: str
    package: str
    make: Callable[[str], Sink]
    system: str = ""

    @property
    def here(self) -> bool:
        """Return whether this system can have it."""
        return self.system in ("", sys.platform)

    @property
    def missing(self) -> str:
        """Return the sentence on what is not installed; empty where all is there."""
        return why_missing(self.module, self.package)


KINDS = (
    SinkKind(
        "ndi",
        "NDI",
        "Sends the picture over the network: to OBS, Resolume, TouchDesigner, mixing desks.",
        "cyndilib",
        "cyndilib",
        NdiSink,
    ),
    SinkKind(
        "spout",
        "Spout",
        "Shares the picture with other programs on this computer.",
        "SpoutGL",
        "SpoutGL",
        SpoutSink,
        "win32",
    ),
    SinkKind(
        "syphon",
        "Syphon",
        "Shares the picture with other programs on this computer.",
        "syphon",
        "syphon-python",
        SyphonSink,
        "darwin",
    ),
    SinkKind(
        "camera",
        "Camera",
        "Shows the picture as a webcam, in meetings and in OBS.",
        "pyvirtualcam",
        "pyvirtualcam",
        lambda name: VirtualCameraSink(),
    ),
)


def kinds_here() -> tuple[SinkKind, ...]:
    """The kinds that this system can have."""
    return tuple(kind for kind in KINDS if kind.here)
