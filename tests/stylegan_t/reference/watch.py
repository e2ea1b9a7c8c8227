"""Opens files in a process of its own, and notes whatever else that process does meanwhile.

The parent's side is `Watcher`; `python -m tests.stylegan_t.reference.watch` is the child's.
Events are those of Python's audit hooks (PEP 578).  What would do harm is stopped as well as noted,
so that a file which got through does nothing.
"""

from __future__ import annotations

import codecs
import contextlib
import json
import os
import pickle
import resource
import selectors
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Literal

ROOT = Path(__file__).parents[3]
LIMIT_S = 60.0
"""Wall-clock time after which a file counts as hanging.  What it may cost is counted as CPU time,
since the machine may be busy with other things."""
ADDRESS_SPACE = 24 << 30
"""Bytes of address space that the child may claim: a memory bomb fails in it, not around it."""
HARMLESS = ("object.__getattr__", "sys._getframe", "builtins.id", "gc.", "time.sleep")
"""Events that any Python code causes."""

Kind = Literal["loaded", "refused", "crashed", "hung", "died"]


@dataclass(frozen=True)
class Outcome:
    """What opening one file came to.

    `message` is the refusal's sentence or the other exception's traceback; `events` what the
    process did besides reading the file; `cpu_s` and `peak_mb` what it cost.
    """

    kind: Kind
    message: str = ""
    events: list[str] = field(default_factory=list)
    cpu_s: float = 0.0
    peak_mb: float = 0.0


class Watcher:
    """A child process that opens one file after the other; started again when one kills it.

    It first opens `warm_up`, good files, unwatched: whatever is imported on demand then is.
    """

    def __init__(self, *warm_up: Path, limit_s: float = LIMIT_S) -> None:
        self._warm_up, self._limit_s = warm_up, limit_s
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Watcher:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def load(self, path: Path, careless: bool = False) -> Outcome:
        """Open a file with `stylegan_t.load`, or carelessly: with Python's own `pickle`."""
        child = self._running()
        assert child.stdin is not None and child.stdout is not None
        child.stdin.write(json.dumps([str(path), careless]).encode() + b"\n")
        child.stdin.flush()
        answer = _line(child.stdout, self._limit_s)
        if answer is None:
            self._stop()
            return Outcome("hung", f"no answer within {self._limit_s} s")
        if not answer:
            code = child.wait()
            self._stop()
            return Outcome("died", f"exit status {code}")
        return Outcome(**json.loads(answer))

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None:
            self._child = subprocess.Popen(
                [sys.executable, "-m", __name__, *map(str, self._warm_up)],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            assert self._child.stdout is not None
            assert _line(self._child.stdout, 120) == b"ready\n"
        return self._child

    def _stop(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
        self._child = None


def _line(pipe: IO[bytes], limit_s: float) -> bytes | None:
    """A line of the child, b"" when it is gone, None when it takes too long."""
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        return pipe.readline() if selector.select(limit_s) else None


# -- the child's side ------------------------------------------------------------------------------


class _Hook:
    """Notes and stops events, while it is told which file may be read."""

    def __init__(self) -> None:
        self.file: str | None = None
        self.events: list[str] = []

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.file is None or event.startswith(HARMLESS):
            return
        if event == "open" and self._reads_the_file(*arguments):
            return
        self.events.append(f"{event} {arguments!r:.200}")
        raise RuntimeError(f"stopped: {event}")

    def _reads_the_file(self, path: object, mode: object, flags: object) -> bool:
        writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
        return str(path) == self.file and isinstance(flags, int) and not flags & writing


@contextlib.contextmanager
def _watched(hook: _Hook, path: str) -> Iterator[None]:
    hook.file, hook.events = path, []
    try:
        yield
    finally:
        hook.file = None


def _peak_kb(reset: bool = False) -> int:
    """The largest resident size since the last reset, or 0 where the system does not tell."""
    if not sys.platform.startswith("linux"):
        return 0
    if reset:
        with contextlib.suppress(OSError):  # then the peak is that of all files so far
            Path("/proc/self/clear_refs").write_text("5")
    status = Path("/proc/self/status").read_text().splitlines()
    field = "VmRSS:" if reset else "VmHWM:"
    return next(int(line.split()[1]) for line in status if line.startswith(field))


def _load(path: str, careless: bool) -> None:
    import stylegan_t

    if careless:
        pickle.loads(Path(path).read_bytes())
    else:
        stylegan_t.load(path).config.__post_init__()


def _open(hook: _Hook, path: str, careless: bool) -> Outcome:
    import stylegan_t

    kind, message = "loaded", ""
    before, start = _peak_kb(reset=True), time.process_time()
    try:
        with _watched(hook, path):
            _load(path, careless)
    except stylegan_t.CheckpointError as error:
        kind, message = "refused", str(error)
    except BaseException:
        kind, message = "crashed", traceback.format_exc()
    cpu_s, peak_mb = time.process_time() - start, (_peak_kb() - before) / 1024
    return Outcome(kind, message, list(hook.events), cpu_s, peak_mb)


def main() -> None:
    """Answer each path on standard input with an `Outcome`."""
    import torch

    import stylegan_t

    torch.set_num_threads(1)
    for encoding in ("latin-1", "raw_unicode_escape"):
        codecs.lookup(encoding)  # imports it
    for path in sys.argv[1:]:
        stylegan_t.load(path)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    hook = _Hook()
    sys.addaudithook(hook)
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        print(json.dumps(asdict(_open(hook, *json.loads(line)))), file=answers, flush=True)


if __name__ == "__main__":
    main()
