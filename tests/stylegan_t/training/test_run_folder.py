"""The folder of a run: locked while a run is at work, free when that was killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stylegan_t.data.sampling import TrainingError
from stylegan_t.training.run_folder import LOCK, OPTIONS, RunFolder, recorded_options
from tests.stylegan_t.training.tiny_run import ROOT, environment, tiny_options

HOLD = """
import sys, time
from pathlib import Path
from stylegan_t.training.run_folder import RunFolder
from stylegan_t.training.options import run_options
folder = RunFolder(Path(sys.argv[1]), run_options(out=sys.argv[1], data="demo"))
print("locked", flush=True)
time.sleep(100)
"""


@pytest.mark.slow
def test_a_killed_run_leaves_no_lock(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(
        command, env=environment(), cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None and other.stdout.readline() == "locked\n"
        with pytest.raises(TrainingError, match=rf"is using .* \(process {other.pid} on"):
            RunFolder(tmp_path, tiny_options(tmp_path))
        other.send_signal(signal.SIGKILL)
    RunFolder(tmp_path, tiny_options(tmp_path)).close()
    assert recorded_options(tmp_path) == tiny_options(tmp_path)


@pytest.mark.parametrize("owner", [b"", b"[" * 900, b"7", b'{"process": "x"}', b"\xff"])
def test_an_owner_that_cannot_be_read_is_not_named(owner: bytes, tmp_path: Path) -> None:
    mine = RunFolder(tmp_path, tiny_options(tmp_path))
    (tmp_path / LOCK).write_bytes(owner)
    with pytest.raises(TrainingError, match=r"is using [^(]*: wait"):
        RunFolder(tmp_path, tiny_options(tmp_path))
    mine.close()


@pytest.mark.parametrize("data", [b"{", b'{"data": "\xff"}'])
def test_recorded_options_are_read_or_refused(tmp_path: Path, data: bytes) -> None:
    assert recorded_options(tmp_path) is None
    (tmp_path / OPTIONS).write_bytes(data)
    with pytest.raises(TrainingError, match=r"options\.json is damaged"):
        recorded_options(tmp_path)


def test_a_pipe_in_place_of_the_lock_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / LOCK)
    with pytest.raises(TrainingError, match="in the way"):
        RunFolder(tmp_path, tiny_options(tmp_path))
