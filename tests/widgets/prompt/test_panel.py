"""Prompt rows in the real window: many of them, moved, muted, copied, compared, and cut."""

from __future__ import annotations

from typing import Any

import pytest
from imgui_bundle import imgui

from renderer.frame.frame import TokenCount
from renderer.recipe.identity import unhashed
from renderer.recipe.recipe import Prompt, Recipe, TextPart
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from visualizer.session.state import State
from widgets.context import Options
from widgets.picture.compare import ComparisonView
from widgets.prompt.panel import arranged, moved
from widgets.prompt.row import alone
from widgets.prompt.token_meter import KEPT_SHOWN, LOST_SHOWN, fallen, head, pieces, tail

Key = imgui.Key
ABC = tuple(Prompt(words) for words in ("a", "b", "c"))
EMOJI = "🏠"


def with_prompts(open_window: Open, *prompts: Prompt) -> Driver:
    """A window with these prompts, and nothing else open."""
    options = Options(open_sections=("Prompt",))
    return open_window(state=State(Recipe(text=TextPart(prompts=prompts)), options))


def words(ui: Driver) -> list[str]:
    """The prompts from the first row to the last."""
    return [prompt.text for prompt in ui.recipe.text.prompts]


# -- the rows as values --------------------------------------------------------------------------


def test_rows_move_and_stay_within_the_list() -> None:
    assert [p.text for p in moved(ABC, 0, 2)] == ["b", "c", "a"]
    assert [p.text for p in moved(ABC, 2, 0)] == ["c", "a", "b"]
    assert moved(ABC, 0, -5) == ABC
    assert [p.text for p in moved(ABC, 1, 99)] == ["a", "c", "b"]


def test_the_last_row_is_emptied_rather_than_removed() -> None:
    assert arranged(ABC[:1], "remove", 0) == (Prompt(),)
    assert [p.text for p in arranged(ABC, "duplicate", 1)] == ["a", "b", "b", "c"]


def test_a_prompt_alone_counts_whole_and_needs_no_pad() -> None:
    recipe = Recipe(text=TextPart(prompts=(Prompt("a", 0.2), Prompt("b", 0.0))), psi=0.5)
    single = alone(recipe, 1)
    assert single.text == TextPart(prompts=(Prompt("b"),))
    assert single.psi == 0.5


# -- what falls off ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "cut_at", "lost"),
    [
        ("a house", None, ""),
        ("a house by the sea", 7, "by the sea"),
        ("日本の家と海", 4, "と海"),
        (EMOJI * 3, 2, EMOJI),
        ("short by now", 99, ""),
    ],
)
def test_what_falls_off_is_cut_at_the_character(text: str, cut_at: int | None, lost: str) -> None:
    assert fallen(text, TokenCount(5, 5, cut_at)) == lost


def test_what_is_shown_of_a_long_prompt_is_short() -> None:
    text = "word " * 2000
    assert len(tail(text)) <= KEPT_SHOWN + 1
    assert tail(text).startswith("…word")
    assert head(text).endswith("…")
    assert len(head(text)) <= LOST_SHOWN + 1
    assert tail("two words") == "two words"


def test_words_without_spaces_are_broken_into_pieces_and_nothing_is_lost() -> None:
    text = "海" * 100
    assert max(len(piece) for piece in pieces(text)) <= 15
    assert "".join(pieces(text)).replace(" ", "") == text
    assert "".join(pieces("a red house")) == "a red house "
    assert pieces("") == []


@pytest.mark.display
@pytest.mark.parametrize("text", ["wörter " * 1500, "海" * 300 + " 😀" * 90, "x" * 200 + " y" * 90])
def test_long_prompts_are_drawn_with_what_falls_off(open_window: Open, text: str) -> None:
    ui = with_prompts(open_window, Prompt(text), Prompt("short"))
    ui.frames(4)
    assert ui.app.session.frame is not None
    assert ui.app.session.frame.tokens[0].cut_at is not None
    heights = ui.app.layout.prompt.heights
    assert heights[0] > heights[1] + 20  # the words that fall off stand below the first
    assert ui.said == []


# -- rows in the window --------------------------------------------------------------------------


@pytest.mark.display
def test_a_new_row_takes_what_is_typed_next(open_window: Open) -> None:
    ui = with_prompts(open_window, Prompt("a"))

    def body(c: Any) -> None:
        c.item_click("**/###add")
        c.yield_(3)
        c.key_chars("a boat")
        c.yield_(2)

    ui(body)
    assert words(ui) == ["a", "a boat"]


@pytest.mark.display
def test_rows_are_copied_moved_and_emptied_from_their_menu(open_window: Open) -> None:
    ui = with_prompts(open_window, *ABC)

    def choose(row: int, entry: str) -> None:
        def body(c: Any) -> None:
            c.item_click(f"**/prompt{row}/###more")
            c.item_click(f"//$FOCUSED/{entry}")

        ui(body)

    choose(2, "Duplicate")
    assert words(ui) == ["a", "b", "c", "c"]
    choose(2, "Move up")
    assert words(ui) == ["a", "c", "b", "c"]
    choose(0, "Move down")
    assert words(ui) == ["c", "a", "b", "c"]
    choose(1, "Empty")
    assert words(ui) == ["c", "", "b", "c"]


@pytest.mark.display
def test_a_muted_row_comes_back_with_its_weight(open_window: Open) -> None:
    ui = with_prompts(open_window, Prompt("a"), Prompt("b", 0.7))
    ui(lambda c: c.item_click("**/prompt1/###mute"))
    assert [p.weight for p in ui.recipe.text.prompts] == [1.0, 0.0]
    ui(lambda c: c.item_click("**/prompt1/###mute"))
    assert [p.weight for p in ui.recipe.text.prompts] == [1.0, 0.7]


@pytest.mark.display
def test_a_row_is_dragged_by_its_handle_in_one_step_of_undo(open_window: Open) -> None:
    ui = with_prompts(open_window, *ABC)
    below = sum(ui.app.layout.prompt.heights[i] + 8 for i in (0, 1))
    ui(lambda c: c.item_drag_with_delta("**/prompt0/grip", (0, below)))
    assert words(ui) == ["b", "c", "a"]
    ui.app.session.document.undo()
    assert words(ui) == ["a", "b", "c"]


@pytest.mark.display
def test_two_hundred_rows_scroll_in_a_frame_of_their_own(open_window: Open) -> None:
    ui = with_prompts(open_window, *(Prompt(f"prompt {i}") for i in range(200)))
    ui.frames(3)
    panel = ui.app.layout.prompt
    assert len(panel.spans) < 30  # what is in sight, and next to it
    ui(lambda c: c.item_click("**/###add"))
    assert len(ui.recipe.text.prompts) == 201
    ui.frames(2)
    assert 200 in panel.spans  # it has been scrolled to

    def body(c: Any) -> None:
        c.item_click("**/prompt200/##text")
        c.key_chars("the last")
        c.yield_(2)

    ui(body)
    assert words(ui)[-1] == "the last"
    ui(lambda c: c.item_click("**/prompt200/###remove"))
    assert len(ui.recipe.text.prompts) == 200


@pytest.mark.display
def test_a_row_that_is_typed_in_keeps_the_keyboard_out_of_sight(open_window: Open) -> None:
    ui = with_prompts(open_window, *(Prompt(f"prompt {i}") for i in range(60)))

    def body(c: Any) -> None:
        c.item_click("**/prompt0/##text")
        c.yield_(2)
        c.mouse_wheel_y(-30)
        c.yield_(2)
        assert not 0 < ui.app.layout.prompt.spans[0][1] < 800  # scrolled away, drawn all the same
        c.key_press(Key.end)
        c.key_chars("!")
        c.yield_(2)

    ui(body)
    assert words(ui)[0] == "prompt 0!"


@pytest.mark.display
def test_two_prompts_are_compared_side_by_side(open_window: Open) -> None:
    ui = with_prompts(open_window, *ABC)

    def body(c: Any) -> None:
        c.item_click("**/prompt0/###more")
        c.set_ref("//$FOCUSED")
        c.menu_click("Compare with/###with2")

    ui(body)
    view = comparison(ui)
    assert view.on
    assert view.a is not None and view.b is not None
    assert [p.text for p in unhashed(view.a).text.prompts] == ["a"]
    assert [p.text for p in unhashed(view.b).text.prompts] == ["c"]


@pytest.mark.display
def test_the_picture_of_now_is_kept_as_a_while_one_edits_on(open_window: Open) -> None:
    ui = with_prompts(open_window, Prompt("a house"))

    def body(c: Any) -> None:
        c.item_click("**/prompt0/###more")
        c.item_click("//$FOCUSED/Keep as A, continue editing as B")
        c.item_click("**/prompt0/##text")
        c.key_press(Key.end)
        c.key_chars(" at night")
        c.yield_(2)

    ui(body)
    view = comparison(ui)
    assert view.on
    assert view.a is not None
    assert view.a.text.prompts[0].text == "a house"
    assert view.b is None
    assert words(ui) == ["a house at night"]


def comparison(ui: Driver) -> ComparisonView:
    """What is compared."""
    views = (view for instrument in ui.app.instruments for view in instrument.views(0.0))
    return next(view for view in views if isinstance(view, ComparisonView))


@pytest.mark.display
def test_a_box_that_was_left_takes_other_words_without_losing_its_cursor(open_window: Open) -> None:
    ui = with_prompts(open_window, Prompt("a long prompt"))
    item: list[int] = []

    def type_and_leave(c: Any) -> None:
        c.item_click("**/prompt0/##text")
        item.append(imgui.internal.get_active_id())
        c.key_chars("!")
        c.key_press(Key.escape)

    ui(type_and_leave)
    assert imgui.internal.get_active_id() == 0
    ui.app.session.edit(Recipe(text=TextPart((Prompt("short"),))))
    ui.frames(2)
    state = imgui.internal.get_input_text_state(item[0])
    assert state is not None
    assert state.get_cursor_pos() <= state.text_len

    def go_on(c: Any) -> None:
        c.item_click("**/prompt0/##text")
        c.key_press(Key.end)
        c.key_chars("er")

    ui(go_on)
    assert words(ui) == ["shorter"]
