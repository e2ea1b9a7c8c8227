"""Scripts beside the real window: what they set is shown, what they ask for comes, and they end."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from renderer.errors import Abandoned, PictureError
from renderer.files.atomic import ExportError
from renderer.files.images import read_recipe
from renderer.frame.frame import Frame
from renderer.parameters.kinds import ParameterError
from renderer.recipe.identity import unhashed
from renderer.recipe.recipe import NoisePart, Recipe, RecipeError
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from visualizer.instruments.moments import MomentsKeeper
from visualizer.instruments.script_calls import ScriptCalls
from visualizer.scripting import Explorer, ScriptError, WindowClosedError
from visualizer.session.state import Store

pytestmark = pytest.mark.display

ROOT = Path(__file__).parents[2]
Play = Callable[[Callable[[Explorer], Any]], Any]


def calls_of(ui: Driver) -> ScriptCalls:
    """The window's side."""
    return ui.app.instrument(ScriptCalls)


@pytest.fixture
def play(ui: Driver) -> Iterator[Play]:
    """Runs a script on a thread while the window draws; returns what it returns."""
    threads: list[threading.Thread] = []

    def run(main: Callable[[Explorer], Any]) -> Any:
        outcome: list[Any] = []

        def body() -> None:
            try:
                outcome.append((main(Explorer(calls_of(ui))), None))
            except BaseException as error:
                outcome.append((None, error))

        threads.append(threading.Thread(target=body))
        threads[-1].start()
        ui.until(lambda: outcome)
        result, error = outcome[0]
        if error is not None:
            raise error
        return result

    yield run
    for thread in threads:
        thread.join()


def test_the_script_in_the_manual_writes_its_pictures(
    play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manual = (ROOT / ".github" / "CONTROL.md").read_text("utf-8")
    file = tmp_path / "script.py"
    file.write_text(manual.split("```python\n")[1].split("```")[0], "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("visualizer.scripting.run", play)
    runpy.run_path(str(file))
    saved = sorted(tmp_path.glob("psi-*.png"))
    assert [read_recipe(path).psi for path in saved] == [step / 10 for step in range(11)]


def test_values_are_set_and_read(ui: Driver, play: Play) -> None:
    def main(window: Explorer) -> None:
        window.set("/psi", 0.5)
        window.set("/text/prompt/1", "a red house")
        assert window.get("/psi") == 0.5
        assert window.recipe.text.prompts[0].text == "a red house"
        window.set("/latent/seed", 4)
        window.set("/seed/next")
        assert window.get("/latent/seed") == 5
        window.edit(Recipe(psi=0.25))
        assert unhashed(window.recipe) == Recipe(psi=0.25)
        assert "/psi/block/32" in {item.address for item in window.parameters}
        window.say("Here is a script.")

    play(main)
    assert ui.recipe == Recipe(psi=0.25)
    assert "Here is a script." in ui.said


def test_a_script_s_edits_are_undone_together(ui: Driver, play: Play) -> None:
    def main(window: Explorer) -> None:
        for step in range(20):
            window.set("/psi", step / 20)
        window.undo()

    before = ui.recipe
    play(main)
    assert ui.recipe == before
    play(lambda window: window.redo())
    assert ui.recipe.psi == 0.95


def test_what_does_not_fit_raises_in_the_script(ui: Driver, play: Play) -> None:
    before = ui.recipe
    for wrong in (
        lambda window: window.set("/psi", "much"),
        lambda window: window.set("/psi/block/7", 1.0),
        lambda window: window.get("/undo"),
        lambda window: window.set("/undo", "now"),
    ):
        with pytest.raises(ParameterError):
            play(wrong)
    with pytest.raises(RecipeError):
        play(lambda window: window.edit(Recipe(psi=float("nan"))))
    assert ui.recipe == before


def test_the_picture_is_that_of_the_recipe_of_now(ui: Driver, play: Play) -> None:
    def main(window: Explorer) -> tuple[np.ndarray, Recipe, np.ndarray]:
        window.set("/psi", 0.125)
        return window.picture(), window.frame().recipe, window.render(Recipe(psi=0.75))

    picture, recipe, other = play(main)
    assert recipe.psi == 0.125
    assert np.array_equal(picture, ui.thread.answer(recipe).pixels())
    assert np.array_equal(other, ui.thread.answer(Recipe(psi=0.75)).pixels())
    picture[:] = 0  # a copy: nothing else sees that


def test_where_there_is_no_picture_the_script_is_told(ui: Driver, play: Play) -> None:
    ui.thread.error = "The model cannot be read."

    def main(window: Explorer) -> None:
        window.set("/psi", 0.125)
        window.picture()

    with pytest.raises(ScriptError, match="cannot be read"):
        play(main)
    with pytest.raises(ScriptError, match="cannot be read"):
        play(lambda window: window.render(Recipe()))
    ui.thread.error, ui.thread.answers = None, False

    def waits(window: Explorer) -> None:
        window.set("/psi", 0.25)
        window.picture(timeout_s=0.2)

    with pytest.raises(ScriptError, match=r"within 0\.2 s"):
        play(waits)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Abandoned(), WindowClosedError),  # the window was closed while it was rendered
        (PictureError("The renderer was restarted in the meantime."), ScriptError),
    ],
)
def test_a_picture_that_is_given_up_is_told_in_a_script_s_own_errors(
    ui: Driver,
    play: Play,
    monkeypatch: pytest.MonkeyPatch,
    fault: Exception,
    told: type[Exception],
) -> None:
    def run(work: Callable[[Any], Any], label: str) -> Future[Any]:
        future = Future[Any]()
        future.set_exception(fault)
        return future

    monkeypatch.setattr(ui.thread, "run", run)
    with pytest.raises(told):
        play(lambda window: window.render(Recipe()))


def test_pictures_are_captured_with_their_recipe(ui: Driver, play: Play, tmp_path: Path) -> None:
    path = tmp_path / "a.png"

    def main(window: Explorer) -> None:
        window.edit(Recipe(noise=NoisePart("random", 7)))
        window.capture(path)

    play(main)
    assert unhashed(read_recipe(path)).noise.seed == 7
    with pytest.raises(ExportError, match="exists already"):
        play(lambda window: window.capture(path))
    assert play(lambda window: window.capture(path, overwrite=True)) == path


def test_frames_are_followed(ui: Driver, play: Play) -> None:
    heard: list[float] = []

    def main(window: Explorer) -> list[float]:
        window.on_frame(lambda frame: heard.append(frame.recipe.psi))
        found = []
        for frame in window.frames(timeout_s=1.0):
            found.append(frame.recipe.psi)
            if len(found) == 3:
                break
            window.set("/psi", len(found) / 10)
        return found

    assert play(main)[1:] == [0.1, 0.2]
    ui.until(lambda: heard[-1:] == [0.2])


def test_a_reaction_that_fails_is_called_no_more(
    ui: Driver, play: Play, caplog: pytest.LogCaptureFixture
) -> None:
    def react(frame: Frame) -> None:
        raise ZeroDivisionError

    play(lambda window: window.on_frame(react))
    ui.until(lambda: "called no more" in caplog.text)


def test_closing_the_window_ends_whoever_waits(open_window: Open, tmp_path: Path) -> None:
    ui = open_window()
    ui.thread.answers = False
    window, ended = Explorer(calls_of(ui)), list[BaseException]()
    ready = threading.Barrier(3)

    def waits_for(work: Callable[[], object]) -> threading.Thread:
        def body() -> None:
            try:
                ready.wait()
                work()
            except WindowClosedError as error:
                ended.append(error)

        thread = threading.Thread(target=body)
        thread.start()
        return thread

    def picture() -> None:
        window.set("/psi", 0.125)
        window.picture()

    threads = [waits_for(picture), waits_for(lambda: list(window.frames()))]
    ready.wait()
    ui.until(lambda: calls_of(ui)._shown)
    open_window()  # closes the first one
    for thread in threads:
        thread.join()
    assert len(ended) == 2
    assert window.closed
    for work in (lambda: window.recipe, window.picture, lambda: window.render(Recipe())):
        with pytest.raises(WindowClosedError):
            work()


# -- the whole thing, with the real renderer -----------------------------------------------------


def script(tmp_path: Path, text: str) -> subprocess.CompletedProcess[str]:
    """Run a script of a user's in a process of its own."""
    file = tmp_path / "script.py"
    file.write_text(text)
    command = [sys.executable, str(file)]
    environment = {
        **os.environ,
        "STYLEGAN_T_HOME": str(tmp_path / "home"),
        "PYTHONPATH": str(ROOT),
    }
    return subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
    )


def test_the_example_of_the_documentation_runs(tmp_path: Path) -> None:
    from visualizer import scripting

    text = scripting.__doc__ or ""
    lines = [line[4:] for line in text.splitlines() if line.startswith("    ") or not line]
    done = script(tmp_path, "\n".join(lines))
    assert done.returncode == 0, done.stderr
    files = sorted(tmp_path.glob("psi-*.png"))
    assert [file.name for file in files] == [f"psi-{step:02}.png" for step in range(11)]
    assert read_recipe(files[3]).psi == 0.3
    assert read_recipe(files[3]).text.prompts[0].text == "a red house at sunset"


def test_results_and_errors_come_back_from_run(tmp_path: Path) -> None:
    text = """
from renderer.recipe.recipe import Recipe
from visualizer import scripting

def first(window):
    same = (window.picture() == window.render(window.recipe)).all()
    window.close()  # as the user does
    while True:
        window.recipe

def second(window):
    window.set("/psi", "half")

print(scripting.run(first, "demo", recipe=Recipe(psi=0.5)))
print(scripting.run(lambda window: window.picture().shape, "demo"))
scripting.run(second, "demo")
"""
    done = script(tmp_path, text)
    assert done.stdout.splitlines() == ["None", "(128, 128, 3)"]
    assert done.returncode == 1
    assert "ParameterError: /psi takes a number." in done.stderr


BUSY = """
import time
import torch
from visualizer import scripting
from visualizer.app import shutdown
from visualizer.app.start import open_app

square = torch.rand(300, 300)
shutdown.EXIT_S = 0.5

def for_ever(renderer):
    while True:
        square @ square

def for_a_while(renderer):
    for _ in range(300):
        square @ square
"""
BESIDE = (
    BUSY
    + """
def main(window):
    window.picture()
    window._calls.desk.thread.run(WORK, "long")
    time.sleep(0.2)
    return 5

print(scripting.run(main), flush=True)
"""
)
ALONE = (
    BUSY
    + """
app = open_app("demo", "cpu", None)
app.start()
while app.session.frame is None:
    app.frame(wait=False)
app.thread.run(WORK, "long")
time.sleep(0.2)
"""
)


@pytest.mark.parametrize(
    ("text", "work"),
    [(BESIDE, "for_ever"), (ALONE, "for_ever"), (ALONE, "for_a_while")],
    ids=["run", "no close", "no close and a little to do"],
)
def test_a_script_may_end_while_something_computes(text: str, work: str, tmp_path: Path) -> None:
    done = script(tmp_path, text.replace("WORK", work))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == ("5\n" if text is BESIDE else "")
    state = Store(tmp_path / "home").load()
    assert state.ended, "the window was closed as it should"
    assert state.recipe is not None


def test_the_error_of_a_script_is_its_status_whatever_still_computes(tmp_path: Path) -> None:
    text = BESIDE.replace("WORK", "for_ever") + "raise ValueError('no good')\n"
    done = script(tmp_path, text)
    assert done.returncode == 1
    assert done.stderr.endswith("ValueError: no good\n")
    assert "terminate" not in done.stderr


def test_a_script_stores_moments_and_recalls_them(play: Play, ui: Driver) -> None:
    def main(window: Explorer) -> list[object]:
        window.set("/psi", 0.25)
        window.store(3, "Low", "psi")
        window.set("/psi", 0.75)
        window.recall(3, 0.0)
        return [window.get("/psi")]

    assert play(main) == [0.25]
    keeper = ui.app.instrument(MomentsKeeper)
    moment = keeper.views(0.0)[0].moments.find(3)  # type: ignore[index]
    assert (moment.name, moment.parts) == ("Low", ("psi",))
    for wrong in (
        lambda window: window.recall(0),
        lambda window: window.recall(1, 1e9),
        lambda window: window.store(100),
        lambda window: window.store(1, "", "roof"),
    ):
        with pytest.raises(ParameterError):
            play(wrong)
