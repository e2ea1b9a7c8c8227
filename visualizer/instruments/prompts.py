"""Prompts that all sessions remember: those that were tried, and kept directions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from typing import Annotated, Any

from msgspec import Meta
from msgspec.json import Decoder
from msgspec.structs import replace

from renderer.files.atomic import save_new
from renderer.recipe.recipe import MAX_JSON_BYTES, Direction, TextPart
from renderer.recipe.surprise import surprise
from visualizer.services.action_table import Handler, on
from visualizer.services.dialogs import Question
from visualizer.services.instrument import Desk, Instrument
from visualizer.session import user_lists
from visualizer.session.user_lists import Found, Library
from widgets.prompt.direction_popup import (
    DropDirection,
    ExportDirections,
    ImportDirections,
    KeepDirection,
    KeptDirections,
    title,
)
from widgets.prompt.history import ForgetPrompt, ForgetPrompts, PromptHistory
from widgets.prompt.suggestions import SurpriseMe, with_words

REST_S = 2.0
"""A prompt counts as tried once its picture has rested this long, or was captured."""
MAX_KEPT_PROMPTS = 500
MAX_KEPT_DIRECTIONS = 500
LONGEST_PROMPT = 20_000
"""Longer texts are no prompts that one picks from a list."""
MAX_KEPT_CHARACTERS = MAX_JSON_BYTES // 4
"""Of all remembered prompts together: any character takes four bytes at most."""
OPEN = Question("Import directions from a file", (".json",), "Directions")
SAVE = Question("Export directions.json to")

PROMPT: Decoder[str] = Decoder(Annotated[str, Meta(min_length=1, max_length=LONGEST_PROMPT)])
DIRECTION = Decoder(Direction)


def remembered(known: tuple[str, ...], new: Iterable[str]) -> tuple[str, ...]:
    """`known` with the prompts of `new` at its front: each once, without empty ones, bounded."""
    fresh = (text.strip() for text in new)
    usable = [text for text in fresh if 0 < len(text) <= LONGEST_PROMPT and _can_be_saved(text)]
    kept: list[str] = []
    room = MAX_KEPT_CHARACTERS
    for text in list(dict.fromkeys([*usable, *known]))[:MAX_KEPT_PROMPTS]:
        room -= len(text)
        if room < 0:
            break
        kept.append(text)
    return tuple(kept)


def _can_be_saved(text: str) -> bool:
    """Half a surrogate pair, from a broken clipboard, has no place in a file."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def with_kept(known: tuple[Direction, ...], new: Iterable[Direction]) -> tuple[Direction, ...]:
    """`known` with the directions of `new` at its front, each once whatever its amount."""
    found = {replace(direction, amount=0.0): direction for direction in (*known, *new)}
    ahead = [replace(direction, amount=0.0) for direction in new]
    rest = [key for key in found if key not in set(ahead)]
    return tuple(found[key] for key in dict.fromkeys([*ahead, *rest]))[:MAX_KEPT_DIRECTIONS]


class Prompts(Instrument):
    """Remembers prompts and directions in the user's state folder."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        folder = desk.folders.state
        self._rng = Random()
        self._prompts = Library(folder, "prompts", PROMPT, MAX_KEPT_PROMPTS)
        self._directions = Library(folder, "directions", DIRECTION, MAX_KEPT_DIRECTIONS)
        self.history, self.kept = PromptHistory(), KeptDirections()
        self._text = TextPart()
        self._since_s, self._known, self._capture = 0.0, False, desk.session.last_capture
        self._load(self._prompts, self._had_prompts)
        self._load(self._directions, self._had_directions)

    def handlers(self) -> Iterable[Handler]:
        """Return the handlers of what the panels of prompts and directions ask for."""
        return (
            on(SurpriseMe, self._surprise),
            on(ForgetPrompt, self._forget),
            on(ForgetPrompts, lambda _: self._remember_only(())),
            on(KeepDirection, self._keep),
            on(DropDirection, self._drop),
            on(ImportDirections, lambda _: self._import()),
            on(ExportDirections, lambda _: self._export()),
        )

    def views(self, now_s: float) -> Iterable[object]:
        """The prompts that were tried, and the directions that are kept."""
        return (self.history, self.kept)

    def poll(self, now_s: float) -> None:
        """Remember prompts whose picture has rested or was captured."""
        session = self.desk.session
        if session.own is not None:
            return  # the tour's words are not the user's
        if session.recipe.text is not self._text:
            self._look(session.recipe.text, now_s)
        captured = session.last_capture != self._capture
        self._capture = session.last_capture
        if self._known or not self._pictured():
            return
        if captured or now_s - self._since_s >= REST_S:
            self._known = True
            self._remember(prompt.text for prompt in self._text.prompts if prompt.weight)
        else:
            self.desk.wake_at(self._since_s + REST_S)

    def _look(self, text: TextPart, now_s: float) -> None:
        """Take notice of the current text; only other words begin a new rest."""
        words = tuple(prompt.text for prompt in text.prompts)
        if words != tuple(prompt.text for prompt in self._text.prompts):
            self._since_s, self._known = now_s, False
        self._text = text

    def _pictured(self) -> bool:
        """Return whether the picture on the screen is of these prompts."""
        frame = self.desk.session.frame
        if frame is None or self.desk.session.error is not None:
            return False
        return frame.recipe.text.prompts == self._text.prompts

    def close(self) -> None:
        """Try once more to write what could not be written."""
        for kept in (self._prompts, self._directions):
            self.desk.background.run(kept.save_rest, lambda _: None, self._refuse)

    # -- prompts -----------------------------------------------------------------------------

    def _surprise(self, action: SurpriseMe) -> None:
        """Write a random sentence; nothing happens before a model is open."""
        session = self.desk.session
        model, text = session.model, session.recipe.text
        if model is None or not model.c_dim or session.recipe.model.path != session.model_path:
            return
        row = min(action.row, len(text.prompts) - 1)
        words = surprise(model.example_prompts, model.vocabulary, self._rng, text.prompts[row].text)
        session.edit(replace(session.recipe, text=with_words(text, row, words)))

    def _remember(self, new: Iterable[str]) -> None:
        self._remember_only(remembered(self.history.prompts, new))

    def _remember_only(self, prompts: tuple[str, ...]) -> None:
        if prompts != self.history.prompts:
            self.history = PromptHistory(prompts)
            self._save(self._prompts, prompts)

    def _forget(self, action: ForgetPrompt) -> None:
        self._remember_only(tuple(p for p in self.history.prompts if p != action.text))

    def _had_prompts(self, prompts: tuple[str, ...]) -> None:
        """Add what the last session knew, behind what this one has learnt in the meantime."""
        self.history = PromptHistory(remembered(prompts, self.history.prompts))

    # -- directions --------------------------------------------------------------------------

    def _keep(self, action: KeepDirection) -> None:
        self._keep_only(with_kept(self.kept.directions, (action.direction,)))
        self._say(f"“{title(action.direction)}” is saved for all sessions.")

    def _drop(self, action: DropDirection) -> None:
        self._keep_only(tuple(d for d in self.kept.directions if d != action.direction))

    def _keep_only(self, directions: tuple[Direction, ...]) -> None:
        if directions != self.kept.directions:
            self.kept = KeptDirections(directions)
            self._save(self._directions, directions)

    def _had_directions(self, directions: tuple[Direction, ...]) -> None:
        self.kept = KeptDirections(with_kept(directions, self.kept.directions))

    def _import(self) -> None:
        def read(path: Path) -> None:
            self.desk.background.run(
                lambda: user_lists.read(path, "directions", DIRECTION, MAX_KEPT_DIRECTIONS),
                lambda found: self._imported(found, path),
                self._refuse,
            )

        self.desk.dialogs.ask(OPEN, self.desk.session.capture_folder, read)

    def _imported(self, found: Found[Direction], path: Path) -> None:
        if not found.items:
            self._refuse(f"{path.name} contains no usable directions.")
            return
        self._keep_only(with_kept(self.kept.directions, found.items))
        left = f" {found.refused} others are unusable." if found.refused else ""
        self._say(f"Imported {_many(len(found.items))} from {path.name}.{left}")

    def _export(self) -> None:
        now = self.desk.session.recipe.text.directions
        directions = with_kept(self.kept.directions, now)

        def write(folder: Path) -> None:
            self.desk.background.run(
                lambda: save_new(
                    folder, "directions", ".json", user_lists.encode("directions", directions)
                ),
                lambda path: self._say(f"Exported {_many(len(directions))} to {path.name}."),
                self._refuse,
            )

        self.desk.dialogs.ask(SAVE, self.desk.session.capture_folder, write)

    # -- files and words ---------------------------------------------------------------------

    def _load(self, source: Library[Any], done: Callable[[tuple[Any, ...]], None]) -> None:
        def loaded(answer: tuple[tuple[Any, ...], str]) -> None:
            items, note = answer
            done(items)
            if note:
                self._refuse(note)

        self.desk.background.run(source.load, loaded, self._refuse)

    def _save(self, target: Library[Any], items: tuple[Any, ...]) -> None:
        def told(problem: str | None) -> None:
            if problem:
                self._refuse(problem)

        self.desk.background.run(lambda: target.save(items), told, self._refuse)

    def _say(self, text: str) -> None:
        self.desk.session.say(text, "good")

    def _refuse(self, text: str) -> None:
        self.desk.session.say(text, "warning")


def _many(count: int) -> str:
    return "1 direction" if count == 1 else f"{count} directions"
