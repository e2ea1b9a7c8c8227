"""Audio inputs through sounddevice, which comes with the extra `audio`: opened, heard, and opened
again when a device that was gone is back."""

from __future__ import annotations

import importlib
import importlib.util
import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from renderer.parameters.hearing import Hearing
from stylegan_t.terminal.installing import pip_install
from visualizer.errors import VisualizerError
from visualizer.music.spectrum import Listener

BLOCK = 1024
CHANNELS = 2
LOOK_S = 1.0
"""Seconds between two looks whether sound still comes in, or comes again."""
SILENT_S = 2.0
"""An input that sent nothing for longer, not even silence, is gone."""
MISSING = f"Audio needs one more package:  {pip_install('sounddevice')}"

logger = logging.getLogger(__name__)


class AudioError(VisualizerError, RuntimeError):
    """There is no audio, or not this device; the message is for the user."""


def why_not() -> str:
    """The sentence for a computer without the package; empty where it is."""
    return "" if importlib.util.find_spec("sounddevice") is not None else MISSING


def backend() -> Any:
    """Return sounddevice, imported now.

    Raises:
        AudioError: it, or the PortAudio that it needs, is not installed.
    """
    if problem := why_not():
        raise AudioError(problem)
    try:
        # an extra that may be missing
        return importlib.import_module("sounddevice")
    except OSError as error:
        raise AudioError(
            "sounddevice finds no PortAudio: install it, as libportaudio2 on Debian and Ubuntu."
        ) from error


def input_names(audio: Any) -> tuple[str, ...]:
    """The devices that can be listened to, each once.

    Raises:
        AudioError: the system's audio does not answer.
    """
    return tuple(dict.fromkeys(device["name"] for _, device in _inputs(audio)))


def _inputs(audio: Any) -> list[tuple[int, Mapping[str, Any]]]:
    try:
        devices = list(enumerate(audio.query_devices()))
        return [(place, one) for place, one in devices if one["max_input_channels"] > 0]
    except Exception as error:  # each system's driver has mistakes of its own
        raise AudioError(f"This computer's audio does not respond: {error}") from error


class AudioInput:
    """The device that was chosen: heard while it is connected, looked for while it is not.

    Args:
        name: as `input_names` has it, or had it when it was chosen.
        hearing: returns the current settings; called on the driver's thread.
        wake: called, on a thread of this object, after `problem` has changed.
        look_s: how often it looks; None never does, except in `look`.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        name: str,
        hearing: Callable[[], Hearing],
        wake: Callable[[], None],
        look_s: float | None = LOOK_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name, self._hearing, self._wake, self._clock = name, hearing, wake, clock
        self._stream: Any = None
        self._heard_s = 0.0
        self.values: dict[str, float] = {}
        """The current value of each of `hearing.NAMES`; empty while nothing is heard."""
        self.problem = ""
        self._closed, self._look_s = threading.Event(), look_s
        self._thread = threading.Thread(target=self._main, name="audio input", daemon=True)
        if look_s is not None:
            self._thread.start()

    def look(self) -> None:
        """See whether sound comes in; open the device, or open it again."""
        if self._stream is not None and not self._gone():
            return
        again = bool(self.problem) or self._stream is not None
        lost = self._stream is not None
        self._shut()
        try:
            audio = backend()
            if again:
                _look_again(audio)
            self._open(audio)
            self.problem = ""
        except AudioError as error:
            self.problem = (
                f"{self._name} is gone. It will be heard again as soon as it is reconnected."
                if lost
                else self.problem or str(error)
            )

    def close(self) -> None:
        """Listen no more."""
        self._closed.set()
        if self._thread.ident is not None:
            self._thread.join(SILENT_S)  # a driver that hangs must not keep the window open
        else:
            self._shut()

    def _main(self) -> None:
        while not self._closed.is_set():
            before = self.problem
            self.look()
            if self.problem != before:
                self._wake()
            self._closed.wait(self._look_s)
        self._shut()

    def _gone(self) -> bool:
        try:
            active = bool(self._stream.active)
        except Exception:  # the device is gone
            active = False
        return not active or self._clock() - self._heard_s > SILENT_S

    def _open(self, audio: Any) -> None:
        found = [(place, one) for place, one in _inputs(audio) if one["name"] == self._name]
        if not found:
            raise AudioError(f"{self._name} is not connected.")
        place, device = found[0]
        try:
            rate_hz = float(device["default_samplerate"])
            listener = Listener(rate_hz)
            self._heard_s = self._clock()
            self._stream = audio.InputStream(
                device=place,
                channels=min(int(device["max_input_channels"]), CHANNELS),
                samplerate=rate_hz,
                blocksize=BLOCK,
                dtype="float32",
                callback=self._hears(listener),
            )
            self._stream.start()
        except Exception as error:  # each system's driver has exceptions of its own
            self._shut()
            raise AudioError(
                f"{self._name} cannot be opened: check that no other program uses it."
            ) from error

    def _hears(self, listener: Listener) -> Callable[[np.ndarray, int, Any, Any], None]:
        def callback(block: np.ndarray, frames: int, moment: Any, status: Any) -> None:
            self._heard_s = self._clock()
            self.values = listener.hear(block, self._hearing())

        return callback

    def _shut(self) -> None:
        stream, self._stream, self.values = self._stream, None, {}
        if stream is None:
            return
        try:
            stream.close()
        except Exception:  # each system's driver has exceptions of its own, and the device is gone
            logger.debug("an audio input was not closed", exc_info=True)


def _look_again(audio: Any) -> None:
    """Have PortAudio make its list of devices again: it does so only when it starts."""
    try:
        audio._terminate()
        audio._initialize()
    except Exception:  # as above
        logger.debug("PortAudio did not start again", exc_info=True)
