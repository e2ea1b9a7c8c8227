"""A short run of the monkey, and whether it would notice what it is there to notice."""

from __future__ import annotations

import logging
import os
import re
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from renderer.recipe.recipe import ModelRef, Recipe, RecipeError, TransformPart
from tests.monkey.fence import Fence
from tests.monkey.gauges import slope
from tests.monkey.neighbour import Neighbour
from tests.monkey.rules import BrokenRuleError, Keepsakes, listening, recipe_is_sound, survived
from visualizer.session.seats import take_seat
from visualizer.session.session import Session
from visualizer.session.state import Folders
from visualizer.session.undo_stack import UndoStack
from widgets.context import Options, Refusal

pytestmark = pytest.mark.slow

STEPS = 160
LEAST_WIDGETS = 30
MINUTES = 4


def run(tmp_path: Path, seed: int, steps: int) -> tuple[str, list[str]]:
    """What a run prints and what it did; in a process of its own, which it fences in."""
    log = tmp_path / "acts.log"
    command = [sys.executable, "-m", "tests.benchmarks.monkey", "--log", str(log)]
    command += ["--replay", str(seed), "--until", str(steps)]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60 * MINUTES, cwd=root)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    acts = [re.sub(r"stylegan-t-monkey-\d+", "", line) for line in log.read_text().splitlines()]
    return done.stdout, acts


@pytest.mark.display
@pytest.mark.skipif(sys.platform != "linux", reason="it counts open files in /proc")
def test_a_monkey_breaks_nothing_and_does_the_same_again(tmp_path: Path) -> None:
    said, acts = run(tmp_path, 1, STEPS)
    found = re.search(r"(\d+) different widgets", said)
    assert found is not None
    assert int(found[1]) >= LEAST_WIDGETS
    assert len(acts) == STEPS
    _, again = run(tmp_path, 1, STEPS // 4)
    assert again == acts[: STEPS // 4]


def test_errors_are_heard_wherever_they_come_from() -> None:
    with listening() as ears:
        logging.getLogger("anywhere").warning("not an error")
        assert not ears.heard
        try:
            raise ValueError("a mistake")
        except ValueError:
            logging.getLogger("anywhere").exception("a redraw failed")
    assert "a redraw failed" in ears.heard[0]
    assert "a mistake" in ears.heard[0]


def test_an_impossible_recipe_is_noticed() -> None:
    recipe_is_sound(Recipe())
    with pytest.raises(RecipeError):
        recipe_is_sound(Recipe(transform=TransformPart(x=10_001.0)))


def test_a_recipe_that_is_lost_is_noticed_unless_its_model_is_gone(tmp_path: Path) -> None:
    session = Session(
        UndoStack(Recipe(psi=0.3)), Options(), (), Folders(tmp_path, tmp_path), lambda: 0.0
    )
    survived(Recipe(psi=0.3), session)
    gone = Recipe(ModelRef("gone.pkl"), psi=0.3)
    with pytest.raises(BrokenRuleError):
        survived(gone, session)
    session.refused = Refusal(gone.model, "It is gone.", "missing", session.recipe.model.path)
    survived(gone, session)
    with pytest.raises(BrokenRuleError):
        survived(replace(gone, psi=0.4), session)


def test_files_that_go_or_change_are_noticed(tmp_path: Path) -> None:
    keepsakes = Keepsakes(lambda: [tmp_path])
    kept, other = tmp_path / "a.png", tmp_path / ".b.png"
    kept.write_bytes(b"one")
    other.write_bytes(b"in work")
    keepsakes.look()
    other.unlink()
    keepsakes.look()
    assert keepsakes.count == 1
    kept.write_bytes(b"another")
    with pytest.raises(BrokenRuleError, match=r"a\.png"):
        keepsakes.look()


def test_a_video_may_grow_until_it_is_whole(tmp_path: Path) -> None:
    keepsakes, video = Keepsakes(lambda: [tmp_path]), tmp_path / "take-0001.mp4"
    for growing in (b"", b"moov mvex", b"moov mvex moof"):
        video.write_bytes(growing)
        keepsakes.look()
        assert not keepsakes.count
    video.write_bytes(b"moov")
    keepsakes.look()
    video.write_bytes(b"moov and more")
    with pytest.raises(BrokenRuleError, match="take-0001"):
        keepsakes.look()


@pytest.mark.display
@pytest.mark.skipif(sys.platform != "linux", reason="it forks")
def test_what_another_window_has_made_is_looked_for(tmp_path: Path) -> None:
    with closing(Neighbour(tmp_path)) as neighbour:
        first = take_seat(tmp_path)
        neighbour.act("open")
        neighbour.act("change", 1, "demo")
        prompts = tmp_path / "prompts.json"
        kept = prompts.read_bytes()
        prompts.write_bytes(b"")
        with pytest.raises(BrokenRuleError, match="beside 1"):
            neighbour.act("look")
        prompts.write_bytes(kept)
        neighbour.act("kill")
        neighbour.act("open")
        shutil.rmtree(tmp_path / "aside")
        with pytest.raises(BrokenRuleError, match="the session of another window is lost"):
            neighbour.act("close")
        first.leave()


@pytest.mark.parametrize(
    ("event", "args"),
    [
        ("open", ("{outside}", "w", os.O_WRONLY | os.O_CREAT)),
        ("os.remove", ("{outside}", -1)),
        ("os.rename", ("{inside}", "{outside}", -1, -1)),
        ("subprocess.Popen", ("xdg-open", ["xdg-open"], None, None)),
        ("socket.connect", (None, ("203.0.113.1", 443))),
        ("socket.sendto", (None, ("203.0.113.1", 9001))),
    ],
)
def test_the_fence_lets_nothing_out(tmp_path: Path, event: str, args: tuple[object, ...]) -> None:
    home = tmp_path / "home"
    home.mkdir()
    places = {"inside": str(home / "a"), "outside": str(tmp_path / "b")}
    named = [arg.format(**places) if isinstance(arg, str) else arg for arg in args]
    fence = Fence(home)
    with pytest.raises(PermissionError):
        fence.look(event, tuple(named))
    assert len(fence.breaches) == 1


def test_the_fence_leaves_the_inside_alone(tmp_path: Path) -> None:
    fence = Fence(tmp_path)
    fence.look("open", (str(tmp_path / "a"), "w", os.O_WRONLY))
    fence.look("open", ("/etc/hosts", "r", os.O_RDONLY))
    fence.look("os.mkdir", (str(tmp_path), 0o777, -1))
    fence.look("socket.connect", (None, ("127.0.0.1", 9000)))
    assert not fence.breaches


def test_the_slope_is_that_of_the_line() -> None:
    assert slope([(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)]) == pytest.approx(2.0)
    assert slope([(0.0, 1.0)]) == slope([(1.0, 1.0), (1.0, 5.0)]) == 0.0
