"""What a command may end with."""

from __future__ import annotations

from click.testing import Result


def done(result: Result) -> Result:
    """The result of a command that did what it was asked for."""
    assert result.exit_code == 0, result.output
    return result


def refused(result: Result, code: int, words: str) -> None:
    """A command ended with a sentence that has these words, and nothing else."""
    assert result.exit_code == code, result.output
    assert words in result.stderr
    assert "Traceback" not in result.output
    assert isinstance(result.exception, SystemExit)
