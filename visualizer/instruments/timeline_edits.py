"""The timeline with the way back and forth through its edits, in step with the document's.

Edits of the picture and edits of the timeline are two lists.  Each edit of the timeline remembers
the picture that it was made at: as long as that is still the picture, it is the newer of the two.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from renderer.recipe.identity import same_picture
from renderer.recipe.recipe import Recipe
from renderer.timeline.timeline import Timeline

MAX_STEPS = 200


@dataclass(frozen=True)
class _Step:
    timeline: Timeline
    at: Recipe


class TimelineEdits:
    """A timeline and its undo list."""

    def __init__(self) -> None:
        self._timeline = Timeline()
        self._back: list[_Step] = []
        self._forth: list[_Step] = []
        self._gesture: Hashable = None

    @property
    def timeline(self) -> Timeline:
        """The current timeline."""
        return self._timeline

    @property
    def can_undo(self) -> bool:
        """Return whether there is an edit to take back."""
        return bool(self._back)

    @property
    def can_redo(self) -> bool:
        """Return whether there is an edit that was taken back."""
        return bool(self._forth)

    def edit(self, timeline: Timeline, at: Recipe, gesture: Hashable = None) -> None:
        """Take another timeline.

        Args:
            timeline: the timeline wanted.
            at: the current picture.
            gesture: names the drag that this edit belongs to; None stands alone.
        """
        if timeline == self._timeline:
            return
        if gesture is None or gesture != self._gesture or not self._back:
            self._back.append(_Step(self._timeline, at))
            del self._back[:-MAX_STEPS]
        else:
            self._back[-1] = _Step(self._back[-1].timeline, at)
        self._forth.clear()
        self._timeline, self._gesture = timeline, gesture

    def begin(self, timeline: Timeline) -> None:
        """Start afresh with a timeline that comes from elsewhere."""
        self._timeline, self._gesture = timeline, None
        self._back.clear()
        self._forth.clear()

    def is_next_to_undo(self, now: Recipe) -> bool:
        """Return whether the last thing that was done is an edit of the timeline."""
        return bool(self._back) and same_picture(self._back[-1].at, now)

    def is_next_to_redo(self, now: Recipe) -> bool:
        """Return whether the last thing that was taken back is an edit of the timeline."""
        return bool(self._forth) and same_picture(self._forth[-1].at, now)

    def undo(self) -> bool:
        """Take the last edit back.  Returns whether there was one."""
        return self._travel(self._back, self._forth)

    def redo(self) -> bool:
        """Redo the last edit that was undone.  Returns whether there was one."""
        return self._travel(self._forth, self._back)

    def _travel(self, source: list[_Step], target: list[_Step]) -> bool:
        if not source:
            return False
        step = source.pop()
        target.append(_Step(self._timeline, step.at))
        self._timeline, self._gesture = step.timeline, None
        return True
