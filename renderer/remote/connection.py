"""The other end of the line: a process, here or over ssh, that is started and ended with us."""

from __future__ import annotations

import contextlib
import logging
import shlex
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence
from typing import BinaryIO, Protocol

from renderer.remote.wire import LineError

logger = logging.getLogger(__name__)

SERVE = ("serve", "--stdio")
PROGRAM = "stylegan-t"
SSH = (
    *("ssh", "-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10"),
    *("-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=3"),
)
"""No terminal, no question that cannot be answered, and a dead line is noticed in 15 seconds."""
KEPT_LINES = 20
"""Of what the process says on its standard error."""
END_S = 1.0


HELP = (
    (
        ("command not found", f"{PROGRAM}: not found", f"{PROGRAM}: No such file"),
        f"There is no {PROGRAM} where ssh looks for programs. Install it there as here (README, "
        "Install), or say with --on-command where it is.",
    ),
    (
        ("Permission denied",),
        "The login was refused, and the window cannot ask for a password. Check the user's name, "
        "and set up a key with ssh-copy-id.",
    ),
    (
        ("assword", "passphrase"),
        "It asks for a password, which cannot be typed here. For ssh set up a key with ssh-copy-id "
        "and ssh-add; for sudo allow the command without a password.",
    ),
    (
        ("Host key verification failed", "REMOTE HOST IDENTIFICATION HAS CHANGED"),
        "That computer is new to ssh, or its key has changed. Connect to it once in a terminal, "
        "with ssh.",
    ),
    (
        ("Could not resolve hostname",),
        "There is no computer of that name, or no network. Check the name.",
    ),
    (
        ("Connection refused",),
        "That computer takes no ssh connections: start its ssh server (sshd).",
    ),
    (
        ("Connection timed out", "Operation timed out", "No route to host"),
        "That computer does not answer: it may be off, or behind a firewall.",
    ),
    (("No such command",), f"The {PROGRAM} there is too old: install the version that is here."),
)
"""Parts of the last line of a program that failed, and the sentence that helps."""
QUEUED = ("queued and waiting", "Pending job allocation")
"""Words of a program that waits its turn, as srun does: it may take hours."""


def ended_by(code: int) -> str:
    """Return what stopped a process with this exit code: the name of a signal, or nothing."""
    if code >= 0:
        return ""
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    if name == "SIGKILL":
        return "it was killed, as the system does when memory runs out"
    return f"it crashed ({name})"


def explained(complaint: str) -> str:
    """Return what to say about a renderer that said `complaint` and ended."""
    for signs, sentence in HELP:
        if any(sign in complaint for sign in signs):
            return sentence
    return complaint


class Connection(Protocol):
    """An open line."""

    @property
    def reads(self) -> BinaryIO: ...
    @property
    def writes(self) -> BinaryIO: ...
    def said(self) -> str: ...
    def complaint(self) -> str: ...
    def ending(self) -> str: ...
    def close(self) -> None: ...


class ProcessConnection:
    """Starts a process and speaks with it over its standard input and output.

    Args:
        command: the program and its arguments; no shell reads them.

    Raises:
        LineError: it cannot be started.
    """

    def __init__(self, command: Sequence[str]) -> None:
        try:
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=sys.platform != "win32",  # an interrupt is for the window alone
            )
        except OSError as error:
            raise LineError(f"{command[0]} cannot be started: {error.strerror}.") from error
        self._lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._listener = threading.Thread(target=self._listen, name="errors there", daemon=True)
        self._listener.start()

    @property
    def reads(self) -> BinaryIO:
        """Return what the process writes."""
        assert self._process.stdout is not None
        return self._process.stdout  # pyright: ignore[reportReturnType]

    @property
    def writes(self) -> BinaryIO:
        """Return what the process reads."""
        assert self._process.stdin is not None
        return self._process.stdin  # pyright: ignore[reportReturnType]

    @property
    def pid(self) -> int:
        """Return the number of the process."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Tell whether the process has ended."""
        return self._process.poll() is not None

    def said(self) -> str:
        """Return the last line that the process has said on its standard error by now."""
        return next((line for line in reversed(tuple(self._lines)) if line), "")

    def complaint(self) -> str:
        """Return the last line that the process said on its standard error, once it has ended or a
        moment has passed."""
        self._listener.join(END_S)
        return explained(self.said())

    def ending(self) -> str:
        """Return how the process ended by itself, a few words; empty where that says nothing."""
        try:
            code = self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            return ""
        return ended_by(code)

    def close(self) -> None:
        """End the process: it ends by itself when its line does, or is ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(END_S if self.writes.closed else 0.0)
            return
        self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(END_S)

    def _listen(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            text = line[:1000].decode("utf-8", "replace").strip()
            logger.info("renderer: %s", text)
            self._lines.append(text)


def here(device: str, workers: str = "none", folders: Sequence[str] = ()) -> list[str]:
    """The command of a renderer in a process of its own on this computer.

    Args:
        device: see `renderer.models.device.choose`.
        workers: see `renderer.models.worker_devices`.
        folders: that it may read models from; none allows all.
    """
    allowed = [part for folder in folders for part in ("--folder", folder)] or ["--any-folder"]
    told = _told(device, workers)
    return [sys.executable, "-m", "visualizer", *SERVE, *allowed, *told]


def _told(device: str, workers: str) -> list[str]:
    """The options of a renderer; "auto" is what it does by itself."""
    return ["--device", device, *(() if workers == "auto" else ("--workers", workers))]


def over_ssh(host: str, device: str, workers: str = "auto") -> list[str]:
    """The command of a renderer on another computer.

    Args:
        host: as `ssh` takes it: "user@host", or a name of its settings.
        device: see `renderer.models.device.choose`, there.
        workers: see `renderer.models.worker_devices`, there.

    Raises:
        LineError: that is not the name of a computer.
    """
    if not host or host.startswith("-") or any(one.isspace() for one in host):
        raise LineError(f"{host!r} is not the name of a computer: write it as user@host.")
    remote = shlex.join([PROGRAM, *SERVE, *_told(device, workers)])
    return [*SSH, "--", host, remote]


def by_command(command: str, device: str, workers: str = "auto") -> list[str]:
    """A command that the user wrote, as a shell would split it; device and workers are added at its
    end.

    Raises:
        LineError: its quotes do not match, or there is nothing.
    """
    try:
        parts = shlex.split(command)
    except ValueError as error:
        raise LineError(f"The command {command!r} cannot be read: {error}.") from error
    if not parts:
        raise LineError("The command that starts the renderer is empty.")
    return [*parts, *_told(device, workers)]
