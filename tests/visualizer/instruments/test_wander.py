"""Wandering: the same path at any pace of the window, one step of undo, and it yields to hands."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from renderer.recipe.random_walk import RandomWalk
from renderer.recipe.recipe import LatentPart, Recipe
from renderer.recipe.seed_plane import travelled
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from visualizer.control.command_addresses import ACTIONS
from visualizer.instruments.wander import Wanderer
from visualizer.services.instrument import Instrument
from visualizer.session.state import State
from widgets.context import Options
from widgets.latent.panel import WANDER
from widgets.latent.wander import SetWander, Wander

pytestmark = pytest.mark.display
START = LatentPart(seed=5000)


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def opened(open_window: Open, part: LatentPart = START) -> tuple[Driver, Clock]:
    """A window whose time stands still."""
    clock = Clock()
    state = State(Recipe(latent=part), Options(open_sections=("Latent", WANDER)))
    return open_window(state=state, clock=clock), clock


def walking(ui: Driver) -> Wanderer:
    """The instrument."""
    return ui.app.instrument(Wanderer)


def pass_time(ui: Driver, clock: Clock, seconds: float, frames: int) -> None:
    """Let time pass in some frames of equal length."""
    start = clock.now_s
    for frame in range(1, frames + 1):
        clock.now_s = start + seconds * frame / frames
        ui.frames(1)


@pytest.mark.parametrize("frames", [1, 7, 60])
def test_the_path_is_the_same_at_any_frame_rate(open_window: Open, frames: int) -> None:
    ui, clock = opened(open_window)
    ui.app.commands.do(Wander(seed=7))
    pass_time(ui, clock, 4.0, frames)
    assert ui.recipe.latent == travelled(START, *RandomWalk(7).at(4.0 * 0.5))
    assert walking(ui).moves
    ui.app.session.document.undo()
    assert ui.recipe.latent == START
    assert not ui.app.session.document.can_undo


def test_a_pause_goes_on_where_it_was(open_window: Open) -> None:
    ui, clock = opened(open_window)
    ui.app.commands.do(Wander(seed=7))
    pass_time(ui, clock, 1.0, 3)
    ui(lambda c: c.item_click("**/###wander"))
    assert not walking(ui).moves
    there = ui.recipe.latent
    pass_time(ui, clock, 10.0, 3)
    assert ui.recipe.latent == there
    ui(lambda c: c.item_click("**/###wander on map"))
    pass_time(ui, clock, 1.0, 3)
    wanted = travelled(START, *RandomWalk(7).at(1.0))
    now = ui.recipe.latent
    assert (now.seed + now.x, now.y) == pytest.approx((wanted.seed + wanted.x, wanted.y))


def test_undo_stops_it_where_it_began(open_window: Open) -> None:
    ui, clock = opened(open_window)
    ui.app.commands.do(Wander(seed=7))
    pass_time(ui, clock, 1.0, 3)
    ui.app.session.document.undo()
    pass_time(ui, clock, 1.0, 3)
    assert ui.recipe.latent == START
    assert not walking(ui).moves


def test_it_goes_on_from_where_the_user_goes(open_window: Open) -> None:
    ui, clock = opened(open_window)
    ui.app.commands.do(Wander(seed=7))
    pass_time(ui, clock, 1.0, 3)
    ui(lambda c: c.item_click("**/Seed/###next"))
    there = ui.recipe.latent
    pass_time(ui, clock, 1.0, 5)
    (x0, y0), (x1, y1) = RandomWalk(7).at(0.5), RandomWalk(7).at(1.0)
    assert ui.recipe.latent == travelled(there, x1 - x0, y1 - y0)


def test_other_edits_are_steps_of_their_own(open_window: Open) -> None:
    ui, clock = opened(open_window)
    ui.app.commands.do(Wander(seed=7))
    pass_time(ui, clock, 1.0, 3)
    recipe = ui.app.session.recipe
    ui.app.session.edit(msgspec.structs.replace(recipe, psi=0.5))
    pass_time(ui, clock, 1.0, 3)
    assert ui.recipe.psi == 0.5
    assert ui.recipe.latent == travelled(START, *RandomWalk(7).at(1.0))


def test_changing_speed_and_smoothness_never_jumps(open_window: Open) -> None:
    ui, clock = opened(open_window)
    ui.app.commands.do(Wander(seed=7))
    pass_time(ui, clock, 3.0, 3)
    before = ui.recipe.latent
    ui.app.commands.do(SetWander(2.0, 0.9))
    ui.frames(1)
    assert ui.recipe.latent == before
    pass_time(ui, clock, 0.01, 1)
    now = ui.recipe.latent
    assert abs(now.seed + now.x - before.seed - before.x) < 0.03


def test_a_latent_of_values_does_not_wander(open_window: Open) -> None:
    part = LatentPart(values=(0.5,) * 64)
    ui, clock = opened(open_window, part)
    ui(lambda c: c.item_click("**/###wander"))
    assert not walking(ui).moves
    ui.app.commands.do(Wander(seed=7))
    pass_time(ui, clock, 1.0, 2)
    assert ui.recipe.latent == part
    assert not walking(ui).moves
    assert "has no seed" in ui.said[-1]


def test_how_it_walks_is_remembered_and_nothing_remembered_is_trusted(open_window: Open) -> None:
    ui, _ = opened(open_window)
    instrument: Instrument = walking(ui)
    ui.app.commands.do(SetWander(2.0, 0.25))
    kept: Any = msgspec.Raw(msgspec.json.encode(instrument.state()))
    assert instrument.restore(None) is None
    assert msgspec.json.encode(instrument.state()) != bytes(kept)
    assert instrument.restore(kept) is None
    assert msgspec.json.encode(instrument.state()) == bytes(kept)
    for hostile in (b'{"speed":1e9}', b'{"smoothness":"x"}', b"[" * 9999, b"\xff"):
        problem = instrument.restore(msgspec.Raw(hostile))
        assert problem is not None
        assert problem.endswith(".")


def test_speed_and_smoothness_are_set_one_by_one(open_window: Open) -> None:
    ui, _ = opened(open_window)
    for address, value in (("/wander/speed", 2.0), ("/wander/smooth", 0.25)):
        ui.app.commands.do(ACTIONS[address](value, True))
    state = walking(ui).state()
    assert (state.speed, state.smoothness) == (2.0, 0.25)
    for value in (True, False):
        ui.app.commands.do(ACTIONS["/wander"](value, True))
        assert walking(ui).moves is value
