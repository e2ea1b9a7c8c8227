"""What the caches save: a new prompt against a known one, and a whole picture that is known."""

from __future__ import annotations

from msgspec.structs import replace

from renderer.pipeline.renderer import Renderer
from renderer.recipe.recipe import ModelRef, Prompt, Recipe, TextPart
from tests.benchmarks.tables import Table, spread

WORDS = "a red house at sunset with a tree by the sea and a moon"


def measured(rounds: int) -> list[Table]:
    """Let the demo model read and draw, in turns."""
    renderer = Renderer("auto")
    base = Recipe(model=ModelRef("demo"))
    _times(renderer, base)
    kinds = ("new prompt", "known prompt, new psi", "known picture")
    text: dict[str, list[float]] = {kind: [] for kind in kinds}
    whole: dict[str, list[float]] = {kind: [] for kind in kinds}
    for index in range(rounds):
        fresh = replace(base, text=TextPart((Prompt(f"{WORDS} {index}"),)))
        other = replace(fresh, psi=0.5)
        for kind, recipe in zip(kinds, (fresh, other, fresh), strict=True):
            text_ms, total_ms = _times(renderer, recipe)
            text[kind].append(text_ms)
            whole[kind].append(total_ms)
    rows = tuple((kind, *spread(text[kind])[:2], *spread(whole[kind])) for kind in kinds)
    head = ("", "text median ms", "text p99 ms", "all stages median ms", "p99 ms", "runs")
    note = "The demo model, as the program computes it; 0 where a cache has the answer."
    return [Table("demo, text and caches", head, rows, note)]


def _times(renderer: Renderer, recipe: Recipe) -> tuple[float, float]:
    frame = renderer.render(recipe)
    assert frame.error is None, frame.error
    return dict(frame.stage_ms)["text"], frame.total_ms
