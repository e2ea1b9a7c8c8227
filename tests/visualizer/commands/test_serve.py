"""`stylegan-t serve` as a process: its line is its life, and nothing else gets into it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from renderer.recipe.recipe import Recipe
from renderer.remote.client import RemoteThread
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
