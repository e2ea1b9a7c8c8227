"""`stylegan-t [MODEL]`: a model opens the window, a command is a command, a slip is a sentence."""

from __future__ import annotations

import os
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from msgspec import Raw

from renderer.files.images import encode_png
from renderer.recipe.recipe import LatentPart, Recipe
from renderer.timeline.serialization import timeline_to_json
from renderer.timeline.timeline import Timeline
from stylegan_t.terminal import console
from visualizer import commands
from visualizer.cli import LARGE_PAGES, LAZY_COMMANDS, WINDOW, cli, main
from visualizer.commands.preset_option import NamedPreset
from visualizer.options.output_options import OutputWish
from visualizer.options.renderer_place import HERE, Place
from visualizer.session.preset_file import encode_preset
from visualizer.session.session_file import SessionFile, encode


class Window(types.ModuleType):
    """Stands for `visualizer.app.app`: notes what it was opened with."""

    def __init__(self) -> None:
        super().__init__("visualizer.app.start")
        self.calls: list[tuple[Any, ...]] = []
        self.files: list[Path | None] = []
        self.places: list[Place] = []
        self.outputs: list[OutputWish] = []
        self.presets: list[NamedPreset | None] = []
        self.status = 0

    def run(
        self,
        model: str | None,
        device: str,
        recipe: Recipe | None,
        file: Path | None,
        place: Place,
        output: OutputWish,
        preset: NamedPreset | None,
    ) -> int:
        self.presets.append(preset)
        self.outputs.append(output)
        self.files.append(file)
        self.places.append(place)
        self.calls.append((model, device, recipe))
        return self.status


def test_the_output_is_chosen_on_the_command_line(window: Window) -> None:
    assert call("--output", "2", "--ndi", "Stage").exit_code == 0
    assert window.outputs == [OutputWish("2", ("ndi",), "Stage")]
    assert call("--ndi", "a", "--syphon", "b").exit_code == 2


def test_a_preset_is_read_before_the_window_opens(window: Window, tmp_path: Path) -> None:
    path = tmp_path / "stage.json"
    path.write_bytes(encode_preset({"music": Raw(b"{}")}))
    assert call("--preset", path).exit_code == 0
    assert window.presets == [("stage", {"music": Raw(b"{}")})]
    path.write_bytes(b"{")
    result = call("--preset", path)
    assert result.exit_code == 1 and "The preset stage.json cannot be used" in result.stderr


def test_the_folder_of_commands_holds_commands() -> None:
    """And what those share that draw many recipes into one file."""
    modules = {path.stem for path in Path(commands.__path__[0]).glob("*.py")}
    names = set(cli.list_commands(click.Context(cli)))
    assert modules - {"__init__", "batch", "painters", "preset_option"} == names - {WINDOW}


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch) -> Window:
    window = Window()
    monkeypatch.setitem(sys.modules, "visualizer.app.start", window)
    monkeypatch.setattr("visualizer.app.start", window, raising=False)
    return window


def call(*args: object) -> Result:
    return CliRunner().invoke(cli, [str(arg) for arg in args], prog_name="stylegan-t")


def test_without_arguments_the_window_opens(window: Window) -> None:
    assert call().exit_code == 0
    assert window.calls == [(None, "auto", None)]
    assert window.places == [HERE]


def test_a_model_on_another_computer_is_not_looked_for_here(window: Window) -> None:
    assert call("--on", "me@box", "/there/model.pkl").exit_code == 0
    assert window.calls == [("/there/model.pkl", "auto", None)]
    assert window.places == [Place(host="me@box")]


def test_a_model_opens_the_window(
    window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("my model.safetensors").write_bytes(b"x")
    assert call("my model.safetensors", "--device", "cpu").exit_code == 0
    assert call("--device", "cpu", "demo").exit_code == 0
    path = str(tmp_path / "my model.safetensors")
    assert window.calls == [(path, "cpu", None), ("demo", "cpu", None)]


def test_the_folder_of_a_training_run_opens_the_window(window: Window, tmp_path: Path) -> None:
    (tmp_path / "network-snapshot-000010.pkl").write_bytes(b"x")
    assert call(tmp_path).exit_code == 0
    assert window.files == [tmp_path] and window.calls[0][0] is None
    (tmp_path / "empty").mkdir()
    result = call(tmp_path / "empty")
    assert result.exit_code == 2 and "is not a file" in result.stderr


def test_a_file_called_like_a_command_can_be_opened(
    window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("render").write_bytes(b"\x80\x04.")
    assert call("./render").exit_code == 0
    assert call("open", "render").exit_code == 0
    assert [model for model, _, _ in window.calls] == [str(tmp_path / "render")] * 2


def test_a_picture_opens_the_window_on_its_recipe(window: Window, tmp_path: Path) -> None:
    import numpy as np

    wanted = Recipe(latent=LatentPart(9))
    path = tmp_path / "a.png"
    path.write_bytes(encode_png(np.zeros((4, 4, 3), np.uint8), wanted))
    assert call(path).exit_code == 0
    assert call("--recipe", path).exit_code == 0
    assert call("demo", "--recipe", path).exit_code == 0
    assert window.calls == [(None, "auto", wanted)] * 2 + [("demo", "auto", wanted)]
    path.write_bytes(b"not a picture")
    result = call(path)
    assert result.exit_code == 1
    assert "not a recipe" in result.stderr


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("mine.txt", encode(SessionFile())),
        ("line.json", timeline_to_json(Timeline()).encode()),
        ("clip", b"\0\0\0\x20ftypisom"),
        ("mine.take", b'{"stylegan_t_take":1}'),
        ("set.json", b'{"stylegan_t_moments":1}'),
    ],
)
def test_what_a_drop_opens_the_command_opens(
    window: Window, tmp_path: Path, name: str, data: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert call(path).exit_code == 0
    assert (window.calls, window.files) == ([(None, "auto", None)], [path])


def test_what_a_drop_refuses_the_command_refuses(window: Window, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("milk")
    result = call(path)
    assert result.exit_code == 1
    assert "notes.txt is neither a model" in result.stderr
    assert window.calls == []


def test_the_windows_exit_status_is_the_commands(window: Window) -> None:
    window.status = 2
    assert call().exit_code == 2


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["rendr"], "Did you mean 'render'?"),
        (["doctr"], "Did you mean 'doctor'?"),
        (["missing.safetensors"], "There is no file 'missing.safetensors'"),
        (["."], "is not a file"),
        (["--colour"], "--colour"),
        (["--prompt", "a house"], "--prompt is an option of a command, such as stylegan-t render"),
        (["demo", "--devic", "cpu"], "'--device'"),
        (["demo", "surplus"], "surplus"),
    ],
)
def test_a_slip_is_a_sentence(window: Window, args: list[str], words: str) -> None:
    result = call(*args)
    assert result.exit_code == 2
    assert words in result.stderr
    assert "Traceback" not in result.output
    assert "stylegan-t open" not in result.output and "Usage: stylegan-t " in result.stderr
    assert window.calls == []


def test_help_and_version_answer_without_a_window(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    doctor = types.ModuleType("visualizer.commands.doctor")
    doctor.__dict__["doctor"] = click.Command("doctor", help="Say what is missing.")
    monkeypatch.setitem(sys.modules, "visualizer.commands.doctor", doctor)
    text = call("--help").output
    assert "render" in text
    assert "Say what is missing" in text
    assert "MODEL" in text
    assert "--psi" in call("render", "--help").output
    assert "--device" in call("--device", "cpu", "--help").output
    assert call("--version").output.startswith("stylegan-t-explorer")
    assert window.calls == []


def test_each_command_is_listed_by_a_whole_sentence() -> None:
    listed = call("--help").output.partition("Commands:\n")[2].partition("\n\n")[0].splitlines()
    assert [line.split()[0] for line in listed] == sorted([*LAZY_COMMANDS, "render"])
    assert all(line.endswith(".") and not line.endswith("...") for line in listed), listed


def test_help_waits_for_no_heavy_import() -> None:
    code = (
        "import sys\nfrom visualizer.cli import cli\n"
        "cli(['render', '--help'], standalone_mode=False)\n"
        "heavy = {'torch', 'PIL', 'imgui_bundle', 'glfw', 'OpenGL'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


@pytest.mark.parametrize(("before", "after"), [(None, "1"), ("0", "0")])
def test_large_pages_are_asked_for_unless_the_user_says_otherwise(
    monkeypatch: pytest.MonkeyPatch, before: str | None, after: str
) -> None:
    monkeypatch.setenv(LARGE_PAGES, "" if before is None else before)
    if before is None:
        del os.environ[LARGE_PAGES]
    asked: list[str] = []

    def run(*_: object) -> int:
        asked.append(os.environ[LARGE_PAGES])
        return 0

    monkeypatch.setattr(console, "run", run)
    with pytest.raises(SystemExit):
        main()
    assert asked == [after]


def test_the_module_is_the_command() -> None:
    command = [sys.executable, "-m", "visualizer", "render", "--help"]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout.startswith("Usage: stylegan-t render")
