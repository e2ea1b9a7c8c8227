"""The panels' view of the word lists that wildcards are drawn from, and their actions."""

from __future__ import annotations

from dataclasses import dataclass, field

from renderer.recipe.wildcards import Lists
from widgets.actions import Action


@dataclass(frozen=True)
class WordListsView:
    """The lists by name, and the folder that they were read from."""

    lists: Lists = field(default_factory=dict)
    folder: str = ""


@dataclass(frozen=True)
class BrowseWordLists(Action):
    """Let the user choose the folder of word lists."""


@dataclass(frozen=True)
class ReadWordLists(Action):
    """Read the folder of word lists again."""
