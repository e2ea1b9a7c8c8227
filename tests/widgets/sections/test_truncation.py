"""Truncation and noise per block, and the filmstrip, in the real window."""

from __future__ import annotations

import pytest

from renderer.recipe.recipe import NoisePart, Recipe
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from tests.widgets.test_panels import opened, reset, type_value
from widgets.controls import filmstrip
from widgets.sections import truncation

display = pytest.mark.display


def asked(ui: Driver) -> tuple[float, ...]:
    """The psi of every preview that the next frame looks for, in order."""
    get, psis = ui.app.previews.get, list[float]()
    ui.app.previews.get = lambda recipe, size_px: psis.append(recipe.psi) or get(recipe, size_px)
    ui.frames(1)
    return tuple(psis)


@display
def test_a_click_on_the_strip_takes_its_psi(open_window: Open) -> None:
    ui = open_window(state=opened("Truncation"))
    ui(lambda c: c.item_click("**/strip/picture3"))
    assert ui.recipe.psi == truncation.STRIP[3] == 0.5
    ui.app.session.document.undo()
    assert ui.recipe.psi == 1.0


@display
def test_the_strip_is_made_only_while_its_section_is_open(open_window: Open) -> None:
    ui = open_window(state=opened("Noise"))
    assert asked(ui) == ()
    ui = open_window(state=opened("Truncation"))
    assert asked(ui) == truncation.STRIP


@display
def test_the_cutoff_is_a_number_of_rows_and_all_of_them_is_none(open_window: Open) -> None:
    ui = open_window(state=opened("Truncation", truncation.PER_BLOCK))
    ui(lambda c: type_value(c, "**/Cutoff/##track", "5"))
    assert ui.recipe == Recipe(psi_cutoff=5)
    ui(lambda c: type_value(c, "**/Cutoff/##track", "12"))
    assert ui.recipe == Recipe(), "the model has 12 rows"
    ui(lambda c: type_value(c, "**/Cutoff/##track", "3"))
    ui(lambda c: c.item_click("**/Cutoff/###reset"))
    assert ui.recipe == Recipe()


@display
def test_truncation_goes_towards_the_nearest_mean_by_choice(open_window: Open) -> None:
    ui = open_window(state=opened("Truncation"))
    ui(lambda c: c.item_click("**/Towards/towards/Nearest mean"))
    assert ui.recipe == Recipe(psi_towards="nearest")
    ui(lambda c: c.item_click("**/Towards/###reset"))
    assert ui.recipe == Recipe()


@display
def test_a_block_gets_a_psi_of_its_own_and_follows_again(open_window: Open) -> None:
    ui = open_window(state=opened("Truncation", truncation.PER_BLOCK))
    ui(lambda c: type_value(c, "**/Blocks/$$1/##track", "0.4"))
    assert ui.recipe.psi_blocks == (None, 0.4)
    ui(lambda c: type_value(c, "**/Psi/##track", "0.7"))
    assert ui.recipe.psi_of_block(0) == 0.7
    assert ui.recipe.psi_of_block(1) == 0.4
    ui(lambda c: reset(c, "**/Blocks/$$1/##track"))
    assert ui.recipe.psi_blocks == ()
    ui(lambda c: c.item_drag_with_delta("**/Blocks/$$3/##track", (0, -40)))
    assert ui.recipe.psi_blocks[:3] == (None, None, None)
    assert ui.recipe.psi_of_block(3) > 0.7
    ui(lambda c: c.item_click("**/Blocks/###reset"))
    assert ui.recipe == Recipe(psi=0.7)


@display
def test_the_noise_of_a_block_is_scaled(open_window: Open) -> None:
    ui = open_window(state=opened("Noise", "Noise of each block"))
    ui(lambda c: type_value(c, "**/Blocks/$$2/##track", "0"))
    assert ui.recipe.noise == NoisePart(blocks=(1.0, 1.0, 0.0))
    ui(lambda c: c.item_click("**/mode/None"))
    ui(lambda c: c.item_drag_with_delta("**/Blocks/$$0/##track", (0, -40)))
    assert ui.recipe.noise == NoisePart(mode="none", blocks=(1.0, 1.0, 0.0))
    ui(lambda c: c.item_click("**/mode/Stored"))
    ui(lambda c: reset(c, "**/Blocks/$$2/##track"))
    assert ui.recipe.noise == NoisePart()


@pytest.mark.parametrize(
    ("value", "place"),
    [(-9.0, 0.0), (-0.5, 0.0), (0.125, 1.5), (1.0, 5.0), (1.25, 5.5), (9.0, 6)],
)
def test_the_mark_stands_between_the_pictures(value: float, place: float) -> None:
    assert filmstrip.place(value, truncation.STRIP) == pytest.approx(place)
