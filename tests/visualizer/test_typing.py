"""Real keys in the real window: what is text, what is a command, on other keyboards too."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.recipe.recipe import Pad, Prompt, Recipe, TextPart
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from tests.visualizer.typing import (
    hand,
    handle,
    layout,
    pass_time,
    picture_on_clipboard,
    strike,
    type_text,
)
from visualizer.session.state import State
from widgets import actions
from widgets.chrome.shortcuts import MISSED
from widgets.context import Options
from widgets.controls.live_text_box import plain
from widgets.letters import PAUSE_S, SILENCE_S
from widgets.picture.compare import ComparisonView

pytestmark = [
    pytest.mark.display,
    pytest.mark.skipif(os.name == "nt", reason="Windows has no X server"),
    pytest.mark.skipif(shutil.which("xdotool") is None, reason="xdotool is not installed"),
]
TEXT = "**/prompt0/##text"
RESET = "Psi/###reset"


@pytest.fixture
def plain_keyboard() -> Iterator[None]:
    """Whatever layout a test chooses, the next one has the usual one."""
    yield
    layout("us")


def prompts(ui: Driver) -> list[str]:
    """The words of the rows."""
    return [prompt.text for prompt in ui.recipe.text.prompts]


def opened(open_window: Open, text: TextPart | None = None) -> Driver:
    """A window with the keyboard, and nothing but the prompts open."""
    recipe = Recipe(text=text or TextPart((Prompt("a boat"),)))
    ui = open_window(state=State(recipe, Options(open_sections=("Prompt",))))
    handle(ui)
    return ui


def compares(ui: Driver) -> bool:
    """Whether A and B are compared."""
    views = [view for one in ui.app.instruments for view in one.views(0.0)]
    return next(view for view in views if isinstance(view, ComparisonView)).on


def click(ui: Driver, item: str, right: int | None = None) -> None:
    """Click with the window's own mouse: in the item's middle, or `right` of its left edge."""
    places: list[tuple[float, float]] = []

    def look(c: Any) -> None:
        box = c.item_info(item).rect_full
        x, y = box.get_center()
        places.append((x if right is None else box.min.x + right, y))

    ui(look)
    x, y = (str(round(place)) for place in places[0])
    window = handle(ui)
    for place in (("5", "5"), (x, y)):  # a mouse that is there already would not be heard of
        hand(ui, ["mousemove", "--window", window, *place])
    hand(ui, ["click", "1"])


def test_text_without_a_box_is_no_command(open_window: Open) -> None:
    ui = opened(open_window)
    before = ui.recipe
    type_text(ui, "a red house with k, m and t")
    pass_time(ui, 2 * PAUSE_S)
    assert ui.recipe == before
    assert not compares(ui)
    assert ui.app.session.options.tool == Options().tool
    assert MISSED in ui.said
    pass_time(ui, SILENCE_S)
    strike(ui, "r")
    assert ui.recipe.latent != before.latent


def test_text_with_one_finger_without_a_box_is_no_command(open_window: Open) -> None:
    ui = opened(open_window)
    before = ui.recipe
    type_text(ui, "a red m", delay_ms=700)
    assert ui.recipe == before
    assert not compares(ui)
    assert ui.app.session.options.tool == Options().tool
    assert MISSED in ui.said


def test_tab_passes_the_reset_arrows_by(open_window: Open) -> None:
    ui = open_window(state=State(Recipe(psi=0.5), Options(open_sections=("Truncation",))))
    handle(ui)
    items: dict[str, int] = {}

    def look(c: Any) -> None:
        items.update({name: c.item_info(f"**/{name}").id_ for name in ("Psi/##track", RESET)})

    ui(look)
    click(ui, "**/Psi/##track", 20)
    assert ui.recipe.psi not in (0.5, Recipe().psi)
    reached: list[int] = []
    for _ in range(4):
        reached.append(imgui.get_current_context().nav_id)
        strike(ui, "Tab")
    assert reached[0] == items["Psi/##track"]
    assert len(set(reached)) == 3  # the first Tab brings the frame
    assert items[RESET] not in reached


def test_a_single_letter_acts_before_another_could_follow(open_window: Open) -> None:
    ui = opened(open_window)
    before = ui.recipe
    strike(ui, "r")
    assert ui.app.session.document.can_undo
    assert ui.recipe.latent != before.latent


def test_a_click_just_beside_the_box_is_one_into_it(open_window: Open) -> None:
    ui = opened(open_window)
    click(ui, TEXT, -3)
    type_text(ui, " at night")
    ui.until(lambda: prompts(ui) == ["a boat at night"])


def test_a_new_corner_of_the_pad_has_the_keyboard(open_window: Open) -> None:
    ui = opened(open_window, TextPart((Prompt("a"), Prompt("b")), pad=Pad()))
    click(ui, "**/$$2/corner")
    strike(ui, "ctrl+a")
    type_text(ui, "a red house")
    ui.until(lambda: prompts(ui) == ["a", "b", "a red house"])


def test_a_direction_of_one_s_own_begins_in_its_box(open_window: Open) -> None:
    ui = opened(open_window)
    click(ui, "**/###direction")
    click(ui, "**/###own")
    type_text(ui, "a red house")
    ui.until(lambda: ui.recipe.text.directions[0].plus == "a red house")


def test_a_new_mixing_source_begins_in_its_words(open_window: Open) -> None:
    ui = open_window(state=State(Recipe(), Options(open_sections=("Mixing",))))
    handle(ui)
    before = ui.recipe
    click(ui, "**/###add source")
    type_text(ui, "a red house")
    ui.until(lambda: ui.recipe.mixing.sources[0].prompt == "a red house")
    assert replace(ui.recipe, mixing=before.mixing) == before


@pytest.mark.parametrize("name", ["us", "fr", "de"])
def test_keys_are_what_is_written_on_them(
    open_window: Open, name: str, plain_keyboard: None
) -> None:
    """On a French keyboard A is where Q is elsewhere, and Z where W is."""
    layout(name)
    ui = opened(open_window)
    before = ui.recipe
    strike(ui, "r")
    assert ui.recipe.latent != before.latent
    strike(ui, "ctrl+z")
    assert ui.recipe == before
    click(ui, TEXT)
    strike(ui, "ctrl+a")
    type_text(ui, "azqw")
    ui.until(lambda: prompts(ui) == ["azqw"])
    assert not ui.window.wants_close
    strike(ui, "Escape", "ctrl+q")
    assert ui.window.wants_close


@pytest.mark.parametrize(
    ("name", "chord", "larger"),
    [
        ("us", "ctrl+plus", True),
        ("us", "ctrl+equal", True),
        ("us", "ctrl+minus", False),
        ("us", "ctrl+KP_Add", True),
        ("us", "ctrl+KP_Subtract", False),
        ("fr", "ctrl+plus", True),
        ("fr", "ctrl+minus", False),
        ("de", "ctrl+plus", True),
        ("de", "ctrl+minus", False),
    ],
)
def test_plus_and_minus_zoom_wherever_they_are(
    open_window: Open, name: str, chord: str, larger: bool, plain_keyboard: None
) -> None:
    """A German keyboard has a key for "+", an American one has it above "="."""
    layout(name)
    ui = opened(open_window)
    before = ui.app.layout.picture.scale
    strike(ui, chord)
    after = ui.app.layout.picture.scale
    assert (after > before) if larger else (after < before)


@pytest.mark.parametrize("words", ["a house, " * 1200, "a 🏠 at 🌅, 日本の家", "two\r\nlines"])
def test_what_is_on_the_clipboard_is_pasted_whole(open_window: Open, words: str) -> None:
    ui = opened(open_window)
    click(ui, TEXT)
    imgui.set_clipboard_text(words)
    strike(ui, "ctrl+a", "ctrl+v")
    ui.until(lambda: prompts(ui) == [plain(words)])


def test_a_clipboard_without_text_changes_nothing(open_window: Open) -> None:
    ui = opened(open_window)
    before = ui.recipe
    click(ui, TEXT)
    with picture_on_clipboard():
        strike(ui, "ctrl+v")
        ui.app.commands.do(actions.PasteRecipe())
    assert ui.recipe == before
    assert "There is no recipe on the clipboard" in ui.said[-1]


def test_escape_takes_the_frame_of_tab_away_and_frames_no_panel(open_window: Open) -> None:
    ui = opened(open_window)
    click(ui, TEXT)
    strike(ui, "Tab")
    strike(ui, "Tab")
    io, walked = imgui.get_io(), imgui.get_current_context().nav_id
    assert io.nav_visible
    for _ in range(3):
        strike(ui, "Escape")
        assert not io.nav_visible
        assert imgui.get_current_context().nav_id == walked


def test_a_dialog_left_with_escape_leaves_no_frame_behind(open_window: Open) -> None:
    ui = opened(open_window)
    click(ui, TEXT)
    strike(ui, "Escape", "ctrl+o")
    assert ui.app._dialogs._browser is not None
    strike(ui, "Escape")
    assert ui.app._dialogs._browser is None
    assert not imgui.get_io().nav_visible
