"""The place where pictures are computed, and moving to another one while the window is open."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta, Raw, Struct

from renderer.remote.wire import LineError
from stylegan_t.errors import BROKEN_JSON
from visualizer.options.renderer_place import Place
from visualizer.services.action_table import Handler, on
from visualizer.services.far_files import FarFiles
from visualizer.services.instrument import Desk, Instrument
from widgets.chrome.renderer_dialog import Kind, RendererPlace, UseRenderer

Name = Annotated[str, Meta(max_length=1000)]


class LastHost(Struct, frozen=True):
    """The computer that was used last: it is proposed, never connected to by itself."""

    host: Name = ""
    command: Name = ""


_STATE = msgspec.json.Decoder(LastHost)


class RendererPlaces(Instrument):
    """Carries out what the dialog about the renderer asks for."""

    name: ClassVar[str] = "renderer"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._last = LastHost()
        self._share_files()

    def handlers(self) -> Iterable[Handler]:
        """Return the handler of the dialog's button."""
        return (on(UseRenderer, self._use),)

    def views(self, now_s: float) -> Iterable[object]:
        """Return where the renderer is, for the dialog."""
        place = self.desk.renderers.place
        if place.elsewhere:
            return (RendererPlace("host", place.host, place.command),)
        kind: Kind = "process" if place.process else "thread"
        return (RendererPlace(kind, self._last.host, self._last.command),)

    def state(self) -> LastHost | None:
        """Return the computer that was used last."""
        return self._last

    def restore(self, state: Raw | None) -> str | None:
        """Take the computer that was used last."""
        self._last = LastHost()
        try:
            if state is not None:
                self._last = _STATE.decode(state)
        except BROKEN_JSON:
            return "The last renderer's computer could not be read."
        return None

    def _use(self, action: UseRenderer) -> None:
        # PyTorch: not before it has started behind the splash
        from renderer.models.device import DeviceError

        if action.kind == "host":
            place = Place(host=action.host, command=action.command)
        else:
            place = Place(process=action.kind == "process")
        session = self.desk.session
        try:
            self.desk.renderers.move(place)
        except (DeviceError, LineError) as error:
            session.say(str(error), "error")
            return
        if place.elsewhere:
            self._last = LastHost(place.host, place.command)
        self._share_files()
        self.desk.previews.forget_refused()
        session.fail(None)
        self.desk.submit_again()

    def _share_files(self) -> None:
        """Let file dialogs show the files that the renderer can read."""
        desk = self.desk
        far = FarFiles(desk.renderers, desk.background) if desk.renderers.place.elsewhere else None
        desk.dialogs.far = far
