"""What is remembered of prompts and directions, in the real window and over restarts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from renderer.recipe.recipe import Direction, Prompt, Recipe, TextPart
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from visualizer.instruments.prompts import (
    LONGEST_PROMPT,
    MAX_KEPT_CHARACTERS,
    MAX_KEPT_PROMPTS,
    REST_S,
    Prompts,
    remembered,
    with_kept,
)
from visualizer.session.state import State
from visualizer.session.user_lists import encode
from widgets.actions import CaptureImage
from widgets.context import Options
from widgets.prompt.direction_popup import (
    DropDirection,
    ExportDirections,
    ImportDirections,
    KeepDirection,
)
from widgets.prompt.history import matching

NIGHT = Direction("night", "at night", "at noon", 1.0)
RAIN = Direction("rain", "in the rain", "in the sun", 0.5)


class Clock:
    """Seconds that pass when the test says so."""

    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Iterator[Clock]:
    """One clock for all windows of a test."""
    yield Clock()


def window(open_window: Open, clock: Clock, text: TextPart) -> Driver:
    """A window with this text and with the prompts open."""
    options = Options(open_sections=("Prompt", "Directions"))
    return open_window(state=State(Recipe(text=text), options), clock=clock)


def house(words: str = "a house") -> TextPart:
    """A text of one prompt."""
    return TextPart(prompts=(Prompt(words),))


def instrument(ui: Driver) -> Prompts:
    """The instrument of that window."""
    return ui.app.instrument(Prompts)


def tried(ui: Driver) -> tuple[str, ...]:
    """The prompts of before, once the files were read."""
    ui.until(lambda: not ui.app._background._pending)
    return instrument(ui).history.prompts


def edit(ui: Driver, text: TextPart) -> None:
    """Change the text, and let its picture come."""
    ui.app.session.edit(replace(ui.app.session.recipe, text=text))
    ui.frames(2)


# -- lists as values -----------------------------------------------------------------------------


def test_a_prompt_stands_once_and_the_newest_first() -> None:
    assert remembered(("a", "b", "c"), ["c ", " d"]) == ("c", "d", "a", "b")
    assert remembered(("a",), ["", "   "]) == ("a",)
    assert remembered((), ["\ud800 broken"]) == ()


def test_the_history_is_bounded() -> None:
    many = tuple(f"prompt {i}" for i in range(2 * MAX_KEPT_PROMPTS))
    assert remembered(many, ["new"]) == ("new", *many[: MAX_KEPT_PROMPTS - 1])
    assert remembered((), ["x" * (LONGEST_PROMPT + 1)]) == ()
    long = tuple(f"{i:03}" + "x" * (LONGEST_PROMPT - 3) for i in range(200))
    kept = remembered(long, ["new"])
    assert sum(map(len, kept)) <= MAX_KEPT_CHARACTERS
    assert kept[:2] == ("new", long[0])


def test_a_direction_is_kept_once_whatever_its_amount() -> None:
    kept = with_kept((NIGHT, RAIN), (replace(RAIN, amount=2.0),))
    assert kept == (replace(RAIN, amount=2.0), NIGHT)


def test_the_search_finds_every_word_in_any_case() -> None:
    prompts = ("A red House", "a red boat", "дом ÉCLAIR")
    assert matching(prompts, "HOUSE red") == ("A red House",)
    assert matching(prompts, "éclair") == ("дом ÉCLAIR",)
    assert matching(prompts, "  ") == prompts
    assert matching(prompts, "castle") == ()


# -- prompts that were tried ---------------------------------------------------------------------


@pytest.mark.display
def test_a_prompt_counts_once_its_picture_has_rested(open_window: Open, clock: Clock) -> None:
    ui = window(open_window, clock, house())
    ui.frames(3)
    assert tried(ui) == ()
    clock.now_s += REST_S / 2
    edit(ui, house("a house at ni"))  # still typed
    clock.now_s += REST_S - 0.1
    ui.frames(2)
    edit(ui, house("a house at night"))
    clock.now_s += REST_S + 0.1
    ui.frames(2)
    assert tried(ui) == ("a house at night",)


@pytest.mark.display
def test_a_prompt_without_a_picture_does_not_count(open_window: Open, clock: Clock) -> None:
    ui = window(open_window, clock, house())
    ui.thread.answers = False
    edit(ui, house("never seen"))
    clock.now_s += 2 * REST_S
    ui.frames(2)
    assert tried(ui) == ()


@pytest.mark.display
def test_a_capture_counts_at_once_and_muted_rows_do_not(open_window: Open, clock: Clock) -> None:
    text = TextPart(prompts=(Prompt("a house"), Prompt("muted", 0.0), Prompt("a boat", 0.2)))
    ui = window(open_window, clock, text)
    ui.frames(3)
    ui.app.commands.do(CaptureImage())
    ui.until(lambda: ui.app.session.last_capture)
    ui.frames(2)
    assert tried(ui) == ("a house", "a boat")


@pytest.mark.display
def test_the_history_outlives_the_window(open_window: Open, clock: Clock) -> None:
    ui = window(open_window, clock, house("first"))
    ui.frames(2)
    clock.now_s += 3.0
    ui.frames(2)
    assert tried(ui) == ("first",)
    ui = window(open_window, clock, house("second"))
    ui.frames(2)
    clock.now_s += 3.0
    ui.frames(2)
    assert tried(ui) == ("second", "first")


@pytest.mark.display
def test_a_prompt_is_searched_and_taken(open_window: Open, clock: Clock, tmp_path: Path) -> None:
    many = [f"prompt {i}" for i in range(400)]
    (tmp_path / "prompts.json").write_bytes(encode("prompts", [*many, "a Boat at sea"]))
    ui = window(open_window, clock, house())
    assert len(tried(ui)) == 401

    def body(c: Any) -> None:
        c.item_click("**/###tried")
        c.yield_(3)
        c.key_chars("boat")
        c.yield_(3)
        c.item_click("**/$$0/###take")

    ui(body)
    assert ui.recipe.text.prompts[0].text == "a Boat at sea"


@pytest.mark.display
def test_prompts_are_forgotten_one_by_one_and_all(
    open_window: Open, clock: Clock, tmp_path: Path
) -> None:
    (tmp_path / "prompts.json").write_bytes(encode("prompts", ["one", "two"]))
    ui = window(open_window, clock, house())
    assert tried(ui) == ("one", "two")

    def forget(c: Any) -> None:
        c.item_click("**/###tried")
        c.yield_(3)
        c.item_click("**/$$0/###forget")
        c.yield_(3)

    ui(forget)
    assert tried(ui) == ("two",)

    def forget_all(c: Any) -> None:
        c.item_click("**/###tried")
        c.yield_(3)
        c.item_click("**/###forget all")
        c.yield_(3)
        c.item_click("**/###sure")
        c.yield_(3)

    ui(forget_all)
    assert tried(ui) == ()
    assert b"two" not in (tmp_path / "prompts.json").read_bytes()


@pytest.mark.display
def test_a_broken_file_is_said_and_kept(open_window: Open, clock: Clock, tmp_path: Path) -> None:
    (tmp_path / "prompts.json").write_text("{ not JSON")
    ui = window(open_window, clock, house())
    assert tried(ui) == ()
    assert any("prompts.json contains no prompts" in words for words in ui.said)
    assert (tmp_path / "prompts.broken.json").read_text() == "{ not JSON"


# -- directions that are kept --------------------------------------------------------------------


@pytest.mark.display
def test_a_kept_direction_is_there_in_the_next_session(open_window: Open, clock: Clock) -> None:
    text = replace(house(), directions=(NIGHT,))
    ui = window(open_window, clock, text)

    def keep(c: Any) -> None:
        c.item_click("**/direction0/###more")
        c.item_click("//$FOCUSED/Save for all sessions")

    ui(keep)
    ui = window(open_window, clock, house())
    tried(ui)
    assert instrument(ui).kept.directions == (NIGHT,)

    def take(c: Any) -> None:
        c.item_click("**/###direction")
        c.yield_(3)
        c.item_click("**/$$0/###take")

    ui(take)
    assert ui.recipe.text.directions == (NIGHT,)
    ui.app.commands.do(DropDirection(NIGHT))
    assert instrument(ui).kept.directions == ()


@pytest.mark.display
def test_directions_travel_as_a_file(open_window: Open, clock: Clock, tmp_path: Path) -> None:
    ui = window(open_window, clock, replace(house(), directions=(NIGHT,)))
    ui.app.commands.do(KeepDirection(RAIN))
    ui.app.commands.do(ExportDirections())
    choose(ui, tmp_path / "shared")
    path = tmp_path / "shared" / "directions-0001.json"
    ui.until(path.exists)
    for direction in instrument(ui).kept.directions:
        ui.app.commands.do(DropDirection(direction))
    ui.app.commands.do(ImportDirections())
    choose(ui, path)
    ui.until(lambda: instrument(ui).kept.directions)
    assert instrument(ui).kept.directions == (NIGHT, RAIN)


@pytest.mark.display
def test_a_foreign_file_is_refused_in_a_sentence(
    open_window: Open, clock: Clock, tmp_path: Path
) -> None:
    path = tmp_path / "foreign.json"
    path.write_text('{"stylegan_t_library": "prompts", "items": []}')
    ui = window(open_window, clock, house())
    ui.app.commands.do(ImportDirections())
    choose(ui, path)
    ui.until(lambda: any("foreign.json" in words for words in ui.said))
    assert ui.said[-1] == "foreign.json contains no directions, but another list of this program."


def choose(ui: Driver, path: Path) -> None:
    """Answer the file dialog that is open."""
    assert ui.app._dialogs._browser is not None
    ui.app._dialogs._browser, ui.app._dialogs._chosen = None, path
    ui.frames(1)
