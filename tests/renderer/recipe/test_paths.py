"""One value inside a recipe, read and written by the way to it."""

from __future__ import annotations

import pytest

from renderer.recipe.paths import Path, read, written
from renderer.recipe.recipe import Direction, LayoutLock, Pad, Prompt, Recipe, check

WAYS: list[tuple[Path, object, object]] = [
    (("psi",), 1.0, 0.5),
    (("text", "prompts", 0, "text"), "", "a house"),
    (("text", "prompts", 2, "weight"), 1.0, 0.25),
    (("text", "pad", "x"), Pad().x, 0.125),
    (("text", "directions", 1, "amount"), Direction().amount, 2.0),
    (("noise", "blocks", 3), 1.0, 0.0),
    (("psi_blocks", 1), None, 0.75),
    (("mixing", "sources", 1, "latent", "weights", 2), 0.0, 0.5),
    (("layout", "psi"), LayoutLock().psi, 0.5),
]


@pytest.mark.parametrize(("path", "usual", "new"), WAYS)
def test_what_is_written_is_read_again_and_nothing_else_changes(
    path: Path, usual: object, new: object
) -> None:
    fresh = Recipe()
    assert read(fresh, path) == usual
    changed = written(fresh, path, new)
    check(changed)
    assert read(changed, path) == new
    others = [other for other, _, _ in WAYS if other != path]
    assert [read(changed, other) for other in others] == [read(fresh, other) for other in others]


def test_places_in_between_are_filled_up_with_what_says_nothing() -> None:
    recipe = written(Recipe(), ("text", "prompts", 2, "text"), "third")
    assert recipe.text.prompts == (Prompt(), Prompt(), Prompt("third"))
    assert written(Recipe(), ("noise", "blocks", 2), 0.5).noise.blocks == (1.0, 1.0, 0.5)


def test_values_that_say_nothing_are_left_out_at_the_end_of_plain_values() -> None:
    recipe = written(Recipe(), ("noise", "blocks", 2), 0.5)
    assert written(recipe, ("noise", "blocks", 2), 1.0) == Recipe()
