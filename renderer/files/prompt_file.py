"""Text files of prompts, one a line: for `--prompts`, and for the rows or columns of a grid."""

from __future__ import annotations

from pathlib import Path

from renderer.errors import RendererError
from renderer.files.plain import read_plain, reason
from renderer.recipe.recipe import MAX_CHARACTERS

MAX_FILE_BYTES = 4_000_000
COMMENT = "#"
"""A line that begins with it is none of the prompts, unless a backslash stands before it."""


class PromptFileError(RendererError, ValueError):
    """A file contains no prompts that can be used; the message is for the user."""


def read_prompts(path: Path, most: int) -> tuple[str, ...]:
    """The prompts in a file, which is not trusted: UTF-8, one a line; blank lines and lines that
    begin with `COMMENT` are left out.

    Args:
        path: of the file.
        most: the largest number of prompts.

    Raises:
        PromptFileError: it cannot be read, or holds none, too many or too long ones; one sentence
            that names the file.
    """
    try:
        text = read_plain(path, MAX_FILE_BYTES).decode("utf-8-sig")
    except OSError as error:
        raise PromptFileError(f"{path.name} cannot be read: {reason(error)}.") from error
    except UnicodeDecodeError as error:
        raise PromptFileError(f"{path.name} is not text: save it as UTF-8.") from error
    lines = {number: line.strip() for number, line in enumerate(text.splitlines(), 1)}
    prompts = {n: line for n, line in lines.items() if line and not line.startswith(COMMENT)}
    if not prompts:
        raise PromptFileError(f"{path.name} contains no prompts: write one on each line.")
    if len(prompts) > most:
        raise PromptFileError(
            f"{path.name} holds {len(prompts):,} prompts: at most {most:,} can be used."
        )
    for number, line in prompts.items():
        if len(line) > MAX_CHARACTERS or "\0" in line:
            raise PromptFileError(
                f"Line {number} of {path.name} is not a prompt: it is too long, or not text."
            )
    return tuple(
        line.removeprefix("\\") if line.startswith("\\#") else line for line in prompts.values()
    )
