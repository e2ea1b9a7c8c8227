"""The panels in the real window: clicked, dragged and typed into as a user does."""

from __future__ import annotations

from typing import Any

import pytest
from imgui_bundle import imgui

from renderer.recipe.recipe import LatentPart, NoisePart, Recipe
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from visualizer.session.state import State
from widgets.context import Options

pytestmark = pytest.mark.display

Key, Right = imgui.Key, imgui.MouseButton_.right
PSI = "**/Psi/##track"


def opened(*sections: str) -> State:
    """A state in which just these sections are open."""
    return State(Recipe(), Options(open_sections=sections))


def type_value(c: Any, item: str, text: str) -> None:
    """Ctrl-click a slider and type a value."""
    c.key_down(Key.mod_ctrl)
    c.item_click(item)
    c.key_up(Key.mod_ctrl)
    c.key_chars_replace_enter(text)


def reset(c: Any, item: str) -> None:
    """Reset a control by its menu."""
    c.item_click(item, Right)
    c.item_click("//$FOCUSED/Reset")


# -- truncation and every slider -----------------------------------------------------------------


def test_dragging_psi_changes_the_recipe_while_the_mouse_is_down(ui: Driver) -> None:
    before = len(ui.thread.submitted)
    ui(lambda c: c.item_drag_with_delta(PSI, (-60, 0)))
    assert ui.recipe.psi < 1.0
    assert len(ui.thread.submitted) > before


def test_a_drag_is_one_step_of_undo(ui: Driver) -> None:
    start = ui.recipe

    def drag(c: Any) -> None:
        c.mouse_move(PSI)
        c.mouse_down(0)
        for x in range(8):
            position = imgui.get_io().mouse_pos
            c.mouse_move_to_pos((position.x + 8 + x, position.y))
        c.mouse_up(0)

    ui(drag)
    assert len({recipe.psi for recipe in ui.thread.submitted}) > 3
    ui.app.session.document.undo()
    assert ui.recipe == start


def test_two_drags_are_two_steps(ui: Driver) -> None:
    ui(lambda c: c.item_drag_with_delta(PSI, (-60, 0)))
    first = ui.recipe
    ui(lambda c: c.item_drag_with_delta(PSI, (90, 0)))
    ui.app.session.document.undo()
    assert ui.recipe == first


def test_a_right_click_offers_to_reset_a_slider(ui: Driver) -> None:
    ui(lambda c: c.item_drag_with_delta(PSI, (-60, 0)))
    ui(lambda c: reset(c, PSI))
    assert ui.recipe.psi == 1.0


def test_the_reset_at_the_row_s_end_resets(ui: Driver) -> None:
    ui(lambda c: type_value(c, PSI, "0.25"))
    ui(lambda c: c.item_click("**/Psi/###reset"))
    assert ui.recipe.psi == 1.0


def test_a_typed_value_is_taken_also_beyond_the_slider_s_ends(ui: Driver) -> None:
    ui(lambda c: type_value(c, PSI, "0,55"))
    assert ui.recipe.psi == 0.55
    ui(lambda c: type_value(c, PSI, "7"))
    assert ui.recipe.psi == 7.0


@pytest.mark.parametrize("text", ["nan", "inf", "1e9", "words", ""])
def test_a_typed_value_that_makes_no_sense_is_refused_with_a_sentence(
    ui: Driver, text: str
) -> None:
    ui(lambda c: type_value(c, PSI, "0.4"))
    ui(lambda c: type_value(c, PSI, text))
    assert ui.recipe.psi == 0.4
    assert ui.app._entry.refusal.endswith(".")
    assert ui.app._entry.item == 0


def test_escape_leaves_the_typed_value_and_the_window_open(ui: Driver) -> None:
    def body(c: Any) -> None:
        c.key_down(Key.mod_ctrl)
        c.item_click(PSI)
        c.key_up(Key.mod_ctrl)
        c.key_chars_replace("0.1")
        c.key_press(Key.escape)
        c.key_press(Key.escape)

    ui(body)
    assert ui.recipe.psi == 1.0
    assert not ui.window.wants_close


def test_a_click_on_a_mark_goes_there(ui: Driver) -> None:
    ui(lambda c: c.item_click("**/Psi/0 average"))
    assert ui.recipe.psi == 0.0


# -- prompt --------------------------------------------------------------------------------------

TEXT = "**/prompt0/##text"


def prompts(ui: Driver) -> list[str]:
    """The first prompt of every recipe that was submitted."""
    return [recipe.text.prompts[0].text for recipe in ui.thread.submitted]


@pytest.mark.parametrize("words", ["a boat", "日本の家", "дом é 😀🏠", "بيت"])
def test_every_keystroke_is_a_new_picture(open_window: Open, words: str) -> None:
    ui = open_window(state=opened("Prompt"))

    def body(c: Any) -> None:
        c.item_click(TEXT)
        for character in words:
            c.key_chars(character)
            c.yield_(2)

    ui(body)
    typed = prompts(ui)
    for end in range(1, len(words) + 1):
        assert words[:end] in typed
    assert ui.recipe.text.prompts[0].text == words


def test_a_burst_of_typing_is_undone_at_once_while_the_box_has_the_keyboard(
    open_window: Open,
) -> None:
    ui = open_window(state=opened("Prompt"))

    def body(c: Any) -> None:
        c.item_click(TEXT)
        c.key_chars("house")
        c.yield_(2)
        c.key_press(Key.z | Key.mod_ctrl)
        c.yield_(4)
        c.key_chars("boat")
        c.yield_(2)

    ui(body)
    assert ui.recipe.text.prompts[0].text == "boat"


def test_pasted_lines_become_one(open_window: Open) -> None:
    ui = open_window(state=opened("Prompt"))

    def body(c: Any) -> None:
        c.item_click(TEXT)
        imgui.set_clipboard_text("a\r\nred\nhouse\n")
        c.key_press(Key.v | Key.mod_ctrl)
        c.yield_(3)
        c.key_chars("by the sea")

    ui(body)
    assert ui.recipe.text.prompts[0].text == "a red house by the sea"


@pytest.mark.parametrize("key", [Key.escape, Key.enter])
def test_leaving_the_box_keeps_what_was_typed(open_window: Open, key: imgui.Key) -> None:
    ui = open_window(state=opened("Prompt"))

    def body(c: Any) -> None:
        c.item_click(TEXT)
        c.key_chars("a house")
        c.key_press(key)
        c.yield_(2)
        c.key_press(Key.right_arrow)  # steps the seed now, for nobody types

    ui(body)
    assert ui.recipe.text.prompts[0].text == "a house"
    assert ui.recipe.latent.seed == 1


def test_closing_a_section_ends_what_is_typed_in_it(ui: Driver) -> None:
    def body(c: Any) -> None:
        c.key_down(Key.mod_ctrl)
        c.item_click(PSI)
        c.key_up(Key.mod_ctrl)
        c.key_chars("5")

    ui(body)
    ui.app._entry.item = 12345  # as if that item were never drawn again
    ui.frames(8)
    assert ui.app._entry.item == 0


def test_ten_thousand_characters_are_taken(open_window: Open) -> None:
    ui = open_window(state=opened("Prompt"))
    words = "wörter " * 1500

    def body(c: Any) -> None:
        c.item_click(TEXT)
        imgui.set_clipboard_text(words)
        c.key_press(Key.v | Key.mod_ctrl)
        c.yield_(4)

    ui(body)
    assert ui.recipe.text.prompts[0].text == words


def test_an_example_becomes_the_prompt(open_window: Open) -> None:
    ui = open_window(state=opened("Prompt"))
    ui(lambda c: c.item_click("**/examples/a boat on the sea at night###2"))
    assert ui.recipe.text.prompts[0].text == "a boat on the sea at night"


def test_a_known_word_is_added_to_the_prompt(open_window: Open) -> None:
    ui = open_window(state=opened("Prompt", "Words this model knows"))
    ui(lambda c: c.item_click("**/examples/a red house at sunset###0"))
    ui(lambda c: c.item_click("**/style/neon###5"))
    assert ui.recipe.text.prompts[0].text == "a red house at sunset neon"


def test_rows_are_added_weighed_and_removed(open_window: Open) -> None:
    ui = open_window(state=opened("Prompt"))
    ui(lambda c: c.item_click("**/###add"))
    ui(lambda c: type_value(c, "**/prompt1/##track", "-0.5"))
    assert [prompt.weight for prompt in ui.recipe.text.prompts] == [1.0, -0.5]
    ui(lambda c: c.item_click("**/Slerp"))
    ui(lambda c: c.item_click("**/Normalise"))
    assert ui.recipe.text.blend == "slerp"
    assert not ui.recipe.text.normalize
    ui(lambda c: c.item_click("**/prompt0/###remove"))
    assert [prompt.weight for prompt in ui.recipe.text.prompts] == [-0.5]


# -- latent, noise, transform --------------------------------------------------------------------


def test_the_seed_steps_and_is_typed(open_window: Open) -> None:
    ui = open_window(state=opened("Latent"))
    ui(lambda c: c.item_click("**/Seed/###next"))
    ui(lambda c: c.item_click("**/Seed/###next"))
    assert ui.recipe.latent.seed == 2
    ui(lambda c: c.item_click("**/Seed/###previous"))
    assert ui.recipe.latent.seed == 1

    def body(c: Any) -> None:
        c.item_click("**/Seed/##seed")
        c.key_chars_replace_enter("987654321")

    ui(body)
    assert ui.recipe.latent.seed == 987654321


@pytest.mark.parametrize("text", ["-1", "1.5", "seed", str(2**63)])
def test_a_wrong_seed_is_refused(open_window: Open, text: str) -> None:
    ui = open_window(state=opened("Latent"))

    def body(c: Any) -> None:
        c.item_click("**/Seed/##seed")
        c.key_chars_replace_enter(text)

    ui(body)
    assert ui.recipe.latent.seed == 0
    assert ui.app._entry.refusal.endswith("was not used.")


def test_the_walk_and_swapping_its_ends(open_window: Open) -> None:
    ui = open_window(state=opened("Latent"))
    ui(lambda c: type_value(c, "**/Position/##track", "0.25"))
    ui(lambda c: c.item_click("**/###swap"))
    assert ui.recipe.latent == LatentPart(seed=1, target_seed=0, position=0.75)


def test_the_noise_s_seed_is_greyed_out_unless_it_matters(open_window: Open) -> None:
    ui = open_window(state=opened("Noise"))
    ui(lambda c: c.item_click("**/Seed/###next"))
    assert ui.recipe.noise == NoisePart()
    ui(lambda c: c.item_click("**/mode/Random"))
    ui(lambda c: c.item_click("**/Seed/###next"))
    assert ui.recipe.noise == NoisePart(mode="random", seed=1)


def test_the_content_is_turned_moved_and_zoomed(open_window: Open) -> None:
    ui = open_window(state=opened("Transform"))
    for name, value in (("Rotate", "30"), ("Right", "0.1"), ("Up", "-0.2"), ("Zoom", "2")):
        ui(lambda c, name=name, value=value: type_value(c, f"**/{name}/##track", value))
    part = ui.recipe.transform
    assert (part.rotate_deg, part.x, part.y, part.zoom) == (30.0, 0.1, -0.2, 2.0)
    ui(lambda c: type_value(c, "**/Zoom/##track", "0"))
    assert ui.recipe.transform.zoom == 2.0


# -- sections ------------------------------------------------------------------------------------


def test_a_section_opens_and_closes_and_that_is_kept(open_window: Open) -> None:
    ui = open_window(state=opened("Prompt"))
    ui(lambda c: c.item_click("**/Noise##header"))
    assert "Noise" in ui.app.session.options.open_sections
    ui(lambda c: c.item_click("**/Prompt##header"))
    assert "Prompt" not in ui.app.session.options.open_sections


def test_a_good_seed_takes_the_bubble_of_a_refused_one_away(open_window: Open) -> None:
    ui = open_window(state=opened("Latent"))

    def body(c: Any) -> None:
        for text in ("seed", "5"):
            c.item_click("**/Seed/##seed")
            c.key_chars_replace_enter(text)

    ui(body)
    assert ui.recipe.latent.seed == 5
    assert ui.app._entry.refusal and ui.app._entry.refused_until_s == 0.0


def test_a_good_number_takes_the_bubble_of_a_refused_one_away(ui: Driver) -> None:
    ui(lambda c: type_value(c, PSI, "words"))
    assert ui.app._entry.refused_until_s > 0.0
    ui(lambda c: type_value(c, PSI, "0.4"))
    assert ui.app._entry.refused_until_s == 0.0
