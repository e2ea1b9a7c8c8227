"""A command that is ended while it writes leaves nothing half written, and says which signal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

HELD = """
import os, sys, time
real = os.fsync
def held(number):
    real(number)
    print("writing", flush=True)
    time.sleep(60)
os.fsync = held
from visualizer.cli import main
main()
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize(
    ("command", "number"),
    [
        (["convert", "demo", "a.safetensors"], signal.SIGTERM),
        (["render", "--out", "a.png"], signal.SIGINT),
        (["grid", "--rows", "seed=0..1", "--out", "a.png"], signal.SIGHUP),
    ],
)
def test_nothing_half_written_stays(command: list[str], number: int, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HELD, *command],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"writing\n"
    assert len(list(tmp_path.iterdir())) == 1, "the part is there"
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert list(tmp_path.iterdir()) == []
