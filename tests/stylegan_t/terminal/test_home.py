"""A user whom the system does not know, as in a container, has no home, and works all the same."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stylegan_t.terminal.home import NOWHERE, ensure_home, has_home
from tests.source_tree import ROOT

UNKNOWN = """
import os.path, sys
known = os.path.expanduser
def unknown(path):
    return path if "HOME" not in os.environ and str(path).startswith("~") else known(path)
os.path.expanduser = unknown
from visualizer.cli import main
main()
"""
"""The command of a user who is in no list of users."""


def run(*args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    homes = ("HOME", "USERPROFILE", "DISPLAY", "WAYLAND_DISPLAY", "STYLEGAN_T_HOME")
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in homes and not name.startswith("XDG_")
    }
    command = [sys.executable, "-c", UNKNOWN, *args]
    return subprocess.run(
        command, cwd=cwd, env={**kept, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )


def test_a_home_that_is_known_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    ensure_home()
    assert has_home() and os.environ["HOME"] == str(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="Windows names homes otherwise")
def test_an_unknown_one_is_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", NOWHERE)
    assert not has_home()


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows names homes otherwise")
def test_who_has_no_home_measures_and_is_told_what_is_not_kept(tmp_path: Path) -> None:
    done = run(
        *("metrics", "demo", "--fid", "4", "--features", "random", "--out", "m"), cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "m" / "metrics.json").exists()
    assert f"are not kept, and will be made again: {NOWHERE}" in done.stdout


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows names homes otherwise")
def test_who_has_no_home_is_examined(tmp_path: Path) -> None:
    done = run("doctor", cwd=tmp_path)
    assert "Traceback" not in done.stderr, done.stderr
    assert "Settings" in done.stdout and "Captures" in done.stdout


@pytest.mark.skipif(os.name == "nt", reason="Windows names homes otherwise")
def test_a_tilde_without_a_home_is_a_sentence(tmp_path: Path) -> None:
    done = run("render", "--out", "~/a.png", cwd=tmp_path)
    assert done.returncode == 1
    assert "your home folder is not known" in done.stderr
