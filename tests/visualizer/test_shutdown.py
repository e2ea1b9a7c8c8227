"""The window is closed, or a signal comes, whatever the program is at: real processes that end."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

import pytest

from tests.source_tree import ROOT
from tests.visualizer.closing import BUSY
from tests.visualizer.forking import Forked, ForkServer
from visualizer.services.signals import ASKING
from visualizer.session.session_file import read_session
from visualizer.session.state import HOME_VARIABLE, Store

pytestmark = [pytest.mark.display, pytest.mark.slow]
WAIT_S = 60.0


FRESH = "resting"
"""What is done in a process from its very beginning; all else begins with its imports done."""
FORKS = sys.platform == "linux"


class Starter(Protocol):
    """Starts the program."""

    def __call__(self, what: str) -> AbstractContextManager[Forked | subprocess.Popen[str]]:
        """The program, once it is at it."""
        ...


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer | None]:
    """Starts processes fast, where that can be done."""
    if not FORKS:
        yield None
        return
    server = ForkServer("tests.visualizer.closing", ROOT)
    yield server
    server.close()


@pytest.fixture
def busy(server: ForkServer | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Starter:
    """Starts the program, with `tmp_path` for its folder."""

    @contextmanager
    def start(what: str) -> Iterator[Forked | subprocess.Popen[str]]:
        monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
        if server is None or what == FRESH:
            command = [sys.executable, "-m", "tests.visualizer.closing", what]
            pipe = subprocess.PIPE
            process: Forked | subprocess.Popen[str] = subprocess.Popen(
                command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True
            )
        else:
            process = server.start(what)
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "busy\n", process.communicate()
            yield process
        finally:
            process.kill()

    return start


def is_whole(home: Path) -> bool:
    """Whether everything was saved, and nothing unfinished is left."""
    left = [path for path in home.rglob("*") if path.name.endswith(".part")]
    read_session(home / "session.json")
    return Store(home).load().ended and not left


@pytest.mark.parametrize("what", BUSY)
def test_a_window_that_is_closed_ends_the_program(what: str, busy: Starter, tmp_path: Path) -> None:
    with busy(what) as process:
        out, err = process.communicate("close\n", WAIT_S)
    assert (process.returncode, out, err) == (0, "", "")
    assert is_whole(tmp_path)
    assert not (tmp_path / "captures").exists() or not list((tmp_path / "captures").iterdir())


@pytest.mark.parametrize("number", ASKING)
@pytest.mark.parametrize("what", ["resting", "rendering"])
def test_a_signal_closes_the_window_and_everything_is_saved(
    what: str, number: signal.Signals, busy: Starter, tmp_path: Path
) -> None:
    with busy(what) as process:
        process.send_signal(number)
        out, err = process.communicate(timeout=WAIT_S)
    assert (process.returncode, out, err) == (128 + number, "", "")
    assert is_whole(tmp_path)


def test_a_second_signal_ends_the_program_at_once(busy: Starter, tmp_path: Path) -> None:
    with busy("hanging") as process:
        end_s = time.monotonic() + WAIT_S
        while process.poll() is None and time.monotonic() < end_s:
            process.send_signal(signal.SIGTERM)
            time.sleep(0.1)
    assert process.returncode in (-signal.SIGTERM, 128 + signal.SIGTERM)
    read_session(tmp_path / "session.json")
