"""When to draw: at the screen's pace while something moves, next to never while nothing does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from visualizer.shared_glfw import glfw

FRAME_S = 1 / 60
SLACK_S = 0.0008
"""Waking this much early leaves the exact moment to the screen's own swap interval."""
BUSY_S = 1 / 12
"""A redraw while only the renderer works: enough for a turning arc."""
IDLE_S = 60.0
"""A redraw that nobody asked for: next to none, for should a wake ever be missed."""
AFTER_INPUT_S = 0.08
"""Full pace after an event: some frames in which everything finds its place."""
TIPS_S = (0.25, 0.4, 0.6)
"""Single redraws after the last event, in which a tooltip finds that the mouse rests."""
AFTER_FRAME_S = 0.02
SHARE = 2 / 3
"""Most of the time that redraws may take, so that the renderer, on the same processor, gets on."""
SLOWEST_S = 1 / 20
COSTLY_S = 1.2 * FRAME_S
"""A pace beyond this is that of redraws which cost the processor.  Each takes its time from the
picture in work, so redraws wait for that, at most `SLOWEST_S`: hand and picture then move together,
and both sooner."""


@dataclass
class Pacer:
    """Decides when the next frame is due.  All times are of one monotonic clock, in seconds."""

    active_until_s: float = 0.0
    touched_s: float = float("-inf")
    arrived_s: float = float("-inf")
    last_frame_s: float = -1.0
    wake_s: float = float("inf")
    period_s: float = FRAME_S

    def worked(self, work_s: float) -> None:
        """A redraw took the processor for `work_s`, as it does where no graphics card draws: keep
        a pace at which redraws leave time for other work."""
        wanted_s = min(max(FRAME_S, work_s / SHARE), SLOWEST_S)
        self.period_s += 0.15 * (wanted_s - self.period_s)

    def touched(self, now_s: float) -> None:
        """The user did something."""
        self.touched_s = now_s
        self.active_until_s = max(self.active_until_s, now_s + AFTER_INPUT_S)

    def arrived(self, now_s: float) -> None:
        """The renderer has something to show."""
        self.arrived_s = now_s
        self.active_until_s = max(self.active_until_s, now_s + AFTER_FRAME_S)

    def wake_at(self, at_s: float) -> None:
        """Draw at this moment at the latest: something on the screen ends then."""
        self.wake_s = min(self.wake_s, at_s)

    def due_s(self, now_s: float, *, busy: bool) -> float:
        """When the next frame is due.

        Args:
            now_s: the time now.
            busy: the renderer works.
        """
        # What moves by itself arrives as a redraw begins, and keeps the usual pace.
        if busy and self.period_s > COSTLY_S and self.arrived_s != self.last_frame_s:
            if self.arrived_s > self.last_frame_s:
                return self.last_frame_s + FRAME_S - SLACK_S
            if self.touched_s >= self.last_frame_s:
                return self.last_frame_s + SLOWEST_S - SLACK_S
        elif now_s < self.active_until_s:
            return self.last_frame_s + self.period_s - SLACK_S
        tips = (self.touched_s + delay for delay in TIPS_S)
        tip_s = next((at for at in tips if at > self.last_frame_s), float("inf"))
        rest_s = self.last_frame_s + (BUSY_S if busy else IDLE_S)
        return min(rest_s, tip_s, max(self.wake_s, self.last_frame_s + self.period_s))

    def begin(self, now_s: float) -> None:
        """A frame begins."""
        self.last_frame_s = now_s
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
            pacer.arrived(now_s)
        left_s = pacer.due_s(now_s, busy=busy()) - now_s
        if left_s <= 0:
            return
        glfw.wait_events_timeout(left_s)
