"""The folder of a run: one run at a time, and its options from the first second.

The lock is the system's and goes with the process, so one that was killed leaves none behind.
"""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import BinaryIO

import msgspec

from stylegan_t.data.sampling import TrainingError
from stylegan_t.errors import BROKEN_JSON
from stylegan_t.files.locks import NO_LOCKS, lock
from stylegan_t.files.whole import whole_file
from stylegan_t.terminal.wrong_values import in_words
from stylegan_t.training.options import RunOptions

OPTIONS = "options.json"
LOCK = "run.lock"
MAX_BYTES = 1_000_000
_OPTIONS = msgspec.json.Decoder(RunOptions)


class RunFolder:
    """A run's folder while the run is at work in it; made when it is missing.

    Args:
        folder: which one.
        options: of the run, which are recorded there.

    Raises:
        TrainingError: another run is at work in it.
        OSError: it cannot be written.
    """

    def __init__(self, folder: Path, options: RunOptions) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / LOCK
        if path.exists() and not path.is_file():  # a pipe would wait for ever
            raise TrainingError(f"{path} is in the way of this run's lock: delete it.")
        self._lock: BinaryIO = open(path, "a+b")  # noqa: SIM115 - held as long as this is
        try:
            self._take(folder)
            with whole_file(folder / OPTIONS) as file:
                file.write(msgspec.json.format(msgspec.json.encode(options), indent=2) + b"\n")
        except BaseException:
            self._lock.close()
            raise

    def _take(self, folder: Path) -> None:
        if not self._is_ours():
            raise TrainingError(
                f"Another run is using {folder}{self._owner()}: wait until it has ended, or give "
                "another folder with --out."
            )
        self._lock.truncate(0)
        owner = {"process": os.getpid(), "machine": socket.gethostname()}
        self._lock.write(json.dumps(owner).encode())
        self._lock.flush()

    def _is_ours(self) -> bool:
        """Lock the folder; a disk that knows no locks gives it to everybody."""
        try:
            return lock(self._lock.fileno())
        except OSError as error:
            if error.errno not in NO_LOCKS:
                raise
        return True

    def _owner(self) -> str:
        try:
            self._lock.seek(0)
            owner = json.loads(self._lock.read(1000))
            return f" (process {int(owner['process'])} on {str(owner['machine'])[:100]!r})"
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return ""

    def close(self) -> None:
        """Let another run have it."""
        self._lock.close()


def recorded_options(folder: Path) -> RunOptions | None:
    """The options of the run that was last at work in a folder; None where none was.

    Raises:
        TrainingError: what is there is damaged.
    """
    file = folder / OPTIONS
    if not file.is_file():
        return None
    try:
        with open(file, "rb") as stream:
            return _OPTIONS.decode(stream.read(MAX_BYTES))
    except OSError as error:
        raise TrainingError(f"{file} cannot be read: {error.strerror}.") from error
    except BROKEN_JSON as error:
        raise TrainingError(f"{file} is damaged: {in_words(error)}.") from error
