"""The training command as a program: killed, stopped, on two processes, and refused."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner, Result
from safetensors.torch import load_file

import stylegan_t
from stylegan_t.training import processes
from stylegan_t.training.command import train
from stylegan_t.training.state import snapshot_beside, states_in
from tests.stylegan_t.training.killing import kill_and_compare
from tests.stylegan_t.training.tiny_run import (
    TORCHRUN,
    arguments,
    png,
    run,
    shades,
    start,
    stop_with,
    tiny_trainer,
    write_folder,
)

pytestmark = pytest.mark.slow

TOLERANCE = 2e-4
"""Largest difference of a weight after three steps of Adam at 0.002 (3e-5 was measured): two
processes add the same numbers in another order."""
WITHOUT_EFFECT = ("main.0.0.bias", "main.1.fn.0.bias")
"""The norm behind them takes these biases out again: their gradients are rounding alone."""


def invoke(out: Path, *more: str, **changes: Any) -> Result:
    return CliRunner().invoke(train, [*arguments(out, **changes), *more])


def test_a_run_that_is_killed_ends_like_one_that_is_not(tmp_path: Path) -> None:
    killed = kill_and_compare(tmp_path, kills=3, seed=time.time_ns(), longest_s=2.5)
    assert killed >= 1


def test_a_signal_writes_a_snapshot_and_ends(tmp_path: Path) -> None:
    out = tmp_path / "run"
    process = start(out, kimg=1000, snapshot_kimg=1000)
    assert process.stdout is not None
    for line in process.stdout:
        if "img/s" in line:
            break
    status, said = stop_with(process, signal.SIGTERM)
    assert status == 128 + signal.SIGTERM, said
    assert "Stopped: SIGTERM." in said and "goes on from here" in said
    assert states_in(out) and "Traceback" not in said
    (model,) = (snapshot_beside(path) for path in states_in(out)[:1])
    assert stylegan_t.load(model)


def test_two_processes_train_as_one_with_the_same_batch(tmp_path: Path) -> None:
    data = str(write_folder(tmp_path / "pictures", shades(30)))
    changes = {"data": data, "batch": 16, "kimg": 0.048}
    tiny_trainer(tmp_path / "alone", **changes).run()
    status, said = run(tmp_path / "both", launcher=TORCHRUN, **changes)
    assert status == 0, said
    assert said.count("The model is in") == 1, "one process speaks"
    alone, both = (load_file(states_in(tmp_path / name)[0]) for name in ("alone", "both"))
    assert alone.keys() == both.keys()
    assert torch.equal(alone["positions"], both["positions"])
    worst = {
        name: float((both[name] - value).abs().max())
        for name, value in alone.items()
        if not name.startswith("optimizer") and not name.endswith(WITHOUT_EFFECT)
    }
    assert max(worst.values()) < TOLERANCE, sorted(worst.items(), key=lambda x: -x[1])[:5]
    # And one goes on with what two began.
    assert tiny_trainer(tmp_path / "both", **changes).step == 3


def test_broken_pictures_are_told_at_the_end(tmp_path: Path) -> None:
    odd = [(b"broken", "text"), (png(size=(3, 3)), "a dot")]
    folder = write_folder(tmp_path / "pictures", [*shades(20), *odd])
    result = invoke(tmp_path / "run", data=str(folder))
    assert result.exit_code == 0, result.output
    assert "1 picture could not be used and was skipped" in result.output
    assert "1 picture is smaller than needed and was enlarged" in result.output


def test_a_dry_run_tells_the_plan_and_writes_nothing(tmp_path: Path) -> None:
    result = invoke(tmp_path / "run", "--dry-run", kimg=4)
    assert result.exit_code == 0, result.output
    for words in (
        "data: the demo world",
        "Preset: demo.",
        "Text tower: demo words",
        "features come from random:16,4,2,16,8, which have learned nothing",
        "weights in the mapping",
        "frozen features",
        "trained (all)",
        "batch: 8 = 8 at a time x 1 rounds x 1 processes on cpu, float32",
        "GB for weights",
        "steps: 500 to 4 kimg, from 0",
        "img/s, so",
    ):
        assert words in result.output, words
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"data": "nowhere"}, "There are no pictures at nowhere"),
        ({"batch": 12}, "virtual batches of 8: give --batch a multiple of 8."),
        ({"features": "timm:vit_small_patch16_224.dino"}, "not on this computer"),
        ({"features": "timm:vit_small_patch16_224.dino"}, "--download"),
        ({"text_tower": "open_clip:ViT-L-14/openai"}, "not on this computer"),
        ({"resume_from": "gone.safetensors", "channel_max": 8}, "leave --channel-base"),
        ({"resolution": 48}, "a power of two from 8 to 4096, not 48"),
        ({"device": "meta"}, "Training on 'meta' is not possible"),
        ({"device": "cuda:7"}, "There is no CUDA device 7"),
        ({"mode": "freeze64"}, "name its file with --resume-from"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(
    changes: dict[str, Any], words: str, tmp_path: Path
) -> None:
    result = invoke(tmp_path / "run", **changes)
    assert result.exit_code == 1 and result.output.startswith("Error: "), result.output
    assert words in result.output and "Traceback" not in result.output
    assert not (tmp_path / "run").exists()


def test_help_tells_what_presets_set() -> None:
    told = " ".join(CliRunner().invoke(train, ["--help"], terminal_width=200).output.split())
    assert "2048 (full, lite); 32 (demo)" in told and "timm:vit_small_patch16_224.dino" in told
    assert "[default: (0.002)]" in told and "begin with 0.2" in told


def test_own_captions_and_the_demo_worlds_words_are_told_apart(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "pictures", shades(9))
    result = invoke(tmp_path / "run", "--dry-run", data=str(folder))
    assert "knows the words of the demo world only" in result.output, result.output


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = invoke(tmp_path / "file" / "run")
    assert result.exit_code == 1 and "cannot be written" in result.output


def test_only_the_first_of_several_processes_complains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes.dist, "init_process_group", lambda *args, **options: None)
    monkeypatch.setenv("WORLD_SIZE", "2")
    said = []
    for rank in "01":
        monkeypatch.setenv("RANK", rank)
        result = invoke(tmp_path / "run", batch=8)
        assert result.exit_code == 1
        said.append(result.output)
    assert said[0].startswith("Error: A batch of 8 does not divide") and said[1] == ""


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "run").touch()
    result = invoke(tmp_path / "run")
    assert result.exit_code == 1
    assert "run is not a folder: name a new one with --out." in result.output
