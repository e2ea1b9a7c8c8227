"""Pace of drawing: at the screen's pace while something moves, next to never while nothing does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from visualizer.window.shared_glfw import glfw

SCREEN_HZ = 60.0
"""Of a screen that does not say."""
ENOUGH_HZ = 55.0
"""Enough for the eye: a fast screen gets a redraw every second, third or fourth refresh."""
SLOWEST_SCREEN_HZ = 24.0
"""Screens that claim to be slower than this, as virtual ones do, are taken for `SCREEN_HZ`."""
SLACK_S = 0.0008
"""Waking this much early leaves the exact moment to the screen's own swap interval."""
BUSY_S = 1 / 12
"""A redraw while only the renderer works: enough for a turning arc."""
IDLE_S = 60.0
"""Interval of redraws without a cause, in case a wake is ever missed."""
AFTER_INPUT = 5
"""Redraws at full pace after an event, in which everything finds its place: counted, because
redraws may take longer than any fixed time."""
AFTER_ARRIVAL = 2
"""Redraws after something came from another thread: it, and what follows from it."""
TIPS_S = (0.25, 0.4, 0.6)
"""Single redraws after the last event, in which a tooltip finds that the mouse rests."""
SHARE = 2 / 3
"""Most of the time that redraws may take, so that the renderer, on the same processor, gets on."""
SLOWEST_S = 1 / 20
COSTLY = 1.2
"""A pace of more than this many refreshes is that of redraws which cost the processor.  Each takes
its time from the picture in work, so redraws wait for that, at most `SLOWEST_S`: hand and picture
then move together, and both sooner."""


def screen_period_s(refresh_hz: float) -> float:
    """The time between redraws on a screen: whole refreshes, as many as leave `ENOUGH_HZ`.

    Args:
        refresh_hz: of the screen; a virtual one may say anything.
    """
    hz = refresh_hz if refresh_hz >= SLOWEST_SCREEN_HZ else SCREEN_HZ
    return max(1, int(hz / ENOUGH_HZ)) / hz


FRAME_S = screen_period_s(SCREEN_HZ)


@dataclass
class Pacer:
    """Decides when the next frame is due.  All times are of one monotonic clock, in seconds.

    `moves` is whether something on the screen moves by itself; as long as it does, redraws follow
    each other at `period_s`, whatever they cost and whatever else happens.
    """

    moves: bool = False
    touched_s: float = float("-inf")
    last_frame_s: float = -1.0
    wake_s: float = float("inf")
    frame_s: float = FRAME_S
    period_s: float = FRAME_S
    _touched: bool = False
    _arrived: bool = False
    _owed: int = 0

    def screen(self, refresh_hz: float) -> None:
        """The window is on a screen with this many refreshes a second."""
        frame_s = screen_period_s(refresh_hz)
        if frame_s != self.frame_s:
            self.frame_s = self.period_s = frame_s

    def worked(self, work_s: float) -> None:
        """A redraw took the processor for `work_s`, as it does where no graphics card draws: keep
        a pace at which redraws leave time for other work."""
        wanted_s = max(self.frame_s, min(work_s / SHARE, SLOWEST_S))
        self.period_s += 0.15 * (wanted_s - self.period_s)

    def touched(self, now_s: float) -> None:
        """The user did something."""
        self.touched_s, self._touched = now_s, True
        self._owed = max(self._owed, AFTER_INPUT)

    def arrived(self) -> None:
        """The renderer, or another thread, has something to show."""
        self._arrived = True
        self._owed = max(self._owed, AFTER_ARRIVAL)

    def wake_at(self, at_s: float) -> None:
        """Draw at this moment at the latest: something on the screen ends then."""
        self.wake_s = min(self.wake_s, at_s)

    def due_s(self, *, busy: bool) -> float:
        """Return when the next frame is due.

        Args:
            busy: the renderer works.
        """
        if self.moves:
            return self.last_frame_s + self.period_s - SLACK_S
        if busy and self.period_s > COSTLY * self.frame_s:
            if self._arrived:
                return self.last_frame_s + self.frame_s - SLACK_S
            if self._touched:
                return self.last_frame_s + max(SLOWEST_S, self.frame_s) - SLACK_S
        elif self._owed:
            return self.last_frame_s + self.period_s - SLACK_S
        tips = (self.touched_s + delay for delay in TIPS_S)
        tip_s = next((at for at in tips if at > self.last_frame_s), float("inf"))
        rest_s = self.last_frame_s + (BUSY_S if busy else IDLE_S)
        return min(rest_s, tip_s, max(self.wake_s, self.last_frame_s + self.period_s))

    def begin(self, now_s: float) -> None:
        """A frame begins."""
        self.last_frame_s = now_s
        self._touched = self._arrived = False
        self._owed = max(self._owed - 1, 0)
        if now_s >= self.wake_s:
            self.wake_s = float("inf")


def wait(
    pacer: Pacer,
    clock: Callable[[], float],
    noticed: Callable[[], tuple[bool, bool]],
    *,
    busy: Callable[[], bool],
) -> None:
    """Handle window events until the next frame is due.

    Args:
        pacer: knows when that is.
        clock: the time now.
        noticed: whether (the user did something, the renderer has something) since the last call.
        busy: whether the renderer works.
    """
    glfw.poll_events()
    while True:
        now_s = clock()
        touched, arrived = noticed()
        if touched:
            pacer.touched(now_s)
        if arrived:
            pacer.arrived()
        left_s = pacer.due_s(busy=busy()) - now_s
        if left_s <= 0:
            return
        glfw.wait_events_timeout(left_s)
