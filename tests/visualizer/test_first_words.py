"""Before PyTorch is imported, which takes seconds, every command says so to whoever looks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

WITHOUT_TORCH = """
import sys
class Blocked:
    def find_spec(self, name, *rest):
        if name == "torch":
            raise SystemExit(99)
sys.meta_path.insert(0, Blocked())
from visualizer.cli import main
main()
"""
COMMANDS = [
    ["render", "--out", "a.png"],
    ["grid", "--rows", "seed=0..1", "--out", "a.png"],
    ["video", "line.json", "--out", "a.mp4"],
    ["info", "demo"],
    ["parameters"],
    ["convert", "demo", "a.safetensors"],
    ["metrics", "demo", "--fid", "10", "--out", "measured"],
    ["train", "--data", "demo", "--out", "run", "--dry-run"],
]
LINE = (
    '{"stylegan_t_timeline": 1, "timeline": {"keys": [{"time_s": 0, "recipe": '
    '{"stylegan_t_recipe": 2, "recipe": {}}}]}}'
)


def said(command: list[str], folder: Path, **variables: str) -> tuple[int, bytes]:
    """A command's exit code, and what it said on a terminal until it asked for PyTorch."""
    import pty

    (folder / "line.json").write_text(LINE)
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", WITHOUT_TORCH, *command],
        stderr=slave,
        stdout=subprocess.PIPE,
        cwd=folder,
        env={**os.environ, "TERM": "xterm", **variables},
    )
    out, _ = process.communicate(timeout=60)
    os.close(slave)
    said = os.read(master, 65536) if out == b"" else out
    os.close(master)
    return process.returncode, said


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="a terminal of POSIX is made")
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_line_comes_before_pytorch(command: list[str], tmp_path: Path) -> None:
    status, words = said(command, tmp_path)
    assert status == 99, words
    assert words.startswith(b"Starting PyTorch ...\x1b[K\r")


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="a terminal of POSIX is made")
def test_a_narrow_or_dumb_terminal_gets_what_it_can_show(tmp_path: Path) -> None:
    _, words = said(["render", "--out", "a.png"], tmp_path, COLUMNS="10")
    assert words.startswith(b"Starting \x1b[K\r")
    _, words = said(["grid", "--rows", "seed=0..1", "--out", "a.png"], tmp_path, TERM="dumb")
    assert words == b"Starting PyTorch ...\r\n"
