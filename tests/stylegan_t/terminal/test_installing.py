"""Commands that install what is missing: they are for this interpreter, and a shell takes them."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys

import pytest

from stylegan_t.terminal.installing import pip_install
from tests.source_tree import ROOT


def test_it_names_this_interpreter() -> None:
    assert shlex.split(pip_install("a", "b[c]>=1")) == [
        sys.executable, "-m", "pip", "install", "a", "b[c]>=1",
    ]  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX is asked")
def test_a_shell_takes_it_as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/a b/$HOME/it's/python")
    line = pip_install("mido>=1.3").replace("'/a b", "printf '%s|' '/a b", 1)
    result = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True)
    assert result.stdout == "/a b/$HOME/it's/python|-m|pip|install|mido>=1.3|"


def test_no_sentence_names_another_pip() -> None:
    for package in ("stylegan_t", "renderer", "widgets", "visualizer"):
        for path in (ROOT / package).rglob("*.py"):
            if path.name != "installing.py":
                assert "pip install" not in path.read_text("utf-8"), path
