"""Choosing the text tower: from a list, from a file, and by download when the user says so."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace

from renderer.recipe.names import tower_name
from renderer.recipe.remote_paths import trust
from stylegan_t.config import OPEN_CLIP
from stylegan_t.progress import Progress
from visualizer.services import dialogs
from visualizer.services.action_table import Handler, on
from visualizer.services.instrument import Desk, Instrument
from visualizer.services.jobs import Job
from widgets import actions
from widgets.model.text_tower import TowerChoice

if TYPE_CHECKING:
    from stylegan_t.encoders.text import TextTower

logger = logging.getLogger(__name__)


class Library(Protocol):
    """A source of text towers; see `stylegan_t.encoders.towers`."""

    def open_tower(
        self, spec: str, *, download: bool = False, progress: Progress | None = None
    ) -> TextTower: ...
    def known_towers(self) -> tuple[tuple[str, str], ...]: ...


class Opened(Protocol):
    """A text tower that was opened, here or where the renderer is."""

    @property
    def name(self) -> str: ...
    @property
    def c_dim(self) -> int: ...


class ClipLibrary:
    """`stylegan_t.encoders.towers`, imported when it is first asked: that takes seconds."""

    def open_tower(
        self, spec: str, *, download: bool = False, progress: Progress | None = None
    ) -> TextTower:
        """See `stylegan_t.encoders.towers.open_tower`."""
        # PyTorch: not before it has started behind the splash
        from stylegan_t.encoders import towers

        return towers.open_tower(spec, download=download, progress=progress)

    def known_towers(self) -> tuple[tuple[str, str], ...]:
        """See `stylegan_t.encoders.towers.known_towers`."""
        # PyTorch: not before it has started behind the splash
        from stylegan_t.encoders import towers

        return towers.known_towers()


class Towers(Instrument):
    """Carries out what the dialog for text towers asks for.

    A tower is opened beside the render thread, which goes on drawing, and handed to it when it is
    there; where the renderer is on another computer, all of that happens there.  Only `download`
    ever touches the network.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.library: Library = ClipLibrary()
        self._known: tuple[tuple[str, str], ...] | None = None
        self._listing: Job | None = None
        self._opening: Job | None = None
        self._problem = self._absent = ""

    def handlers(self) -> Iterable[Handler]:
        """Return the handlers of what the dialog asks for."""
        return (
            on(actions.ListTowers, lambda _: self._list_known()),
            on(actions.UseTower, lambda action: self.use(action.spec)),
            on(actions.DownloadTower, lambda action: self.download(action.spec)),
            on(actions.BrowseTower, lambda _: self._browse()),
            on(actions.CancelTower, lambda _: self._cancel()),
        )

    def views(self, now_s: float) -> Iterable[object]:
        """Return what the dialog shows."""
        return (self.view,)

    @property
    def view(self) -> TowerChoice:
        """Return what the dialog shows."""
        job = self._opening
        return TowerChoice(
            known=self._known,
            opening=job.label if job else "",
            share=job.share if job else None,
            problem=self._problem,
            absent=self._absent,
            place=self.desk.renderers.place.name,
        )

    def _list_known(self) -> None:
        """Find out in the background which towers there are; once."""
        if self._known is not None or self._listing is not None:
            return

        def done(known: tuple[tuple[str, str], ...]) -> None:
            self._listing, self._known = None, known

        def failed(sentence: str) -> None:
            self._listing, self._known, self._problem = None, (), sentence

        self._listing = self.desk.jobs.start(
            "Listing text towers", lambda job: self.library.known_towers(), done, failed
        )

    def use(self, spec: str) -> None:
        """Let the tower of `spec` read the prompts; empty takes the checkpoint's own.

        One that is not on this computer is offered for download.
        """
        trust(spec)
        self._open(spec, download=False)

    def download(self, spec: str) -> None:
        """Fetch a named tower from the network, then use it."""
        self._open(spec, download=True)

    def _browse(self) -> None:
        """Let the user choose a tower's file."""
        self.desk.dialogs.ask_renderer(
            dialogs.TOWER, Path.home(), lambda path: self.use(str(path)), self.use
        )

    def _cancel(self) -> None:
        """Stop what is being opened or fetched."""
        if self._opening is not None:
            self._opening.stop()
            self.desk.session.say(f"{self._opening.label} was cancelled.")
        self._opening = None

    def _open(self, spec: str, *, download: bool) -> None:
        if self._opening is not None:
            self._opening.stop()
        self._opening, self._problem, self._absent = None, "", ""
        if not spec:
            self._choose(spec)
            return
        verb = "Downloading" if download else "Opening"
        label, far = f"{verb} {tower_name(spec)}", self.desk.renderers.far("")

        def work(job: Job) -> Opened:
            if far is None:
                return self.library.open_tower(spec, download=download, progress=job.tell)

            def stopped() -> bool:
                return job.stopped

            return far.opened_tower(spec, download=download, tell=job.tell, abandon=stopped)

        def failed(sentence: str) -> None:
            self._opening, self._problem = None, sentence
            self._absent = spec if spec.startswith(OPEN_CLIP) and not download else ""

        self._opening = self.desk.jobs.start(
            label, work, lambda tower: self._opened(spec, tower, kept=far is not None), failed
        )

    def _opened(self, spec: str, tower: Opened, *, kept: bool) -> None:
        self._opening = None
        model = self.desk.session.model
        if model is not None and model.c_dim and tower.c_dim != model.c_dim:
            self._problem = (
                f"{tower.name} gives {tower.c_dim} values for a prompt, but {model.name} takes "
                f"{model.c_dim}: choose another text tower."
            )
            return
        if not kept:
            label = "Switching the text tower"
            self.desk.thread.run(lambda renderer: renderer.keep_tower(spec, tower), label)
        self._choose(spec)

    def _choose(self, spec: str) -> None:
        recipe = self.desk.session.recipe
        if recipe.model.tower != spec:
            self.desk.session.edit(replace(recipe, model=replace(recipe.model, tower=spec)))
        name = tower_name(spec) if spec else "the checkpoint's own text tower"
        self.desk.session.say(f"{name} now reads the prompts.", "good")
