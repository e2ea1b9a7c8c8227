"""Other programs, on stand-ins for their libraries."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from tests.visualizer.fake import FakeImage
from tests.visualizer.sinks import libraries
from tests.visualizer.sinks.fakes import picture
from visualizer.sinks.kinds import KINDS, kinds_here
from visualizer.sinks.ndi import NdiSink
from visualizer.sinks.sink import SinkError
from visualizer.sinks.spout import SpoutSink
from visualizer.sinks.syphon import SyphonSink
from visualizer.sinks.virtual_camera import SIZE, VirtualCameraSink

OPAQUE = np.full((4, 6, 4), (9, 9, 9, 255), np.uint8)


@pytest.fixture(autouse=True)
def _libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    libraries.install(monkeypatch)


def test_ndi_sends_rgba_and_begins_again_with_another_size() -> None:
    sink = NdiSink("Stage")
    sink.take(picture(9))
    first = libraries.Sender.all[0]
    assert first.name == "Stage" and np.array_equal(first.sent[0], OPAQUE)
    assert first.frame.fourcc == libraries.FourCC.RGBA
    assert sink.status == "1 receiver"
    sink.take(picture(image=FakeImage(np.zeros((8, 8, 3), np.uint8))))
    assert [sender.running for sender in libraries.Sender.all] == [False, True]
    sink.close()
    sink.close()
    assert not libraries.Sender.all[1].running


def test_the_camera_keeps_its_size_and_shows_the_picture_in_the_middle() -> None:
    sink = VirtualCameraSink()
    sink.take(picture(200))
    shown = libraries.Camera.all[0].sent[0]
    assert shown.shape == (SIZE[1], SIZE[0], 3)
    assert shown[360, 640, 0] == 200 and shown[:, 101:1179].all() and not shown[:, :99].any()
    assert sink.status == "/dev/video9"
    sink.close()
    assert libraries.Camera.all[0].closed


def test_spout_and_syphon_get_width_and_height_in_their_order() -> None:
    spout, syphon = SpoutSink("Stage"), SyphonSink("Stage")
    spout.take(picture(9))
    syphon.take(picture(9))
    assert libraries.SpoutSender.all[0].sent == [(OPAQUE.tobytes(), 6, 4)]
    assert libraries.SyphonMetalServer.all[0].sent == [OPAQUE.tobytes()]
    assert libraries.SpoutSender.all[0].name == libraries.SyphonMetalServer.all[0].name == "Stage"
    assert (spout.status, syphon.status) == ("", "received")
    spout.close()
    syphon.close()
    assert libraries.SpoutSender.all[0].calls == ["release", "close"]
    assert libraries.SyphonMetalServer.all[0].stopped


@pytest.mark.parametrize(
    ("library", "member", "opens", "reason"),
    [
        (libraries.Sender, "takes", lambda: NdiSink("x").take(picture()), "NDI no longer accepts"),
        (
            libraries.SpoutSender,
            "takes",
            lambda: SpoutSink("x").take(picture()),
            "Spout no longer accepts",
        ),
        (libraries.SpoutSender, "opengl", lambda: SpoutSink("x"), "Spout has no OpenGL"),
        (libraries.Camera, "there", VirtualCameraSink, "There is no virtual camera to use"),
    ],
)
def test_what_a_library_refuses_is_a_sentence(
    library: type, member: str, opens: object, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, member, False)
    assert callable(opens)
    with pytest.raises(SinkError, match=reason):
        opens()


def test_a_library_that_does_not_load_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cyndilib.sender", None)
    with pytest.raises(SinkError, match="NDI cannot be loaded"):
        NdiSink("Stage")


def test_each_system_is_offered_what_it_can_have(monkeypatch: pytest.MonkeyPatch) -> None:
    offered = {}
    for system in ("linux", "win32", "darwin"):
        monkeypatch.setattr(sys, "platform", system)
        offered[system] = [kind.key for kind in kinds_here()]
    assert offered == {
        "linux": ["ndi", "camera"],
        "win32": ["ndi", "spout", "camera"],
        "darwin": ["ndi", "syphon", "camera"],
    }
    assert [kind.missing for kind in KINDS] == [""] * 4
    monkeypatch.delitem(sys.modules, "SpoutGL")
    spout = next(kind for kind in KINDS if kind.key == "spout")
    assert "pip install SpoutGL" in spout.missing
