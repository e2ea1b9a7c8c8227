"""Directions of the latent by name: saved for each model, opened from files, written into files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from renderer.files import direction_file
from renderer.files.atomic import save_new
from renderer.files.latent_file import free_name, plain_name
from renderer.parameters.component_steps import misfit
from renderer.recipe import component_moves
from renderer.recipe.component_moves import Moves, unmoved
from renderer.recipe.parts.fields import Sha256
from renderer.recipe.parts.moves import unsound
from renderer.recipe.recipe import MAX_MOVES, Move, Recipe
from visualizer.services.action_table import Handler, on
from visualizer.services.dialogs import Question
from visualizer.services.instrument import Desk, Instrument
from visualizer.session.user_lists import Library
from widgets.controls.directions_view import (
    JSON,
    DeleteNamed,
    ExportDirection,
    NameDirection,
    OpenDirection,
    SavedDirections,
    UndeleteNamed,
)
from widgets.latent.panel import COMPONENTS, TITLE

LIBRARY = "latent-directions"
MAX_SAVED = 2_000
MAX_SAVED_BYTES = 4_000_000
"""Of all vectors together: as text they fit into the largest list that is read again."""
MAX_DELETED = 50
MAX_WAITING = 10
OPEN = Question("Open a direction", direction_file.SUFFIXES, "Directions")
SAVE = Question("Export the direction to")
FULL = "No more directions can be saved: delete some first."


class SavedDirection(Struct, frozen=True, forbid_unknown_fields=True):
    """A direction with its name, and the hash of the model that it belongs to."""

    model: Sha256
    move: Move


SAVED = msgspec.json.Decoder(SavedDirection)


class DirectionLibrary(Instrument):
    """Keeps directions by name in the user's state folder."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._library = Library(desk.folders.state, LIBRARY, SAVED, MAX_SAVED)
        self._saved: tuple[SavedDirection, ...] = ()
        self._deleted: list[tuple[int, SavedDirection]] = []
        self._view, self._viewed = SavedDirections(), ""
        self._seen: Recipe | None = None
        self._waiting: list[Move] = []
        """Directions that were opened before there was a model."""
        desk.background.run(self._library.load, self._loaded, self._error)

    def handlers(self) -> Iterable[Handler]:
        """Return the handlers of what the list of directions asks for."""
        return (
            on(NameDirection, self._name),
            on(DeleteNamed, self._delete),
            on(UndeleteNamed, lambda action: self._undelete()),
            on(OpenDirection, self._open),
            on(ExportDirection, self._export),
        )

    def views(self, now_s: float) -> Iterable[object]:
        """Return the directions of the current model."""
        if self._viewed != self._model:
            self._show(self._saved)
        return (self._view,)

    def poll(self, now_s: float) -> None:
        """Give steps their names that came without: by OSC, a script, a file."""
        if self._model and self._waiting:
            self._add(self._waiting.pop(0))
        document = self.desk.session.document
        if document.recipe is self._seen or self._viewed != self._model:
            return
        moves = document.recipe.moves
        if any(not move.name for move in moves):
            named = tuple(move if move.name else self._with_name(move) for move in moves)
            if named != moves:
                document.amend(replace(document.recipe, moves=named))
        self._seen = document.recipe

    def close(self) -> None:
        """Try once more to write what could not be written."""
        self.desk.background.run(self._library.save_rest, lambda _: None, self._error)

    # -- the collection --------------------------------------------------------------------------

    @property
    def _model(self) -> str:
        model = self.desk.session.model
        return "" if model is None else model.sha256

    def _with_name(self, move: Move) -> Move:
        return replace(move, name=self._view.known(move).name)

    def _loaded(self, found: tuple[tuple[SavedDirection, ...], str]) -> None:
        saved, note = found
        own = {(one.model, one.move.place) for one in self._saved}  # named while it was being read
        sound = (one for one in saved if one.move.name and not unsound((one.move,)))
        self._show(
            (*self._saved, *(one for one in sound if (one.model, one.move.place) not in own))
        )
        if note:
            self.desk.session.say(note, "warning")

    def _show(self, saved: tuple[SavedDirection, ...]) -> None:
        self._saved, self._viewed, self._seen = saved, self._model, None
        own = tuple(unmoved(one.move) for one in saved if one.model == self._model)
        last = self._deleted[-1][1].move.name if self._deleted else ""
        self._view = SavedDirections(own, last)

    def _change(self, saved: tuple[SavedDirection, ...]) -> None:
        self._show(saved)
        self.desk.background.run(lambda: self._library.save(saved), self._written, self._error)

    def _written(self, problem: str | None) -> None:
        if problem:
            self._error(problem)

    def _name(self, action: NameDirection) -> None:
        name = plain_name(action.name)
        if name and self._keep(replace(unmoved(action.direction), name=name)):
            kept = self._view.known(action.direction)
            document = self.desk.session.document
            moves = component_moves.with_name(document.recipe.moves, kept, kept.name)
            document.amend(replace(document.recipe, moves=moves))

    def _keep(self, direction: Move) -> bool:
        """Save a direction under its name, or one like it that is free; returns whether it is."""
        others = [one for one in self._saved if not self._same(one, direction)]
        taken = {one.move.name for one in others if one.model == self._model}
        new = SavedDirection(self._model, replace(direction, name=free_name(direction.name, taken)))
        bytes_of = [len(one.move.vector.data) for one in (new, *others) if one.move.vector]
        if len(others) >= MAX_SAVED or sum(bytes_of) > MAX_SAVED_BYTES:
            self.desk.session.say(FULL, "warning")
            return False
        if len(others) == len(self._saved):
            self._change((new, *self._saved))
        else:
            self._change(tuple(new if self._same(one, direction) else one for one in self._saved))
        return True

    def _same(self, saved: SavedDirection, direction: Move) -> bool:
        return saved.model == self._model and saved.move.place == direction.place

    def _delete(self, action: DeleteNamed) -> None:
        session, direction = self.desk.session, action.direction
        for index, one in enumerate(self._saved):
            if self._same(one, direction):
                self._deleted = [*self._deleted, (index, one)][-MAX_DELETED:]
                self._change((*self._saved[:index], *self._saved[index + 1 :]))
                break
        moves = component_moves.without(session.recipe.moves, direction)
        if moves != session.recipe.moves:
            session.edit(replace(session.recipe, moves=moves))

    def _undelete(self) -> None:
        if self._deleted:
            index, one = self._deleted.pop()
            self._change((*self._saved[:index], one, *self._saved[index:]))

    # -- files -----------------------------------------------------------------------------------

    def _open(self, action: OpenDirection) -> None:
        def read(path: Path) -> None:
            self.desk.background.run(lambda: direction_file.read(path), self._add, self._error)

        if action.path:
            read(Path(action.path))
        else:
            self.desk.dialogs.ask(OPEN, self.desk.session.capture_folder, read)

    def _add(self, direction: Move) -> None:
        """Save a direction for the current model, and bring it into the picture's list."""
        session = self.desk.session
        if session.model is None:
            self._waiting = [*self._waiting, direction][-MAX_WAITING:]
            return
        if reason := misfit(direction.vector, session.model):
            session.say(f"“{direction.name}” is for another model. {reason}", "warning")
            return
        if not self._keep(direction):
            return
        kept = self._view.known(direction)
        moves = session.recipe.moves
        if component_moves.name_of(moves, kept) != kept.name:
            moves = component_moves.with_amount(moves, kept, 0.0)
            if problem := _too_much(moves):
                session.say(problem, "warning")
                return
            session.edit(replace(session.recipe, moves=moves))
        opened = session.options.open_sections
        wanted = tuple(one for one in (TITLE, COMPONENTS) if one not in opened)
        session.options = replace(session.options, open_sections=(*opened, *wanted))
        session.say(
            f"Added the direction “{kept.name}” under Latent > Components and directions.", "good"
        )

    def _export(self, action: ExportDirection) -> None:
        recipe, move = self.desk.session.recipe, action.direction

        def work(renderer: Any) -> bytes:
            vector = renderer.direction(recipe, move)
            if action.suffix == JSON:
                return direction_file.encode_json(vector, move.name)
            return direction_file.encode_npy(vector)

        def write(folder: Path) -> None:
            def save(data: bytes) -> None:
                self.desk.background.run(
                    lambda: save_new(folder, move.name, action.suffix, data), saved, self._error
                )

            future = self.desk.thread.run(work, "Writing the direction out")
            self.desk.background.watch(future, save, self._error)

        def saved(path: Path) -> None:
            self.desk.session.say(f"Saved {path}", "good")

        self.desk.dialogs.ask(SAVE, self.desk.session.capture_folder, write)

    def _error(self, sentence: str) -> None:
        self.desk.session.say(sentence, "error")


def _too_much(moves: Moves) -> str:
    """Return why a picture cannot take these steps; empty where it can."""
    if len(moves) > MAX_MOVES:
        return f"A picture takes at most {MAX_MOVES} directions: remove some of them."
    return unsound(moves)
