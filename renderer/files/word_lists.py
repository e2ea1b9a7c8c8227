"""A folder of word lists, from which wildcards in prompts are drawn: text files, one entry a line.

A name in a prompt never becomes a path: the files below the folder are read, and names are looked
up among those.  Links are not followed, so nothing outside the folder is read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from renderer.errors import RendererError
from renderer.files.prompt_file import PromptFileError, read_prompts
from renderer.recipe.wildcards import NAME, Lists

SUFFIX = ".txt"
MAX_LISTS = 500
MAX_LINES = 20_000
"""Entries of one list."""
MAX_ENTRIES = 200_000
"""Entries of all of them."""
MAX_LEVELS = 4
"""Folders within one another, the chosen one included."""


class WordListError(RendererError, ValueError):
    """A folder of word lists cannot be read; the message is for the user."""


@dataclass(frozen=True)
class WordLists:
    """The lists by name, such as "colours" or "places/towns"; `problem` says what was left out."""

    lists: Lists = field(default_factory=dict)
    problem: str = ""


def read_word_lists(folder: Path) -> WordLists:
    """Read every list below a folder; what cannot be read is left out, and told.

    Raises:
        WordListError: there is no such folder.
    """
    if not os.path.isdir(folder):
        raise WordListError(f"There is no folder of word lists at {folder}.")
    lists: dict[str, tuple[str, ...]] = {}
    entries, problem = 0, ""
    for name, path in _files(folder, "", MAX_LEVELS):
        if len(lists) >= MAX_LISTS or entries >= MAX_ENTRIES:
            problem = f"{folder.name} holds more word lists than can be used: {len(lists)} are."
            break
        try:
            lists[name] = read_prompts(path, MAX_LINES)
        except PromptFileError as error:
            problem = str(error)
        else:
            entries += len(lists[name])
    return WordLists(lists, problem)


def _files(folder: Path, before: str, levels: int) -> Iterator[tuple[str, Path]]:
    """(name, path) of the lists in a folder and those below it, in the order of their names."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        name = f"{before}{entry.name.removesuffix(SUFFIX)}"
        if not re.fullmatch(NAME, name) or entry.is_symlink():
            continue
        if entry.is_dir(follow_symlinks=False) and levels > 1:
            yield from _files(Path(entry.path), f"{name}/", levels - 1)
        elif entry.is_file(follow_symlinks=False) and entry.name.endswith(SUFFIX):
            yield name, Path(entry.path)
