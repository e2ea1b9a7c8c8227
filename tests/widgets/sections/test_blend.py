"""The Blend section in a real window: a second model is chosen, weighed and let go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from renderer.recipe.recipe import ModelBlend, ModelRef, Recipe
from stylegan_t.config import DEMO
from stylegan_t.demo.built_in import BUILT_IN
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from tests.visualizer.fake import MODEL, FakeThread
from tests.widgets.test_panels import type_value
from visualizer.instruments.missing_model import MissingModel
from visualizer.session.state import State
from widgets.actions import UseSecond
from widgets.context import Options
from widgets.picture.error_card import Missing

pytestmark = pytest.mark.display

OPEN = Options(open_sections=("Blend",))


def weights(ui: Driver) -> tuple[float, ...]:
    blend = ui.recipe.model.blend
    return blend.mapping, *blend.weights


def test_a_second_model_is_chosen_and_begins_half_way(open_window: Open) -> None:
    first = Recipe(model=ModelRef("/a.pkl"), psi=0.5)
    ui = open_window(state=State(first, OPEN))

    def choose(c: Any) -> None:
        c.item_click("**/###second")
        c.yield_(2)
        c.item_click(f"//$FOCUSED/{BUILT_IN[DEMO].short}##{DEMO}")
        c.yield_(2)

    ui(choose)
    blend = ModelBlend(DEMO, mapping=0.5, weights=(0.5,) * len(MODEL.blocks))
    assert ui.recipe == replace(first, model=ModelRef("/a.pkl", blend=blend))
    ui(lambda c: c.item_click("//**/Second/reset"))
    assert ui.recipe == first
    ui.app.session.document.undo()
    assert ui.recipe.model.blend == blend, "letting it go is a step of undo"


def test_a_slider_moves_all_parts_and_one_a_single_block(open_window: Open) -> None:
    blended = Recipe(model=ModelRef("demo", blend=ModelBlend("/b.pkl")))
    ui = open_window(state=State(blended, OPEN))

    ui(lambda c: type_value(c, "//**/All/##track", "0.25"))
    assert weights(ui) == (0.25,) * (1 + len(MODEL.blocks))
    ui(lambda c: type_value(c, "//**/Mapping/##track", "1.5"))
    assert weights(ui)[0] == 1.5 and set(weights(ui)[1:]) == {0.25}


def test_without_a_second_model_the_weights_are_grey_and_say_why(open_window: Open) -> None:
    ui = open_window(state=State(Recipe(), OPEN))
    before = ui.recipe
    ui(lambda c: c.item_click("//**/All/##track"))
    assert ui.recipe == before


def test_a_second_model_that_does_not_fit_is_let_go_from_the_card(open_window: Open) -> None:
    thread = FakeThread()
    ui = open_window(thread=thread, state=State(Recipe(psi=0.3), OPEN))
    thread.error, thread.fault = "These two models cannot be blended: …", "second"
    ui.app.commands.do(UseSecond("/b.pkl"))
    ui.frames(3)
    thread.error, thread.fault = None, ""
    ui(lambda c: c.item_click("//Picture/###alone"))
    assert ui.recipe == Recipe(psi=0.3)


def test_a_missing_second_model_is_found_and_the_first_stays(
    open_window: Open, tmp_path: Path
) -> None:
    wanted = ModelBlend("/elsewhere/b.pkl", mapping=0.5)
    error = "The model b.pkl is not there."
    thread = FakeThread(model=None, error=error, fault="missing second")
    found = tmp_path / "b.pkl"
    found.write_bytes(b"weights")
    state = State(Recipe(), OPEN, recent_models=(str(tmp_path / "x.pkl"),))
    ui = open_window(
        thread=thread, state=state, recipe=Recipe(model=ModelRef("demo", blend=wanted))
    )

    def view() -> Missing | None:
        shown = next(iter(ui.app.instrument(MissingModel).views(0.0)), None)
        assert shown is None or isinstance(shown, Missing)
        return shown

    ui.until(lambda: (shown := view()) is not None and shown.found)
    thread.error, thread.fault = None, ""
    ui(lambda c: c.item_click("//Picture/###found"))
    assert ui.recipe.model == ModelRef("demo", blend=replace(wanted, path=str(found)))
