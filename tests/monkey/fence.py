"""Keeps a monkey inside its folder: whatever would write elsewhere, or start a program, is refused.

Python tells an audit hook of all of it.  The hook cannot be taken out again, so there is one for
the whole process, which does nothing while no fence stands.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
PATHS_OF = {
    "os.remove": 1,
    "os.rename": 2,
    "os.rmdir": 1,
    "os.mkdir": 1,
    "os.link": 2,
    "os.symlink": 2,
    "os.truncate": 1,
    "os.chmod": 1,
    "shutil.rmtree": 1,
    "shutil.move": 2,
}
"""Events whose first arguments are paths that change."""
RELATIVE = ("os.remove", "os.rmdir", "os.mkdir")
"""Those whose last argument is the folder that a relative path begins in."""
PROGRAMS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "webbrowser.open")
DEVICES = ("/dev/null", "/dev/snd", "/dev/shm")
CALLS = ("socket.connect", "socket.sendto")
LOCAL = ("127.0.0.1", "::1", "localhost")


class Fence:
    """Knows what a process may touch.

    Args:
        home: everything inside may be written.
        allowed: tells of a program and its arguments whether it may be started.
    """

    def __init__(self, home: Path, allowed: Callable[..., bool] = lambda *_: False) -> None:
        self._allowed = allowed
        self._home = os.path.realpath(home) + os.sep
        self.breaches: list[str] = []

    def look(self, event: str, args: tuple[Any, ...]) -> None:
        """An audit hook.

        Raises:
            PermissionError: it leads outside.
        """
        problem = ""
        if event == "open":
            path, _, flags = args
            if isinstance(flags, int) and flags & WRITES and not self._inside(path):
                problem = f"{path} is outside"
        elif event in PATHS_OF:
            base = args[-1] if event in RELATIVE else -1
            outside = [path for path in args[: PATHS_OF[event]] if not self._inside(path, base)]
            problem = f"{outside[0]} is outside" if outside else ""
        elif event in PROGRAMS and not self._allowed(*args[:2]):
            problem = f"it would start {args[:2]}"
        elif event in CALLS and isinstance(args[1], tuple) and args[1][0] not in LOCAL:
            problem = f"it would call {args[1]}"
        if problem:
            self.breaches.append(f"{event}: {problem}")
            raise PermissionError(f"{event}: {problem}")

    def _inside(self, path: Any, folder: int = -1) -> bool:
        """`folder` is the open folder that a relative path begins in; -1 for the current one."""
        if not isinstance(path, (str, bytes, os.PathLike)):
            return True  # a file that is open already
        name = os.fsdecode(path)
        if folder >= 0 and not os.path.isabs(name):
            name = os.path.join(f"/proc/self/fd/{folder}", name)
        return (os.path.realpath(name) + os.sep).startswith((self._home, *DEVICES))


_standing: list[Fence] = []
_hooked: list[bool] = []


def _hook(event: str, args: tuple[Any, ...]) -> None:
    for fence in _standing:
        fence.look(event, args)


@contextmanager
def fenced(home: Path, allowed: Callable[..., bool] = lambda *_: False) -> Iterator[Fence]:
    """Put up a fence around `home`, see `Fence`."""
    if not _hooked:
        _hooked.append(True)
        sys.addaudithook(_hook)
    fence, before = Fence(home, allowed), sys.dont_write_bytecode
    sys.dont_write_bytecode = True  # what is imported late would write beside its source
    _standing.append(fence)
    try:
        yield fence
    finally:
        _standing.remove(fence)
        sys.dont_write_bytecode = before
