"""Words of the vocabulary go into the prompt, in place of another of their kind."""

from __future__ import annotations

import pytest
from imgui_bundle import imgui

from renderer.recipe.recipe import Prompt, Recipe, TextPart
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from tests.visualizer.fake import MODEL
from visualizer.session.state import State
from widgets.context import Options
from widgets.prompt.suggestions import found, taken_up

TIMES = ("at dawn", "at noon", "at dusk", "at (7.30)")
THINGS = ("tree", "pine tree", "house")


@pytest.mark.parametrize(
    ("prompt", "picked", "kind", "wanted"),
    [
        ("a house at noon by the sea", "at dusk", TIMES, "a house at dusk by the sea"),
        ("a house At Noon", "at dusk", TIMES, "a house at dusk"),
        ("a house", "at dusk", TIMES, "a house at dusk"),
        ("", "at dusk", TIMES, "at dusk"),
        ("a house at dusk", "at dusk", TIMES, "a house at dusk"),
        ("look at noontime", "at dawn", TIMES, "look at noontime at dawn"),
        ("at noon", "at (7.30)", TIMES, "at (7.30)"),
        ("a pine tree", "house", THINGS, "a house"),
        ("a tree and a tree", "house", THINGS, "a house and a tree"),
        ("a tree", "pine tree", THINGS, "a pine tree"),
    ],
)
def test_a_word_takes_the_place_of_one_of_its_kind(
    prompt: str, picked: str, kind: tuple[str, ...], wanted: str
) -> None:
    assert taken_up(prompt, picked, kind) == wanted


@pytest.mark.display
def test_a_chip_exchanges_the_time_of_day(open_window: Open) -> None:
    sections = ("Prompt", "Words this model knows")
    recipe = Recipe(text=TextPart((Prompt("a house at noon"),)))
    ui = open_window(state=State(recipe, Options(open_sections=sections)))
    topic, words = MODEL.vocabulary[0]
    ui(lambda c: c.item_click(f"**/{topic}/###{words.index('at night')}"))
    assert ui.recipe.text.prompts[0].text == "a house at night"


WORLD = (("Animals", ("cat", "dog", "polar bear")), ("Food", ("pear", "hot dog")))


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [
        ("", WORLD),
        ("  ", WORLD),
        ("DOG", (("Animals", ("dog",)), ("Food", ("hot dog",)))),
        ("ear", (("Animals", ("polar bear",)), ("Food", ("pear",)))),
        ("food", (("Food", ("pear", "hot dog")),)),
        ("sofa", ()),
    ],
)
def test_words_are_searched(wanted: str, kept: object) -> None:
    assert found(WORLD, wanted) == kept


def open_prompt(open_window: Open, text: str) -> Driver:
    """A window with this prompt, and the section that it is in."""
    recipe = Recipe(text=TextPart((Prompt(text),)))
    return open_window(state=State(recipe, Options(open_sections=("Prompt",))))


@pytest.mark.display
def test_the_button_writes_another_sentence_and_undo_takes_it_back(open_window: Open) -> None:
    ui = open_prompt(open_window, "mine")
    ui(lambda c: c.item_click("**/###surprise"))
    first = ui.recipe.text.prompts[0].text
    assert first != "mine"
    assert any(word in first for _, words in MODEL.vocabulary for word in words)
    ui(lambda c: c.key_press(imgui.Key.mod_ctrl | imgui.Key.z))
    assert ui.recipe.text.prompts[0].text == "mine"


@pytest.mark.display
def test_the_key_does_the_same_but_not_while_one_types(open_window: Open) -> None:
    ui = open_prompt(open_window, "mine")
    ui(lambda c: c.key_press(imgui.Key.mod_shift | imgui.Key.r))
    assert ui.recipe.text.prompts[0].text != "mine"
