"""`stylegan-t grid`: cells are the renderer's pictures, and a sheet is drawn again from itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

import stylegan_t
from renderer.files.images import read_recipe, read_sheet
from renderer.pipeline.renderer import Renderer
from renderer.recipe import contact_sheet
from renderer.recipe.contact_sheet import Axis, Sheet
from renderer.recipe.recipe import Prompt
from tests.renderer.fakes import tiny_model
from tests.source_tree import ROOT
from tests.visualizer.commands.results import done, refused
from visualizer.cli import cli


def call(*args: object) -> Result:
    return CliRunner().invoke(cli, ["grid", *(str(arg) for arg in args)])


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def test_the_model_is_an_axis_by_folder_and_by_name(model: Path, tmp_path: Path) -> None:
    run, out = tmp_path / "run", tmp_path / "a.png"
    run.mkdir()
    for kimg in (1, 2, 3):
        file = run / f"network-snapshot-{kimg:06d}.safetensors"
        stylegan_t.save(tiny_model(kimg), file)
    done(
        call("--model", model, "--rows", f"model=@{run}:2", "--columns", "seed=0..1", "--out", out)
    )
    sheet = read_sheet(out)
    assert sheet is not None
    assert [Path(path).name[17:23] for path in sheet.rows.models] == ["000001", "000003"]
    assert read_recipe(out).model.path == str(model)
    for path in sheet.rows.models:
        cell = tmp_path / "cell.png"
        done(
            CliRunner().invoke(
                cli, ["render", "--model", path, "--seed", "1", "--out", str(cell), "--overwrite"]
            )
        )
        assert holds(pixels(out), pixels(cell))
    again = tmp_path / "again.png"
    done(call("--recipe", out, "--out", again))
    assert np.array_equal(pixels(out), pixels(again))
    done(call("--rows", f"model={model},{sheet.rows.models[0]}", "--out", tmp_path / "b.png"))


def test_models_that_do_not_stand_in_one_grid_are_a_sentence(model: Path, tmp_path: Path) -> None:
    large, out = tmp_path / "large.safetensors", tmp_path / "a.png"
    stylegan_t.save(tiny_model(4, 32), large)
    refused(call("--rows", f"model={model},{large}", "--out", out), 1, "models of one size")
    refused(call("--rows", f"model=@{tmp_path}", "--out", out), 1, "contains no snapshot")
    refused(call("--rows", f"model=@{tmp_path / 'gone'}", "--out", out), 1, "is not there")
    refused(call("--rows", "model=/nowhere.pkl", "--out", out), 1, "nowhere.pkl")
    assert not out.exists()


def holds(sheet: np.ndarray, cell: np.ndarray) -> bool:
    """Whether a picture stands somewhere in a sheet, pixel for pixel."""
    height, width = cell.shape[:2]
    starts = np.argwhere((sheet[: 1 - height, : 1 - width] == cell[0, 0]).all(axis=2))
    return any(np.array_equal(sheet[y : y + height, x : x + width], cell) for y, x in starts)


def test_the_cells_are_the_renderers_pictures(model: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.png"
    result = done(
        call(
            *("--model", model, "--prompt", "a house", "--prompt", "a boat", "--out", out),
            *("--rows", "prompt", "--columns", "seed=3..5"),
        )
    )
    assert "2 x 3 pictures" in result.stdout
    recipe, sheet = read_recipe(out), read_sheet(out)
    assert sheet is not None
    assert sheet == Sheet(Axis("prompt"), Axis("seed", seed=3, count=3))
    assert recipe.text.prompts == (Prompt("a house"), Prompt("a boat"))
    assert recipe.model.sha256 == stylegan_t.load(model).sha256
    renderer, whole = Renderer("cpu"), pixels(out)
    for cell in (cell for row in contact_sheet.cells(sheet, recipe) for cell in row):
        assert holds(whole, renderer.render(cell).pixels())


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
def test_a_sheet_is_drawn_again_from_itself(model: Path, tmp_path: Path, suffix: str) -> None:
    first, second = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
    axes = ("--rows", "mixing=0..1:0..1", "--columns", "psi=0..1:3")
    done(call("--model", model, *axes, "--no-labels", "--out", first))
    done(call("--recipe", first, "--out", second))
    assert first.read_bytes() == second.read_bytes()


def test_labels_and_values_override_what_the_sheet_carries(model: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "a.png", tmp_path / "b.png"
    done(call("--model", model, "--rows", "seed=0..1", "--no-labels", "--out", first))
    done(call("--recipe", first, "--labels", "--psi", 0.5, "--out", second))
    assert read_sheet(second) == Sheet(Axis("seed", count=2), Axis())
    assert read_recipe(second).psi == 0.5
    assert pixels(second).shape > pixels(first).shape


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "Say what to vary"),
        (["--rows", "hue=0..1"], "is not an axis"),
        (["--columns", "seed=9..1"], "--columns"),
        (["--rows", "psi", "--columns", "psi"], "both vary psi"),
        (["--rows", "psi=0..99999"], "between -10000 and 10000"),
        (["--rows", "seed=0..1", "--psi", "nan"], "must be a finite number"),
    ],
)
def test_wrong_use_is_refused(tmp_path: Path, options: list[str], words: str) -> None:
    refused(call(*options, "--out", tmp_path / "a.png"), 2, words)
    assert list(tmp_path.iterdir()) == []


def test_failures_are_one_sentence(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, rows = tmp_path / "a.png", ("--rows", "seed=0..3")
    refused(call("--model", tmp_path / "gone.pkl", *rows, "--out", out), 1, "--model demo")
    refused(call("--model", model, *rows, "--device", "abacus", "--out", out), 1, "no device")
    monkeypatch.setattr(contact_sheet, "MAX_PIXELS", 1000)
    refused(call("--model", model, *rows, "--out", out), 1, "fewer rows or columns")
    assert not out.exists()
    out.write_bytes(b"mine")
    refused(call("--model", model, *rows, "--out", out), 1, "exists already")
    assert out.read_bytes() == b"mine"


@pytest.mark.slow
def test_processes_that_share_a_sheet_write_the_same_file(model: Path, tmp_path: Path) -> None:
    torchrun = shutil.which("torchrun", path=str(Path(sys.executable).parent))
    assert torchrun, "torch brings torchrun along"
    alone, shared = tmp_path / "alone.png", tmp_path / "shared.png"
    args = ["--model", str(model), "--prompt", "a house", "--rows", "seed=0..2", "--out"]
    done(call(*args, alone))
    subprocess.run(
        [torchrun, "--nproc-per-node", "2", "-m", "visualizer", "grid", *args, str(shared)],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        check=True,
        capture_output=True,
        timeout=120,
    )
    assert shared.read_bytes() == alone.read_bytes()
