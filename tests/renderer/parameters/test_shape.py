"""What decides which addresses there are."""

from __future__ import annotations

from renderer.parameters.shape import aliases, shape_of
from renderer.recipe.recipe import Direction, LayoutLock, Move, Pad, Prompt, Recipe, TextPart
from tests.visualizer.fake import MODEL


def test_a_shape_depends_on_lists_and_the_model_and_not_on_values() -> None:
    steps = (Move("mapped", 3, 1.0),)
    plain, moved = Recipe(), Recipe(psi=0.5, moves=steps, text=TextPart((Prompt("a boat", 0.5),)))
    assert shape_of(plain, MODEL) == shape_of(moved, MODEL)
    assert shape_of(plain, None) != shape_of(plain, MODEL)
    for other in (
        Recipe(text=TextPart((Prompt(), Prompt()))),
        Recipe(text=TextPart(pad=Pad())),
        Recipe(layout=LayoutLock()),
        Recipe(moves=(Move("mapped", 2, name="smile"),)),
    ):
        assert shape_of(other, MODEL) != shape_of(plain, MODEL)


def test_directions_go_by_their_names_too() -> None:
    named = Recipe(text=TextPart(directions=(Direction("At Night"), Direction("7"), Direction())))
    found = aliases(shape_of(named, MODEL))
    assert found["/text/direction/at-night"] == "/text/direction/1"
    assert found["/text/direction/at-night/plus"] == "/text/direction/1/plus"
    assert set(found.values()) == {
        f"/text/direction/1{end}" for end in ("", "/plus", "/minus", "/start", "/stop")
    }
