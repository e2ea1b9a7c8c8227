"""Fine MIDI controllers: two messages of seven bits each that are one number of fourteen.

A controller that sends CC 21 and CC 53 together is the source `midi/cc14/1/21`, and one that sends
the number of a parameter (NRPN: CC 99 and 98) and then its data (CC 6 and 38) is
`midi/nrpn/1/1234`.  A value is passed on once both halves are there, so that nothing jumps where
the coarse half changes.  A half that a binding names by itself is passed on as well.

Source: MIDI 1.0 Detailed Specification, "Control Change" and "Registered and Non-Registered
Parameter Numbers".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from renderer.parameters.bindings import FINE_STEPS, MIDI_CC, MIDI_FINE, MIDI_NRPN, MIDI_STEPS
from visualizer.control.signal_queue import Signal

FINE_FROM = 32
"""The fine half of controller n, 0 to 31, is n + 32."""
DATA, DATA_FINE = 6, 38
NRPN, NRPN_FINE = 99, 98
PARTNERS = {NRPN: NRPN_FINE, NRPN_FINE: NRPN, 101: 100, 100: 101}
"""The two halves of a parameter's number: of an unregistered one, and of a registered one."""
NO_PARAMETER = FINE_STEPS
"""The number that means none."""
HOLD_S = 0.02
"""A half waits this long for the other one."""
MAX_PAIRS = 4096
"""Pairs that are remembered; a hostile sender makes no more."""
_CC = re.compile(rf"{MIDI_CC}([0-9]+)/([0-9]+)")


def halves(source: str) -> frozenset[str]:
    """The plain sources whose messages a fine source is made of; none of another one."""
    if not source.startswith((MIDI_FINE, MIDI_NRPN)):
        return frozenset()
    channel, number = source.split("/")[2:4]
    parts = (DATA, DATA_FINE, *PARTNERS)
    if source.startswith(MIDI_FINE):
        parts = (int(number), int(number) + FINE_FROM)
    return frozenset(f"{MIDI_CC}{channel}/{part}" for part in parts)


@dataclass
class _Pair:
    """The two halves of one source.

    `known` is whether both belong together, `has_fine` whether a fine one ever came, and `alone`
    whether the coarse one was found to come without.  `order` are the last two halves of this
    burst, each `c` or `f`.  `waits_s` is since when a half waits for the other one.
    """

    source: str
    coarse: int = 0
    fine: int = 0
    known: bool = False
    alone: bool = False
    has_fine: bool = False
    fine_first: bool = False
    order: str = ""
    heard_s: float = float("-inf")
    waits_s: float | None = None

    def hear(self, half: str, value: int, now_s: float) -> list[Signal]:
        """Take a half, `c` or `f`; returns what is complete with it."""
        if now_s - self.heard_s > HOLD_S:
            self.order = ""
        self.heard_s, self.order = now_s, (self.order + half)[-2:]
        first = "f" if self.fine_first else "c"
        done = []
        if half == first and self.waits_s is not None:  # the one before stood alone
            done = self.passed()
        if half == "c":
            self.coarse = value
        else:
            self.fine, self.has_fine, self.alone = value, True, False
        if half == first and not self.alone:
            self.waits_s = now_s
            return done
        self.waits_s = None
        return [*done, self._signal()]

    def passed(self) -> list[Signal]:
        """Pass a half on that waited in vain.  A coarse one alone sets the fine one to 0, unless
        that turns out to come first."""
        self.waits_s = None
        if self.order == "fc":
            self.fine_first = True
        elif self.order == "cf":
            self.fine_first = False
        elif self.order.endswith("c"):
            self.alone, self.fine = not self.has_fine, 0
        return [self._signal()]

    def _signal(self) -> Signal:
        if self.alone:
            return Signal(self.source, (self.coarse / MIDI_STEPS,))
        return Signal(self.source, ((self.coarse << 7 | self.fine) / FINE_STEPS,))


@dataclass
class _Selector:
    """The parameter that a channel has chosen: both halves of its number, and a message that may
    be one of them or a knob of its own, held back with the time at which it came."""

    halves: dict[int, int]
    number: int | None = None
    held: tuple[int, Signal, float] | None = None


class FinePairs:
    """Puts the halves together that one controller sends."""

    def __init__(self) -> None:
        self._pairs: dict[str, _Pair] = {}
        self._selectors: dict[int, _Selector] = {}
        self._last = (0, -1, float("-inf"))
        self._bound: Collection[str] = ()

    @property
    def due_s(self) -> float | None:
        """Return when a half has waited long enough, or None."""
        waiting = [pair.waits_s for pair in self._pairs.values() if pair.waits_s is not None]
        waiting += [one.held[2] for one in self._selectors.values() if one.held is not None]
        return min(waiting) + HOLD_S if waiting else None

    def forget(self) -> None:
        """Learn again which controllers come in pairs, except those that are bound."""
        for pair in self._pairs.values():
            pair.known = False

    def heard(
        self, signals: Iterable[Signal], bound: Collection[str], now_s: float
    ) -> list[Signal]:
        """Return the signals with pairs in place of their halves, and those that waited.

        Args:
            signals: that came in since the last call, in their order, with their times.
            bound: sources that bindings name.
            now_s: the current time.
        """
        self._bound, found = bound, list[Signal]()
        for signal in signals:
            match = _CC.fullmatch(signal.source)
            value = signal.values[0] if signal.values else None
            if match is None or not isinstance(value, float) or not 0.0 <= value <= 1.0:
                found.append(signal)
                continue
            channel, control = int(match[1]), int(match[2])
            found += self._heard(signal, channel, control, round(value * MIDI_STEPS), signal.at_s)
        return found + self._passed(now_s)

    def _heard(
        self, signal: Signal, channel: int, control: int, value: int, now_s: float
    ) -> list[Signal]:
        last, self._last = self._last, (channel, control, now_s)
        if control in PARTNERS:
            return self._select(signal, channel, control, value, now_s)
        before = self._settled(channel, control)
        selector = self._selectors.get(channel)
        raw = [signal] if signal.source in self._bound else []
        if control in (DATA, DATA_FINE) and selector and selector.number is not None:
            pair = self._pair(f"{MIDI_NRPN}{channel}/{selector.number}")
            half = "c" if control == DATA else "f"
            return before + raw + pair.hear(half, value, now_s)
        if control >= 2 * FINE_FROM:
            return [*before, signal]
        coarse = control % FINE_FROM
        pair = self._pair(f"{MIDI_FINE}{channel}/{coarse}")
        follows = last[:2] == (channel, coarse) and now_s - last[2] <= HOLD_S
        pair.known |= pair.source in self._bound or (control >= FINE_FROM and follows)
        if not pair.known:
            pair.coarse = value if control == coarse else pair.coarse
            return [*before, signal]
        return before + raw + pair.hear("c" if control == coarse else "f", value, now_s)

    def _pair(self, source: str) -> _Pair:
        while len(self._pairs) >= MAX_PAIRS and source not in self._pairs:
            del self._pairs[next(iter(self._pairs))]
        return self._pairs.setdefault(source, _Pair(source))

    # -- parameter numbers ---------------------------------------------------------------------

    def _select(
        self, signal: Signal, channel: int, control: int, value: int, now_s: float
    ) -> list[Signal]:
        """One half of a parameter's number; a message without the other half is a plain knob."""
        selector = self._selectors.setdefault(channel, _Selector({}))
        held, selector.held = selector.held, None
        selector.halves[control] = value
        done = [signal] if signal.source in self._bound else []
        if held is not None and held[0] == PARTNERS[control]:
            self._choose(selector, control)
            return done
        if held is not None:
            done = [*self._released(held[1]), *done]
        selector.held = control, signal, now_s
        return done

    def _choose(self, selector: _Selector, control: int) -> None:
        halves = selector.halves
        selector.number = None
        if control in (NRPN, NRPN_FINE) and NRPN in halves and NRPN_FINE in halves:
            number = halves[NRPN] << 7 | halves[NRPN_FINE]
            selector.number = None if number == NO_PARAMETER else number

    def _settled(self, channel: int, control: int) -> list[Signal]:
        """Another message follows a half of a number: data says that it was one."""
        selector = self._selectors.get(channel)
        if selector is None or selector.held is None:
            return []
        (half, signal, _), selector.held = selector.held, None
        if control in (DATA, DATA_FINE) and PARTNERS[half] in selector.halves:
            self._choose(selector, half)
            return []
        return self._released(signal)

    def _released(self, signal: Signal) -> list[Signal]:
        """A message that was held back, unless it was passed on at once."""
        return [] if signal.source in self._bound else [signal]

    def _passed(self, now_s: float) -> list[Signal]:
        """Return what has waited long enough."""
        found = list[Signal]()
        for pair in self._pairs.values():
            if pair.waits_s is not None and now_s - pair.waits_s >= HOLD_S:
                found += pair.passed()
        for selector in self._selectors.values():
            if selector.held is not None and now_s - selector.held[2] >= HOLD_S:
                found += self._released(selector.held[1])
                selector.held = None
        return found
