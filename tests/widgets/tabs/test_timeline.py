"""The Timeline tab in the real window: keys added, dragged and deleted, scrubbing, its controls."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.files.video_settings import VideoSettings
from renderer.recipe.recipe import LatentPart, Recipe
from renderer.timeline.frame_rate import exact
from renderer.timeline.timeline import KeyFrame, Timeline, recipe_at
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from visualizer.instruments.timeline import Playback
from visualizer.session.state import State
from widgets.context import Options
from widgets.controls.timeline_view import SetTimeline, TimelineView

pytestmark = pytest.mark.display

Key, Right = imgui.Key, imgui.MouseButton_.right
TAB = "**/"
TWO = Timeline(
    (KeyFrame(0.0, Recipe(psi=0.0), "linear"), KeyFrame(2.0, Recipe(psi=1.0), "linear")), 4.0
)


@pytest.fixture
def ui(open_window: Open) -> Driver:
    """A window with the Timeline tab open and an old recipe, so that nothing greets."""
    return open_window(state=State(Recipe(psi=0.75), Options(drawer="Timeline")))


@pytest.fixture
def two(ui: Driver) -> Driver:
    """With two keys at 0 and 2 of 4 seconds."""
    ui.app.commands.do(SetTimeline(TWO))
    ui.frames(4)
    return ui


def seen(ui: Driver) -> TimelineView:
    """What the tab sees."""
    playback = ui.app.instrument(Playback)
    return next(view for view in playback.views(0.0) if isinstance(view, TimelineView))


def press(key: imgui.Key, shift: bool = False) -> Any:
    """A key over the picture."""

    def body(c: Any) -> None:
        c.mouse_move_to_pos((800, 200))
        if shift:
            c.key_down(Key.mod_shift)
        c.key_press(key)
        if shift:
            c.key_up(Key.mod_shift)

    return body


# -- keys ----------------------------------------------------------------------------------------


def test_an_empty_timeline_offers_the_first_key(ui: Driver) -> None:
    ui(lambda c: c.item_click(f"{TAB}{icons.ICON_FA_PLUS}  Add key frame"))
    assert seen(ui).timeline.times_s == (0.0,)
    assert seen(ui).timeline.keys[0].recipe.psi == 0.75


def test_keys_by_keyboard_and_undo(ui: Driver) -> None:
    ui(press(Key.k))
    ui.app.session.edit(Recipe(psi=0.5))
    ui(press(Key.k))
    assert [key.recipe.psi for key in seen(ui).timeline.keys] == [0.75, 0.5]
    ui.app.session.edit(Recipe(psi=0.25))
    ui(press(Key.k, shift=True))
    assert [key.recipe.psi for key in seen(ui).timeline.keys] == [0.75, 0.25]
    ui(lambda c: c.item_click(f"{TAB}###undo"))
    assert [key.recipe.psi for key in seen(ui).timeline.keys] == [0.75, 0.5]
    ui(lambda c: c.item_click(f"{TAB}###redo"))
    assert [key.recipe.psi for key in seen(ui).timeline.keys] == [0.75, 0.25]


def test_typing_k_or_space_into_a_prompt_is_only_text(ui: Driver) -> None:
    def body(c: Any) -> None:
        c.item_click("**/prompt0/##text")
        c.key_chars("k k")

    before = seen(ui)
    ui(body)
    assert ui.recipe.text.prompts[0].text == "k k"
    assert seen(ui) == before


def test_dragging_a_diamond_or_its_picture_moves_the_key(two: Driver) -> None:
    width = lane_width(two)
    two(lambda c: c.item_drag_with_delta(f"{TAB}diamond 1", (width / 4, 0)))
    assert seen(two).timeline.times_s == pytest.approx((0.0, 3.0), abs=0.05)
    two(lambda c: c.item_drag_with_delta(f"{TAB}key 1", (-width / 2, 0)))
    assert seen(two).timeline.times_s == pytest.approx((0.0, 1.0), abs=0.1)
    assert two.recipe.psi == 0.75  # a drag goes nowhere
    two(lambda c: c.item_drag_with_delta(f"{TAB}diamond 0", (width / 2, 0)))
    assert [key.recipe.psi for key in seen(two).timeline.keys] == [1.0, 0.0]


def lane_width(ui: Driver) -> float:
    """The width of the whole timeline in pixels."""
    found = []
    ui(lambda c: found.append(c.item_info(f"{TAB}ruler").rect_full.get_width()))
    return found[0]


def test_a_click_on_a_key_goes_there(two: Driver) -> None:
    two(lambda c: c.item_click(f"{TAB}key 1"))
    assert (seen(two).position_s, two.recipe.psi) == (2.0, 1.0)
    two(lambda c: c.item_click(f"{TAB}diamond 0"))
    assert (seen(two).position_s, two.recipe.psi) == (0.0, 0.0)
    two(lambda c: c.item_double_click(f"{TAB}key 1"))
    assert seen(two).position_s == 2.0


def test_the_menu_of_a_key(two: Driver) -> None:
    def choose(entry: str) -> Any:
        def body(c: Any) -> None:
            c.item_click(f"{TAB}key 1", Right)
            c.item_click(f"//$FOCUSED/{entry}")

        return body

    found: list[int] = []

    def count(c: Any) -> None:
        c.item_click(f"{TAB}diamond 1", Right)
        items = imgui.test_engine.TestItemList()
        c.gather_items(items, "//$FOCUSED")
        found.append(items.get_size())
        c.key_press(Key.escape)

    two(count)
    assert found == [9]  # each entry once, though the key has two handles
    two(choose("###hold"))
    assert [key.easing for key in seen(two).timeline.keys] == ["linear", "hold"]
    two(choose("Replace with current picture"))
    assert seen(two).timeline.keys[1].recipe.psi == 0.75
    two(choose("Duplicate"))
    assert [key.easing for key in seen(two).timeline.keys] == ["linear", "hold", "hold"]
    assert seen(two).timeline.times_s == (0.0, 2.0, 4.0)
    two(choose("Delete"))
    assert seen(two).timeline.times_s == (0.0, 4.0)


def test_the_curve_between_two_keys_offers_easings(two: Driver) -> None:
    def body(c: Any) -> None:
        c.item_click(f"{TAB}easing 0")
        c.item_click("//$FOCUSED/###out")

    two(body)
    assert seen(two).timeline.keys[0].easing == "out"


def test_deleting_the_key_at_the_playhead(two: Driver) -> None:
    two(lambda c: c.item_click(f"{TAB}key 1"))
    two(lambda c: c.item_click(f"{TAB}###delete"))
    assert seen(two).timeline.times_s == (0.0,)


# -- the playhead --------------------------------------------------------------------------------


def test_scrubbing_on_the_ruler_shows_what_is_there_while_the_mouse_moves(two: Driver) -> None:
    before, start = len(two.thread.submitted), two.recipe

    def body(c: Any) -> None:
        rect = c.item_info(f"{TAB}ruler").rect_full
        c.mouse_move_to_pos((rect.min.x + 2, rect.min.y + 4))
        c.mouse_down(0)
        for step in range(1, 9):
            x = rect.min.x + rect.get_width() * step / 16
            c.mouse_move_to_pos((x, rect.min.y + 4))
        c.mouse_up(0)

    two(body)
    assert len({recipe.psi for recipe in two.thread.submitted[before:]}) > 4
    assert seen(two).position_s == pytest.approx(2.0, abs=0.05)
    shown = recipe_at(seen(two).timeline, seen(two).position_s)
    assert two.recipe.psi == shown.psi
    two.app.session.document.undo()
    assert two.recipe == start  # one step


def test_space_plays_and_pauses_also_after_a_button_was_clicked(two: Driver) -> None:
    two(lambda c: c.item_click(f"{TAB}###ahead"))
    two(press(Key.space))
    assert seen(two).playing
    two(press(Key.space))
    assert not seen(two).playing
    two(lambda c: c.item_click(f"{TAB}###play"))
    assert seen(two).playing
    two(press(Key.space))
    assert not seen(two).playing


def test_steps_and_auto_key(two: Driver) -> None:
    two(lambda c: c.item_click(f"{TAB}###ahead"))
    assert seen(two).position_s == 2.0
    two(lambda c: c.item_click(f"{TAB}###back"))
    assert seen(two).position_s == 0.0
    two(lambda c: c.item_click(f"{TAB}###auto"))
    two(lambda c: c.item_drag_with_delta("**/Psi/##track", (60, 0)))
    assert two.recipe.psi != 0.0
    assert seen(two).timeline.keys[0].recipe.psi == two.recipe.psi


# -- the whole timeline --------------------------------------------------------------------------


def test_loop_speed_and_length(two: Driver) -> None:
    def set_all(c: Any) -> None:
        c.item_click(f"{TAB}loop/{icons.ICON_FA_ARROW_RIGHT}")
        c.item_click(f"{TAB}speed/2×")
        c.key_down(Key.mod_ctrl)
        c.item_click(f"{TAB}Length/##track")
        c.key_up(Key.mod_ctrl)
        c.key_chars_replace_enter("7.5")

    two(set_all)
    view = seen(two)
    assert (view.timeline.loop, view.speed, view.timeline.length_s) == ("once", 2.0, 7.5)


def test_more_for_the_whole_timeline(two: Driver) -> None:
    def choose(entry: str) -> Any:
        def body(c: Any) -> None:
            c.item_click(f"{TAB}###whole")
            c.item_click(f"//$FOCUSED/{entry}")

        return body

    two(choose("Twice as long"))
    assert (seen(two).timeline.times_s, seen(two).timeline.length_s) == ((0.0, 4.0), 8.0)
    two(choose("Half as long"))
    assert seen(two).timeline == TWO
    two(choose("Remove all key frames"))
    assert seen(two).timeline.keys == ()
    two(lambda c: c.item_click(f"{TAB}Undo"))
    assert seen(two).timeline == TWO


def test_the_form_of_a_clip_is_chosen_in_a_popup(two: Driver) -> None:
    def body(c: Any) -> None:
        c.item_click(f"{TAB}###export")
        c.item_click("//$FOCUSED/Format/Format/GIF")
        c.item_click("//$FOCUSED/Size/Size/128 px")
        c.item_click("//$FOCUSED/Enlarge/Enlarge/Smooth")
        c.key_down(Key.mod_ctrl)
        c.item_click("//$FOCUSED/Frames/##track")
        c.key_up(Key.mod_ctrl)
        c.key_chars_replace_enter("12")

    two(body)
    assert seen(two).form == VideoSettings("gif", scale=2, smooth=True)
    assert seen(two).timeline.fps == 12

    def television(c: Any) -> None:
        c.item_click(f"{TAB}###export")
        c.key_down(Key.mod_ctrl)
        c.item_click("//$FOCUSED/Frames/##track")
        c.key_up(Key.mod_ctrl)
        c.key_chars_replace_enter("29.97")

    two(television)
    two.frames(3)  # the slider draws it, and leaves it as it is
    assert exact(seen(two).timeline.fps) == Fraction(30000, 1001)


def test_a_clip_can_have_any_width_and_height(two: Driver) -> None:
    def body(c: Any) -> None:
        c.item_click(f"{TAB}###export")
        c.item_click("//$FOCUSED/Size/Size/1080p")
        c.item_click("//$FOCUSED/Framing/Framing/Fill")
        c.key_down(Key.mod_ctrl)
        c.item_click("//$FOCUSED/Width/##track")
        c.key_up(Key.mod_ctrl)
        c.key_chars_replace_enter("1235")
        c.key_press(Key.escape)

    def back(c: Any) -> None:
        c.item_click(f"{TAB}###export")
        c.item_click("//$FOCUSED/Size/Size/64 px")

    two(body)
    assert seen(two).form == VideoSettings(size=(1234, 1080), fit="fill", smooth=True)
    two(back)
    assert seen(two).form == VideoSettings(fit="fill", smooth=True)


# -- what it costs -------------------------------------------------------------------------------


def test_what_the_lane_shows_is_wished_for_only_while_it_is_open(
    two: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    places: list[float] = []
    original = two.app.previews.get

    def get(recipe: Recipe, size_px: int) -> Any:
        if recipe.latent.seed == 4000:
            places.append(recipe.latent.position)
        return original(recipe, size_px)

    monkeypatch.setattr(two.app.previews, "get", get)
    ends = (Recipe(latent=LatentPart(4000)), Recipe(latent=LatentPart(6000)))
    keys = tuple(KeyFrame(2.0 * i, recipe) for i, recipe in enumerate(ends))
    two.app.commands.do(SetTimeline(Timeline(keys)))
    two.frames(2)
    assert 0.0 in places  # the key itself, and what lies between
    assert any(0.0 < place < 1.0 for place in places)
    two.app.session.options = replace(two.app.session.options, drawer="")
    two.frames(2)
    places.clear()
    two.frames(3)
    assert places == []


def test_a_narrow_window_wraps_the_controls(two: Driver) -> None:
    two.app.session.options = replace(two.app.session.options, sidebar_em=42.0)
    two.frames(3)
    two(lambda c: c.item_click(f"{TAB}###whole"))
    two(lambda c: c.key_press(Key.escape))
    two(lambda c: c.item_click(f"{TAB}###export"))
