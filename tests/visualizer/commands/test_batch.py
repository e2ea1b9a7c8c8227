"""Commands that draw many recipes into one file: one way of failing, and of being interrupted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import stylegan_t
from renderer.frame.frame import Frame
from renderer.pipeline.renderer import Renderer
from renderer.recipe.recipe import ModelRef, Recipe, to_json
from renderer.timeline.serialization import timeline_to_json
from renderer.timeline.timeline import KeyFrame, Timeline
from tests.renderer.fakes import tiny_model
from visualizer.cli import cli

COMMANDS = {
    "grid": ("grid", "--model", "tiny.safetensors", "--rows", "seed=0..3", "--out", "out/a.png"),
    "video": ("video", "timeline.json", "--out", "out/a.mp4"),
    "pictures": ("video", "timeline.json", "--out", "out/a"),
}
EVERY = pytest.mark.parametrize("name", COMMANDS)


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: a tiny model, a timeline of four frames, and "out"."""
    monkeypatch.chdir(tmp_path)
    stylegan_t.save(tiny_model(3), "tiny.safetensors")
    key = KeyFrame(0.0, Recipe(ModelRef(str(tmp_path / "tiny.safetensors"), "ab" * 32)))
    (tmp_path / "timeline.json").write_text(timeline_to_json(Timeline((key,), 0.8, 5)))
    (tmp_path / "out").mkdir()
    return tmp_path


def run(name: str, *more: str) -> Result:
    return CliRunner().invoke(cli, [*COMMANDS[name], "--device", "cpu", *more])


def third(monkeypatch: pytest.MonkeyPatch, then: Callable[[Frame], Frame]) -> None:
    """Let the third picture become another."""
    render, count = Renderer.render, 0

    def rendered(*arguments: Any, **options: Any) -> Frame:
        nonlocal count
        count += 1
        frame = render(*arguments, **options)
        return then(frame) if count == 3 else frame

    monkeypatch.setattr(Renderer, "render", rendered)


@EVERY
def test_what_is_interrupted_leaves_nothing(
    name: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(frame: Frame) -> Frame:
        raise KeyboardInterrupt

    third(monkeypatch, interrupt)
    result = run(name)
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output
    assert list((place / "out").iterdir()) == []


@EVERY
def test_a_picture_that_cannot_be_made_is_named_with_what_to_do(
    name: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    third(
        monkeypatch,
        lambda frame: Frame(frame.recipe, None, None, "The model is gone.", fault="missing"),
    )
    result = run(name)
    part = "grid was not written: picture" if name == "grid" else "video was not written: frame"
    assert f"The {part} 3: The model is gone. Name its file with --model" in result.stderr
    assert result.exit_code == 1
    assert list((place / "out").iterdir()) == []


@EVERY
def test_a_note_of_the_renderer_is_said_once(name: str, place: Path) -> None:
    recipe, ref = place / "recipe.json", ModelRef(str(place / "tiny.safetensors"), "ab" * 32)
    recipe.write_text(to_json(Recipe(ref)))
    more = ("--recipe", str(recipe)) if name == "grid" else ()
    result = run(name, *more)
    assert result.exit_code == 0, result.output
    assert result.stderr.count("Note: This recipe was made with another version") == 1
