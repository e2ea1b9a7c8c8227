"""Lamps and motor faders: what is mapped to a controller is sent back to it, by MIDI out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from renderer.frame.frame import ModelInfo
from renderer.parameters.bindings import (
    FINE_STEPS,
    MIDI_BEND,
    MIDI_CC,
    MIDI_FINE,
    MIDI_NOTE,
    MIDI_NRPN,
    MIDI_STEPS,
    Binding,
    shown_share,
)
from renderer.parameters.parameter import Parameter
from renderer.parameters.parameters import parameters_of
from renderer.recipe.recipe import Recipe
from visualizer.control import midi
from visualizer.control.midi_pairs import DATA, DATA_FINE, FINE_FROM, NRPN, NRPN_FINE
from visualizer.control.signal_queue import Signal

PERIOD_S = 1 / 30
"""Values are sent at most this often."""
HAND_S = 0.4
"""Nothing is sent to a knob this long after a hand moved it: motors would fight the hand."""
ECHO_S = 0.5
"""A value that comes back this soon, as it was sent, is an echo of a looped cable."""
RETRY_S = 2.0

logger = logging.getLogger(__name__)


class Lamps:
    """Sends values to one controller.

    Args:
        backend: returns mido.
    """

    def __init__(self, backend: Callable[[], Any] | None = None) -> None:
        self._backend = backend or midi.backend
        self._midi: Any = None
        self._port: Any = None
        self._opened_for: tuple[str, int] | None = None
        self._next_s = float("-inf")
        self._sent: dict[str, tuple[int, float]] = {}
        self._touched_s: dict[str, float] = {}

    def heard(self, signals: Iterable[Signal], now_s: float) -> list[Signal]:
        """Note what hands moved; returns the signals without echoes of what was sent."""
        if self._port is None:
            return list(signals)
        kept = []
        for signal in signals:
            steps = _steps(signal.source, signal.values[0]) if signal.values else None
            sent, at_s = self._sent.get(signal.source, (None, 0.0))
            if steps is not None and steps == sent and now_s - at_s <= ECHO_S:
                continue
            kept.append(signal)
            if steps is not None:
                self._touched_s[signal.source] = now_s
                self._sent[signal.source] = steps, float("-inf")  # the knob stands there already
        return kept

    def tell(
        self,
        plugged: tuple[str, int] | None,
        bindings: Sequence[Binding],
        state: tuple[Recipe, ModelInfo | None],
        now_s: float,
    ) -> float | None:
        """Send what differs from what the controller shows.

        Args:
            plugged: the controller's name, and a number that changes when it is connected again;
                None sends nothing.
            bindings: what moves what.
            state: recipe and model.
            now_s: the current time.

        Returns:
            When to come again because something is left to be sent, or None.
        """
        if plugged != self._opened_for or plugged is None:
            self.close()
            self._opened_for = plugged
            self._next_s = float("-inf")
        if plugged is None:
            return None
        if now_s < self._next_s:
            return self._next_s
        if self._port is None and not self._open(plugged[0]):
            self._next_s = now_s + RETRY_S
            return None
        self._next_s = now_s + PERIOD_S
        return self._send(bindings, parameters_of(*state), state[0], now_s)

    def close(self) -> None:
        """Send nothing more."""
        port, self._port = self._port, None
        self._sent.clear()
        self._touched_s.clear()
        try:
            if port is not None:
                port.close()
        except Exception:  # each system's driver has exceptions of its own, and the device is gone
            logger.debug("a MIDI output was not closed", exc_info=True)

    def _open(self, name: str) -> bool:
        try:
            self._midi = self._backend()
            names = list(self._midi.get_output_names())
            found = name if name in names else None
            plain = midi.plain(name)
            found = found or next((one for one in names if midi.plain(one) == plain), None)
            self._port = None if found is None else self._midi.open_output(found)
        except Exception:  # as above
            logger.debug("a MIDI output was not opened", exc_info=True)
        return self._port is not None

    def _send(
        self, bindings: Sequence[Binding], known: Any, recipe: Recipe, now_s: float
    ) -> float | None:
        again_s = None
        for binding in bindings:
            target = known.find(binding.address) if binding.midi else None
            if not isinstance(target, Parameter) or binding.relative:
                continue
            share = shown_share(binding, target.kind, target.read(recipe))
            steps = None if share is None else _steps(binding.source, share)
            if steps is None or self._sent.get(binding.source, (None,))[0] == steps:
                continue
            rests_s = self._touched_s.get(binding.source, float("-inf")) + HAND_S
            if now_s < rests_s:
                again_s = rests_s if again_s is None else min(again_s, rests_s)
                continue
            try:
                for message in self._messages(binding.source, steps):
                    self._port.send(message)
            except Exception:  # as above, or a source from a file that no controller has
                logger.debug("a lamp was not set", exc_info=True)
                continue
            self._sent[binding.source] = steps, now_s
        return again_s

    def _messages(self, source: str, steps: int) -> list[Any]:
        """Return what shows `steps` at a source: one message, or both halves of a fine value."""
        parts = source.split("/")
        channel = int(parts[2]) - 1
        if source.startswith(MIDI_BEND):
            return [self._midi.Message("pitchwheel", channel=channel, pitch=steps + midi.BEND_LOW)]
        number = int(parts[3])
        if source.startswith(MIDI_NOTE):
            return [self._midi.Message("note_on", channel=channel, note=number, velocity=steps)]
        controls = [(number, steps)]
        if source.startswith(MIDI_FINE):
            controls = [(number, steps >> 7), (number + FINE_FROM, steps & 127)]
        elif source.startswith(MIDI_NRPN):
            controls = [(NRPN, number >> 7), (NRPN_FINE, number & 127)]
            controls += [(DATA, steps >> 7), (DATA_FINE, steps & 127)]
        return [
            self._midi.Message("control_change", channel=channel, control=control, value=value)
            for control, value in controls
        ]


def _steps(source: str, share: object) -> int | None:
    """A share of 0 to 1 in the steps that a source has; None for what is no controller."""
    if isinstance(share, bool) or not isinstance(share, int | float):
        return None
    if source.startswith((MIDI_BEND, MIDI_FINE, MIDI_NRPN)):
        return round(share * FINE_STEPS)
    return round(share * MIDI_STEPS) if source.startswith((MIDI_CC, MIDI_NOTE)) else None
