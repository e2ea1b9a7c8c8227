"""The folder of word lists: read beside the window, and drawn from by the prompts' wildcards."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from msgspec.structs import replace

from renderer.files.word_lists import WordLists, read_word_lists
from renderer.recipe.recipe import Recipe
from renderer.recipe.remote_paths import may_open, trust
from renderer.recipe.templates import completed
from visualizer.services import dialogs
from visualizer.services.action_table import Handler, on
from visualizer.services.instrument import Desk, Instrument
from widgets.controls.word_lists_view import BrowseWordLists, ReadWordLists, WordListsView

FOLDER = "wildcards"
"""The program's own folder of word lists, in the user's state folder."""


class WordListKeeper(Instrument):
    """Keeps the word lists, and draws from them what came in without them."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._found = WordLists()
        self._seen: Recipe | None = None
        if self._folder.is_dir():
            self._read()

    @property
    def _folder(self) -> Path:
        chosen = self.desk.session.options.word_lists
        own = self.desk.folders.state / FOLDER
        return Path(chosen) if chosen and may_open(chosen) else own

    def handlers(self) -> Iterable[Handler]:
        """Return the handlers of what the menu of a prompt asks for."""
        return (
            on(BrowseWordLists, lambda _: self._browse()),
            on(ReadWordLists, lambda _: self._read()),
        )

    def views(self, now_s: float) -> Iterable[object]:
        """Return what prompts are drawn from."""
        return (WordListsView(self._found.lists, str(self._folder)),)

    def poll(self, now_s: float) -> None:
        """Draw what came in from where the lists are not known: OSC, a script, a file."""
        document = self.desk.session.document
        if document.recipe is not self._seen:
            self._seen = completed(document.recipe, self._found.lists)
            if self._seen is not document.recipe:
                document.amend(self._seen)

    def _browse(self) -> None:
        session = self.desk.session

        def chosen(folder: Path) -> None:
            trust(str(folder))
            session.options = replace(session.options, word_lists=str(folder))
            self._read()

        self.desk.dialogs.ask(dialogs.WORD_LISTS, self._folder, chosen)

    def _read(self) -> None:
        session, folder = self.desk.session, self._folder

        def done(found: WordLists) -> None:
            told = session.options.word_lists and found != self._found
            self._found, self._seen = found, None
            if found.problem:
                session.say(found.problem, "warning")
            elif told:
                count = len(found.lists)
                what = "1 word list" if count == 1 else f"{count} word lists"
                session.say(f"Read {what} from {folder.name}.", "good")

        def failed(sentence: str) -> None:
            session.say(sentence, "warning")

        self.desk.background.run(lambda: read_word_lists(folder), done, failed)
