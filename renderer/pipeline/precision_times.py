"""The time of a model's synthesis in each precision on this machine: drawn, not guessed.

What a processor makes of half precision is not told by its name: bfloat16 halves the time on one
and doubles it on another.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from renderer.frame.frame import Frame
from renderer.recipe.latent_ends import start_at_seed
from renderer.recipe.recipe import Precision, Recipe

if TYPE_CHECKING:
    from renderer.pipeline.renderer import Renderer

Times = dict[Precision, float]
"""Milliseconds of one picture's synthesis."""
ROUNDS = 6
"""The first makes things ready."""
FEWEST = 3
"""Rounds that a slow model takes, too: one that makes ready, two that can agree."""
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
        Nothing where it cannot be measured, or where the rounds do not agree on which is faster:
        other programs have taken the processor then, and a later measurement may settle it.

    Raises:
        Abandoned: `abandon` said so.
    """
    if renderer.device.kind != "cpu":
        return {}
    rounds: list[Times] = []
    begun_s = time.perf_counter()
    for turn in range(ROUNDS):
        times: Times = {}
        for precision in precisions:
            # Another seed, so that nothing is kept of the picture before.
            latent = start_at_seed(recipe.latent, turn)
            frame = renderer.render(replace(recipe, precision=precision, latent=latent), abandon)
            if frame.model is None or frame.model.memory_bytes > MAX_MODEL_BYTES:
                return {}
            took_ms = _synthesis_ms(frame)
            if took_ms > 0:  # a picture that was kept took none
                times[precision] = took_ms
        if len(times) == len(precisions):
            rounds.append(times)
        if len(rounds) >= FEWEST and time.perf_counter() - begun_s > ENOUGH_S:
            break
    return settled(rounds[1:]) if len(rounds) >= FEWEST else {}


def settled(rounds: Sequence[Times]) -> Times:
    """The fastest of each precision, or nothing where rounds contradict one another.

    Args:
        rounds: at least one, each with the same precisions; the first precision is the usual one.
    """
    usual, *others = rounds[0]
    for precision in others:
        ratios = [times[precision] / times[usual] for times in rounds]
        slower, faster = min(ratios) > 1, max(ratios) < 1
        alike = max(ratios) <= SLOWER**2 and min(ratios) >= SLOWER**-2
        if not (slower or faster or alike):
            return {}
    return {precision: min(times[precision] for times in rounds) for precision in rounds[0]}


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
