"""Stand-ins for the libraries of other programs, with the names and signatures of the real ones.

Checked against cyndilib 0.1.3 (stubs and a run on Linux), pyvirtualcam 0.15.0 (source), SpoutGL
0.1.1 (its C++ source) and syphon-python 0.1.1 (source in the wheel).
"""

from __future__ import annotations

import enum
import sys
from fractions import Fraction
from types import ModuleType
from typing import Any, ClassVar

import numpy as np
import pytest

MOST = 64


def put(monkeypatch: pytest.MonkeyPatch, name: str, **members: Any) -> ModuleType:
    """Let `import name` find a module with these members."""
    module = ModuleType(name)
    vars(module).update(members)
    module.__spec__ = __import__("importlib.machinery").machinery.ModuleSpec(name, None)
    monkeypatch.setitem(sys.modules, name, module)
    return module


class Sent(list[Any]):
    """What a program got: the newest of it, however long it takes pictures."""

    def append(self, one: Any) -> None:
        """It gets another one."""
        super().append(one)
        del self[:-MOST]


class FourCC(enum.IntEnum):
    """`cyndilib.wrapper.ndi_structs.FourCC`."""

    RGBA = 1094862674
    RGBX = 1480738642


class VideoSendFrame:
    """`cyndilib.video_frame.VideoSendFrame`."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        self.size, self.fourcc, self.locked = (0, 0), FourCC.RGBX, False
        self.rate = Fraction(0)

    def set_resolution(self, xres: int, yres: int) -> None:
        if self.locked:
            raise Exception("Cannot alter frame")  # as the real one does, word for word
        self.size = (xres, yres)

    def set_frame_rate(self, value: Fraction) -> None:
        assert isinstance(value, Fraction)
        self.rate = value

    def set_fourcc(self, value: FourCC) -> None:
        self.fourcc = FourCC(value)


class Sender:
    """`cyndilib.sender.Sender`."""

    all: ClassVar[list[Sender]] = []
    takes = True

    def __init__(
        self,
        ndi_name: str,
        ndi_groups: str = "",
        clock_video: bool = True,
        clock_audio: bool = True,
    ) -> None:
        assert not clock_video, "it would wait for a pace of its own"
        self.name, self.frame, self.running = ndi_name, VideoSendFrame(), False
        self.sent: list[np.ndarray] = Sent()
        self.all.append(self)

    def set_video_frame(self, vf: VideoSendFrame) -> None:
        assert not self.running
        self.frame = vf

    def open(self) -> None:
        self.running = self.frame.locked = True

    def write_video(self, data: np.ndarray) -> bool:
        width, height = self.frame.size
        assert self.running and data.dtype == np.uint8
        if data.shape != (4 * width * height,):
            raise ValueError("got differing extents in dimension 0")
        self.sent.append(data.reshape(height, width, 4).copy())
        return self.takes

    def get_num_connections(self, timeout: float) -> int:
        assert timeout == 0.0, "it would wait"
        return 1

    def close(self) -> None:
        self.running = False


class Camera:
    """`pyvirtualcam.Camera`."""

    all: ClassVar[list[Camera]] = []
    there = True

    def __init__(
        self, width: int, height: int, fps: float, *, device: str | None = None, **kw: object
    ) -> None:
        if not self.there:
            raise RuntimeError("'v4l2loopback' backend: No v4l2 loopback device found")
        self.size, self.device, self.closed = (width, height), "/dev/video9", False
        self.sent: list[np.ndarray] = Sent()
        self.all.append(self)

    def send(self, frame: np.ndarray) -> None:
        assert frame.dtype == np.uint8 and frame.shape == (self.size[1], self.size[0], 3)
        self.sent.append(frame)

    def close(self) -> None:
        self.closed = True


class SpoutSender:
    """`SpoutGL.SpoutSender`."""

    all: ClassVar[list[SpoutSender]] = []
    takes = True
    opengl = True

    def __init__(self) -> None:
        self.name, self.sent, self.calls = "", Sent(), list[str]()
        self.all.append(self)

    def createOpenGL(self) -> bool:  # noqa: N802 - its name
        return self.opengl

    def closeOpenGL(self) -> bool:  # noqa: N802
        self.calls.append("close")
        return True

    def setSenderName(self, name: str) -> None:  # noqa: N802
        self.name = name

    def sendImage(  # noqa: N802
        self, buffer: bytes, width: int, height: int, format_: int, invert: bool, fbo: int
    ) -> bool:
        assert len(buffer) == 4 * width * height and format_ == 0x1908 and not invert and not fbo
        self.sent.append((buffer, width, height))
        return self.takes

    def releaseSender(self) -> None:  # noqa: N802
        self.calls.append("release")


class SyphonMetalServer:
    """`syphon.SyphonMetalServer`."""

    all: ClassVar[list[SyphonMetalServer]] = []

    def __init__(self, name: str, device: object = None, command_queue: object = None) -> None:
        self.name, self.device, self.has_clients, self.stopped = name, "the card", True, False
        self.sent: list[bytes] = Sent()
        self.all.append(self)

    def publish_frame_texture(
        self, texture: Any, region: Any = None, size: Any = None, is_flipped: bool = False
    ) -> None:
        self.sent.append(texture["data"])

    def stop(self) -> None:
        self.stopped = True


def create_mtl_texture(device: str, width: int, height: int, pixel_format: int = 70) -> Any:
    """`syphon.utils.raw.create_mtl_texture`."""
    return {"size": (width, height)}


def copy_bytes_to_mtl_texture(data: bytes, texture: Any) -> None:
    """`syphon.utils.raw.copy_bytes_to_mtl_texture`."""
    assert len(data) == 4 * texture["size"][0] * texture["size"][1]
    texture["data"] = data


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all four be found in place of the real ones."""
    for library in (Sender, Camera, SpoutSender, SyphonMetalServer):
        monkeypatch.setattr(library, "all", [])
    put(monkeypatch, "cyndilib")
    put(monkeypatch, "cyndilib.sender", Sender=Sender)
    put(monkeypatch, "cyndilib.video_frame", VideoSendFrame=VideoSendFrame)
    put(monkeypatch, "cyndilib.wrapper")
    put(monkeypatch, "cyndilib.wrapper.ndi_structs", FourCC=FourCC)
    put(monkeypatch, "pyvirtualcam", Camera=Camera)
    put(monkeypatch, "SpoutGL", SpoutSender=SpoutSender)
    put(monkeypatch, "SpoutGL.enums", GL_RGBA=0x1908)
    put(monkeypatch, "syphon", SyphonMetalServer=SyphonMetalServer)
    put(monkeypatch, "syphon.utils")
    members = {
        "create_mtl_texture": create_mtl_texture,
        "copy_bytes_to_mtl_texture": copy_bytes_to_mtl_texture,
    }
    put(monkeypatch, "syphon.utils.raw", **members)
