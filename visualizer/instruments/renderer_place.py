"""The place where pictures are computed, and moving to another one while the window is open."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from renderer.remote.wire import LineError
from visualizer.options.renderer_place import Place
from visualizer.services import dialogs
from visualizer.services.action_table import Handler, on
from visualizer.services.far_files import FarFiles
from visualizer.services.instrument import Desk, Instrument
from visualizer.services.render_port import FarThread
from visualizer.session.user_lists import Library
from visualizer.window.window import TITLE
from widgets.chrome.renderer_dialog import ForgetHost, KnownHost, RendererPlace
from widgets.controls.place_view import ConnectingView, ConnectNow, Kind, UseRenderer

Name = Annotated[str, Meta(max_length=1000)]
MAX_HOSTS = 30
PATIENT_S = 1.5
"""Seconds without a line after which that is said over the picture."""


class Host(Struct, frozen=True):
    """A computer that a renderer was on: it is proposed, never connected to by itself.

    It is kept with the program's own files and in no session: a session may come from anybody, and
    `command` is run.
    """

    host: Name = ""
    command: Name = ""
    used_s: Annotated[float, Meta(ge=0, le=1e12)] = 0.0


HOST = msgspec.json.Decoder(Host)


class RendererPlaces(Instrument):
    """Carries out what the menu and the dialog about the renderer ask for."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._hosts: tuple[Host, ...] = ()
        self._library = Library(desk.folders.state, "renderers", HOST, MAX_HOSTS)
        self._remembered: Place | None = None
        self._lost_s: float | None = None
        self._title = TITLE
        desk.background.run(self._library.load, self._loaded, desk.session.say)
        self._share_files()

    def handlers(self) -> Iterable[Handler]:
        """Return the handlers of the menu, the dialog and the card over the picture."""
        return (
            on(UseRenderer, self._use),
            on(ForgetHost, self._forget),
            on(ConnectNow, lambda _: self._hurry()),
        )

    def views(self, now_s: float) -> Iterable[object]:
        """Return where the renderer is, and how far the way there is."""
        place, wall_s = self.desk.renderers.place, time.time()
        known = tuple(
            KnownHost(one.host, one.command, ago(wall_s - one.used_s)) for one in self._hosts
        )
        kind: Kind = "process" if place.process else "thread"
        kind = "host" if place.elsewhere else kind
        shown = RendererPlace(kind, place.host, place.command, place.name, known)
        return (shown, self._connecting())

    def poll(self, now_s: float) -> None:
        """Say in the title where pictures come from, and remember a computer as soon as its
        renderer has answered."""
        renderers, place = self.desk.renderers, self.desk.renderers.place
        self._tell_title(place)
        if not renderers.connected:
            self._lost_s = now_s if self._lost_s is None else self._lost_s
            return
        self._lost_s = None
        if place.elsewhere and place != self._remembered:
            self._remembered = place
            self._keep((Host(place.host, place.command, time.time()), *self._others(place)))

    def _tell_title(self, place: Place) -> None:
        model = self.desk.session.model
        where = (f"on {place.name}",) if place.elsewhere else ()
        named = () if model is None else (model.name,)
        title = " - ".join((*named, *where, TITLE))
        if title != self._title:
            self._title = title
            self.desk.window.set_title(title)

    def _connecting(self) -> ConnectingView:
        place, now = self.desk.renderers.place, self.desk.thread
        way = now.connecting if place.elsewhere and isinstance(now, FarThread) else None
        if way is None or self._lost_s is None:
            return ConnectingView()
        if place == self._remembered and self.desk.clock() - self._lost_s < PATIENT_S:
            return ConnectingView()  # most lines are there again before one has read that
        now_s = time.monotonic()
        return ConnectingView(
            place=place.name,
            program=place.program,
            lost=place == self._remembered,
            step=way.step,
            waited_s=now_s - way.since_s,
            pause_s=max(way.until_s - now_s, 0.0),
            why=way.why,
            said=way.said,
        )

    def _loaded(self, found: tuple[tuple[Host, ...], str]) -> None:
        hosts, problem = found
        known = {(one.host, one.command) for one in self._hosts}
        self._hosts += tuple(one for one in hosts if (one.host, one.command) not in known)
        if problem:
            self.desk.session.say(problem, "warning")

    def _others(self, place: Place) -> tuple[Host, ...]:
        same = place.host, place.command
        return tuple(one for one in self._hosts if (one.host, one.command) != same)

    def _keep(self, hosts: tuple[Host, ...]) -> None:
        self._hosts = hosts[:MAX_HOSTS]

        def done(problem: str | None) -> None:
            if problem:
                self.desk.session.say(problem, "warning")

        kept = self._hosts
        self.desk.background.run(lambda: self._library.save(kept), done, self.desk.session.say)

    def _forget(self, action: ForgetHost) -> None:
        self._keep(self._others(Place(host=action.host, command=action.command)))

    def _hurry(self) -> None:
        if isinstance(self.desk.thread, FarThread):
            self.desk.thread.hurry()

    def _use(self, action: UseRenderer) -> None:
        # PyTorch: not before it has started behind the splash
        from renderer.models.device import DeviceError

        if action.kind == "host":
            place = Place(host=action.host, command=action.command, workers=action.workers)
        else:
            place = Place(process=action.kind == "process", workers=action.workers)
        session = self.desk.session
        try:
            self.desk.renderers.move(place)
        except (DeviceError, LineError) as error:
            session.say(str(error), "error")
            return
        self._remembered = self._lost_s = None
        self._share_files()
        self.desk.previews.forget_refused()
        session.fail(None)
        self.desk.submit_again()

    def _share_files(self) -> None:
        """Let file dialogs show the files that the renderer can read."""
        desk = self.desk

        def far(question: dialogs.Question) -> FarFiles:
            kind = "tower" if question is dialogs.TOWER else "model"
            return FarFiles(desk.renderers, desk.background, kind)

        desk.dialogs.far = far if desk.renderers.place.elsewhere else None


def ago(seconds: float) -> str:
    """Return a time that has passed in words, about."""
    if seconds < 90:
        return "just now"
    if seconds < 5400:
        return f"{round(seconds / 60)} min ago"
    hours = round(seconds / 3600)
    return f"{hours} h ago" if hours < 36 else f"{round(hours / 24)} days ago"
