"""The line to the window, as the renderer knows it: how much is on its way, and how fast it goes.

Learnt from when pictures are seen at the other end, in the manner of BBR (Cardwell et al. 2016):
the rate is the largest of the last few, the way there and back the shortest, and no more is sent
than what is on its way at that rate.  So a slow line never holds a queue of old pictures.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import NamedTuple

from renderer.remote.messages import Coding, Wanted

SAMPLES = 10
"""Rates that the largest is taken of."""
GAIN = 1.25
"""More than is on its way at the known rate, so that a faster line is noticed."""
FEWEST = 2
"""Pictures on their way at least: one arrives while the next is sent."""
FORGET_S = 20.0
"""The shortest way is looked for again after this."""
MOVING_S = 0.025
"""Seconds on the line that a picture may take while something moves."""
QUICK_S = 0.012
"""Raw pixels go where they take no longer than this: they cost no time to pack."""
RESTING_S = 0.06
"""Exact pixels go to a window at rest at once where they take no longer than this; else a lossy
picture goes first, and they follow band by band."""
QUALITIES = (92, 80, 65, 45)
PNG_RATIO = 0.5
"""Bytes of PNG for each raw byte, about."""
RATIO = {92: 0.16, 80: 0.09, 65: 0.065, 45: 0.045}
"""Bytes of JPEG for each raw byte, until it is known."""


class Packing(NamedTuple):
    """The form in which a picture goes on the line."""

    coding: Coding
    quality: int = QUALITIES[0]

    @property
    def exact(self) -> bool:
        """Tell whether every value arrives."""
        return self.coding in ("raw", "png")


@dataclass
class _Sent:
    size: int
    at_s: float
    delivered: int
    delivered_s: float
    alone: bool


class FlowControl:
    """Counts what is sent and seen; from any thread.

    Args:
        wanted: "auto", or what the user forces.
    """

    def __init__(self, wanted: Wanted = "auto") -> None:
        self._wanted, self._lock = wanted, threading.Lock()
        self._on_way: OrderedDict[int, _Sent] = OrderedDict()
        self._bytes = self._last = 0
        self._delivered, self._delivered_s = 0, 0.0
        self._rates: deque[float] = deque(maxlen=SAMPLES)
        self._shortest_s, self._shortest_at_s = float("inf"), 0.0
        self._ratio = dict(RATIO)

    @property
    def rate(self) -> float | None:
        """Bytes a second; None until it is known."""
        return max(self._rates, default=None)

    @property
    def way_s(self) -> float | None:
        """Seconds there and back of the shortest; None until it is known."""
        return None if self._shortest_s == float("inf") else self._shortest_s

    @property
    def free(self) -> bool:
        """Tell whether another picture may be sent now."""
        with self._lock:
            if len(self._on_way) < FEWEST:
                return True
            rate = self.rate
            if rate is None:
                return False
            room = GAIN * rate * self._shortest_s + (FEWEST - 1) * self._last
            return self._bytes <= room

    def sent(self, serial: int, size: int, now_s: float) -> None:
        """A picture of `size` bytes goes; serials grow."""
        with self._lock:
            if not self._on_way:
                self._delivered_s = now_s
            self._bytes, self._last = self._bytes + size, size
            alone = len(self._on_way) < FEWEST - 1
            self._on_way[serial] = _Sent(size, now_s, self._delivered, self._delivered_s, alone)

    def seen(self, serial: int, now_s: float) -> None:
        """All up to `serial` have arrived; one that was never sent is passed over."""
        with self._lock:
            self._seen(serial, now_s)

    def _seen(self, serial: int, now_s: float) -> None:
        if serial not in self._on_way:
            return
        while True:
            number, sent = self._on_way.popitem(last=False)
            self._delivered += sent.size
            self._bytes -= sent.size
            if number == serial:
                break
        took_s = max(now_s - sent.at_s, 1e-5)
        if took_s <= self._shortest_s or now_s - self._shortest_at_s > FORGET_S:
            self._shortest_s, self._shortest_at_s = took_s, now_s
        self._delivered_s = now_s
        over_s = max(now_s - sent.delivered_s, 1e-5)
        rate = (self._delivered - sent.delivered) / over_s
        # A picture that went alone says how often pictures are drawn, not what the line carries.
        if not sent.alone or rate > (self.rate or 0.0):
            self._rates.append(rate)

    def packed(self, quality: int, raw_bytes: int, size: int) -> None:
        """A picture became `size` bytes of JPEG."""
        if quality in self._ratio:
            self._ratio[quality] += 0.3 * (size / raw_bytes - self._ratio[quality])

    def packing(self, raw_bytes: int, *, moves: bool) -> Packing:
        """Choose for the next picture, of `raw_bytes` raw; `moves` if more will follow it."""
        match self._wanted:
            case "raw":
                return Packing("raw")
            case "lossless":
                return Packing("png")
            case "jpeg" | "webp" as coding if moves:
                return Packing(coding)
            case _:
                return self._chosen(raw_bytes, moves=moves)

    def _chosen(self, raw_bytes: int, *, moves: bool) -> Packing:
        rate = self.rate or 0.0
        if raw_bytes <= rate * (QUICK_S if moves else RESTING_S):
            return Packing("raw")
        if not moves and raw_bytes * PNG_RATIO <= rate * RESTING_S:
            return Packing("png")
        for quality in QUALITIES:
            if raw_bytes * self._ratio[quality] <= rate * MOVING_S:
                return Packing("jpeg", quality)
        return Packing("jpeg", QUALITIES[-1] if rate else QUALITIES[1])
