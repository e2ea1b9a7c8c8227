"""Reports of a run while it goes on: `log.jsonl`, TensorBoard, and lines for a person."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from stylegan_t.files.whole import whole_file
from stylegan_t.terminal.installing import pip_install

LOG = "log.jsonl"
TENSORBOARD = "tensorboard"


class RunLog:
    """The logs of a run's first process.

    A run that goes on drops what was logged after the snapshot that it goes on from.

    Args:
        folder: the run's.
        step: where the run stands.
        report: shows a line to a person.
    """

    def __init__(self, folder: Path, step: int, report: Callable[[str], None]) -> None:
        self._file, self._report = folder / LOG, report
        _cut(self._file, step)
        self._board = _Board(folder / TENSORBOARD, step, report)

    def write(self, step: int, seen: int, values: Mapping[str, float]) -> None:
        """One entry: numbers by name, at a step and a number of pictures seen."""
        entry = {"step": step, "images": seen, **{k: _short(v) for k, v in values.items()}}
        with open(self._file, "a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
        for name, value in values.items():
            self._board.do(lambda writer, n=name, v=value: writer.add_scalar(n, v, step))

    def say(self, line: str) -> None:
        """Show a line."""
        self._report(line)

    def close(self) -> None:
        """Bring everything to the disk."""
        self._board.do(lambda writer: writer.close())


def _short(value: float) -> float | None:
    """Five digits; JSON knows no infinity."""
    return float(f"{value:.5g}") if abs(value) < float("inf") else None


def _cut(file: Path, step: int) -> None:
    """Keep the entries up to a step, and no half-written line."""
    try:
        lines = file.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return
    kept = [line for line in lines if _step_of(line) <= step]
    if len(kept) < len(lines):
        text = "".join(f"{line}\n" for line in kept)
        with whole_file(file) as out:
            out.write(text.encode())


def _step_of(line: str) -> float:
    try:
        return int(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return float("inf")


class _Board:
    """TensorBoard's log: where it cannot be written, the run goes on without it."""

    def __init__(self, folder: Path, step: int, report: Callable[[str], None]) -> None:
        self._report = report
        self._writer: Any = None
        try:
            # an extra that may be missing
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            report(
                "TensorBoard is not installed, so only log.jsonl is written; "
                f"{pip_install('tensorboard')} installs it."
            )
            return
        _quiet_threads()
        self._writer = SummaryWriter
        self.do(lambda new: setattr(self, "_writer", new(str(folder), purge_step=step + 1)))

    def do(self, work: Callable[[Any], object]) -> None:
        """Have `work` use TensorBoard's writer, if there is one."""
        if self._writer is None:
            return
        try:
            work(self._writer)
        except OSError as error:
            self._writer = None
            reason = error.strerror or str(error)
            self._report(f"TensorBoard's log is no longer written ({reason}); log.jsonl is.")


def _quiet_threads() -> None:
    """Let TensorBoard's thread end without a traceback on a full disk: its user hears of it too."""
    shown = threading.excepthook

    def hook(args: threading.ExceptHookArgs) -> None:
        ours = type(args.thread).__module__.startswith("tensorboard")
        if not (ours and isinstance(args.exc_value, OSError)):
            shown(args)

    threading.excepthook = hook


def time_left(seconds: float) -> str:
    """A duration for a person: "40 s", "12 min", "3 h 05 min", "4 d 2 h"."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{seconds:.0f} s"
    if minutes < 100:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes:02d} min"
    return f"{hours // 24} d {hours % 24} h"
