"""Round numbers for the axes of a chart."""

from __future__ import annotations

import math

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
FEWEST_SPACES = 4
"""Between ticks, about: more than twice as many crowd an axis, fewer leave it bare."""


def ticks(low: float, high: float, spaces: int = FEWEST_SPACES) -> list[float]:
    """Round values that enclose `low` to `high`, evenly spaced, at least two.

    The step is 1, 2, 2.5 or 5 times a power of ten, as large as leaves about `spaces` spaces.

    Raises:
        ValueError: a bound is no finite number, or `low` is above `high`.
    """
    if not (math.isfinite(low) and math.isfinite(high) and low <= high):
        raise ValueError(f"There is no axis from {low} to {high}.")
    if high - low < 1e-9 * max(1.0, abs(high)):  # one value: make room on both sides
        room = abs(high) * 0.1 or 1.0
        low, high = low - room, high + room
    rough = (high - low) / spaces
    power = 10.0 ** math.floor(math.log10(rough))
    step = max((s for s in _STEPS if s * power <= rough * (1 + 1e-9)), default=1.0) * power
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(k * step, 12) for k in range(first, last + 1)]


def tick_labels(values: list[float]) -> list[str]:
    """Texts of ticks, all with as many decimals as the step needs."""
    step = values[1] - values[0]
    decimals = next((d for d in range(9) if abs(round(step, d) - step) < step * 1e-6), 9)
    return [f"{value:.{decimals}f}" for value in values]
