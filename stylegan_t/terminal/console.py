"""The terminal of every command: its output, and its end.

Standard output and standard error show what others wrote without obeying it, and no character is
missing from any encoding.  Where standard output cannot be written the command says so and fails.
Exit codes: 0 done, 1 failed with one sentence on standard error, 2 wrong use, 128 and the number of
the signal that ended the command.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from contextlib import suppress
from typing import TextIO

import click

from stylegan_t.terminal.home import ensure_home
from stylegan_t.terminal.signals import heard
from stylegan_t.terminal.visible import ERRORS, visible

LINES = "\n\t"
"""Control characters that may act in a text of several lines."""
STYLES = {"bold": 1, "dim": 2, "red": 31, "green": 32, "yellow": 33}
CLEAR_REST = "\x1b[K"


class UnwritableError(Exception):
    """Standard output accepts no more text; `sentence` is empty if it was closed."""

    def __init__(self, error: OSError) -> None:
        reason = error.strerror or str(error)
        self.sentence = f"Error: Standard output cannot be written: {reason}."
        if error.errno == errno.EPIPE:
            self.sentence = ""
        super().__init__(self.sentence)


class Output(io.TextIOBase):
    """A text stream over one of the process's own, which shows what it is given.

    It has no `buffer`: nothing gets past it.

    Args:
        stream: the process's; None where the process was started without.
        needed: whether it is an error that it cannot be written; else that is passed over.
    """

    moving = False
    """True while the terminal shows a line that the next one replaces."""
    live = True
    """True while such a line may come; false once the command has ended."""

    def __init__(self, stream: TextIO | None, *, needed: bool) -> None:
        self._stream, self._needed = stream, needed
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=ERRORS)

    @property
    def encoding(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Of the stream below."""
        return getattr(self._stream, "encoding", None) or "utf-8"

    @property
    def errors(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Return how characters are written that the encoding lacks."""
        return ERRORS

    def isatty(self) -> bool:
        """Return whether it is an interactive terminal."""
        with suppress(ValueError):  # closed
            return self._stream is not None and self._stream.isatty()
        return False

    def fileno(self) -> int:
        """Of the stream below."""
        if self._stream is None:
            raise io.UnsupportedOperation("fileno")
        return self._stream.fileno()

    def writable(self) -> bool:
        """See `io.IOBase`."""
        return True

    def write(self, text: str, /) -> int:
        """Write text that may come from anywhere.

        Raises:
            UnwritableError: it cannot be written, and is needed.
        """
        if not isinstance(text, str):
            raise TypeError(f"text is written, not {type(text).__name__}")
        if Output.moving and text and self.isatty():
            Output.moving = False
            self.control(CLEAR_REST)
        self.control(visible(text, LINES))
        return len(text)

    def control(self, text: str) -> None:
        """Write text of the program's own, which may move the cursor and change colours."""
        try:
            if self._stream is None:
                raise OSError(errno.EBADF, os.strerror(errno.EBADF))
            self._stream.write(text)
        except OSError as error:
            self._fail(error)

    def flush(self) -> None:
        """Hand on what was written.

        Raises:
            UnwritableError: as `write`.
        """
        try:
            if self._stream is not None and not self._stream.closed:
                self._stream.flush()
        except OSError as error:
            self._fail(error)

    def abandon(self) -> None:
        """Let what could not be written be forgotten: Python would complain of it at its end."""
        with suppress(OSError, ValueError, AttributeError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)

    def _fail(self, error: OSError) -> None:
        if self._needed:
            raise UnwritableError(error) from error
        self.abandon()


def control(text: str) -> None:
    """Write control characters of the program's own on standard error."""
    stream = sys.stderr
    if isinstance(stream, Output):
        stream.control(text)
    else:
        stream.write(text)
    stream.flush()


def say(*parts: str | tuple[str, str]) -> None:
    """Print a line; a part (text, style) has that style of `STYLES` where a terminal can show it.

    A part is words for one line, whatever it was.
    """
    stream = sys.stdout
    coloured = isinstance(stream, Output) and stream.isatty() and not is_plain()
    for part in parts:
        text, style = (part, "") if isinstance(part, str) else part
        if style and coloured and isinstance(stream, Output):
            stream.control(f"\x1b[{STYLES[style]}m")
            click.echo(visible(text), nl=False)
            stream.control("\x1b[0m")
        else:
            click.echo(visible(text), nl=False)
    click.echo()


def is_dumb() -> bool:
    """Return whether the terminal knows neither colours nor a cursor that moves."""
    return os.environ.get("TERM", "dumb" if os.name != "nt" else "") == "dumb"


def is_plain() -> bool:
    """Tell whether text has no colours here: the terminal knows none, or the user wants none."""
    return is_dumb() or bool(os.environ.get("NO_COLOR"))  # https://no-color.org


def run(command: click.Command, prog_name: str) -> int:
    """Run a command as the process's only task; returns its exit code."""
    _fill_standard_files()
    ensure_home()
    out, err = Output(sys.stdout, needed=True), Output(sys.stderr, needed=False)
    sys.stdout, sys.stderr, Output.live = out, err, True
    try:
        with heard():
            status = _status(command, prog_name)
            out.flush()
    except UnwritableError as error:
        out.abandon()
        if error.sentence:
            click.echo(error.sentence, err=True)
        return 1
    except SystemExit as ended:
        status = _code(ended)
        with suppress(UnwritableError):
            out.flush()
    _leave_line()
    return status


def _fill_standard_files() -> None:
    """Open the standard files that the process was started without: the next file would be taken
    for one."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(number)


def _status(command: click.Command, prog_name: str) -> int:
    try:
        os.getcwd()  # asked before PyTorch is imported: Intel's library would abort the process
    except OSError:
        click.echo("Error: The current folder is gone: change to another one first.", err=True)
        return 1
    try:
        result = command.main(prog_name=prog_name, standalone_mode=False)
    except click.ClickException as error:
        _leave_line()
        error.message = visible(error.message)  # pyright: ignore[reportAttributeAccessIssue]
        error.show()
        return error.exit_code
    except click.Abort:
        return 1
    except (OSError, MemoryError) as error:  # no layer below has a better sentence
        _leave_line()
        click.echo(f"Error: {visible(_words(error))}", err=True)
        return 1
    return result if isinstance(result, int) else 0


def _words(error: OSError | MemoryError) -> str:
    if isinstance(error, MemoryError):
        return "There is not enough memory: close other programs first."
    reason = error.strerror or str(error)
    return f"{error.filename}: {reason}." if error.filename else f"{reason}."


def _code(ended: SystemExit) -> int:
    if ended.code is None or isinstance(ended.code, int):
        return ended.code or 0
    click.echo(ended.code, err=True)
    return 1


def _leave_line() -> None:
    """Clear the moving line, if one stands there, and let none come."""
    Output.live = False
    if Output.moving:
        Output.moving = False
        control(CLEAR_REST)
