"""The History tab, with a real mouse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.recipe.history import Entry
from renderer.recipe.identity import unhashed
from renderer.recipe.recipe import ModelRef, Prompt, Recipe, TextPart
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from tests.visualizer.fake import FakeThread
from visualizer.instruments.history import REST_S
from visualizer.session.state import State
from widgets.context import Options
from widgets.picture.compare import ComparisonView, picture_key
from widgets.tabs.history import HistoryView

pytestmark = pytest.mark.display

Key = imgui.Key
FIRST = Recipe(text=TextPart((Prompt("a house"),)))


class Clock:
    """Stands still unless it is moved."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class Strip:
    """A window with the History tab open, and what is in it."""

    def __init__(self, open_window: Open, **options: Any) -> None:
        self.clock = Clock()
        state = State(FIRST, Options(drawer="History"))
        self.ui: Driver = open_window(**{"state": state, "clock": self.clock, **options})
        self.rest()

    def rest(self) -> None:
        """Look at the picture for a while."""
        self.ui.frames(2)
        self.clock.now_s += REST_S + 0.1
        self.ui.frames(2)

    def visit(self, *psis: float) -> None:
        """Rest at pictures."""
        for psi in psis:
            self.ui.app.session.edit(replace(FIRST, psi=psi))
            self.rest()

    @property
    def view(self) -> HistoryView:
        """What the tab shows."""
        return next(view for view in self._views() if isinstance(view, HistoryView))

    @property
    def comparison(self) -> ComparisonView:
        """What is compared."""
        return next(view for view in self._views() if isinstance(view, ComparisonView))

    def _views(self) -> list[object]:
        return [view for one in self.ui.app.instruments for view in one.views(0.0)]

    @property
    def psis(self) -> list[float]:
        """What tells the pictures apart, in order."""
        return [entry.recipe.psi for entry in self.view.shown]

    def entry(self, psi: float) -> Entry:
        """The entry of a picture."""
        return next(entry for entry in self.view.shown if entry.recipe.psi == psi)

    def name(self, psi: float) -> str:
        """Where a picture is in the strip."""
        return f"**/{self.entry(psi).number}/go"

    def click(self, psi: float) -> None:
        """Click a picture."""
        self.ui(lambda c: c.item_click(self.name(psi)))

    def choose(self, psi: float, entry: str) -> None:
        """Right-click a picture, and take an entry of its menu."""

        def body(c: Any) -> None:
            c.item_click(self.name(psi), 1)
            c.item_click(f"//$FOCUSED/{entry}")

        self.ui(body)


@pytest.fixture
def strip(open_window: Open) -> Strip:
    return Strip(open_window)


def test_pictures_that_one_rests_at_come_into_the_strip(strip: Strip) -> None:
    assert strip.psis == [1.0]
    strip.ui.app.session.edit(replace(FIRST, psi=0.9))
    strip.ui.frames(3)
    strip.ui.app.session.edit(replace(FIRST, psi=0.8))
    strip.rest()
    assert strip.psis == [1.0, 0.8]
    assert strip.view.current == strip.entry(0.8).number


def test_a_drag_is_one_picture_however_long_the_hand_rests(strip: Strip) -> None:
    def drag(c: Any) -> None:
        c.mouse_move("**/Psi/##track")
        c.mouse_down(0)
        for x in range(5):
            c.mouse_move_to_pos((200.0 + 8 * x, imgui.get_io().mouse_pos.y))
            strip.clock.now_s += 5.0
            c.yield_(3)
        assert len(strip.view.shown) == 1
        c.mouse_up(0)

    strip.ui(drag)
    strip.rest()
    assert len(strip.view.shown) == 2
    assert strip.view.shown[1].recipe.psi == strip.ui.recipe.psi


def test_while_somebody_types_a_short_rest_is_none(strip: Strip) -> None:
    def typing(c: Any) -> None:
        c.item_click("**/prompt0/##text")
        for word in ("by ", "the ", "sea "):
            c.key_chars_append(word)
            strip.clock.now_s += REST_S + 0.1
            c.yield_(3)
        c.key_press(Key.escape)

    strip.ui(typing)
    strip.rest()
    assert len(strip.view.shown) == 2


def test_a_click_goes_back_and_nothing_is_lost(strip: Strip) -> None:
    strip.visit(0.2, 0.3)
    strip.click(0.2)
    assert strip.ui.recipe == replace(FIRST, psi=0.2)
    assert strip.psis == [1.0, 0.2, 0.3]
    assert strip.view.current == strip.entry(0.2).number
    strip.visit(0.5)
    assert strip.psis == [1.0, 0.2, 0.3, 0.5]
    assert strip.entry(0.5).parent == strip.entry(0.2).number


def test_a_click_is_one_step_of_undo_and_undo_moves_along_the_strip(strip: Strip) -> None:
    strip.visit(0.2, 0.3)
    strip.click(1.0)
    strip.ui(lambda c: c.item_click("**/###undo"))
    assert strip.ui.recipe.psi == 0.3
    assert strip.view.current == strip.entry(0.3).number
    strip.ui(lambda c: c.item_click("**/###undo"))
    assert strip.view.current == strip.entry(0.2).number
    strip.ui(lambda c: c.item_click("**/###redo"))
    assert strip.view.current == strip.entry(0.3).number
    strip.rest()
    assert strip.psis == [1.0, 0.2, 0.3]


def test_stars_and_only_them(strip: Strip) -> None:
    strip.visit(0.2, 0.3)

    def star(c: Any) -> None:
        c.mouse_move(strip.name(0.2))
        c.item_click(f"**/{strip.entry(0.2).number}/star")

    strip.ui(star)
    assert strip.ui.recipe.psi == 0.3
    strip.ui(lambda c: c.key_press(Key.mod_ctrl | Key.d))
    assert [entry.starred for entry in strip.view.shown] == [False, True, True]
    strip.ui(lambda c: c.item_click("**/Starred 2"))
    assert strip.psis == [0.2, 0.3]
    strip.ui(lambda c: c.item_click("**/###star"))
    assert strip.psis == [0.2]
    strip.ui(lambda c: c.item_click("**/All 3"))
    assert strip.psis == [1.0, 0.2, 0.3]


def test_what_has_no_star_is_deleted_and_brought_back(strip: Strip) -> None:
    strip.visit(0.2, 0.3)
    strip.click(0.2)
    strip.ui(lambda c: c.key_press(Key.mod_ctrl | Key.d))
    strip.click(0.3)
    strip.ui(lambda c: c.item_click("**/###tidy"))
    assert strip.psis == [0.2]
    strip.rest()
    assert strip.psis == [0.2]  # the current picture was deleted: it does not come back by itself
    strip.visit(0.4)
    strip.ui(lambda c: c.item_click("**/###tidy"))
    assert strip.psis == [1.0, 0.2, 0.3, 0.4]
    assert strip.entry(0.2).starred


def test_the_menu_of_a_picture(strip: Strip) -> None:
    strip.visit(0.2)
    strip.choose(1.0, "Copy recipe")
    assert "Copied the recipe." in strip.ui.said
    strip.choose(1.0, "Keep as A (left)")
    strip.choose(0.2, "Keep as B (right)")
    sides = strip.comparison
    assert sides.on
    assert [recipe and recipe.psi for recipe in (sides.a, sides.b)] == [1.0, 0.2]
    strip.choose(1.0, "Compare with current")
    assert strip.comparison.b is None
    strip.choose(1.0, "Delete")
    assert strip.psis == [0.2]


def test_a_picture_that_is_saved_is_in_the_strip_at_once(strip: Strip) -> None:
    strip.ui.app.session.edit(replace(FIRST, psi=0.2))
    strip.ui.frames(2)
    strip.ui(lambda c: c.key_press(Key.mod_ctrl | Key.s))
    assert strip.psis == [1.0, 0.2]


def test_only_pictures_in_sight_are_wished_for(open_window: Open) -> None:
    # Without the panels at the left, some of which wish for small pictures, too.
    state = State(FIRST, Options(drawer="History", show_sidebar=False))
    strip = Strip(open_window, state=state)
    for number in range(30):
        strip.visit(number / 1000)
    assert len(strip.view.shown) == 31
    thread = strip.ui.thread
    seen: set[float] = set()
    wish = thread.wish

    def noted(wishes: Any) -> None:
        seen.update(w.recipe.psi for w in wishes)
        wish(wishes)

    thread.wish = noted
    strip.ui.app.previews.close()  # everything has to be wished for again
    strip.ui.frames(6)
    assert 0.029 in seen
    assert 1.0 not in seen

    def scroll(c: Any) -> None:
        c.mouse_move(strip.name(0.029))
        for _ in range(30):
            c.mouse_wheel_y(1.0)

    strip.ui(scroll)
    assert 1.0 in seen
    seen.clear()
    strip.ui(lambda c: c.item_click("**/Newest"))
    strip.ui.app.previews.close()
    strip.ui.frames(6)
    assert 0.029 in seen
    assert 1.0 not in seen


def test_a_picture_that_failed_is_not_remembered(open_window: Open) -> None:
    strip = Strip(open_window, thread=FakeThread())
    strip.ui.thread.error = "This model needs more memory than there is."
    strip.visit(0.5)
    assert strip.psis == [1.0]
    strip.ui(lambda c: c.key_press(Key.mod_ctrl | Key.d))
    assert strip.psis == [1.0]


def test_the_strip_is_there_again_after_a_restart(open_window: Open) -> None:
    strip = Strip(open_window)
    strip.visit(0.2)
    strip.ui(lambda c: c.key_press(Key.mod_ctrl | Key.d))
    again = Strip(open_window, state=None)
    assert [unhashed(entry.recipe) for entry in again.view.shown] == [
        FIRST,
        replace(FIRST, psi=0.2),
    ]
    assert [entry.starred for entry in again.view.shown] == [False, True]
    assert again.view.current == again.entry(0.2).number


def test_pictures_of_another_model_stay_in_sight(open_window: Open) -> None:
    strip = Strip(open_window)
    strip.visit(0.2)
    places: list[Any] = []
    strip.ui(lambda c: places.append(c.item_info(strip.name(1.0)).rect_full.get_center()))
    strip.ui.thread.answers = False  # as it is while another model is loaded
    strip.ui.app.previews.close()
    shown = strip.ui.thread._pixels(FIRST)
    strip.ui.app.previews.put(picture_key(FIRST), shown)
    strip.ui.app.session.edit(replace(FIRST, model=ModelRef("/models/boats.pkl")))
    strip.ui.frames(3)
    screen = strip.ui.app.screenshot()
    seen = screen[round(places[0].y), round(places[0].x)]
    assert tuple(seen) == tuple(shown[0, 0])


def test_at_first_the_tab_says_what_it_is_for(open_window: Open) -> None:
    state = State(FIRST, Options(drawer="History"))
    ui = open_window(thread=FakeThread(answers=False), state=state)
    empty = ui.app.screenshot()[-280:-40, 440:1280]
    assert len(np.unique(empty.reshape(-1, 3), axis=0)) > 4
