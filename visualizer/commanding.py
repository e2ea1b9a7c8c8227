"""What the addresses that do something ask the program for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from widgets import actions

ACTIONS: dict[str, Callable[[Any], object]] = {
    "/random": lambda _: actions.RandomSeed(),
    "/seed/next": lambda _: actions.StepSeed(1),
    "/seed/previous": lambda _: actions.StepSeed(-1),
    "/capture": lambda _: actions.CaptureImage(),
    "/undo": lambda _: actions.Undo(),
    "/redo": lambda _: actions.Redo(),
    "/reset": lambda _: actions.ResetRecipe(),
}
"""For each command's address, what makes the action out of the value that was sent."""
