"""Uploads of models to the computer where the renderer is: only on the user's word."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from renderer.recipe.figures import in_bytes
from renderer.recipe.remote_paths import may_open
from stylegan_t.demo.built_in import is_built_in
from visualizer.services import dialogs
from visualizer.services.action_table import Handler, on
from visualizer.services.instrument import Desk, Instrument
from visualizer.services.jobs import Job
from visualizer.session.session import Session
from widgets.actions import OpenModel
from widgets.chrome.upload_dialog import BrowseUpload, LeaveUpload, StartUpload
from widgets.controls.upload_view import AskUpload, CancelUpload, UploadView

TELL_LEFT_S = 3.0
"""Seconds after which it is known how long the rest takes."""


@dataclass
class Pace:
    """The words of an upload, from its steps.

    Args:
        path: of the file.
        size: in bytes.
    """

    path: Path
    size: int
    _begun: tuple[float, float] | None = field(default=None, init=False)

    def words(self, step: str, share: float, now_s: float) -> str:
        """Return what is being done, and how much is done and left of it."""
        text = f"{step} {self.path.name}"
        if step != "Uploading":
            return text
        if self._begun is None:
            self._begun = share, now_s
        first, begun_s = self._begun
        text += f", {in_bytes(int(share * self.size))} of {in_bytes(self.size)}"
        took_s, done = now_s - begun_s, share - first
        if took_s < TELL_LEFT_S or done <= 0:
            return text
        return f"{text}, {duration((1 - share) * took_s / done)} left"


def duration(seconds: float) -> str:
    """Return a time in words, about."""
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


class Uploads(Instrument):
    """Asks, uploads one file at a time, and opens it there."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._asked: Path | None = None
        self._size = 0
        self._job: Job | None = None
        self._failed: object = None
        self._offered = ""

    def handlers(self) -> Iterable[Handler]:
        """Return the handlers of what menus, dropped files and the dialog ask for."""
        return (
            on(AskUpload, lambda action: self._ask(Path(action.path))),
            on(BrowseUpload, lambda _: self._browse()),
            on(StartUpload, lambda _: self._start()),
            on(LeaveUpload, lambda _: self._leave()),
            on(CancelUpload, lambda _: self._cancel()),
        )

    def views(self, now_s: float) -> Iterable[object]:
        """Return what the dialog and the card over the picture show."""
        job, renderers = self._job, self.desk.renderers
        place = renderers.place.name if renderers.place.elsewhere else ""
        question, explained, possible = "", "", False
        if self._asked is not None and place:
            question = f"Upload {self._asked.name} ({in_bytes(self._size)}) to {place}?"
            possible = bool(renderers.uploads)
            explained = self._explained(place, renderers.uploads)
        return (
            UploadView(
                question=question,
                explained=explained,
                possible=possible,
                doing=job.label if job else "",
                share=job.share if job else None,
                place=place,
                offered=self._offered if place else "",
            ),
        )

    def _explained(self, place: str, folder: str) -> str:
        if folder:
            return (
                f"The renderer is on {place} and cannot read the files of this computer. The "
                f"model is copied into {folder} there, and opened."
            )
        if not self.desk.renderers.connected:
            return f"There is no connection to {place} yet: try again when there is a picture."
        return (
            f"The renderer on {place} takes no uploads. Copy the file there yourself, then choose "
            "it under File > Open model."
        )

    def poll(self, now_s: float) -> None:
        """Look whether the model that the renderer does not find is on this computer."""
        session = self.desk.session
        failed = session.refusal or session.failed
        if failed is self._failed:
            return
        self._failed = failed
        self._offered = _lost(session) if self.desk.renderers.place.elsewhere else ""

    def _browse(self) -> None:
        folders = (os.path.dirname(path) for path in self.desk.session.recent if may_open(path))
        here = next((one for one in folders if os.path.isabs(one) and os.path.isdir(one)), "~")
        self.desk.dialogs.ask(dialogs.UPLOAD, Path(os.path.expanduser(here)), self._ask)

    def _ask(self, path: Path) -> None:
        if self._job is not None:
            self.desk.session.say("Another model is being uploaded: wait for it, or cancel it.")
            return
        try:
            self._size = os.path.getsize(path)
        except OSError as error:
            self.desk.session.say(f"{path} cannot be read: {error.strerror}.", "error")
            return
        self._asked = path

    def _leave(self) -> None:
        self._asked = None

    def _start(self) -> None:
        path, self._asked = self._asked, None
        far = self.desk.renderers.far("")
        if path is None or far is None:
            return
        pace, place = Pace(path, self._size), self.desk.renderers.place.name

        def work(job: Job) -> str:
            def tell(step: str, share: float) -> None:
                job.label = pace.words(step, share, time.monotonic())
                job.tell(share)

            return far.uploaded(path, tell)

        def done(there: str) -> None:
            self._job = None
            self.desk.session.say(f"{path.name} is on {place} now, as {there}.", "good")
            self.desk.do(OpenModel(there))

        def failed(sentence: str) -> None:
            self._job = None
            self.desk.session.say(sentence, "error")

        self._job = self.desk.jobs.start(f"Reading {path.name}", work, done, failed)

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.stop()
            self.desk.session.say("The upload was cancelled; nothing of it is left there.")
        self._job = None


def _lost(session: Session) -> str:
    """The path of a model that is missing there, where this computer has such a file."""
    refused, failed = session.refusal, session.failed
    fault = refused.fault if refused else session.fault
    model = refused.model if refused else failed and failed.model
    if model is None or fault != "missing there":
        return ""
    path = model.path
    here = not is_built_in(path) and may_open(path) and os.path.isfile(path)
    return path if here else ""
