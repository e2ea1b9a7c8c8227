"""Letters without a text box: one alone is a command, several in quick succession are text.

Otherwise typing "a red house" outside a text box would set A, draw two random seeds and start
the timeline.  A performer's single key must not wait for that to be known, so the first letter acts
at once; a second, other one shortly after it waits until no third has come; with a third it is
text, and what the first did is taken back.  Who types slowly gives no such sign, but hits keys that
are no commands, which a performer does next to never: two of these make it text, too.
"""

from __future__ import annotations

import math
from collections.abc import Set
from dataclasses import dataclass, field
from typing import Any

PAUSE_S = 0.4
"""Letters further apart are commands each, if they are any: at 30 words a minute one types every
0.4 s."""
SLOW_S = 1.5
"""Letters further apart have nothing to do with each other: one who looks for each key types
faster."""
SILENCE_S = SLOW_S
"""After text, keys are commands again when none was typed for this long."""
TEXT_FROM = 3
"""This number of letters in quick succession, each another than the one before it, is text."""
STRANGE_FROM = 2
"""So are letters of which this number are no commands, however slowly they follow each other."""
MOST_BACK = 6
"""A user who has done more than this with single letters meant it: that stays."""


@dataclass
class Letters:
    """The letters typed lately; lives across frames.

    `run` holds the letters in quick succession, a held or repeated one once; `text` is whether they
    are text.  `due_s` is when the actions that wait are to be done.  `queued` is whether keys have
    come in that this frame did not see: time in which the window was busy is no pause.
    """

    run: str = ""
    text: bool = False
    due_s: float = math.inf
    queued: bool = False
    _last_s: float = -math.inf
    _waiting: list[tuple[Any, Any]] = field(default_factory=list)
    _back: list[Any] = field(default_factory=list)
    _earlier: list[Any] = field(default_factory=list)
    _strange: set[str] = field(default_factory=set)

    def heard(self, typed: str, now_s: float, commands: Set[str] = frozenset()) -> list[Any]:
        """Take the letters of this frame; returns the actions that are now to be done.

        Args:
            typed: in small letters.
            now_s: monotonic seconds.
            commands: the letters that are commands.
        """
        due = self._due(now_s)
        was_text = self.text
        for letter in typed:
            self._add(letter, self._last_s if self.queued else now_s, commands)
        if self.text and not was_text:
            due, self._waiting, self._back = [*due, *reversed(self._back)], [], []
        return due

    def wants(self, action: Any, back: Any, now_s: float) -> list[Any]:
        """A letter that is a command went down; returns what is to be done at once.

        Args:
            action: what the command does.
            back: what takes it back, should the letter turn out to be text.
            now_s: monotonic seconds.
        """
        if self.text:
            return []
        if len(self.run) < 2:
            self._back.append(back)
            return [action]
        self._waiting.append((action, back))
        self.due_s = now_s + PAUSE_S
        return []

    def end(self) -> None:
        """Something else was done: what follows has nothing to do with the letters before, and
        these are taken back no more."""
        self.run, self.text, self._last_s = "", False, -math.inf
        self._back, self._earlier, self._strange = [], [], set()

    def _due(self, now_s: float) -> list[Any]:
        if now_s < self.due_s or self.queued:
            return []
        due, self._waiting, self.due_s = self._waiting, [], math.inf
        self._back += [back for _, back in due]
        return [action for action, _ in due]

    def _add(self, letter: str, now_s: float, commands: Set[str]) -> None:
        pause_s = now_s - self._last_s
        if pause_s >= (SILENCE_S if self.text else PAUSE_S):
            self._earlier += self._back
            self.run, self.text, self._back = "", False, []
        if pause_s >= SLOW_S:
            self._earlier, self._strange = [], set()
        if letter != self.run[-1:]:
            self.run += letter
        if letter not in commands:
            self._strange.add(letter)
        if len(self._strange) >= STRANGE_FROM:
            if len(self._earlier) + len(self._back) <= MOST_BACK:
                self._back = [*self._earlier, *self._back]
            self._earlier = []
            self.text = True
        self.text = self.text or len(self.run) >= TEXT_FROM
        self._last_s = now_s
