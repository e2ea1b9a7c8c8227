"""Latents that were kept under a name, and whatever needs the values of the current latent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from msgspec.structs import replace

from renderer.files import latent_file
from renderer.files.atomic import save_new
from renderer.files.latent_file import SAVED_LATENT, LatentFileError, SavedLatent
from renderer.recipe import latent_ends
from renderer.recipe.recipe import LatentPart
from visualizer.services.action_table import Handler, on
from visualizer.services.dialogs import Question
from visualizer.services.instrument import Desk, Instrument
from visualizer.session.user_lists import Library
from widgets.latent.library import (
    DeleteLatent,
    ExportLatent,
    ImportLatent,
    KeepLatent,
    KeptLatents,
    RenameLatent,
    UndeleteLatent,
)
from widgets.latent.panel import Settle, SwapEnds

LIBRARY = "latents"
MAX_LATENTS = 1_000
MAX_NUMBERS = 250_000
"""All values together: more would not fit into the largest file that is read again."""
MAX_DELETED = 50
OPEN = Question("Open a latent", (".json",), "Latents")
SAVE = Question("Export the latent to")
FULL = "No more latents can be saved: delete some first."
Then = Callable[[LatentPart, tuple[float, ...]], None]


class LatentLibrary(Instrument):
    """Keeps latents by name in the user's state folder."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._library = Library(desk.folders.state, LIBRARY, SAVED_LATENT, MAX_LATENTS)
        self._kept: tuple[SavedLatent, ...] = ()
        self._deleted: list[tuple[int, SavedLatent]] = []
        self._view = KeptLatents()
        desk.background.run(self._library.load, self._loaded, self._error)

    def handlers(self) -> Iterable[Handler]:
        """Return the handlers of what the lists and the walk ask for."""
        return (
            on(KeepLatent, self._keep),
            on(RenameLatent, self._rename),
            on(DeleteLatent, self._delete),
            on(UndeleteLatent, lambda action: self._undelete()),
            on(ExportLatent, self._export),
            on(ImportLatent, lambda action: self._import()),
            on(Settle, lambda action: self._settle()),
            on(SwapEnds, lambda action: self._swap()),
        )

    def views(self, now_s: float) -> Iterable[object]:
        """Return what was kept."""
        return (self._view,)

    # -- the collection --------------------------------------------------------------------------

    def _loaded(self, found: tuple[tuple[SavedLatent, ...], str]) -> None:
        kept, note = found
        own = {latent.name for latent in self._kept}  # kept while the file was being read
        self._show((*self._kept, *(latent for latent in kept if latent.name not in own)))
        if note:
            self.desk.session.say(note, "warning")

    def close(self) -> None:
        """Try once more to write what could not be written."""
        self.desk.background.run(self._library.save_rest, lambda _: None, self._error)

    def _show(self, kept: tuple[SavedLatent, ...]) -> None:
        self._kept = kept
        last = self._deleted[-1][1].name if self._deleted else ""
        self._view = KeptLatents(kept, last)

    def _change(self, kept: tuple[SavedLatent, ...]) -> None:
        self._show(kept)
        self.desk.background.run(lambda: self._library.save(kept), self._saved, self._error)

    def _saved(self, problem: str | None) -> None:
        if problem:
            self._error(problem)

    def _keep(self, action: KeepLatent) -> None:
        part = self.desk.session.recipe.latent

        def keep(_: LatentPart, values: tuple[float, ...]) -> None:
            self._add(latent_file.plain_name(action.name) or f"seed {part.seed}", values)

        self._with_values(part, keep)

    def _add(self, name: str, values: tuple[float, ...]) -> None:
        """Keep values under a name that is free."""
        count = sum(len(kept.values) for kept in self._kept) + len(values)
        if len(self._kept) >= MAX_LATENTS or count > MAX_NUMBERS:
            self.desk.session.say(FULL, "warning")
            return
        name = latent_file.free_name(name, self._names())
        kept = SavedLatent(name, values)
        try:
            latent_file.encode(kept)
        except LatentFileError as error:
            self._error(str(error))
            return
        self._change((kept, *self._kept))
        self.desk.session.say(f"Saved the latent “{name}”.", "good")

    def _rename(self, action: RenameLatent) -> None:
        wanted = latent_file.plain_name(action.new)
        if not wanted or wanted == action.name:
            return
        name = latent_file.free_name(wanted, self._names() - {action.name})
        self._change(
            tuple(
                replace(kept, name=name) if kept.name == action.name else kept
                for kept in self._kept
            )
        )

    def _delete(self, action: DeleteLatent) -> None:
        for index, kept in enumerate(self._kept):
            if kept.name == action.name:
                self._deleted = [*self._deleted, (index, kept)][-MAX_DELETED:]
                self._change((*self._kept[:index], *self._kept[index + 1 :]))
                return

    def _undelete(self) -> None:
        if not self._deleted:
            return
        index, latent = self._deleted.pop()
        latent = replace(latent, name=latent_file.free_name(latent.name, self._names()))
        self._change((*self._kept[:index], latent, *self._kept[index:]))

    def _names(self) -> set[str]:
        return {kept.name for kept in self._kept}

    # -- files -----------------------------------------------------------------------------------

    def _export(self, action: ExportLatent) -> None:
        kept = next((kept for kept in self._kept if kept.name == action.name), None)
        if kept is None:
            return

        def write(folder: Path) -> None:
            def work() -> Path:
                return save_new(folder, kept.name, ".json", latent_file.encode(kept))

            def done(path: Path) -> None:
                self.desk.session.say(f"Saved {path}", "good")

            self.desk.background.run(work, done, self._error)

        self.desk.dialogs.ask(SAVE, self.desk.session.capture_folder, write)

    def _import(self) -> None:
        def read(path: Path) -> None:
            def done(latent: SavedLatent) -> None:
                self._add(latent.name, latent.values)

            self.desk.background.run(lambda: latent_file.read(path), done, self._error)

        self.desk.dialogs.ask(OPEN, self.desk.session.capture_folder, read)

    # -- what needs the current latent as values --------------------------------------------------

    def _settle(self) -> None:
        def settle(part: LatentPart, values: tuple[float, ...]) -> None:
            self._edit(part, latent_ends.settled(part, values))

        self._with_values(self.desk.session.recipe.latent, settle)

    def _swap(self) -> None:
        part = self.desk.session.recipe.latent

        def swap(_: LatentPart, values: tuple[float, ...]) -> None:
            self._edit(part, latent_ends.swapped(part, values))

        self._with_values(latent_ends.start_only(part), swap)

    def _edit(self, before: LatentPart, after: LatentPart) -> None:
        """Change the latent, unless it was changed while its values were asked for."""
        recipe = self.desk.session.recipe
        if recipe.latent == before:
            self.desk.session.edit(replace(recipe, latent=after))

    def _with_values(self, part: LatentPart, then: Then) -> None:
        """Hand `part` and its values to `then`; the render thread finds them."""
        model = self.desk.session.model
        if model is None:
            self.desk.session.say("No model is loaded yet, so this latent has no values.")
            return

        def work(_: object) -> tuple[float, ...]:
            # PyTorch: not before it has started behind the splash
            from renderer.pipeline.latents import latent

            return latent_file.shortened(latent(part, model.z_dim)[0].tolist())

        future = self.desk.thread.run(work, "Reading the latent")
        self.desk.background.watch(future, lambda values: then(part, values), self._error)

    def _error(self, sentence: str) -> None:
        self.desk.session.say(sentence, "error")
