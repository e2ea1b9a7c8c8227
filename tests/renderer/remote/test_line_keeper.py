"""Programs that are no renderer, or no more: one that hangs, stalls, waits its turn, or is asked
for a password."""

from __future__ import annotations

import gc
import os
import queue
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import pytest

from renderer.remote import line_keeper
from renderer.remote.connection import ProcessConnection
from renderer.remote.line_keeper import NO_ANSWER, SILENT, LineKeeper
from renderer.remote.messages import PROTOCOL, Call, Welcome, encode
from renderer.remote.outbox import Outbox
from renderer.remote.wire import GREETING
from tests.renderer.remote.loopback import WAIT_S

SLEEPS = "import time; time.sleep(600)"
WELCOME = encode(Welcome(PROTOCOL, "this one", "CPU", "cpu"))
MEETS = f"""
import sys
sys.stdout.buffer.write({GREETING!r} + ({len(WELCOME)}).to_bytes(4, 'big') + {WELCOME!r})
sys.stdout.flush()
"""


@contextmanager
def line(
    code: str, lines: list[ProcessConnection], box: Outbox | None = None
) -> Iterator[queue.SimpleQueue[str]]:
    """Keep a line to a Python program; gives the sentences with which it is lost."""
    lost: queue.SimpleQueue[str] = queue.SimpleQueue()

    def connect() -> ProcessConnection:
        connection = ProcessConnection([sys.executable, "-S", "-c", code])
        lines.append(connection)
        return connection

    keeper = LineKeeper(
        connect,
        "auto",
        box or Outbox(),
        lambda _: None,
        lambda _: None,
        lambda why, _: lost.put(why),
    )
    keeper.start()
    try:
        yield lost
    finally:
        keeper.close()
        assert keeper.ended(time.monotonic() + WAIT_S)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_keeper, "MEET_S", 0.5)


def test_a_host_that_hangs_is_given_up_and_asked_again() -> None:
    lines: list[ProcessConnection] = []
    with line(SLEEPS, lines) as lost:
        assert [lost.get(timeout=WAIT_S) for _ in range(2)] == [NO_ANSWER] * 2
    assert len(lines) >= 2
    assert all(one.ended for one in lines)


def test_a_job_in_a_queue_is_waited_for() -> None:
    lines: list[ProcessConnection] = []
    said = "srun: job 7 queued and waiting for resources"
    code = f"import sys; print({said!r}, file=sys.stderr, flush=True); {SLEEPS}"
    with line(code, lines) as lost, pytest.raises(queue.Empty):
        lost.get(timeout=3.0)  # six times what is given to one that says nothing
    assert len(lines) == 1


@pytest.mark.parametrize("end", ["", "sys.stdout.buffer.write((900).to_bytes(4, 'big') + b'half')"])
def test_a_renderer_that_stalls_is_given_up_whatever_is_stuck(
    monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    monkeypatch.setattr(line_keeper, "SILENT_S", 0.5)
    code = f"{MEETS}\n{end}\nsys.stdout.flush()\n{SLEEPS}"
    lines: list[ProcessConnection] = []
    box = Outbox()
    with line(code, lines, box) as lost:
        for number in range(200):  # more than a pipe holds: what sends is stuck, too
            box.put(Call(number, "draw", msgspec.Raw(encode("x" * 4000))))
        assert lost.get(timeout=WAIT_S) == SILENT
    assert all(one.ended for one in lines)


@pytest.mark.skipif(not os.path.isdir("/dev/fd"), reason="this system does not list open files")
def test_a_line_that_breaks_again_and_again_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(line_keeper, "PAUSES_S", (0.0,))
    gc.collect()
    before = len(os.listdir("/dev/fd")), threading.active_count()
    lines: list[ProcessConnection] = []
    with line(MEETS, lines) as lost:
        for _ in range(25):
            lost.get(timeout=WAIT_S)
    assert all(one.ended for one in lines)
    lines.clear()
    gc.collect()
    assert (len(os.listdir("/dev/fd")), threading.active_count()) <= before


def test_a_password_that_cannot_be_asked_for_is_told() -> None:
    code = "import sys; sys.exit('me@box: Permission denied (publickey,password).')"
    with line(code, []) as lost:
        assert "ssh-copy-id" in lost.get(timeout=WAIT_S)
