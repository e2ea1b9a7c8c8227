from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from renderer.recipe.fresh import FRESH
from renderer.recipe.recipe import ModelRef, Recipe
from visualizer.app.start import _first

ROOT = Path(__file__).parents[3]


def test_a_named_model_takes_the_place_of_the_last_one() -> None:
    last = Recipe(model=ModelRef("old.pkl", "a" * 64), psi=0.5)
    assert _first("new.pkl", None, last) == Recipe(model=ModelRef("new.pkl"), psi=0.5)
    assert _first("new.pkl", None, None) == Recipe(model=ModelRef("new.pkl"))


def test_a_given_recipe_goes_before_the_last_one() -> None:
    last, given = Recipe(psi=0.5), Recipe(psi=0.2)
    assert _first(None, given, last) == given
    assert _first(None, None, last) is None


def test_a_newcomer_begins_with_the_new_demo_model() -> None:
    assert _first(None, None, None) == FRESH
    assert _first("demo", None, None) == Recipe()


@pytest.mark.slow
def test_the_window_is_there_before_pytorch_is() -> None:
    program = "import sys, visualizer.app.start; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0


@pytest.mark.display
def test_a_device_that_is_not_there_is_a_sentence_and_status_2(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from visualizer.app.start import run

    monkeypatch.setenv("STYLEGAN_T_HOME", str(tmp_path))
    assert run("demo", "quantum") == 2
    assert "no device called" in capsys.readouterr().err


@pytest.mark.display
def test_modules_are_not_gone_over_again_while_the_window_is_open(tmp_path: Path) -> None:
    """What is imported stays, so that collecting garbage takes no time from a redraw."""
    code = (
        "import gc\nfrom visualizer.app.start import open_app\n"
        "app = open_app('demo', 'cpu', None)\nprint(gc.get_freeze_count())\napp.close()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "STYLEGAN_T_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert int(done.stdout.split()[0]) > 100_000, done.stderr
