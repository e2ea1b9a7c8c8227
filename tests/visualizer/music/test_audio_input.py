"""Audio inputs through an object with sounddevice's interface."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from renderer.parameters.hearing import Hearing
from visualizer.music import audio_input
from visualizer.music.audio_input import MISSING, AudioError, AudioInput, input_names

LINE = "Line in"


class FakeAudio:
    """Stands for sounddevice: devices, and streams that a test plays on."""

    def __init__(self) -> None:
        self.names = [LINE]
        self.streams: list[FakeStream] = []
        self.broken = self.busy = False
        self.started = 0
        self.opened = threading.Event()

    def query_devices(self) -> list[dict[str, Any]]:
        """The devices, one of which has no input."""
        if self.broken:
            raise OSError("no audio server")
        outputs = [{"name": "Speakers", "max_input_channels": 0, "default_samplerate": 48e3}]
        line = {"max_input_channels": 8, "default_samplerate": 48e3}
        return [*outputs, *({"name": name, **line} for name in self.names)]

    def InputStream(self, **options: Any) -> FakeStream:  # noqa: N802 - sounddevice's name
        """Open a device by its place."""
        if self.busy:
            raise OSError("Device unavailable")
        self.streams.append(FakeStream(**options))
        self.opened.set()
        return self.streams[-1]

    def _terminate(self) -> None:
        """PortAudio forgets its devices."""

    def _initialize(self) -> None:
        self.started += 1


class FakeStream:
    """An open stream."""

    def __init__(self, *, callback: Callable[..., None], **options: Any) -> None:
        self.callback, self.options = callback, options
        self.active = self.closed = False

    def start(self) -> None:
        """Sound comes in from now on."""
        self.active = True

    def close(self) -> None:
        """No more sound."""
        self.active, self.closed = False, True


@pytest.fixture
def audio(monkeypatch: pytest.MonkeyPatch) -> FakeAudio:
    """A computer with one input."""
    fake = FakeAudio()
    monkeypatch.setattr(audio_input, "backend", lambda: fake)
    return fake


def opened(now: list[float]) -> AudioInput:
    """An input that looks when it is told to."""
    found = AudioInput(LINE, Hearing, lambda: None, None, lambda: now[0])
    found.look()
    return found


def test_sound_is_heard(audio: FakeAudio) -> None:
    assert input_names(audio) == (LINE,)
    line = opened([0.0])
    (stream,) = audio.streams
    assert stream.options["device"] == 1 and stream.options["channels"] == 2
    assert line.values == {}
    stream.callback(np.ones((1024, 2), np.float32), 1024, None, None)
    assert line.values["level"] > 0.5
    line.close()
    assert stream.closed and line.values == {}


@pytest.mark.parametrize("way", ["inactive", "silent"])
def test_a_device_that_goes_is_told_and_works_again(audio: FakeAudio, way: str) -> None:
    now = [0.0]
    line = opened(now)
    audio.streams[0].callback(np.ones((1024, 2), np.float32), 1024, None, None)
    audio.names.clear()
    if way == "inactive":
        audio.streams[0].active = False
    else:
        now[0] = 9.0
    line.look()
    assert line.problem.startswith(f"{LINE} is gone.") and line.values == {}
    line.look()
    assert line.problem.startswith(f"{LINE} is gone.")
    audio.names.append(LINE)
    line.look()
    assert line.problem == "" and audio.streams[-1].active and audio.started >= 1


def test_what_cannot_be_opened_is_a_sentence(audio: FakeAudio) -> None:
    audio.busy = True
    assert "no other program" in opened([0.0]).problem
    audio.broken = True
    assert "does not respond" in opened([0.0]).problem
    with pytest.raises(AudioError):
        input_names(audio)


def test_its_thread_opens_and_closes(audio: FakeAudio) -> None:
    line = AudioInput(LINE, Hearing, lambda: None, 0.001)
    assert audio.opened.wait(60)
    line.close()
    assert audio.streams[0].closed


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio_input.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(AudioError, match="one more package"):
        audio_input.backend()
    assert audio_input.why_not() == MISSING
