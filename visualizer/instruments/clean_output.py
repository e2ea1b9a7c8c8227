"""The clean output: opens, follows and closes the window that shows the picture alone."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from visualizer.services.action_table import Handler, on
from visualizer.services.instrument import Desk, Instrument
from visualizer.window import screens
from visualizer.window.display import WindowError
from visualizer.window.screens import Screen
from widgets.actions import ToggleOutput
from widgets.output import IN_WINDOW, OutputOptions
from widgets.sections.output_view import ScreensView, ScreenView

if TYPE_CHECKING:  # at run time it needs OpenGL
    from visualizer.window.clean_window import CleanWindow

logger = logging.getLogger(__name__)


class CleanOutput(Instrument):
    """Brings the window in line with the options once a frame, however they were changed."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.window: CleanWindow | None = None
        self._screens: tuple[Screen, ...] = ()
        self._missing = self._found = ""
        """The name of the screen that is waited for, and of the one that was found by itself."""

    def handlers(self) -> Iterable[Handler]:
        """Return the handlers of what the key, the menu and remote controls ask for."""
        return (on(ToggleOutput, self._toggle),)

    def views(self, now_s: float) -> Iterable[object]:
        """Return the screens, for the panel."""
        shown = tuple(ScreenView(screen.name, screen.label) for screen in self._screens)
        named = screens.meant(self._wanted.place, self._screens)
        where = "" if self.window is None else _name(self.window.screen)
        yield ScreensView(shown, where, self._missing, "" if named is None else named.name)

    def poll(self, now_s: float) -> None:
        """Open or close the window as it is wanted, and show the picture."""
        self._screens = screens.connected()
        if self.window is not None and self.window.wants_close:
            self._set(on=False)
            self.desk.session.say("The output was closed. F10 opens it again.")
        self._follow(self._wanted)
        if self.window is not None:
            try:
                self._show(self.window)
            except Exception as error:  # a driver's trouble must not take the panels away
                logger.exception("the output could not be drawn")
                self._set(on=False)
                self._shut()
                self.desk.session.say(f"The output was closed: {error}", "error")

    def _show(self, window: CleanWindow) -> None:
        wanted, texture = self._wanted, self.desk.texture
        window.show(texture.changes, texture.shown, wanted.fit, smooth=wanted.smooth)
        if window.screen is None and window.box != wanted.box:
            self._set(box=window.box)

    def close(self) -> None:
        """The window goes; it will be back with the next start."""
        self._shut()

    # -- the window --------------------------------------------------------------------------

    @property
    def _wanted(self) -> OutputOptions:
        return self.desk.session.options.output

    def _follow(self, wanted: OutputOptions) -> None:
        if not wanted.on:
            self._missing = self._found = ""
            self._shut()
            return
        place = self._place(wanted)
        screen = screens.meant(place, self._screens)
        if screen is None and place != IN_WINDOW:
            self._tell_missing(place)
            self._shut()
            return
        if self.window is not None and (self.window.screen != screen or self.window.lost):
            self._shut()
        if self.window is None:
            self._open(screen)
            if self._missing and self.window is not None:
                self.desk.session.say(f"{place} is connected and shows the output.", "good")
        self._missing = ""

    def _place(self, wanted: OutputOptions) -> str:
        """The name of the screen that is wanted; one that was found stays as long as it is on,
        wherever the panels are moved."""
        if wanted.place:
            self._found = ""
        elif not self._found:
            own = screens.holding(self.desk.window.centre, self._screens)
            other = next((one for one in self._screens if one != own), None)
            self._found = other.name if other else IN_WINDOW
        return wanted.place or self._found

    def _open(self, screen: Screen | None) -> None:
        # PyOpenGL: only once the window is there, see `visualizer.window.gl`
        from visualizer.window.clean_window import CleanWindow

        box = self._wanted.box
        if box is not None and not any(one.holds(*box[:2]) for one in self._screens):
            box = None  # it was on a screen that is gone
        try:
            self.window = CleanWindow(self.desk.window, screen, box)
        except WindowError as error:
            self._set(on=False)
            self.desk.session.say(str(error), "error")

    def _shut(self) -> None:
        window, self.window = self.window, None
        if window is not None:
            window.close()

    def _tell_missing(self, name: str) -> None:
        if name != self._missing:
            self.desk.session.say(
                f"The screen {name} is not connected, so the output is closed until it is.",
                "warning",
            )
        self._missing = name

    # -- the options -------------------------------------------------------------------------

    def _toggle(self, action: ToggleOutput) -> None:
        now = self._wanted
        self._set(on=not now.on if action.on is None else action.on)

    def _set(self, **changes: object) -> None:
        session = self.desk.session
        output = replace(session.options.output, **changes)
        session.options = replace(session.options, output=output)


def _name(screen: Screen | None) -> str:
    return IN_WINDOW if screen is None else screen.name
