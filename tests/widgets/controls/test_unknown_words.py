"""Words that a model does not know are told below the box that they are typed in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from imgui_bundle import imgui

from renderer.recipe.recipe import Direction, MixingPart, MixSource, Pad, Prompt, Recipe, TextPart
from stylegan_t.config import DEMO
from stylegan_t.demo.built_in import SECOND
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from visualizer.session.state import State
from widgets.context import Options
from widgets.controls import unknown_words
from widgets.controls.unknown_words import (
    Piece,
    another_that_knows,
    exchanged,
    spoken,
    unknown_in,
)

UNTAUGHT = (("sofa", ("couch",)), ("cat", ()), ("日本", ()))
SOFA = "This model does not know “sofa”. Nearest: couch."
CAT = "This model does not know “cat”."


def sentence(unknown: Any) -> str:
    return "".join(piece.text for piece in spoken(unknown))


# -- as values -----------------------------------------------------------------------------------


def test_only_whole_words_of_the_text_are_told_in_its_order() -> None:
    assert [word for word, _ in unknown_in("A CAT, on the sofa! cat", UNTAUGHT)] == ["cat", "sofa"]
    assert unknown_in("cats and sofas, concatenated", UNTAUGHT) == ()
    assert unknown_in("日本, 日本の家", UNTAUGHT) == (("日本", ()),)
    assert unknown_in("", UNTAUGHT) == ()


def test_the_word_in_work_is_left_out_unless_it_stands_elsewhere_too() -> None:
    assert unknown_in("a cat", UNTAUGHT, 5) == ()
    assert unknown_in("a cat ", UNTAUGHT, 6) == (("cat", ()),)
    assert unknown_in("cat cat", UNTAUGHT, 7) == (("cat", ()),)


def test_what_is_told_is_one_short_sentence() -> None:
    assert sentence(UNTAUGHT[:1]) == SOFA
    assert sentence(UNTAUGHT[1:2]) == CAT
    two = "This model does not know “sofa” (nearest: couch) and “cat”."
    assert sentence(UNTAUGHT[:2]) == two
    many = tuple((f"{'x' * 100}{i}", ()) for i in range(200))
    assert len(sentence(many)) < 200
    assert sentence(many).endswith("and 196 more.")


def test_another_word_takes_the_place_of_the_whole_word_alone() -> None:
    words = "A Sofa, sofas and a SOFA: 日本"
    assert exchanged(words, "sofa", "couch") == "A Couch, sofas and a Couch: 日本"
    assert exchanged(words, "日本", r"\1") == r"A Sofa, sofas and a SOFA: \1"


def test_a_built_in_model_that_knows_more_is_found() -> None:
    assert another_that_knows(("cat", "zzyzx", "pizza"), DEMO) == (SECOND, ("cat", "pizza"))
    assert another_that_knows(("zzyzx",), DEMO)[1] == ()
    assert another_that_knows(("cat",), SECOND)[1] == ()
    assert another_that_knows(("cat",), "/models/mine.pkl")[1] == ()


# -- in the window -------------------------------------------------------------------------------


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What the hints of the last frames say."""
    shown: list[str] = []

    def noted(found: Any) -> list[Piece]:
        shown.append(sentence(found))
        return spoken(found)

    monkeypatch.setattr(unknown_words, "spoken", noted)
    yield shown


def shown_now(ui: Driver, told: list[str]) -> list[str]:
    told.clear()
    ui.frames(1)
    return list(told)


def window(open_window: Open, text: TextPart, *more: str, recipe: Recipe | None = None) -> Driver:
    wanted = recipe or Recipe(text=text)
    return open_window(state=State(wanted, Options(open_sections=("Prompt", *more))))


@pytest.mark.display
def test_every_row_tells_its_own_words_with_a_pad_too(open_window: Open, told: list[str]) -> None:
    rows = tuple(Prompt(words) for words in ("a sofa", "a house", "a cat", "日本"))
    ui = window(open_window, TextPart(rows, pad=Pad()))
    assert shown_now(ui, told) == [SOFA, CAT, "This model does not know “日本”."]
    heights = ui.app.layout.prompt.heights
    assert heights[0] > heights[1] + 8


@pytest.mark.display
def test_both_ends_of_a_direction_and_the_neutral_text_are_told(
    open_window: Open, told: list[str]
) -> None:
    text = TextPart(directions=(Direction("name", "a sofa", "a cat"),), neutral="the cat")
    ui = window(open_window, text, "Directions", "Text strength")
    ui.app.layout.prompt.directions.opened = 0
    assert shown_now(ui, told) == [SOFA, CAT, CAT]


@pytest.mark.display
def test_the_words_of_a_mixing_source_are_told(open_window: Open, told: list[str]) -> None:
    recipe = Recipe(mixing=MixingPart((MixSource(prompt="a cat"),)))
    ui = open_window(state=State(recipe, Options(open_sections=("Mixing",))))
    assert shown_now(ui, told) == [CAT]


@pytest.mark.display
def test_a_word_is_told_once_it_is_written_and_not_letter_by_letter(
    open_window: Open, told: list[str]
) -> None:
    now_s = [100.0]
    options = Options(open_sections=("Prompt",))
    ui = open_window(
        state=State(Recipe(text=TextPart((Prompt("a red"),))), options), clock=lambda: now_s[0]
    )

    seen: list[list[str]] = []

    def body(c: Any) -> None:
        def look() -> None:
            c.yield_(3)
            told.clear()
            c.yield_(1)
            seen.append(list(dict.fromkeys(told)))

        c.item_click("**/prompt0/##text")
        c.key_press(imgui.Key.end)
        c.key_chars(" cat")
        look()
        now_s[0] += unknown_words.SETTLED_S + 0.1
        look()
        c.key_chars(" on")
        look()

    ui(body)
    assert ui.recipe.text.prompts[0].text == "a red cat on"
    # While it is written; when the keyboard rests; while another word is written.
    assert seen == [[], [CAT], [CAT]]
    assert ui.said == []


@pytest.mark.display
def test_a_click_on_a_nearest_word_writes_it_in_one_step_of_undo(open_window: Open) -> None:
    before = "a red sofa and a cat"
    ui = window(open_window, TextPart((Prompt(before), Prompt("a sofa"))))
    links: list[str] = []

    def body(c: Any) -> None:
        c.item_click("**/prompt0/##text")
        c.key_press(imgui.Key.end)
        links.extend(name for name in ("couch", "sofa") if c.item_exists(f"**/prompt0/sofa/{name}"))
        c.item_click("**/prompt0/sofa/couch")
        c.yield_(3)

    ui(body)
    assert links == ["couch"]
    assert [prompt.text for prompt in ui.recipe.text.prompts] == ["a red couch and a cat", "a sofa"]
    ui.app.session.document.undo()
    assert ui.recipe.text.prompts[0].text == before
    assert not ui.app.session.document.can_undo


@pytest.mark.display
def test_a_click_opens_the_model_that_knows_the_word(open_window: Open) -> None:
    ui = window(open_window, TextPart((Prompt("a cat"),)))
    ui.until(lambda: ui.app.session.frame is not None)
    ui(lambda c: c.item_click(f"**/{unknown_words.OPEN}"))
    assert ui.recipe.model.path == SECOND
    session = ui.app.session
    ui.until(lambda: session.frame and session.frame.recipe.model.path == SECOND)
