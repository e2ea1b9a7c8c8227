"""Processes that begin with everything imported: on Linux, copies of one that waits for orders.

Importing PyTorch and the window takes seconds; a test of how processes *end* need not spend them
for every one.  What a copy does, its signals and its way out are those of any process of Python.

    python -m tests.visualizer.forking MODULE SOCKET

The module has `preload()`, which imports, and `main(*words)`, which returns an exit status.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

POLL_S = 0.01
MAX_BYTES = 1_000_000
STREAMS = 3


class Forked:
    """One such process: as much of `subprocess.Popen` as is needed, with text in its pipes."""

    def __init__(self, server: ForkServer, pid: int, pipes: tuple[int, int, int]) -> None:
        self._server, self.pid = server, pid
        self.returncode: int | None = None
        self.stdin = os.fdopen(pipes[0], "w")
        self.stdout, self.stderr = (os.fdopen(pipe, "r") for pipe in pipes[1:])

    def poll(self) -> int | None:
        """The exit status, negative for a signal; None while it runs."""
        if self.returncode is None:
            self.returncode = self._server.status(self.pid)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it by force, and give its pipes back."""
        self.send_signal(signal.SIGKILL)
        self.wait(10.0)
        for stream in (self.stdin, self.stdout, self.stderr):
            stream.close()

    def wait(self, timeout: float) -> int:
        """The exit status, once there is one.

        Raises:
            subprocess.TimeoutExpired: it runs still.
        """
        end_s = time.monotonic() + timeout
        while (status := self.poll()) is None:
            if time.monotonic() > end_s:
                raise subprocess.TimeoutExpired("a forked process", timeout)
            time.sleep(POLL_S)
        return status

    def communicate(self, text: str | None = None, timeout: float = 60.0) -> tuple[str, str]:
        """Write `text` and close, wait for the end, and return all that was written; little."""
        if text is not None:
            self.stdin.write(text)
        self.stdin.close()
        self.wait(timeout)
        return self.stdout.read(), self.stderr.read()


class ForkServer:
    """Starts copies of a process that has imported what `module` needs."""

    def __init__(self, module: str, cwd: Path) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-m", __name__, module, str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(command, cwd=cwd, pass_fds=[theirs.fileno()])

    def start(self, *words: str) -> Forked:
        """A copy that runs `main(*words)` in the current environment."""
        (read_in, write_in), (read_out, write_out), (read_err, write_err) = (
            os.pipe() for _ in range(STREAMS)
        )
        theirs = [read_in, write_out, write_err]
        order = json.dumps({"words": words, "environment": dict(os.environ)}).encode()
        socket.send_fds(self._socket, [order], theirs)
        for pipe in theirs:
            os.close(pipe)
        return Forked(self, self._answer(), (write_in, read_out, read_err))

    def status(self, pid: int) -> int | None:
        """The exit status of a copy; None while it runs."""
        self._socket.send(json.dumps({"pid": pid}).encode())
        return self._answer()

    def close(self) -> None:
        """End the server."""
        self._socket.close()
        self._process.wait(30)

    def _answer(self) -> Any:
        return json.loads(self._socket.recv(MAX_BYTES))


def serve(module: Any, orders: socket.socket) -> int:
    """Do as told until nobody tells any more; returns an exit status, in a copy that of `main`."""
    module.preload()
    while True:
        data, pipes, _, _ = socket.recv_fds(orders, MAX_BYTES, STREAMS)
        if not data:
            return 0
        order = json.loads(data)
        if pipes:
            if (pid := os.fork()) == 0:
                orders.close()
                _move_in(pipes, order["environment"])
                return module.main(*order["words"])
            for pipe in pipes:
                os.close(pipe)
            answer: int | None = pid
        else:
            ended, status = os.waitpid(order["pid"], os.WNOHANG)
            answer = os.waitstatus_to_exitcode(status) if ended else None
        orders.send(json.dumps(answer).encode())


def _move_in(pipes: list[int], environment: dict[str, str]) -> None:
    """Take other streams and another environment in place of the server's."""
    for number, pipe in enumerate(pipes):
        os.dup2(pipe, number)
        os.close(pipe)
    sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w")
    os.environ.clear()
    os.environ.update(environment)


if __name__ == "__main__":
    sys.exit(serve(importlib.import_module(sys.argv[1]), socket.socket(fileno=int(sys.argv[2]))))
