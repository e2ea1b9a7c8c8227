"""Paths with a "~": of a user who is there, and of one who is not, wherever a command takes one."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from renderer.recipe.recipe import ModelRef, Recipe
from renderer.timeline.serialization import timeline_to_json
from renderer.timeline.timeline import KeyFrame, Timeline
from tests.stylegan_t.training.tiny_run import arguments
from visualizer.app.start import open_app
from visualizer.cli import cli
from visualizer.commands.doctor import own_files
from visualizer.options.as_command import as_options
from visualizer.options.paths import typed_path
from visualizer.session.state import HOME_VARIABLE
from visualizer.window.display import WindowError

NOBODY = "~no-such-user-7"
GONE = f"{NOBODY}/x"
RENDER = ("render", "--model", "demo", "--out", "a.png")
GRID = ("grid", "--out", "a.png")
METRICS = ("metrics", "demo", "--out", "m")
TRAIN = ("train", "--dry-run", "--data", "demo", "--preset", "demo", "--out", "run")
OF_A_SHELL = ("train", "--out")
"""Taken as a shell takes it: the name of a folder, which the run makes."""
CALLS: dict[tuple[str, str], tuple[int, tuple[str, ...]]] = {
    ("open", "model"): (2, ("open", GONE)),
    ("open", "--preset"): (1, ("open", "--preset", f"{GONE}.json")),
    ("send", "file"): (1, ("send", GONE, "--record")),
    ("send", "--recipe"): (1, ("send", "--record", "--recipe", f"{GONE}.png")),
    ("send", "--preset"): (1, ("send", "--preset", f"{GONE}.json")),
    ("open", "--recipe"): (1, ("open", "--recipe", f"{GONE}.png")),
    ("render", "--model"): (1, (*RENDER, "--model", GONE)),
    ("render", "--blend"): (1, (*RENDER, "--blend", GONE)),
    ("render", "--recipe"): (1, (*RENDER, "--recipe", f"{GONE}.png")),
    ("render", "--prompts"): (1, (*RENDER, "--prompts", f"{GONE}.txt")),
    ("render", "--wildcards"): (1, (*RENDER, "--wildcards", GONE)),
    ("render", "--tower"): (1, (*RENDER, "--tower", f"{GONE}.pt")),
    ("render", "--out"): (1, ("render", "--out", f"{GONE}.png")),
    ("grid", "--model"): (1, (*GRID, "--rows", "seed=0..1", "--model", GONE)),
    ("grid", "--blend"): (1, (*GRID, "--rows", "seed=0..1", "--blend", GONE)),
    ("grid", "--recipe"): (1, (*GRID, "--recipe", f"{GONE}.png")),
    ("grid", "--wildcards"): (1, (*GRID, "--rows", "seed=0..1", "--wildcards", GONE)),
    ("grid", "--tower"): (1, (*GRID, "--rows", "seed=0..1", "--tower", f"{GONE}.pt")),
    ("grid", "--out"): (1, ("grid", "--out", f"{GONE}.png")),
    ("video", "session"): (1, ("video", f"{GONE}.json", "--out", "a.mp4")),
    ("video", "--model"): (1, ("video", "t.json", "--out", "a.mp4", "--model", GONE)),
    ("video", "--out"): (1, ("video", "t.json", "--out", GONE)),
    ("info", "source"): (1, ("info", GONE)),
    ("convert", "source"): (1, ("convert", GONE, "b.safetensors")),
    ("convert", "--blend"): (1, ("convert", "demo", "b.safetensors", "--blend", GONE)),
    ("convert", "target"): (1, ("convert", "demo", f"{GONE}.safetensors")),
    ("convert", "--text-tower"): (
        1,
        ("convert", "demo", "b.safetensors", "--text-tower", f"{GONE}.pt"),
    ),
    ("metrics", "model"): (1, ("metrics", GONE, "--out", "m", "--diversity")),
    ("metrics", "--out"): (1, ("metrics", "demo", "--out", GONE, "--diversity")),
    ("metrics", "--real"): (1, (*METRICS, "--fid", "2", "--real", GONE)),
    ("metrics", "--captions"): (
        1,
        (*METRICS, "--fid", "2", "--real", ".", "--captions", f"{GONE}.json"),
    ),
    ("metrics", "--inception"): (
        1,
        (*METRICS, "--fid", "2", "--features", "inception", "--inception", f"{GONE}.pt"),
    ),
    ("metrics", "--beside"): (1, (*METRICS, "--diversity", "--beside", f"{GONE}.json")),
    ("metrics", "--cache"): (1, (*METRICS, "--diversity", "--cache", GONE)),
    ("metrics", "--features"): (
        1,
        (*METRICS, "--fid", "2", "--features", f"open_clip:ViT-B-32/{GONE}.pt"),
    ),
    ("metrics", "--clip-tower"): (
        1,
        (*METRICS, "--clip-score", "--clip-tower", f"open_clip:ViT-B-32/{GONE}.pt"),
    ),
    ("parameters", "model"): (1, ("parameters", GONE)),
    ("tour", "--clip"): (1, ("tour", "--clip", f"{GONE}.mp4")),
    ("tour", "--stills"): (1, ("tour", "--stills", GONE)),
    ("train", "--data"): (1, (*TRAIN, "--data", GONE)),
    ("train", "--resume-from"): (1, (*TRAIN, "--resume-from", GONE)),
    ("train", "--text-tower"): (1, (*TRAIN, "--text-tower", f"{GONE}.pt")),
    ("train", "--features"): (1, (*TRAIN, "--features", f"{GONE}.pt")),
    ("train", "--clip-encoder"): (
        1,
        (*TRAIN, "--clip-weight", "1", "--clip-encoder", f"{GONE}.pt"),
    ),
}
"""By (command, what takes a path): the exit status, and a call that gives an unknown home there."""
NO_PATH = (
    *("--output", "--ndi", "--spout", "--syphon", "--midi", "--layer", "--channels"),
    "--prompt",
    "--neutral",
    "--mix-prompt",
    "--rows",
    "--columns",
    "--device",
    "--size",
    *("--on", "--on-command", "--workers"),
)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder with the clip that `video` is given."""
    monkeypatch.chdir(tmp_path)
    clip = Timeline(keys=(KeyFrame(0.0, Recipe()), KeyFrame(0.1, Recipe())))
    Path("t.json").write_text(timeline_to_json(clip))
    return tmp_path


def call(args: tuple[str, ...]) -> Result:
    return CliRunner().invoke(cli, list(args), prog_name="stylegan-t")


@pytest.mark.parametrize("place", list(CALLS), ids=" ".join)
def test_an_unknown_home_is_a_sentence(
    place: tuple[str, str], here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "visualizer.app.start", types.ModuleType("visualizer.app.app"))
    code, args = CALLS[place]
    result = call(args)
    assert result.exit_code == code, result.output
    assert isinstance(result.exception, SystemExit)  # anything else would be a traceback
    assert NOBODY in result.stderr
    assert "Error: " in result.stderr
    assert sorted(path.name for path in here.iterdir() if path.name != "m") == ["t.json"]


def test_everything_that_takes_a_path_is_tried() -> None:
    from stylegan_t.training.command import train

    places: set[tuple[str, str]] = {OF_A_SHELL}
    context = click.Context(cli)
    for name in cli.list_commands(context):
        command = train if name == "train" else cli.get_command(context, name)
        assert command is not None
        for parameter in command.params:
            option = parameter.opts[0]
            names_text = name == "convert" and option == "--name"
            if parameter.type is click.STRING and option not in NO_PATH and not names_text:
                places.add((name, option))
    assert places == {*CALLS, OF_A_SHELL}


def test_homes_that_are_there(monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    monkeypatch.setenv("HOME", str(here))
    assert typed_path("~/a/b.png") == here / "a" / "b.png"
    assert typed_path("~") == here
    assert typed_path("a/~/b") == Path("a/~/b")
    assert typed_path(f"./{GONE}") == Path(GONE)


def test_a_file_may_be_called_so(here: Path) -> None:
    Path(NOBODY).mkdir()
    assert typed_path(GONE) == Path(GONE)
    with pytest.raises(click.ClickException, match=r"no user 'backup-7\.png'"):
        typed_path("~backup-7.png")


def test_training_takes_the_tilde_as_a_shell(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(here / "home"))
    result = call(("train", *arguments(Path("~/run"), kimg=0.008)))
    assert result.exit_code == 0, result.output
    assert list((here / "home" / "run").glob("network-snapshot-*.safetensors"))


def test_no_options_say_a_model_in_an_unknown_home() -> None:
    assert as_options(Recipe(model=ModelRef(path=GONE))) is None


def test_the_programs_own_folder_in_an_unknown_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME_VARIABLE, GONE)
    with pytest.raises(WindowError, match=f"{HOME_VARIABLE} cannot be used: {NOBODY}"):
        open_app(None, "cpu", None)
    finding = next(own_files())
    assert finding.mark == "bad"
    assert NOBODY in finding.text
