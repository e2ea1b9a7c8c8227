"""Moments in the window: fades by the clock, one step of undo, and they yield to hands."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from msgspec import Raw
from msgspec.structs import replace

from renderer.recipe.moments import Moment, Moments
from renderer.recipe.moments_json import to_file
from renderer.recipe.recipe import LatentPart, ModelRef, Prompt, Recipe, TextPart
from renderer.timeline.interpolation import between
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from visualizer.control.instrument import Control
from visualizer.control.signal_queue import Signal
from visualizer.instruments.moments import MomentsKeeper
from visualizer.session.state import State
from visualizer.session.undo_stack import UndoStack
from widgets.actions import Action, OpenFiles
from widgets.context import Options
from widgets.controls.moments_view import (
    ChooseParts,
    DeleteMoment,
    MomentsView,
    MoveMoment,
    RecallMoment,
    RenameMoment,
    SetFade,
    StepMoment,
    StoreMoment,
    UndoMoments,
)
from widgets.latent.wander import Wander, Wandering

pytestmark = pytest.mark.display
DAY = Recipe(text=TextPart((Prompt("day"),)), latent=LatentPart(seed=5), psi=0.2)
NIGHT = Recipe(text=TextPart((Prompt("night"),)), latent=LatentPart(seed=700), psi=0.8)


class Stage:
    """A window whose time stands still, with day as moment 1 and night as moment 2."""

    def __init__(self, open_window: Open) -> None:
        self.now_s = 100.0
        state = State(DAY, Options(drawer="Moments"))
        self.ui: Driver = open_window(state=state, clock=lambda: self.now_s)
        self.do(StoreMoment(1))
        self.ui.app.session.edit(NIGHT)
        self.do(StoreMoment(2, "Night"), RecallMoment(1, 0.0), SetFade(4.0, "linear"))
        self.document.take_steps((self.document.steps[0], (), ()))

    def do(self, *wanted: Action) -> None:
        """Carry out actions, and draw."""
        for action in wanted:
            self.ui.app.commands.do(action)
        self.ui.frames(2)

    def wait(self, seconds: float, frames: int = 1) -> None:
        """Let time pass."""
        for _ in range(frames):
            self.now_s += seconds / frames
            self.ui.frames(1)

    def send(self, address: str, *values: float) -> None:
        """Something comes in by OSC."""
        self.ui.app.instrument(Control).inbox.put(Signal(address, values))
        self.ui.frames(2)

    @property
    def document(self) -> UndoStack:
        return self.ui.app.session.document

    @property
    def keeper(self) -> MomentsKeeper:
        return self.ui.app.instrument(MomentsKeeper)

    @property
    def view(self) -> MomentsView:
        return next(v for v in self.keeper.views(0.0) if isinstance(v, MomentsView))

    @property
    def numbers(self) -> list[int]:
        return [moment.number for moment in self.view.moments.items]


@pytest.fixture
def stage(open_window: Open) -> Stage:
    return Stage(open_window)


@pytest.mark.parametrize("frames", [1, 16])
def test_a_fade_is_the_same_at_any_frame_rate_and_one_step_of_undo(
    stage: Stage, frames: int
) -> None:
    stage.do(RecallMoment(2))
    stage.wait(1.0, frames)
    assert stage.ui.recipe == between(DAY, NIGHT, 0.25) and stage.view.share == 0.25
    assert stage.view.current == 2 and stage.keeper.moves
    stage.wait(3.0, frames)
    assert stage.ui.recipe == NIGHT
    assert stage.view.at_it and not stage.keeper.moves
    session = stage.ui.app.session
    assert session.document.undo() and stage.ui.recipe == DAY
    assert not session.document.can_undo
    stage.wait(1.0)
    assert stage.ui.recipe == DAY and not stage.view.at_it


def test_undo_during_a_fade_ends_it(stage: Stage) -> None:
    stage.do(RecallMoment(2))
    stage.wait(1.0)
    stage.ui.app.session.document.undo()
    stage.wait(1.0)
    assert stage.ui.recipe == DAY and not stage.keeper.moves


def test_a_hand_wins_for_what_it_has_touched(stage: Stage) -> None:
    stage.do(RecallMoment(2))
    stage.wait(2.0)
    stage.send("/psi", -0.5)
    stage.wait(1.0)
    assert stage.ui.recipe == replace(between(DAY, NIGHT, 0.75), psi=-0.5)
    stage.wait(1.0)
    assert stage.ui.recipe == replace(NIGHT, psi=-0.5) and not stage.view.at_it


def test_a_second_recall_starts_from_what_is_shown(stage: Stage) -> None:
    stage.do(RecallMoment(2))
    stage.wait(1.0)
    shown = stage.ui.recipe
    stage.do(RecallMoment(1, 2.0))
    assert stage.ui.recipe == shown
    stage.wait(1.0)
    assert stage.ui.recipe == between(shown, DAY, 0.5)
    stage.wait(1.0)
    assert stage.ui.recipe == DAY


def test_a_moment_of_another_model_is_a_cut_and_says_so(stage: Stage) -> None:
    other = replace(NIGHT, model=ModelRef("other.safetensors"))
    stage.ui.app.session.edit(other)
    stage.do(StoreMoment(3))
    stage.ui.app.session.edit(DAY)
    stage.do(RecallMoment(3))
    assert stage.ui.recipe == other
    assert "Moment 3 needs another model, so this is a cut." in stage.ui.said
    stage.ui.app.session.edit(DAY)
    stage.do(ChooseParts(3, ("psi",)), RecallMoment(3))
    stage.wait(2.0)
    assert stage.ui.recipe == replace(DAY, psi=0.5)


def test_only_what_a_moment_holds_changes_and_wandering_stops_for_latents(stage: Stage) -> None:
    def wanders() -> bool:
        return stage.ui.app._context(0.0).see(Wandering).playing

    stage.do(ChooseParts(2, ("prompts",)), Wander(seed=7), RecallMoment(2, 1.0))
    stage.wait(1.0)
    assert stage.ui.recipe.text == NIGHT.text and stage.ui.recipe.psi == DAY.psi
    assert wanders() and stage.ui.recipe.latent not in (DAY.latent, NIGHT.latent)
    stage.do(ChooseParts(2, ("latent",)), RecallMoment(2, 1.0))
    stage.wait(1.0)
    assert not wanders() and stage.ui.recipe.latent == NIGHT.latent


def test_remote_controls_recall_fade_step_and_store(stage: Stage) -> None:
    stage.send("/moment/2/fade", 8.0)
    stage.wait(2.0)
    assert stage.ui.recipe == between(DAY, NIGHT, 0.25)
    stage.send("/moment/9/store")
    assert stage.view.moments.find(9).recipe.psi == pytest.approx(0.35)  # type: ignore[union-attr]
    stage.send("/moment/fade", 0.0)
    psis = []
    for address in ("/moment/next", "/moment/next", "/moment/previous", "/moment/2/"):
        stage.send(address)
        psis.append(stage.ui.recipe.psi)
    assert psis == pytest.approx([0.2, 0.8, 0.2, 0.8])
    stage.send("/moment", 1.0)
    assert stage.ui.recipe == DAY
    stage.send("/moment/50")
    assert "Moment 50 is empty: store a picture there first." in stage.ui.said
    for message in (("/moment", 100.0), ("/moment/1/fade", -1.0), ("/moment/1/fade",)):
        stage.send(message[0], *message[1:])
    assert stage.ui.recipe == DAY and not stage.keeper.moves


def test_everything_that_changes_moments_can_be_taken_back(stage: Stage) -> None:
    before = [stage.view.moments]
    for action in (
        StoreMoment(2),
        RenameMoment(1, " Day\n"),
        ChooseParts(1, ("psi",)),
        MoveMoment(1, 5),
        DeleteMoment(5),
    ):
        stage.do(action)
        before.append(stage.view.moments)
    assert stage.numbers == [2]
    assert len(set(before)) == len(before)
    assert before[1].find(2) == Moment(2, stage.ui.app.session.recipe, "Night")
    assert before[-2].items[-1].name == "Day"
    while stage.view.undo:
        assert stage.view.moments == before.pop()
        stage.do(UndoMoments())
        if len(before) == 1:
            break
    assert stage.view.moments == before[0]


def test_a_session_keeps_them_and_what_is_damaged_is_told(stage: Stage) -> None:
    state = Raw(msgspec.json.encode(stage.keeper.state()))
    known = stage.view.moments
    assert stage.keeper.restore(None) is None and stage.numbers == []
    assert stage.keeper.restore(state) is None
    assert (stage.view.moments, stage.view.fade_s, stage.view.easing) == (known, 4.0, "linear")
    items = msgspec.json.decode(state)["moments"]
    for parts, kept in (
        ({"moments": [items[0], {**items[1], "number": -1}]}, [1]),
        ({"moments": items * 500}, []),
        ({"moments": 5}, []),
        ({"fade_s": 1e99}, []),
    ):
        told = stage.keeper.restore(Raw(msgspec.json.encode(parts)))
        assert told is not None and told.startswith(("Moments are missing", "The moments could"))
        assert stage.numbers == kept


def test_a_file_of_moments_is_opened_when_it_is_dropped(stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "evening.json"
    path.write_bytes(to_file(Moments((Moment(9, NIGHT),))))
    stage.do(OpenFiles((str(path),)))
    stage.ui.until(lambda: stage.numbers == [9])
    assert "Opened 1 moment of evening.json." in stage.ui.said
    path.write_text('{"stylegan_t_moments": 1, "moments": [{}]}')
    stage.do(OpenFiles((str(path),)))
    stage.ui.until(lambda: any("No moment can be read" in text for text in stage.ui.said))
    assert stage.numbers == [9]
    stage.do(UndoMoments())
    assert stage.numbers == [1, 2]


def test_without_moments_next_says_what_to_do(stage: Stage) -> None:
    stage.do(DeleteMoment(1), DeleteMoment(2), StepMoment(1))
    assert "There are no moments yet: store a picture in one first." in stage.ui.said
    stage.do(StoreMoment(0), StoreMoment(100))
    assert stage.numbers == []


def test_undo_is_called_by_what_it_takes_back(stage: Stage) -> None:
    stage.do(StoreMoment(2))
    assert stage.view.undo == "replacing 2"
    stage.do(StoreMoment(7))
    assert stage.view.undo == "storing 7"
