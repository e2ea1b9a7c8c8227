"""A recipe whose model is not there: looking for its file, and taking another one in its place."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec.structs import replace

from renderer.models.search import find_model
from renderer.recipe.identity import hashed, second_of
from renderer.recipe.names import display_name
from renderer.recipe.recipe import ModelRef
from renderer.recipe.remote_paths import may_open, trust
from stylegan_t.demo.built_in import is_built_in
from stylegan_t.files.hashes import file_sha256
from visualizer.services import dialogs
from visualizer.services.action_table import Handler, on
from visualizer.services.instrument import Desk, Instrument
from visualizer.services.jobs import Job
from widgets import actions
from widgets.picture.error_card import Missing


class MissingModel(Instrument):
    """Follows the session: as soon as a model is missing, the likely folders are looked through."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._wanted: ModelRef | None = None
        self._job: Job | None = None
        self._found: Path | None = None
        self._other: tuple[Path, str] | None = None

    def handlers(self) -> Iterable[Handler]:
        """Return the handlers of what the card over the picture asks for."""
        return (
            on(actions.LookForModel, lambda _: self._look()),
            on(actions.StopLooking, lambda _: self._stop()),
            on(actions.UseFoundModel, lambda _: self._use_found()),
            on(actions.UseOtherModel, lambda _: self._use_other()),
        )

    def views(self, now_s: float) -> Iterable[object]:
        """Return what the card over the picture shows."""
        return () if self._wanted is None else (self._view(self._wanted),)

    def _view(self, wanted: ModelRef) -> Missing:
        job, other = self._job, self._other
        return Missing(
            name=display_name(wanted.path),
            sha256=wanted.sha256,
            searching=job.label if job else "",
            share=job.share if job else None,
            found=str(self._found) if self._found else "",
            other=str(other[0]) if other else "",
            other_sha256=other[1] if other else "",
        )

    def poll(self, now_s: float) -> None:
        """Look what is missing now."""
        wanted = self.desk.session.missing
        if wanted == self._wanted:
            return
        self._reset()
        self._wanted = wanted
        if wanted is not None:
            self._search(wanted)

    def _use_found(self) -> None:
        """Take the file that was found."""
        if self._found is not None and self._wanted is not None:
            self._take(self._found, self._wanted.sha256)

    def _use_other(self) -> None:
        """Take the chosen file although it is another one; its own hash becomes the recipe's."""
        if self._other is not None:
            self._take(self._other[0], "")

    def _look(self) -> None:
        """Let the user show the file."""
        folder = next((folder for folder in self._folders() if os.path.isdir(folder)), Path.home())
        self.desk.dialogs.ask(dialogs.MISSING, folder, self.choose)

    def choose(self, path: Path) -> None:
        """Take the file that the user shows; one with another hash must be confirmed first."""
        wanted = self._wanted
        if wanted is None or not wanted.sha256:
            self._take(path, "")
            return
        self._stop()

        def done(sha256: str) -> None:
            self._job = None
            if sha256 == wanted.sha256:
                self._take(path, sha256)
            else:
                self._found, self._other = None, (path, sha256)

        self._job = self.desk.jobs.start(
            f"Reading {path.name}", lambda job: file_sha256(path, job.tell), done, self._failed
        )

    def _search(self, wanted: ModelRef) -> None:
        folders = tuple(self._folders())

        def done(path: Path | None) -> None:
            self._job, self._found = None, path

        self._job = self.desk.jobs.start(
            f"Searching for {display_name(wanted.path)}",
            lambda job: find_model(wanted, folders, job.tell),
            done,
            self._failed,
        )

    def _folders(self) -> Iterator[Path]:
        """Yield where a model may be: by the picture that was dropped, by other models, by
        captures."""
        session = self.desk.session
        if session.dropped_from is not None:
            yield session.dropped_from
        for path in session.recent:
            if not is_built_in(path) and may_open(path):
                yield Path(path).parent
        yield session.capture_folder
        yield session.capture_folder.parent

    def _take(self, path: Path, sha256: str) -> None:
        trust(str(path))
        recipe, wanted = self.desk.session.recipe, self._wanted
        if wanted is not None and wanted == second_of(recipe.model) != recipe.model:
            found = replace(recipe.model.blend, path=str(path))
            model = hashed(replace(recipe.model, blend=found), recipe.model.sha256, sha256)
        else:
            model = hashed(replace(wanted or recipe.model, path=str(path)), sha256)
        self.desk.session.edit(replace(recipe, model=model))
        self._reset()

    def _failed(self, sentence: str) -> None:
        self._job = None
        self.desk.session.say(f"That file cannot be read: {sentence}", "error")

    def _stop(self) -> None:
        if self._job is not None:
            self._job.stop()
        self._job = None

    def _reset(self) -> None:
        self._stop()
        self._wanted = self._found = self._other = None
