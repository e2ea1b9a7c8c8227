"""The latent's section in the real window: map, travel, walk, components."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
import torch
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.frame.frame import LayerInfo
from renderer.frame.preview import Granted, Wish
from renderer.pipeline.latents import latent
from renderer.recipe.recipe import LatentPart, Morph, Move, Pad, Recipe
from renderer.recipe.seed_plane import PLANE
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from tests.visualizer.fake import MODEL, FakeThread
from tests.widgets.test_panels import reset
from visualizer.session.state import State
from widgets.context import Options
from widgets.latent.panel import BLEND, COMPONENTS, PATH
from widgets.latent.seed_map import COLUMNS, _way
from widgets.latent.travel_tool import SEEDS_A_PICTURE, place

pytestmark = pytest.mark.display
Key = imgui.Key
MAP, PICTURE = "**/map", "Picture/picture"
KEPT = (0.5, -0.25) * 32


def opened(part: LatentPart | None = None, *sections: str) -> State:
    """A state with just the latent's section open."""
    recipe = Recipe(latent=part or LatentPart(seed=5000))
    return State(recipe, Options(open_sections=("Latent", *sections)))


@dataclass(eq=False)
class Wishing(FakeThread):
    """Remembers every list of wishes; while `grants` is off it makes no previews."""

    wishes: list[list[Wish]] = field(default_factory=list)
    grants: bool = True

    def wish(self, wishes: Sequence[Wish]) -> None:
        """Remember, and take them."""
        if wishes:
            self.wishes.append(list(wishes))
        super().wish(wishes)

    def take_granted(self) -> list[Granted]:
        """A picture for each wish, or none yet."""
        return super().take_granted() if self.grants else []


def on_map(c: Any, right: float, down: float) -> tuple[float, float]:
    """Where a seed lies on the screen, counted from the map's middle."""
    box = c.item_info(MAP).rect_full
    tile = (box.max.x - box.min.x) / COLUMNS
    return (
        (box.min.x + box.max.x) / 2 + right * tile,
        (box.min.y + box.max.y) / 2 + down * tile,
    )


def click_seed(ui: Driver, c: Any, right: int, down: int) -> None:
    """Click a seed of the map, and let the map come to rest."""
    c.mouse_move_to_pos(on_map(c, right, down))
    c.mouse_click(0)
    c.yield_(2)
    while not ui.app.layout.latent.plane.rests:
        c.yield_()


# -- the map -------------------------------------------------------------------------------------


def test_a_click_on_the_map_goes_to_that_seed_and_the_map_follows(open_window: Open) -> None:
    ui = open_window(state=opened())
    for way, seed in (((1, 0), 5001), ((0, 1), 6001), ((-2, -1), 4999), ((0, 0), 4999)):
        ui(lambda c, way=way: click_seed(ui, c, *way))
        assert ui.recipe.latent == LatentPart(seed=seed)
    ui.app.session.document.undo()
    assert ui.recipe.latent.seed == 6001


def test_a_click_takes_the_seed_that_was_pressed_although_the_map_was_gliding(
    open_window: Open,
) -> None:
    now_s = [100.0]  # while this stands still, so does the map
    ui = open_window(state=opened(), clock=lambda: now_s[0])

    def clicks(c: Any) -> None:
        c.mouse_move_to_pos(on_map(c, 1, 0))
        c.mouse_click(0)
        c.mouse_move_to_pos(on_map(c, 2, 0))
        c.mouse_down(0)
        now_s[0] += 0.1
        c.mouse_up(0)

    ui(clicks)
    assert ui.recipe.latent == LatentPart(seed=5002)
    assert not ui.app.layout.latent.plane.rests


def test_a_drag_on_the_map_travels_and_is_one_step_of_undo(open_window: Open) -> None:
    ui = open_window(state=opened())

    def drag(c: Any) -> None:
        c.mouse_move_to_pos(on_map(c, 0, 0))
        c.mouse_down(0)
        for step in range(1, 9):
            c.mouse_move_to_pos(on_map(c, 1.4 * step / 8, -0.4 * step / 8))
        c.mouse_up(0)

    ui(drag)
    part = ui.recipe.latent
    assert part.seed + part.x == pytest.approx(5001.4, abs=0.06)
    assert part.y == pytest.approx(-0.4, abs=0.06)
    assert len({recipe.latent for recipe in ui.thread.submitted}) > 4
    ui.app.session.document.undo()
    assert ui.recipe.latent == LatentPart(seed=5000)


def test_arrow_keys_step_over_the_map(open_window: Open) -> None:
    ui = open_window(state=opened())

    def keys(c: Any) -> None:
        click_seed(ui, c, 0, 0)
        c.key_press(Key.down_arrow)
        c.key_press(Key.right_arrow)
        c.key_press(Key.up_arrow | Key.mod_shift)
        c.key_press(Key.left_arrow | Key.mod_shift)

    ui(keys)
    assert ui.recipe.latent == LatentPart(seed=6001, x=-0.1, y=-0.1)


def test_the_map_shows_the_neighbours_of_the_recipe_of_now_the_nearest_first(
    open_window: Open,
) -> None:
    thread = Wishing()
    ui = open_window(state=opened(LatentPart(seed=0)), thread=thread)
    ui.until(lambda: thread.wishes)
    seeds = [wish.recipe.latent.seed for wish in thread.wishes[0]]
    assert seeds[0] == 0
    assert {1, 2, 1000, 1001, PLANE - 1, PLANE - 1000} <= set(seeds)
    thread.wishes.clear()
    ui.app.session.edit(replace(ui.app.session.recipe, psi=0.5))
    ui.until(lambda: any(thread.wishes))  # once the recipe has been still for a moment
    again = next(wishes for wishes in thread.wishes if wishes)
    assert [wish.recipe.latent.seed for wish in again] == seeds
    assert {wish.recipe.psi for wish in again} == {0.5}


def test_the_pictures_on_the_map_stay_until_the_new_ones_are_there(open_window: Open) -> None:
    thread = Wishing()
    ui = open_window(state=opened(), thread=thread)

    def on_the_map() -> dict[Hashable, Recipe]:
        """What is shown, by its place."""
        places = ui.app.previews._places._values.items()
        return {place: key.recipe for place, key in places if str(place).startswith("('map'")}

    ui.until(lambda: len(on_the_map()) >= 15)
    before = on_the_map()
    thread.grants = False
    ui.app.session.edit(replace(ui.app.session.recipe, psi=0.5))
    ui.frames(4)
    assert on_the_map() == before
    thread.grants = True
    ui.until(lambda: {recipe.psi for recipe in on_the_map().values()} == {0.5})


def test_a_latent_of_values_is_off_the_map_until_a_seed_is_clicked(open_window: Open) -> None:
    ui = open_window(state=opened(LatentPart(seed=5000, values=KEPT)))
    ui(lambda c: c.item_drag_with_delta(MAP, (40, 0)))
    assert ui.recipe.latent.values == KEPT
    ui(lambda c: click_seed(ui, c, 1, 0))
    assert ui.recipe.latent == LatentPart(seed=5001)


@pytest.mark.parametrize(
    ("before", "after", "way"),
    [
        ((7, 0.0, 0.0), (7, 0.25, -0.5), (0.25, -0.5)),
        ((7, 0.4, 0.0), (8, -0.4, 0.0), (0.2, 0.0)),
        ((3, 0.0, 0.0), (PLANE - 2000, 0.0, 0.0), (-3.0, -2.0)),
        ((PLANE - 1, 0.0, 0.0), (1001, 0.0, 0.0), (2.0, 1.0)),
        ((7, 0.0, 0.0), (30_000, 0.0, 0.0), None),
        ((7, 0.0, 0.0), (207, 0.0, 0.0), None),
    ],
)
def test_the_way_from_place_to_place(before: Any, after: Any, way: Any) -> None:
    assert _way(before, after) == pytest.approx(way)


# -- travelling on the picture -------------------------------------------------------------------


def test_a_drag_on_the_picture_travels_and_is_one_step_of_undo(open_window: Open) -> None:
    ui = open_window(state=opened())
    box = ui.app.layout.picture.box
    assert box is not None
    seeds = SEEDS_A_PICTURE / (box[2] - box[0])
    ui(lambda c: c.item_drag_with_delta(PICTURE, (200, 0)))
    part = ui.recipe.latent
    assert part.seed + part.x == pytest.approx(5000 + 200 * seeds, abs=10 * seeds)
    assert part.y == pytest.approx(0.0, abs=2 * seeds)
    ui.app.session.document.undo()
    assert ui.recipe.latent == LatentPart(seed=5000)


def test_shift_travels_finely(open_window: Open) -> None:
    ui = open_window(state=opened())

    def drag(c: Any) -> None:
        c.key_down(Key.mod_shift)
        c.item_drag_with_delta(PICTURE, (0, 200))
        c.key_up(Key.mod_shift)

    ui(drag)
    assert ui.recipe.latent.seed == 5000
    assert 0.02 < ui.recipe.latent.y < 0.12


def test_a_click_on_the_picture_changes_nothing_and_a_double_click_fits_it(ui: Driver) -> None:
    before = ui.recipe
    ui(lambda c: c.item_click(PICTURE))
    ui.app.layout.picture.actual_size()
    ui(lambda c: c.item_double_click(PICTURE))
    assert ui.recipe == before
    assert ui.app.layout.picture.view.scale is None


def test_a_latent_of_values_stays_under_a_drag(open_window: Open) -> None:
    part = LatentPart(values=KEPT)
    ui = open_window(state=opened(part))
    ui(lambda c: c.item_drag_with_delta(PICTURE, (200, 0)))
    assert ui.recipe.latent == part


def test_a_place_in_words() -> None:
    assert place(LatentPart(seed=3)) == "seed 3"
    assert place(LatentPart(seed=3, x=0.25, y=-0.5)) == "seed 3, 0.25 right, 0.50 up"


# -- both ends of the walk -----------------------------------------------------------------------


def test_values_in_the_place_of_a_seed_are_let_go(open_window: Open) -> None:
    ui = open_window(state=opened(LatentPart(seed=4, values=KEPT, target_values=KEPT)))
    ui(lambda c: c.item_click("**/Seed/###let go"))
    ui(lambda c: c.item_click("**/Target/###let go"))
    assert ui.recipe.latent == LatentPart(seed=4)


def test_stepping_the_seed_comes_back_to_the_map(open_window: Open) -> None:
    ui = open_window(state=opened(LatentPart(seed=4, values=KEPT)))
    ui(lambda c: c.key_press(Key.right_arrow))
    assert ui.recipe.latent == LatentPart(seed=5)


def test_swapping_a_start_between_seeds_keeps_the_latent(open_window: Open) -> None:
    part = LatentPart(seed=5000, x=0.25, y=-0.1, position=0.25)
    ui = open_window(state=opened(part))
    ui(lambda c: c.item_click("**/###swap"))
    swapped = ui.recipe.latent
    assert swapped.position == 0.75
    assert (swapped.seed, len(swapped.target_values)) == (part.target_seed, 64)
    assert torch.allclose(latent(swapped, 64), latent(part, 64), atol=1e-5)


@pytest.mark.parametrize(
    ("part", "item"),
    [
        (LatentPart(seed=5000, position=0.5), "**/Start/###settle"),
        (LatentPart(seed=5000, morph=Morph(LatentPart(seed=9), 0.5)), "**/###let go"),
    ],
)
def test_the_middle_becomes_the_start_and_the_picture_stays(
    open_window: Open, part: LatentPart, item: str
) -> None:
    ui = open_window(state=opened(part, PATH))
    ui(lambda c: c.item_click(item))
    settled = ui.recipe.latent
    assert settled == replace(part, values=settled.values, position=0.0, morph=None)
    assert torch.equal(latent(settled, 64), latent(part, 64))
    ui.app.session.document.undo()
    assert ui.recipe.latent == part


# -- components ----------------------------------------------------------------------------------


def with_layers() -> FakeThread:
    """A model that tells its layers."""
    layers = tuple(LayerInfo(f"b8.convs1.{row}", row, 0, 8, 32) for row in range(3))
    return FakeThread(model=dataclasses.replace(MODEL, layers=layers))


def test_sliders_move_along_components_and_are_reset(open_window: Open) -> None:
    ui = open_window(state=opened(None, COMPONENTS), thread=with_layers())
    ui(lambda c: c.scroll_to_bottom("Panels"))
    ui(lambda c: c.item_drag_with_delta("**/mapped0/2/##track", (30, 0)))
    first = ui.recipe.moves
    assert [(move.space, move.component) for move in first] == [("mapped", 1)]
    assert 0.3 < first[0].amount < 3.0
    ui(lambda c: c.scroll_to_bottom("Panels"))
    ui(lambda c: c.item_click("**/space/One layer"))
    ui(lambda c: c.scroll_to_bottom("Panels"))
    ui(lambda c: c.item_drag_with_delta("**/style1/1/##track", (-30, 0)))
    second = ui.recipe.moves
    assert second[0] == first[0]
    assert (second[1].space, second[1].row, second[1].component) == ("style", 1, 0)
    ui(lambda c: reset(c, "**/style1/1/##track"))
    assert ui.recipe.moves == first
    ui(lambda c: c.item_click("**/###reset all"))
    assert ui.recipe.moves == ()


def test_another_layer_is_chosen_and_more_components_are_shown(open_window: Open) -> None:
    state = opened(None, COMPONENTS)
    state = replace(
        state, recipe=replace(state.recipe or Recipe(), moves=(Move("style", 7, 1.0, 2),))
    )
    ui = open_window(state=state, thread=with_layers())
    ui(lambda c: c.scroll_to_bottom("Panels"))
    ui(lambda c: c.item_click("**/space/One layer"))
    ui(lambda c: c.scroll_to_bottom("Panels"))

    def choose(c: Any) -> None:
        # A combo box has no name that can be searched for; it is above the sliders.
        first, second = (c.item_info(f"**/style1/{i}/##track").rect_full for i in (1, 2))
        c.mouse_move_to_pos((first.min.x + 20, 2 * first.min.y - second.min.y + 8))
        c.mouse_click(0)
        c.item_click("//$FOCUSED/b8.convs1.2  (8 px)  •")

    ui(choose)
    ui(lambda c: c.item_click("**/###more"))
    ui(lambda c: c.scroll_to_bottom("Panels"))
    ui(lambda c: reset(c, "**/style2/8/##track"))
    assert ui.recipe.moves == ()
    assert ui.thread.looked_at == [("mapped", 0), ("style", 1), ("style", 2)]


def test_nothing_is_asked_of_the_renderer_while_components_are_closed(open_window: Open) -> None:
    ui = open_window(state=opened(), thread=with_layers())
    ui.frames(10)
    assert ui.thread.looked_at == []


def test_several_seeds_are_blended_by_weights_and_by_a_pad(open_window: Open) -> None:
    ui = open_window(state=opened(LatentPart(seed=5000), BLEND))
    ui(lambda c: c.item_click("**/###blend seeds"))
    assert [item.weight for item in ui.recipe.latent.seeds] == [1.0, 1.0]
    assert ui.recipe.latent.seeds[0].seed == 5000
    ui(lambda c: c.item_click("**/###add seed"))
    ui(lambda c: c.item_click("**/###add seed"))

    def type_weight(c: Any) -> None:
        c.key_down(Key.mod_ctrl)
        c.item_click("**/Seed 2/##track")
        c.key_up(Key.mod_ctrl)
        c.key_chars_replace_enter("0.25")

    ui(type_weight)
    assert [item.weight for item in ui.recipe.latent.seeds] == [1.0, 0.25, 1.0, 1.0]
    ui(lambda c: c.item_click("**/###seed pad"))
    assert ui.recipe.latent.pad == Pad()
    ui(lambda c: c.item_drag_with_delta("**/pad/surface", (30, 0)))
    assert ui.recipe.latent.pad is not None
    assert ui.recipe.latent.pad.x > 0.5
    ui(lambda c: c.item_click("**/Seed 4/###remove"))
    assert len(ui.recipe.latent.seeds) == 3
    ui(lambda c: c.item_click("**/###no blend"))
    assert ui.recipe.latent == LatentPart(seed=5000)
