"""The timeline in the window: played by the clock, followed, kept; with a clock of our own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.recipe.identity import unhashed
from renderer.recipe.recipe import LatentPart, ModelRef, Recipe
from renderer.timeline.edits import with_key, with_loop
from renderer.timeline.serialization import stored
from renderer.timeline.timeline import KeyFrame, Loop, Timeline, recipe_at
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from visualizer.instruments.timeline import NO_KEYS, Playback
from widgets import actions
from widgets.controls.timeline_view import (
    AddKey,
    DragKey,
    Seek,
    SetAutoKey,
    SetSpeed,
    SetTimeline,
    StepKey,
    TimelineView,
    TogglePlay,
    UpdateKey,
)
from widgets.latent.wander import Wandering

pytestmark = pytest.mark.display


@dataclass
class Clock:
    """Time that passes when we say so."""

    now_s: float = 100.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now_s


def line(*values: float, loop: Loop = "once", length_s: float = 4.0) -> Timeline:
    """A key every two seconds, told apart by psi."""
    keys = tuple(KeyFrame(2.0 * i, Recipe(psi=value), "linear") for i, value in enumerate(values))
    return Timeline(keys, length_s, 30, loop)


@dataclass
class Player:
    """A window with a clock of our own, and its timeline."""

    ui: Driver
    clock: Clock

    def ask(self, *wishes: Any) -> None:
        """What panels and keys ask for."""
        for wish in wishes:
            self.ui.app.commands.do(wish)
        self.ui.frames(1)

    def play(self, step_s: float, count: int) -> list[float]:
        """Frames `step_s` apart; the psi of each."""
        seen = []
        for _ in range(count):
            self.clock.now_s += step_s
            self.ui.frames(1)
            seen.append(round(self.ui.recipe.psi, 6))
        return seen

    @property
    def view(self) -> TimelineView:
        """What the Timeline tab sees."""
        return next(
            view
            for instrument in self.ui.app.instruments
            if isinstance(instrument, Playback)
            for view in instrument.views(self.clock.now_s)
            if isinstance(view, TimelineView)
        )

    @property
    def playback(self) -> Playback:
        """The instrument."""
        return self.ui.app.instrument(Playback)


@pytest.fixture
def player(open_window: Open) -> Player:
    clock = Clock()
    return Player(open_window(clock=clock, recipe=Recipe(psi=0.75)), clock)


# -- playing -------------------------------------------------------------------------------------


@pytest.mark.parametrize("step_s", [0.05, 0.25, 0.5])
def test_where_it_is_follows_from_the_clock_at_any_pace(player: Player, step_s: float) -> None:
    timeline = line(0.0, 1.0, 0.5)
    player.ask(SetTimeline(timeline), Seek(0.0), TogglePlay())
    count = round(3.0 / step_s)
    seen = player.play(step_s, count)
    wanted = [round(recipe_at(timeline, step_s * (i + 1)).psi, 6) for i in range(count)]
    assert seen == pytest.approx(wanted, abs=1e-6)


def test_a_pause_of_the_machine_leaves_frames_out_and_slows_nothing(player: Player) -> None:
    player.ask(SetTimeline(line(0.0, 1.0, 0.5)), Seek(0.0), TogglePlay())
    assert player.play(0.5, 1) == [0.25]
    assert player.play(2.5, 1) == [0.75]  # at 3 s, half way from 1 to 0.5


def test_it_stops_at_the_end_or_goes_on(player: Player) -> None:
    player.ask(SetTimeline(line(0.0, 1.0, 0.5)), Seek(0.0), TogglePlay())
    assert player.play(3.0, 2)[-1] == 0.5
    assert not player.view.playing
    player.ask(TogglePlay())  # from the start again
    assert player.play(0.5, 1) == [0.25]
    player.ask(TogglePlay(), SetTimeline(with_loop(line(0.0, 1.0, 0.5), "ping-pong")))
    player.ask(Seek(3.0), TogglePlay())
    assert player.play(2.0, 1) == [0.75]
    assert player.view.playing


def test_speed_changes_without_a_jump(player: Player) -> None:
    player.ask(SetTimeline(line(0.0, 1.0, 0.0)), Seek(0.0), TogglePlay())
    player.play(1.0, 1)
    player.ask(SetSpeed(0.5))
    assert player.ui.recipe.psi == pytest.approx(0.5)
    assert player.play(1.0, 1) == [0.75]


def test_playing_is_one_step_of_undo(player: Player) -> None:
    before = player.ui.recipe
    player.ask(SetTimeline(line(0.0, 1.0, 0.5)), Seek(0.0), TogglePlay())
    player.play(0.1, 20)
    player.ask(TogglePlay())
    player.ui.app.session.document.undo()
    player.ui.app.session.document.undo()
    assert player.ui.recipe == before


def test_whoever_turns_a_knob_or_undoes_has_the_wheel(player: Player) -> None:
    player.ask(SetTimeline(line(0.0, 1.0, 0.5, loop="loop", length_s=6.0)), TogglePlay())
    player.play(0.5, 2)
    player.ui.app.session.edit(Recipe(psi=9.0))
    player.play(0.5, 2)
    assert not player.view.playing
    assert player.ui.recipe.psi == 9.0
    player.ask(TogglePlay())
    player.play(0.5, 2)
    player.ask(actions.Undo())
    player.play(0.5, 2)
    assert not player.view.playing


def test_playing_ends_a_random_walk(player: Player) -> None:
    from widgets.latent.wander import Wander

    player.ask(SetTimeline(line(0.0, 1.0)), Wander(True))
    player.play(0.5, 1)
    player.ask(TogglePlay())
    player.play(0.5, 2)
    wandering = [
        v for one in player.ui.app.instruments for v in one.views(0.0) if isinstance(v, Wandering)
    ]
    assert [view.playing for view in wandering] == [False]
    assert player.view.playing


def test_without_keys_it_says_what_to_do(player: Player) -> None:
    player.ask(TogglePlay())
    assert player.ui.said[-1] == NO_KEYS
    assert not player.view.playing
    player.ask(Seek(1.0), StepKey(1))
    assert player.ui.recipe.psi == 0.75


def test_the_key_that_plays_and_the_model_s_hash(player: Player) -> None:
    """The hash that the document learnt goes with what plays: nothing is rendered twice."""
    player.ask(SetTimeline(line(0.0, 1.0)), Seek(0.0))
    assert player.ui.app.session.recipe.model == ModelRef("demo", "0" * 64)
    assert not player.view.changed


# -- the playhead --------------------------------------------------------------------------------


def test_scrubbing_shows_the_moment_and_is_one_step_of_undo(player: Player) -> None:
    before = player.ui.recipe
    player.ask(SetTimeline(line(0.0, 1.0, 0.5)))
    for index in range(11):
        player.ask(Seek(index * 0.1, begins=index == 0))
    assert player.ui.recipe.psi == pytest.approx(0.5)
    assert player.view.position_s == 1.0
    player.ui.app.session.document.undo()
    assert player.ui.recipe == before


def test_from_key_to_key(player: Player) -> None:
    player.ask(SetTimeline(line(0.0, 1.0, 0.5)), Seek(1.0))
    player.ask(StepKey(1))
    assert player.view.position_s == 2.0
    player.ask(StepKey(1), StepKey(1))
    assert (player.view.position_s, player.ui.recipe.psi) == (4.0, 0.5)
    player.ask(StepKey(-1), StepKey(-1), StepKey(-1))
    assert (player.view.position_s, player.ui.recipe.psi) == (0.0, 0.0)


# -- keys ----------------------------------------------------------------------------------------


def test_keys_are_added_one_after_another(player: Player) -> None:
    for value in (0.1, 0.2, 0.3):
        player.ui.app.session.edit(Recipe(psi=value))
        player.ask(AddKey())
    timeline = player.view.timeline
    assert timeline.times_s == (0.0, 2.0, 4.0)
    assert [key.recipe.psi for key in timeline.keys] == [0.1, 0.2, 0.3]
    assert player.view.position_s == 4.0
    assert player.ui.app.session.options.drawer == "Timeline"


def test_a_key_with_the_drawer_elsewhere_is_told(player: Player) -> None:
    player.ui.app.session.options = replace(player.ui.app.session.options, drawer="History")
    player.ask(AddKey())
    assert player.ui.said[-1] == "Key frame 1 at 0.00 s."


def test_a_key_is_updated_where_the_playhead_is(player: Player) -> None:
    player.ask(SetTimeline(line(0.0, 1.0)), Seek(2.0))
    player.ui.app.session.edit(Recipe(psi=7.0))
    player.ui.frames(1)
    assert player.view.changed
    player.ask(UpdateKey())
    assert [key.recipe.psi for key in player.view.timeline.keys] == [0.0, 7.0]
    assert not player.view.changed


def test_auto_key_keeps_every_change_at_the_playhead(player: Player) -> None:
    player.ask(SetTimeline(line(0.0, 1.0)), Seek(2.0), SetAutoKey(True))
    for value in (5.0, 6.0):
        player.ui.app.session.edit(Recipe(psi=value))
        player.ui.frames(1)
    assert [key.recipe.psi for key in player.view.timeline.keys] == [0.0, 6.0]
    player.ask(Seek(1.0))
    assert len(player.view.timeline.keys) == 2  # to look is not to change
    player.ui.app.session.edit(Recipe(psi=2.5))
    player.ui.frames(1)
    assert [key.recipe.psi for key in player.view.timeline.keys] == [0.0, 2.5, 6.0]
    player.ask(actions.Undo(), actions.Undo(), actions.Undo())
    assert [key.recipe.psi for key in player.view.timeline.keys] == [0.0, 5.0]
    assert player.ui.recipe.psi == 5.0


def test_what_an_undo_brings_back_is_left_alone_by_auto_key(player: Player) -> None:
    """One step takes picture and key frame back, and the key frame from before stays."""
    player.ask(SetTimeline(line(0.0, 1.0)), Seek(2.0))
    player.ui.app.session.edit(Recipe(psi=7.0))
    player.ui.frames(1)
    player.ask(SetAutoKey(True))
    player.ui.app.session.edit(Recipe(psi=5.0))
    player.ui.frames(2)
    assert [key.recipe.psi for key in player.view.timeline.keys] == [0.0, 5.0]
    seen = []
    for action in (actions.Undo(), actions.Undo(), actions.Redo(), actions.Redo()):
        player.ask(action)
        player.ui.frames(2)
        seen.append((player.ui.recipe.psi, player.view.timeline.keys[1].recipe.psi))
    assert seen == [(7.0, 1.0), (1.0, 1.0), (7.0, 1.0), (5.0, 5.0)]


def test_auto_key_pauses_what_plays_and_keeps_the_change(player: Player) -> None:
    player.ask(SetTimeline(line(0.0, 1.0)), Seek(0.0), SetAutoKey(True), TogglePlay())
    player.play(0.5, 2)
    player.ui.app.session.edit(Recipe(psi=8.0))
    player.play(0.5, 2)
    assert not player.view.playing
    assert [key.recipe.psi for key in player.view.timeline.keys] == [0.0, 8.0, 1.0]
    assert player.view.timeline.times_s[1] == pytest.approx(1.0)


def test_a_dragged_key_passes_by_others_and_is_one_step_of_undo(player: Player) -> None:
    before = line(0.0, 1.0, 0.5)
    player.ask(SetTimeline(before))
    for index in range(1, 31):
        player.ask(DragKey(0, index * 0.1, 55.0))
    assert [key.recipe.psi for key in player.view.timeline.keys] == [1.0, 0.0, 0.5]
    assert player.view.timeline.times_s == (2.0, 3.0, 4.0)
    player.ask(actions.Undo())
    assert player.view.timeline == before
    player.ask(actions.Redo())
    assert player.view.timeline.times_s == (2.0, 3.0, 4.0)
    player.ask(DragKey(99, 1.0, 56.0))
    assert player.view.timeline.times_s == (2.0, 3.0, 4.0)


def test_undo_takes_picture_and_timeline_back_in_turn(player: Player) -> None:
    session = player.ui.app.session
    session.edit(Recipe(psi=0.1))
    player.ask(AddKey())
    session.edit(Recipe(psi=0.2))
    player.ask(AddKey())
    states = []
    for _ in range(4):
        player.ask(actions.Undo())
        states.append((len(player.view.timeline.keys), player.ui.recipe.psi))
    assert states == [(1, 0.2), (1, 0.1), (0, 0.1), (0, 0.75)]
    for _ in range(4):
        player.ask(actions.Redo())
    assert (len(player.view.timeline.keys), player.ui.recipe.psi) == (2, 0.2)
    for _ in range(5):
        player.ask(actions.Undo())
    assert player.ui.said[-1] == "There is nothing to undo."


def test_the_newest_is_undone_first_also_where_the_picture_has_not_changed(player: Player) -> None:
    """A key frame, and an edit that leads back to the picture that the key frame shows."""
    session = player.ui.app.session
    here = session.recipe
    player.ask(AddKey())
    session.edit(replace(here, psi=0.2))
    session.edit(here)
    player.ask(actions.Undo())
    assert (len(player.view.timeline.keys), player.ui.recipe.psi) == (1, 0.2)
    player.ask(actions.Undo(), actions.Undo())
    assert (len(player.view.timeline.keys), player.ui.recipe.psi) == (0, 0.75)


def test_menu_and_history_offer_to_undo_what_only_the_timeline_has(player: Player) -> None:
    ui, edit = player.ui, "//##MainMenuBar/Edit"
    assert not ui.app.session.document.can_undo
    player.ask(AddKey())
    ui(lambda c: c.menu_click(f"{edit}/Undo"))
    assert not player.view.timeline.keys
    ui(lambda c: c.menu_click(f"{edit}/Redo"))
    assert len(player.view.timeline.keys) == 1
    ui.app.session.options = replace(ui.app.session.options, drawer="History")
    ui.frames(2)
    ui(lambda c: c.item_click("**/###undo"))
    assert not player.view.timeline.keys
    ui(lambda c: c.item_click("**/###redo"))
    assert len(player.view.timeline.keys) == 1


def test_the_menu_offers_no_undo_that_there_is_not(player: Player) -> None:
    def enabled(c: Any) -> bool:
        c.menu_action(imgui.test_engine.TestAction.open, "//##MainMenuBar/Edit")
        info = c.item_info("//$FOCUSED/Undo")
        c.popup_close_all()
        return not info.item_flags & imgui.ItemFlags_.disabled

    found: list[bool] = []
    player.ui(lambda c: found.append(enabled(c)))
    player.ask(AddKey())
    player.ui(lambda c: found.append(enabled(c)))
    player.ask(actions.Undo())
    player.ui(lambda c: found.append(enabled(c)))
    assert found == [False, True, False]


def test_a_full_timeline_says_so(player: Player) -> None:
    keys = tuple(KeyFrame(i / 10, Recipe()) for i in range(1000))
    player.ask(SetTimeline(Timeline(keys, 200.0)), Seek(150.0), AddKey())
    assert "at most 1000" in player.ui.said[-1]
    player.ask(UpdateKey())
    assert len(player.view.timeline.keys) == 1000


# -- sessions ------------------------------------------------------------------------------------


def test_a_session_remembers_the_keys(player: Player, open_window: Open) -> None:
    timeline = with_key(line(0.0, 1.0), 1.0, Recipe(latent=LatentPart(7)), "hold")
    player.ask(SetTimeline(timeline), Seek(1.5))
    assert player.playback.state() == stored(timeline, 1.5)
    again = open_window()
    playback = again.app.instrument(Playback)
    assert playback.timeline == timeline
    again.frames(3)
    assert playback.timeline == timeline
    assert playback.state() == stored(timeline, 1.5)


def test_without_keys_nothing_is_kept(player: Player) -> None:
    assert player.playback.state() is None
    assert player.playback.restore(None) is None


@pytest.mark.parametrize(
    "state",
    [
        b"{}x",
        b"[]",
        b'{"keys": [{"time_s": -1, "recipe": {}}]}',
        b'{"length_s": 1e999}',
        b'{"keys": [{"time_s": 0, "recipe": {}}]}',
    ],
)
def test_a_damaged_part_of_a_session_is_told_and_leaves_none(player: Player, state: bytes) -> None:
    player.ask(SetTimeline(line(0.0, 1.0)), Seek(1.0), SetAutoKey(True))
    assert "is empty" in (player.playback.restore(msgspec.Raw(state)) or "")
    assert player.view.timeline == Timeline()
    assert player.view.position_s == 0.0
    assert not player.view.auto_key


def test_a_text_that_cannot_be_saved_keeps_what_was_saved_before(player: Player) -> None:
    player.ask(SetTimeline(line(0.0, 1.0)))
    before = player.playback.state()
    bad = Recipe(model=ModelRef("\ud800"))
    player.ask(SetTimeline(Timeline((KeyFrame(0.0, bad),))))
    assert player.playback.state() == before
    player.ask(SetTimeline(Timeline()))


def test_what_the_document_shows_is_what_was_kept(player: Player) -> None:
    player.ui.app.session.edit(Recipe(latent=LatentPart(42), psi=0.3))
    player.ask(AddKey())
    assert unhashed(player.view.timeline.keys[0].recipe) == player.ui.recipe


# -- an empty timeline, and a deleted key ---------------------------------------------------------


def test_after_all_key_frames_are_removed_the_next_clip_begins_at_zero(player: Player) -> None:
    player.ask(SetTimeline(line(0.0, 1.0, 0.5)), Seek(4.0), SetTimeline(Timeline()), AddKey())
    assert player.view.timeline.times_s == (0.0,)
    player.ask(actions.Undo(), actions.Undo(), Seek(4.0))
    assert player.view.position_s == 4.0
    for _ in range(3):  # the playhead's two moves, and the timeline
        player.ask(actions.Undo())
        player.ui.frames(1)
    assert (player.view.timeline.keys, player.view.position_s) == ((), 0.0)


def test_an_emptied_timeline_offers_to_undo_that(player: Player) -> None:
    assert not player.view.emptied
    player.ask(SetTimeline(line(0.0, 1.0)))
    player.ask(SetTimeline(Timeline()))
    assert player.view.emptied
    player.ask(actions.Undo())
    assert len(player.view.timeline.keys) == 2


def test_delete_takes_the_key_frame_at_the_playhead(player: Player) -> None:
    ui = player.ui
    player.ask(SetTimeline(line(0.0, 1.0, 0.5)), Seek(2.0))

    def press() -> None:
        ui(lambda c: c.key_press(imgui.Key.delete))

    press()
    assert len(player.view.timeline.keys) == 3, "the tab is not open: nobody sees which it would be"
    ui.app.session.options = replace(ui.app.session.options, drawer="Timeline")
    press()
    assert [key.recipe.psi for key in player.view.timeline.keys] == [0.0, 0.5]
    player.ask(Seek(1.0))
    press()
    assert len(player.view.timeline.keys) == 2
    assert "not at a key frame" in ui.said[-1]
    player.ask(actions.Undo(), actions.Undo())  # the playhead's move, and the deletion
    assert len(player.view.timeline.keys) == 3
