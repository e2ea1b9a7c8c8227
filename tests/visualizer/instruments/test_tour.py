"""The tour: it plays, it names its steps, it can be taken over, and it leaves all as it was."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, TypeVar

import av
import pytest
from click.testing import CliRunner
from imgui_bundle import imgui
from msgspec.structs import replace
from PIL import Image

from renderer.recipe.contact_sheet import Axis, Sheet
from renderer.recipe.recipe import LatentPart, Prompt, Recipe, TextPart, check
from renderer.timeline.timeline import recipe_at
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from tests.visualizer.fake import MODEL, FakeThread
from visualizer.app.tour_film import FilmClock
from visualizer.commands import tour as tour_cli
from visualizer.instruments import tour_steps
from visualizer.instruments.prompts import Prompts
from visualizer.instruments.tour import Tour
from visualizer.instruments.tour_steps import STEPS, Step
from visualizer.session.session import FIRST_LATENT
from widgets import actions
from widgets.chrome.tour import NextStep, StartTour, StopTour
from widgets.controls.grid_view import SetSheet, SheetView
from widgets.controls.timeline_view import AddKey, SetAutoKey, TimelineView

pytestmark = [pytest.mark.display, pytest.mark.slow]
V = TypeVar("V")
MY_SHEET = Sheet(rows=Axis("seed", count=4, seed=50))
MINE = Recipe(text=TextPart((Prompt("my own words"),)), latent=LatentPart(seed=99))


@pytest.fixture
def clock() -> FilmClock:
    return FilmClock()


@pytest.fixture
def touring(open_window: Open, clock: FilmClock) -> Driver:
    """A window of somebody who has done something already, with the tour begun."""
    ui = open_window(recipe=MINE, clock=clock)
    ui.app.commands.do(StartTour())
    ui.frames(2)
    return ui


def tour_of(ui: Driver) -> Tour:
    return ui.app.instrument(Tour)


def play(ui: Driver, clock: FilmClock, seconds: float, frames: int = 10) -> None:
    """Let the tour's time pass."""
    for _ in range(frames):
        clock.now_s += seconds / frames
        ui.frames(1)


# -- the script --------------------------------------------------------------------------------


def test_the_script_is_about_a_minute_and_every_moment_of_it_is_a_sound_recipe() -> None:
    assert 50 <= tour_steps.length_s() <= 75
    recipe = tour_steps.start(Recipe())
    for step in STEPS:
        for share in (0.0, 0.13, 0.5, 0.99, 1.0):
            check(step.at(recipe, share))
        assert step.at(recipe, 0.4) == step.at(recipe, 0.4)
        recipe = step.at(recipe, 1.0)


def test_it_shows_the_four_jobs() -> None:
    recipe = start = tour_steps.start(Recipe())
    touched: set[str] = set()
    for step in STEPS:
        for share in (0.0, 0.3, 0.7, 1.0):
            shown = step.at(recipe, share)
            touched |= {
                word
                for word in Recipe.__struct_fields__
                if getattr(shown, word) != getattr(start, word)
            }
        recipe = step.at(recipe, 1.0)
    assert {"text", "latent", "psi", "mixing", "transform"} <= touched


def test_a_clip_is_made_key_by_key_and_then_played() -> None:
    recipe = replace(tour_steps.start(Recipe()), text=TextPart((Prompt("a", 0.0), Prompt("b"))))
    views = [tour_steps.timeline(recipe, share / 100) for share in range(101)]
    assert list(dict.fromkeys(len(view.timeline.keys) for view in views)) == [1, 2, 3]
    assert [view.playing for view in views] == [False] * 45 + [True] * 56
    for share, view in enumerate(views):
        shown = tour_steps.playing(recipe, share / 100)
        if view.playing:
            assert recipe_at(view.timeline, view.position_s) == shown
    assert tour_steps.playing(recipe, 0.0) == tour_steps.playing(recipe, 1.0) == recipe


def test_typing_goes_letter_by_letter() -> None:
    at, recipe = tour_steps.typing("abc"), tour_steps.start(Recipe())
    words = [at(recipe, share / 100).text.prompts[0].text for share in range(101)]
    assert list(dict.fromkeys(words)) == ["", "a", "ab", "abc"]
    recipe = at(recipe, 1.0)
    back = tour_steps.typing("d", keep=1)
    words = [back(recipe, share / 100).text.prompts[0].text for share in range(101)]
    assert list(dict.fromkeys(words)) == ["abc", "ab", "a", "ad"]


# -- in the window -----------------------------------------------------------------------------


def test_it_plays_and_says_what_it_does(touring: Driver, clock: FilmClock) -> None:
    play(touring, clock, STEPS[0].seconds * 0.9)
    assert touring.recipe.text.prompts[0].text.startswith(tour_steps.FIRST_PROMPT[:12])
    tour = tour_of(touring)
    assert tour.index == 0
    play(touring, clock, STEPS[0].seconds * 0.2)
    assert tour.index == 1
    assert touring.recipe.text.prompts[0].text.startswith(tour_steps.FIRST_PROMPT)


def test_next_and_stop_are_buttons_and_all_is_as_before(touring: Driver, clock: FilmClock) -> None:
    before = touring.app.session.options
    touring(lambda c: c.item_click("Tour/Next"))
    assert tour_of(touring).index == 1
    touring(lambda c: c.item_click("Tour/Stop"))
    assert not tour_of(touring).running
    assert touring.recipe == MINE
    assert touring.app.session.options.capture_folder == before.capture_folder
    assert "everything is as it was before" in touring.said[-1]


def test_its_frame_is_not_drawn_over_a_dialog(
    touring: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[None] = []
    above = imgui.get_foreground_draw_list

    def spied() -> imgui.ImDrawList:
        drawn.append(None)
        return above()

    monkeypatch.setattr(imgui, "get_foreground_draw_list", spied)
    touring.frames(2)
    assert drawn
    touring.app.commands.do(actions.ShowDialog("messages"))
    touring.frames(3)
    drawn.clear()
    touring.frames(3)
    assert not drawn and tour_of(touring).running


def test_the_whole_of_it_ends_where_it_began(touring: Driver, clock: FilmClock) -> None:
    for step in STEPS:
        play(touring, clock, step.seconds, 4)
    play(touring, clock, 3.0, 4)
    tour = tour_of(touring)
    assert (tour.running, tour.finished) == (False, 1)
    assert touring.recipe == MINE


@pytest.fixture
def owner(open_window: Open, clock: FilmClock) -> Driver:
    """A window of somebody with a timeline, with auto-key on, and with a sheet, before a tour."""
    ui = open_window(recipe=MINE, clock=clock)
    for action in (AddKey(), SetAutoKey(True), SetSheet(MY_SHEET)):
        ui.app.commands.do(action)
        ui.frames(2)
    return ui


def seen(ui: Driver, kind: type[V]) -> V:
    """What the user's own instruments show, whatever the tour puts before it."""
    return next(
        view
        for each in ui.app.instruments
        if not isinstance(each, Tour)
        for view in each.views(0.0)
        if isinstance(view, kind)
    )


def to_step(ui: Driver, clock: FilmClock, drawer: str) -> None:
    """Play the tour until half of the step that opens a tab."""
    ui.app.commands.do(StartTour())
    while (index := tour_of(ui).index) is None or STEPS[index].drawer != drawer:
        ui.app.commands.do(NextStep())
        play(ui, clock, 0.2, 2)
    play(ui, clock, STEPS[index].seconds * 0.6, 4)


def test_timeline_and_sheet_of_the_user_are_left_alone(owner: Driver, clock: FilmClock) -> None:
    before = seen(owner, TimelineView), seen(owner, SheetView), owner.app.session.options
    owner.app.commands.do(StartTour())
    for step in STEPS:
        play(owner, clock, step.seconds, 4)
        assert seen(owner, TimelineView).timeline == before[0].timeline
        assert seen(owner, SheetView) == before[1]
    play(owner, clock, 3.0, 4)
    assert not tour_of(owner).running
    after = seen(owner, TimelineView), seen(owner, SheetView), owner.app.session.options
    assert after == before
    owner.app.session.edit(replace(MINE, psi=0.5))
    owner.frames(2)
    keys = seen(owner, TimelineView).timeline.keys
    assert keys[0].recipe.psi == 0.5, "and auto-key is on again"


@pytest.mark.parametrize(
    ("drawer", "place"),
    [("Timeline", "**/###play"), ("Timeline", "**/###add key"), ("Grid", "**/###save this sheet")],
)
def test_who_works_with_the_tours_timeline_takes_over_and_loses_nothing(
    owner: Driver, clock: FilmClock, drawer: str, place: str
) -> None:
    before = seen(owner, TimelineView).timeline, seen(owner, SheetView)
    to_step(owner, clock, drawer)
    shown = owner.recipe
    assert shown != MINE
    owner(lambda c: c.item_click(place))
    assert not tour_of(owner).running
    assert "You took over" in owner.said[-1]
    assert owner.recipe == shown
    assert (seen(owner, TimelineView).timeline, seen(owner, SheetView)) == before


def test_a_cell_of_the_tours_sheet_can_be_taken(owner: Driver, clock: FilmClock) -> None:
    to_step(owner, clock, "Grid")
    owner(lambda c: c.item_click("**/0,2"))
    assert not tour_of(owner).running
    assert (owner.recipe.latent.seed, owner.recipe.psi) == (7, pytest.approx(1 / 3))
    assert seen(owner, SheetView) == SheetView(MY_SHEET)


def test_whoever_changes_something_takes_over(touring: Driver, clock: FilmClock) -> None:
    play(touring, clock, 4.0)

    def type_it(c: Any) -> None:
        c.item_click("**/prompt0/##text")
        c.key_chars_append("!")

    touring(type_it)
    tour = tour_of(touring)
    assert not tour.running
    assert "!" in touring.recipe.text.prompts[0].text
    clock.now_s += 30
    touring.frames(3)
    assert "!" in touring.recipe.text.prompts[0].text, "it is left alone"
    for _ in range(4):
        touring.app.session.document.undo()
    assert touring.recipe == MINE


def test_stop_without_a_tour_does_nothing(ui: Driver) -> None:
    before = ui.recipe
    ui.app.commands.do(StopTour())
    ui.frames(1)
    assert ui.recipe == before


def test_it_is_in_the_help_menu(ui: Driver) -> None:
    ui(lambda c: c.menu_click("//##MainMenuBar/Help/Tour"))
    assert tour_of(ui).running


# -- on film -----------------------------------------------------------------------------------

SHORT = (
    Step("One", "It types.", 1.4, "Prompt", tour_steps.typing("a red house")),
    Step("Two", "It rests.", 1.1, "Picture", tour_steps.still),
)


def pictures(clip: Path) -> int:
    """How many frames a clip has."""
    with av.open(str(clip)) as movie:
        return sum(1 for _ in movie.decode(video=0))


def test_it_is_filmed_in_the_real_window(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tour_steps, "STEPS", SHORT)
    clip, stills = tmp_path / "tour.mp4", tmp_path / "stills"
    arguments = ["--clip", str(clip), "--stills", str(stills), "--fps", "4", "--size", "900x600"]
    result = CliRunner().invoke(tour_cli.tour, arguments)
    assert result.exit_code == 0, result.output
    assert pictures(clip) == 10
    names = sorted(path.name for path in stills.iterdir())
    assert names == ["step-01-0001.png", "step-02-0001.png"]
    assert str(clip) in result.output and names[1] in result.output
    with Image.open(stills / names[0]) as first, Image.open(stills / names[1]) as second:
        assert first.size == (900, 600)
        assert first.tobytes() != second.tobytes()


NOWHERE = """
import sys
from tests.visualizer.instruments.test_tour import SHORT
from visualizer.instruments import tour_steps
from visualizer.cli import cli
tour_steps.STEPS = SHORT
sys.argv[1:] = ["tour", "--fps", "2", "--size", "900x600"]
cli()
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11 is Linux's")
def test_without_a_display_it_is_filmed_all_the_same(tmp_path: Path) -> None:
    unwanted = ("DISPLAY", "WAYLAND_DISPLAY")
    environment = {name: value for name, value in os.environ.items() if name not in unwanted}
    result = subprocess.run(
        [sys.executable, "-c", NOWHERE],
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    folder = tmp_path / "stylegan-t-tour"
    assert pictures(folder / "tour.mp4") == 5
    assert len(list(folder.glob("step-*.png"))) == 2
    with Image.open(folder / "step-01-0001.png") as still:
        assert still.size == (900, 600)
        low, high = still.convert("L").getextrema()
    assert (low, high) != (0, 0), "something was drawn"


def test_a_size_that_is_none_is_refused() -> None:
    for size in ("big", "1x1", "99999x99999"):
        result = CliRunner().invoke(tour_cli.tour, ["--stills", "x", "--size", size])
        assert result.exit_code == 2
        assert "--size" in result.output


def test_an_existing_clip_is_left_alone(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"mine")
    result = CliRunner().invoke(tour_cli.tour, ["--clip", str(clip)])
    assert result.exit_code == 1 and "exists already" in result.output
    assert clip.read_bytes() == b"mine"


# -- what it leaves ----------------------------------------------------------------------------


def files(folder: Path) -> set[str]:
    """All files but the program's own state, which is written again and again."""
    return {path.name for path in folder.rglob("*") if path.is_file()}


def whole(ui: Driver, clock: FilmClock) -> None:
    """Watch the tour to its end, and a little longer."""
    for _ in range(4 * len(STEPS)):
        play(ui, clock, 3.0, 2)
    assert tour_of(ui).finished


def test_the_tour_leaves_nothing_behind(open_window: Open, clock: FilmClock) -> None:
    ui = open_window(recipe=MINE, clock=clock)
    for psi in (0.3, 0.4, 0.5):
        ui.app.session.edit(replace(ui.app.session.recipe, psi=psi))
        play(ui, clock, 3.0)
    ui.app.commands.do(actions.Undo())
    play(ui, clock, 4.0)
    session, home = ui.app.session, files(ui.home)
    before, options, parts = session.document.steps, session.options, ui.app.saving.session().parts
    ui.app.commands.do(StartTour())
    whole(ui, clock)
    assert session.document.steps == before, "undo and redo as well"
    assert session.options == options
    assert ui.app.saving.session().parts == parts, "the history as well"
    assert session.last_capture == ""
    assert files(ui.home) == home
    known = ui.app.instrument(Prompts)
    assert not any(tour_steps.FIRST_PROMPT in prompt for prompt in known.history.prompts)


def test_what_is_kept_during_the_tour_is_the_user_s(open_window: Open, clock: FilmClock) -> None:
    ui = open_window(recipe=MINE, clock=clock)
    play(ui, clock, 3.0)
    options = ui.app.session.options
    ui.app.commands.do(StartTour())
    play(ui, clock, 20.0, 20)
    state = ui.app.saving.now(ended=True)
    assert state.recipe is not None and state.recipe.text == MINE.text
    assert state.options == options


def test_a_newcomer_s_tour_ends_with_the_first_start_s_picture(
    open_window: Open, clock: FilmClock
) -> None:
    thread = FakeThread(answers=False)
    ui = open_window(thread=thread, clock=clock)
    ui.app.commands.do(StartTour())
    thread.answers = True
    play(ui, clock, 5.0)
    ui.app.commands.do(StopTour())
    ui.frames(4)
    assert ui.recipe.text.prompts[0].text == MODEL.example_prompts[0]
    assert ui.recipe.latent == FIRST_LATENT


@pytest.mark.parametrize("action", [actions.Undo(), actions.RandomSeed(), actions.ResetRecipe()])
def test_what_comes_from_elsewhere_takes_over_too(
    touring: Driver, clock: FilmClock, action: actions.Action
) -> None:
    play(touring, clock, 3.0)
    touring.app.commands.do(action)
    wanted = touring.app.session.recipe
    play(touring, clock, 3.0)
    assert not tour_of(touring).running
    assert touring.app.session.recipe == wanted
    assert touring.said[-1].startswith("You took over.")
