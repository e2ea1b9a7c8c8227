"""The line that tells how far a long command is."""

from __future__ import annotations

import io
import sys
import time

import pytest

from stylegan_t.terminal import progress_line
from stylegan_t.terminal.console import Output
from stylegan_t.terminal.progress_line import ProgressLine


class Terminal(io.StringIO):
    """Somebody looks at it."""

    def isatty(self) -> bool:
        return True


def looked_at(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Standard error as a terminal; set in the test itself, for pytest sets it after fixtures."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", Output(stream, needed=False))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "40")
    return stream


def test_the_line_moves_and_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = looked_at(monkeypatch)
    line = ProgressLine()
    line.tell("Reading \x1b]0;evil\x07", 0.0)
    line.tell("Drawing", 1.0)
    line.done()
    assert terminal.getvalue() == (
        "Reading \\u001b]0;evil\\u0007 ...\x1b[K\rDrawing  100%\x1b[K\r\x1b[K"
    )


def test_other_words_clear_it_first(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = looked_at(monkeypatch)
    line = ProgressLine()
    line.tell("Drawing", 0.5)
    print("Note", file=sys.stderr)
    assert terminal.getvalue().endswith("Drawing  50%\x1b[K\r\x1b[KNote\n")
    line.done()


def test_a_long_line_is_cut_so_that_it_can_be_written_over(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = looked_at(monkeypatch)
    line = ProgressLine()
    line.tell("x" * 100)
    line.done()
    assert terminal.getvalue().startswith("x" * 39 + "\x1b")


def test_where_nothing_new_is_told_it_counts_the_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = looked_at(monkeypatch)
    monkeypatch.setattr(progress_line, "TICK_S", 0.001)
    line = ProgressLine()
    line.tell("Starting")
    end_s = time.monotonic() + 60
    while "Starting ...  0 s" not in terminal.getvalue() and time.monotonic() < end_s:
        time.sleep(0.01)
    line.done()
    assert "Starting ...  0 s" in terminal.getvalue()
    said = terminal.getvalue()
    time.sleep(0.05)
    assert terminal.getvalue() == said, "it is over"


def test_in_a_file_a_line_comes_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", Output(stream, needed=False))
    line = ProgressLine()
    for share in (0.0, 0.1, 0.2, 1.0):
        line.tell("Drawing", share)
    line.done()
    assert stream.getvalue() == "Drawing ...\nDrawing  100%\n"


def test_who_does_not_speak_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = looked_at(monkeypatch)
    ProgressLine(False).tell("Drawing")
    monkeypatch.setenv("RANK", "1")
    ProgressLine.of_first().say("Note")
    monkeypatch.setenv("TERM", "dumb")
    ProgressLine(logs=False).tell("Drawing")
    assert terminal.getvalue() == ""
