"""The function that carries out each action: one table, one handler for each kind of action."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from widgets.actions import Action

A = TypeVar("A", bound=Action)
Handler = tuple[type[Action], Callable[[Any], None]]
"""A kind of action, and what carries it out; made by `on`, which checks that they fit."""


def on(kind: type[A], do: Callable[[A], None]) -> Handler:
    """Return the entry of a table that has actions of one kind carried out by `do`."""
    return kind, do


class ActionTable:
    """Carries out actions, on the main thread."""

    def __init__(self) -> None:
        self._handlers: dict[type[Action], Callable[[Any], None]] = {}

    @property
    def kinds(self) -> frozenset[type[Action]]:
        """The actions that can be carried out."""
        return frozenset(self._handlers)

    def add(self, handlers: Iterable[Handler]) -> None:
        """Take more handlers; no kind of action may have two."""
        for kind, do in handlers:
            assert kind not in self._handlers, f"{kind.__name__} has two handlers"
            self._handlers[kind] = do

    def do(self, action: Action) -> None:
        """Carry out `action`."""
        self._handlers[type(action)](action)
