"""The Alignment section in the real window, on a tiny model that really draws."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from renderer.frame.alignment_report import CURVE_PSI, NO_IMAGE_TOWER, NO_TEXT
from renderer.recipe.recipe import ModelRef, Prompt, Recipe, TextPart
from tests.renderer.fakes import tiny_model
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from tests.visualizer.real import RealThread
from visualizer.instruments.alignment import REST_S, AlignmentMeter, AlignmentState
from visualizer.session.state import State
from widgets.context import Options
from widgets.sections.alignment_view import AlignmentView

pytestmark = pytest.mark.display

OPEN = Options(open_sections=("Alignment",))
RED = Recipe(text=TextPart(prompts=(Prompt("a red house, dragon"),)))


class Clock:
    """Time that a test moves."""

    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def thread() -> RealThread:
    return RealThread()


@pytest.fixture
def ui(open_window: Open, thread: RealThread, clock: Clock) -> Driver:
    """A window with the section open."""
    ui = open_window(thread=thread, state=State(RED, OPEN), clock=clock)
    ui.frames(4)
    return ui


def instrument(ui: Driver) -> AlignmentMeter:
    return ui.app.instrument(AlignmentMeter)


def seen(ui: Driver) -> AlignmentView:
    """What the section shows."""
    (view,) = instrument(ui).views(0.0)
    assert isinstance(view, AlignmentView)
    return view


def test_the_picture_is_measured_word_by_word(ui: Driver) -> None:
    now = seen(ui).now
    assert now is not None and now.score is not None
    assert [word.words for word in now.words] == ["red", "house"]
    assert now.unknown == ("dragon",)


def test_a_new_picture_is_measured_and_an_old_one_is_not(ui: Driver, thread: RealThread) -> None:
    first, jobs = seen(ui).now, len(thread.jobs)
    ui.frames(6)
    assert len(thread.jobs) == jobs
    ui.app.session.edit(replace(RED, psi=0.2))
    ui.frames(4)
    assert len(thread.jobs) == jobs + 1
    assert seen(ui).now is not first


def test_the_curve_is_measured_once_the_recipe_rests(
    ui: Driver, thread: RealThread, clock: Clock
) -> None:
    ui.frames(20)
    assert seen(ui).curve == ()
    clock.now_s += REST_S + 0.1
    ui.frames(20)
    assert [psi for psi, _ in seen(ui).curve] == list(CURVE_PSI)
    jobs = len(thread.jobs)
    ui.frames(10)
    assert len(thread.jobs) == jobs, "nine points, and no more"
    ui.app.session.edit(replace(RED, psi=0.4))
    clock.now_s += REST_S + 0.1
    ui.frames(20)
    assert len(thread.jobs) == jobs + 1, "another psi is on the same curve"


def test_other_words_begin_another_curve(ui: Driver, clock: Clock) -> None:
    clock.now_s += REST_S + 0.1
    ui.frames(20)
    ui.app.session.edit(Recipe(text=TextPart(prompts=(Prompt("a boat"),))))
    ui.frames(4)
    assert seen(ui).curve == ()


def test_a_click_on_the_curve_takes_its_psi(ui: Driver, clock: Clock) -> None:
    clock.now_s += REST_S + 0.1
    ui.frames(20)
    ui(lambda c: c.item_click("**/curve"))
    assert ui.recipe.psi == 0.5, "the middle of the curve"
    ui.app.session.document.undo()
    assert ui.recipe.psi == 1.0


def test_closed_it_does_nothing(ui: Driver, thread: RealThread, clock: Clock) -> None:
    ui(lambda c: c.item_click("**/Alignment##header"))
    jobs = len(thread.jobs)
    ui.app.session.edit(replace(RED, psi=0.3))
    clock.now_s += REST_S + 0.1
    ui.frames(10)
    assert len(thread.jobs) == jobs
    assert seen(ui).now is None


def test_one_measurement_at_a_time(ui: Driver, thread: RealThread) -> None:
    thread.holds = True
    for psi in (0.1, 0.2, 0.3):
        ui.app.session.edit(replace(RED, psi=psi))
        ui.frames(3)
        assert len(thread.held) == 1
    thread.holds = False
    thread.let_go()
    ui.frames(4)
    assert thread.held == []
    assert seen(ui).now is not None


def test_models_without_words_or_image_tower_say_so(open_window: Open) -> None:
    silent = RealThread(generator=tiny_model(text=False))
    ui = open_window(thread=silent, state=State(RED, OPEN))
    ui.frames(4)
    assert seen(ui).gauge.reason == NO_TEXT
    assert silent.jobs == []
    other = RealThread()
    ui = open_window(thread=other, state=State(Recipe(model=ModelRef("a.safetensors")), OPEN))
    ui.frames(4)
    assert seen(ui).gauge.reason == NO_IMAGE_TOWER
    assert other.jobs == []


def test_clip_measures_when_it_is_switched_on(open_window: Open) -> None:
    thread = RealThread()
    recipe = Recipe(model=ModelRef("a.safetensors", tower="no such file.safetensors"))
    thread.renderer.keep_tower(recipe.model.tower, tiny_model().text)  # pyright: ignore[reportArgumentType]
    ui = open_window(thread=thread, state=State(recipe, OPEN))
    ui.frames(4)
    assert thread.jobs == [], "off by default"
    assert not seen(ui).on
    ui(lambda c: c.item_click("**/###measure"))
    ui.frames(4)
    assert seen(ui).on
    assert "no such file" in seen(ui).problem
    jobs = len(thread.jobs)
    ui.frames(10)
    assert len(thread.jobs) == jobs, "what cannot measure is not asked again and again"
    assert instrument(ui).state() == AlignmentState(clip=True)


def test_the_switch_is_remembered_and_nonsense_is_not(ui: Driver) -> None:
    kept = msgspec.Raw(msgspec.json.encode(AlignmentState(clip=True)))
    assert instrument(ui).restore(kept) is None
    assert instrument(ui).state().clip
    for bad in (b"[]", b'{"clip": 3}', b"\xff", b"[" * 100_000):
        sentence = instrument(ui).restore(msgspec.Raw(bad))
        assert sentence is not None and sentence.endswith(".")
        assert not instrument(ui).state().clip
    assert instrument(ui).restore(None) is None


def test_a_model_that_gives_no_picture_is_the_reason(ui: Driver) -> None:
    session = ui.app.session
    ui.until(lambda: seen(ui).gauge.kind == "judge")
    lost = replace(ui.recipe, model=ModelRef("/models/lost.pkl"))
    session.edit(lost)
    session.fail(lost, "lost.pkl is not at /models/lost.pkl.", "missing")
    instrument(ui).drawn(ui.app._context(0.0), False)
    assert seen(ui).gauge.kind == "none"
    assert seen(ui).gauge.reason == (
        "There is no picture to measure. lost.pkl is not at /models/lost.pkl."
    )
