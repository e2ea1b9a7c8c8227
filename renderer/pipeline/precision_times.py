"""How long a model's synthesis takes in each precision on this machine: drawn, not guessed.

What a processor makes of half precision is not told by its name: bfloat16 halves the time on one
and doubles it on another.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from renderer.frame.frame import Frame
from renderer.recipe.recipe import Precision, Recipe

if TYPE_CHECKING:
    from renderer.pipeline.renderer import Renderer

Times = dict[Precision, float]
"""Milliseconds of one picture's synthesis."""
ROUNDS = 4
"""The first makes things ready."""
ENOUGH_S = 0.8
"""A slow model is measured in fewer rounds."""
SLOWER = 1.1
"""Times that differ by less are as good as equal."""
MAX_MODEL_BYTES = 2_000_000_000
"""A larger model is not kept in two precisions just to know."""


def measure(
    renderer: Renderer,
    recipe: Recipe,
    precisions: Sequence[Precision],
    abandon: Callable[[], bool],
) -> Times:
    """Draw pictures like that of `recipe`, in turns, and take the fastest of each precision.

    Args:
        renderer: on a processor; graphics cards have settled the question.
        recipe: whose model is measured.
        precisions: to compare.
        abandon: asked now and then; true gives up.

    Returns:
        Nothing where it cannot be measured.

    Raises:
        Abandoned: `abandon` said so.
    """
    times: Times = {}
    if renderer.device.kind != "cpu":
        return times
    begun_s = time.perf_counter()
    for turn in range(ROUNDS):
        for precision in precisions:
            # Another seed, so that nothing is kept of the picture before.
            latent = replace(recipe.latent, seed=turn, values=(), x=0.0, y=0.0, morph=None)
            frame = renderer.render(replace(recipe, precision=precision, latent=latent), abandon)
            if frame.model is None or frame.model.memory_bytes > MAX_MODEL_BYTES:
                return {}
            took_ms = _synthesis_ms(frame)
            if took_ms > 0:
                times[precision] = min(took_ms, times.get(precision, took_ms))
        if turn > 0 and time.perf_counter() - begun_s > ENOUGH_S:
            break
    return times if len(times) == len(precisions) else {}


def _synthesis_ms(frame: Frame) -> float:
    return dict(frame.stage_ms).get("synthesis", 0.0) if frame.error is None else 0.0


def compared(times: Times, precision: Precision, usual: Precision = "float32") -> str:
    """The sentence that says how a precision does on this processor; nothing where it is unknown.

    Args:
        times: what was measured.
        precision: that is spoken of.
        usual: that it is compared with.
    """
    if precision == usual or precision not in times or usual not in times:
        return ""
    own, other = times[precision], times[usual]
    how = "about as fast as"
    if max(own, other) > SLOWER * min(own, other):
        how = "slower than" if own > other else "faster than"
    return (
        f"{precision} is {how} {usual} on this processor: {_ms(own)} against {_ms(other)} ms for "
        "a picture."
    )


def _ms(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"
