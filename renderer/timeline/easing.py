"""Easing: how time runs from one key frame to the next.  Pure functions of unitless shares."""

from __future__ import annotations

from typing import Literal, get_args

Easing = Literal["linear", "in", "out", "both", "hold"]
"""Even; slow at the start; slow at the end; slow at both; nothing moves until the next key."""
EASINGS: tuple[Easing, ...] = get_args(Easing)


def eased(easing: Easing, share: float) -> float:
    """The share of the way that is covered when `share` of the time has gone.

    Every easing meets its ends, 0 at 0 and 1 at 1, never turns back, and except for "hold", which
    jumps at the very end, makes no jump.

    Args:
        easing: which one.
        share: 0 to 1; what lies outside counts as the nearer end.

    Source: the quadratic curves and smoothstep, as animation programs have them.
    """
    t = min(max(share, 0.0), 1.0)
    if easing == "hold":
        return 0.0 if t < 1.0 else 1.0
    if easing == "in":
        return t * t
    if easing == "out":
        return t * (2.0 - t)
    if easing == "both":
        return t * t * (3.0 - 2.0 * t)
    return t
