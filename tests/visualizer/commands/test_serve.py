"""`stylegan-t serve` as a process: its line is its life, and nothing else gets into it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from renderer.errors import PictureError
from renderer.recipe.recipe import Recipe
from renderer.remote.client import MAX_STOPS, RemoteThread
from renderer.remote.connection import ProcessConnection, here
from renderer.remote.messages import Hello, Welcome, from_renderer
from renderer.remote.wire import MAX_MESSAGE, Writer, passed_over, received

pytestmark = pytest.mark.slow
WAIT_S = 60.0


@pytest.fixture
def server() -> Iterator[subprocess.Popen[bytes]]:
    command = [*here("cpu"), "--folder", str(Path.cwd())]
    process = subprocess.Popen(
        [part for part in command if part != "--any-folder"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    yield process
    process.kill()
    process.wait(WAIT_S)


def test_it_greets_welcomes_and_ends_with_its_line(server: subprocess.Popen[bytes]) -> None:
    assert server.stdin is not None
    assert server.stdout is not None
    assert passed_over(server.stdout) == ""
    Writer(cast(BinaryIO, server.stdin)).send(Hello())
    messages = received(server.stdout, MAX_MESSAGE)
    assert isinstance(from_renderer.decode(next(messages)), Welcome)
    server.stdin.close()
    assert server.wait(WAIT_S) == 0


def test_a_device_that_is_not_there_is_a_sentence() -> None:
    done = subprocess.run(
        here("cuda:7"), input=b"", capture_output=True, timeout=WAIT_S, check=False
    )
    assert done.returncode == 1
    assert b"CUDA" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_renderer_that_is_killed_is_started_again_and_leaves_no_orphan() -> None:
    made: list[ProcessConnection] = []
    woken = threading.Event()

    def connect() -> ProcessConnection:
        made.append(ProcessConnection(here("cpu")))
        return made[-1]

    thread = RemoteThread(connect, "this computer", woken.set, elsewhere=False)
    thread.submit(Recipe())
    thread.start()

    def shown() -> bool:
        for _ in range(int(WAIT_S / 0.1)):
            frame = thread.take()
            if frame is not None and frame.error is None and not frame.early:
                return True
            woken.wait(0.1)
            woken.clear()
        return False

    assert shown()
    os.kill(made[0].pid, signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
    assert shown()
    assert len(made) == 2
    assert thread.stop(WAIT_S)
    assert all(one.ended for one in made)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_a_crash_during_an_export_is_told_and_what_causes_it_again_is_given_up() -> None:
    """Once in the middle of a drag and of pictures for a video, then over one picture each time."""
    made: list[ProcessConnection] = []
    woken = threading.Event()

    def connect() -> ProcessConnection:
        made.append(ProcessConnection(here("cpu")))
        return made[-1]

    thread = RemoteThread(connect, "this computer", woken.set, "raw", elsewhere=False)
    thread.start()

    def until(what: Callable[[], object]) -> None:
        end_s = time.monotonic() + WAIT_S
        while time.monotonic() < end_s:
            woken.clear()
            if what():
                return
            woken.wait(0.02)
        pytest.fail("this never happened")

    until(lambda: thread.ready)
    work = [thread.draw(Recipe(psi=0.1 * n), "video") for n in range(4)]
    thread.submit(Recipe(psi=0.55))
    os.kill(made[-1].pid, signal.SIGSEGV)
    assert [one.result(WAIT_S).error for one in work] == [None] * 4
    until(lambda: (frame := thread.take()) is not None and frame.recipe == Recipe(psi=0.55))
    assert thread.take_notes() == [
        "The renderer stopped and is started again: it crashed (SIGSEGV)."
    ]
    last = None
    for count in range(2, 2 + MAX_STOPS):
        until(lambda n=count: len(made) == n and thread.ready)
        os.kill(made[-1].pid, signal.SIGSTOP)  # so that it never answers
        last = last or thread.draw(Recipe(psi=0.9), "video")
        os.kill(made[-1].pid, signal.SIGKILL)
    assert last is not None
    with pytest.raises(PictureError, match=r"every time .* memory runs out"):
        last.result(WAIT_S)
    assert thread.stop(WAIT_S)
    assert all(one.ended for one in made)


def test_a_window_that_is_killed_takes_its_renderer_with_it(tmp_path: Path) -> None:
    script = f"""
import sys, time
from renderer.remote.connection import ProcessConnection, here
from renderer.remote.wire import passed_over
connection = ProcessConnection(here("cpu"))
passed_over(connection.reads)
open({str(tmp_path / "pid")!r}, "w").write(str(connection.pid))
print("ready", flush=True)
time.sleep(600)
"""
    window = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert window.stdout is not None
    assert window.stdout.readline() == b"ready\n"
    pid = int((tmp_path / "pid").read_text())
    window.kill()
    window.communicate()
    waited = threading.Event()
    for _ in range(int(WAIT_S / 0.05)):
        if not _is_there(pid):
            return
        waited.wait(0.05)
    pytest.fail("the renderer goes on without a window")


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        stat = Path(f"/proc/{pid}/stat")
        return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except (OSError, IndexError):
        return False
