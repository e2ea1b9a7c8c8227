"""The documented command trains a model from nothing to a file that the tool opens."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import stylegan_t
from stylegan_t.generator import Generator

pytestmark = pytest.mark.slow

SHORT = ["--text-steps", "2", "--images", "32", "16", "16", "--no-compile", "--fp32"]
ROOT = Path(__file__).parents[3]


def train(out: Path, launcher: list[str]) -> Generator:
    command = [
        sys.executable,
        *launcher,
        "-m",
        "stylegan_t.training.demo_landscapes",
        "--out",
        str(out),
    ]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*command, *SHORT], env=environment, cwd=out.parent, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return stylegan_t.load_generator(out / "demo.safetensors")


def test_one_process_and_again(tmp_path: Path) -> None:
    first = train(tmp_path / "run", [])
    assert first.config.img_resolution == 128 and first.card.example_prompts
    again = train(tmp_path / "run", [])  # finished stages are not trained again
    for name, value in first.state_dict().items():
        assert torch.equal(again.state_dict()[name], value), name


def test_two_processes(tmp_path: Path) -> None:
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    assert train(tmp_path / "run", launcher).config.img_resolution == 128
