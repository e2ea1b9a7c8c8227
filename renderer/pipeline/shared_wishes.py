"""The previews that are wished for, dealt out a few at a time to those who make them."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from renderer.frame.preview import MAX_WISHES, Granted, Wish
from renderer.recipe.identity import needs

if TYPE_CHECKING:
    from renderer.pipeline.painter import Painter

AHEAD = 8
"""Previews that one renderer has to do at a time: more than it makes between two looks."""


class SharedWishes:
    """Keeps who makes which preview.  Not for several threads at once.

    Args:
        first: the renderer that has the model of the window in use.
    """

    def __init__(self, first: Painter) -> None:
        self._first = first
        self._waiting: deque[Wish] = deque()
        self._given: dict[Painter, list[Wish]] = {first: []}
        self._refused: set[Wish] = set()

    def replace(self, wishes: Sequence[Wish], painters: Sequence[Painter]) -> None:
        """Take these for all before, the most wanted first; `painters` are those that may work."""
        self._waiting = deque(wishes[:MAX_WISHES])
        self._refused.clear()
        self._let_go(painters)
        before, self._given = self._given, {painter: [] for painter in painters}
        self._deal(before)

    def granted(self, painters: Sequence[Painter]) -> list[Granted]:
        """Collect the previews that were made, and go on with the rest."""
        self._let_go(painters)
        for painter in painters:
            self._given.setdefault(painter, [])
        found = [one for painter in painters for one in self._taken(painter)]
        self._deal({painter: list(given) for painter, given in self._given.items()})
        return found

    def _let_go(self, painters: Sequence[Painter]) -> None:
        """Let what those had to do who do not work any more wait again."""
        for gone in [one for one in self._given if one not in painters]:
            self._waiting.extendleft(reversed(self._given.pop(gone)))
            gone.wish(())

    def _taken(self, painter: Painter) -> list[Granted]:
        found, given = list[Granted](), self._given[painter]
        for granted in painter.take_granted():
            asked = (one for one in given if self._as_asked(one, painter) == granted.wish)
            wish = next(asked, None)
            if wish is None:
                continue  # of an earlier list, or another one made it
            given.remove(wish)
            if granted.pixels is None and painter is not self._first:
                self._refused.add(wish)
                self._waiting.appendleft(wish)
            else:
                found.append(Granted(wish, granted.pixels))
        return found

    def _deal(self, before: dict[Painter, list[Wish]]) -> None:
        """Give each as much as it should have, the most wanted first, and tell those whose work is
        another than `before`."""
        shared, own = deque[Wish](), self._given[self._first]
        for wish in self._waiting:
            (shared if self._for_all(wish) else own).append(wish)
        for room in range(1, AHEAD + 1):
            for given in self._given.values():
                if shared and len(given) < room:
                    given.append(shared.popleft())
        self._waiting = shared
        self._help()
        for painter, given in self._given.items():
            if given != before.get(painter, []):
                painter.wish([self._as_asked(one, painter) for one in given])

    def _help(self) -> None:
        """Give a worker that has nothing to do what the first has not done, which may be busy."""
        own = self._given[self._first]
        for painter, given in self._given.items():
            if painter is not self._first and not given:
                ready = [one for one in own if self._for_all(one)]
                given += ready[len(ready) // 2 :]
                for one in given:
                    own.remove(one)

    def _for_all(self, wish: Wish) -> bool:
        """Tell whether workers may make a preview: the first alone can say that there is none."""
        current = self._first.current
        known = current is not None and (wish.loads or needs(wish.recipe) == current)
        return known and wish not in self._refused

    def _as_asked(self, wish: Wish, painter: Painter) -> Wish:
        """A wish as a renderer gets it: no worker has the model of the window in use."""
        return wish if painter is self._first or wish.loads else replace(wish, loads=True)
