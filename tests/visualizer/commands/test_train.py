"""`stylegan-t train` is the command of `stylegan_t.training`, told as one of the program's own."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

import stylegan_t
from tests.stylegan_t.training.tiny_run import arguments
from visualizer.cli import cli


def run(*args: object) -> Result:
    return CliRunner().invoke(cli, [str(arg) for arg in args], prog_name="stylegan-t")


def test_it_trains_a_model_that_opens(tmp_path: Path) -> None:
    result = run("train", *arguments(tmp_path, kimg=0.008))
    assert result.exit_code == 0, result.output
    assert "network-snapshot-000000.008.safetensors" in result.output
    assert stylegan_t.load(tmp_path / "network-snapshot-000000.008.safetensors")


def test_help_tells_every_option() -> None:
    result = run("train", "--help")
    assert result.exit_code == 0
    assert result.output.startswith("Usage: stylegan-t train [OPTIONS]")
    for option in ("--data", "--mode", "--dry-run", "--clip-weight"):
        assert option in result.output
    assert "train " in run("--help").output


def test_wrong_use_is_told(tmp_path: Path) -> None:
    for args, words in (
        (["--data", "demo"], "Missing option '--out'"),
        (["--data", "demo", "--out", tmp_path, "--mode", "some"], "'some' is not one of"),
        (["--nonsense"], "--nonsense"),
    ):
        result = run("train", *args)
        assert result.exit_code == 2 and words in result.output, result.output


def test_failures_are_one_sentence(tmp_path: Path) -> None:
    given = ("--data", "nowhere", "--preset", "demo", "--out", tmp_path / "run", "--device", "cpu")
    result = run("train", *given)
    assert result.exit_code == 1
    assert result.output.startswith("Error: There are no pictures at nowhere")
