"""Key frames, easing, the interpolation between recipes, and their JSON."""

from __future__ import annotations

from renderer.timeline.timeline import (
    LOOPS,
    MAX_FPS,
    MAX_KEYS,
    MAX_LENGTH_S,
    SAME_S,
    KeyFrame,
    Loop,
    Seconds,
    Timeline,
    TimelineError,
    check_timeline,
    check_times,
    frame_count,
    frame_recipe,
    position,
    recipe_at,
)

__all__ = [
    "LOOPS",
    "MAX_FPS",
    "MAX_KEYS",
    "MAX_LENGTH_S",
    "SAME_S",
    "KeyFrame",
    "Loop",
    "Seconds",
    "Timeline",
    "TimelineError",
    "check_timeline",
    "check_times",
    "frame_count",
    "frame_recipe",
    "position",
    "recipe_at",
]
