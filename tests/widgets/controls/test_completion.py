"""Names of classes are offered while one types, and taken by keys and by the mouse."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from imgui_bundle import imgui

from renderer.recipe.recipe import Prompt, Recipe, TextPart
from stylegan_t.config import Condition
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from tests.visualizer.fake import MODEL, FakeThread
from visualizer.session.state import State
from widgets.context import Options
from widgets.controls.completion import SHOWN, offer

NAMES = ("tench", "goldfish", "golden retriever", "red fox", "grey fox", "fox-hound", "tiger")
NAMES += ("tiger cat", "tiger shark", "cat")
BOX = "**/prompt0/##text"
KEY = imgui.Key


def offered(words: str) -> tuple[str, ...]:
    return tuple(name for _, name in offer(words, NAMES).found)


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("go", ("goldfish", "golden retriever")),
        ("GOLDEN ", ("golden retriever",)),
        ("a golden r", ("golden retriever",)),
        ("fox", ("fox-hound", "red fox", "grey fox")),
        ("hound", ("fox-hound",)),
        ("red fox and t", ("tench", "tiger", "tiger cat", "tiger shark")),
        ("tiger", ("tiger", "tiger cat", "tiger shark")),
        ("cat", ("cat", "tiger cat")),
        ("tench, 1", ("goldfish",)),
        ("class 3", ("red fox",)),
        ("old", ()),
        ("zeppelin", ()),
        ("", ()),
        ("go, ", ()),
        ("\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}" * 3 + " go", ("goldfish", "golden retriever")),
    ],
)
def test_what_is_offered(words: str, names: tuple[str, ...]) -> None:
    assert offered(words) == names


def test_what_is_typed_is_known_from_its_start() -> None:
    found = offer("a red fox and golden r", NAMES)
    assert "a red fox and golden r"[found.start :] == "golden r"
    assert not found.whole
    assert offer("tiger", NAMES).whole
    many = offer("x", tuple(f"x{number}" for number in range(100)))
    assert len(many.found) == SHOWN


def test_a_long_text_is_read_at_its_end() -> None:
    words = "word, " * 5000 + "gold"
    found = offer(words, NAMES)
    assert words[found.start :] == "gold" and len(found.found) == 2


def window(open_window: Open, condition: Condition = "classes") -> Driver:
    model = dataclasses.replace(MODEL, condition=condition, vocabulary=(("Classes", NAMES),))
    state = State(Recipe(), Options(open_sections=("Prompt",)))
    return open_window(thread=FakeThread(model), state=state)


def typed(ui: Driver, *acts: Any) -> str:
    """Click into the first prompt, type words and keys, and look at the end whether there is a
    list; returns the prompt's text.  In one go: the engine lets go of the keyboard after each."""

    def body(c: Any) -> None:
        c.item_click(BOX)
        c.yield_(3)
        for act in acts:
            if callable(act):
                act(c)
            elif isinstance(act, str):
                c.key_chars(act)
            else:
                c.key_press(act)
            c.yield_(3)

    ui(body)
    return ui.recipe.text.prompts[0].text


def listed(ui: Driver, wanted: bool) -> Callable[[Any], None]:
    """Looks whether a list is shown."""

    def look(c: Any) -> None:
        assert bool(ui.app._entry.completion.item) == wanted

    return look


@pytest.mark.display
def test_keys_take_a_name_and_one_types_on(open_window: Open) -> None:
    ui = window(open_window)
    shown, hidden = listed(ui, True), listed(ui, False)
    words = typed(ui, hidden, "a gol", shown, KEY.tab, hidden, " and fo", shown, KEY.down_arrow)
    assert words == "a goldfish and fo"
    ui = window(open_window)
    words = typed(ui, "gol", KEY.tab, " and fo", KEY.down_arrow, KEY.enter, ", tig")
    assert words == "goldfish and red fox, tig"
    ui = window(open_window)
    assert typed(ui, "tig", KEY.up_arrow, KEY.enter, hidden, " x") == "tiger shark x"
    assert ui.said == []


@pytest.mark.display
def test_a_whole_name_leaves_enter_and_tab_alone(open_window: Open) -> None:
    ui = window(open_window)
    gone = listed(ui, False)
    assert typed(ui, "tiger", listed(ui, True), KEY.enter, gone, "x") == "tiger"
    ui = window(open_window)
    assert typed(ui, "tiger", KEY.down_arrow, KEY.down_arrow, KEY.enter) == "tiger cat"


@pytest.mark.display
def test_the_mouse_takes_a_name(open_window: Open) -> None:
    ui = window(open_window)

    def click(c: Any) -> None:
        c.item_click("//##completion/##2")

    assert typed(ui, "fox", click, " and tench") == "grey fox and tench"


@pytest.mark.display
def test_nothing_is_offered_before_one_types_nor_for_prose(open_window: Open) -> None:
    ui = window(open_window)
    ui.app.session.edit(Recipe(text=TextPart((Prompt("gold"),))))
    assert typed(ui, listed(ui, False)) == "gold"
    ui = window(open_window, "text")
    assert typed(ui, "gol", listed(ui, False)) == "gol"
