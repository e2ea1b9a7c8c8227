"""Timelines whose recipes are told from one another by a number."""

from __future__ import annotations

from renderer.recipe.recipe import Recipe
from renderer.timeline.timeline import KeyFrame, Loop, Timeline


def psi(value: float) -> Recipe:
    """A recipe that is told from others by its psi."""
    return Recipe(psi=value)


def line(*keys: tuple[float, float], loop: Loop = "once", length_s: float = 4.0) -> Timeline:
    """A timeline of (time, psi)."""
    frames = tuple(KeyFrame(time_s, psi(value), "linear") for time_s, value in keys)
    return Timeline(frames, length_s, 30, loop)
