"""The view of the picture and of the panels, and the window itself."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from visualizer.services.action_table import Handler, on
from visualizer.services.instrument import Instrument
from widgets import actions

HINT, HINT_S = "F11 brings the panels back.", 3.0
"""The sentence, and its seconds, with which the panels go."""


class ViewActions(Instrument):
    """The actions of the View menu and its keys."""

    _hint_until_s = 0.0

    def handlers(self) -> Iterable[Handler]:
        """Return the handlers of what menus, keys and the picture's buttons ask for."""
        desk, picture = self.desk, self.desk.layout.picture
        return (
            on(actions.FitPicture, lambda _: picture.fit()),
            on(actions.ActualSize, lambda _: picture.actual_size()),
            on(actions.ZoomPicture, lambda action: picture.zoom(action.step)),
            on(actions.ChooseTool, lambda action: self._set(tool=action.name)),
            on(actions.ToggleDrawer, self._toggle_drawer),
            on(actions.TogglePanels, lambda _: self._toggle_panels()),
            on(actions.ToggleFullscreen, lambda _: desk.window.toggle_fullscreen()),
            on(actions.ShowDialog, self._show_dialog),
            on(actions.Say, lambda action: desk.session.say(action.text, action.tone)),
            on(actions.Quit, lambda _: desk.window.ask_close()),
        )

    def poll(self, now_s: float) -> None:
        """Hide everything but the picture in full screen, where that is wanted."""
        layout, options = self.desk.layout, self.desk.session.options
        bare = options.bare_fullscreen and self.desk.window.fullscreen
        if bare and not layout.bare:
            self._hint_until_s = now_s + HINT_S
            self.desk.wake_at(self._hint_until_s)
        layout.bare = bare
        layout.hint = HINT if now_s < self._hint_until_s else ""

    def _set(self, **changes: object) -> None:
        self.desk.session.options = replace(self.desk.session.options, **changes)

    def _toggle_drawer(self, action: actions.ToggleDrawer) -> None:
        is_open = self.desk.session.options.drawer == action.title
        self._set(drawer="" if is_open else action.title)

    def _toggle_panels(self) -> None:
        self._set(show_sidebar=not self.desk.session.options.show_sidebar)

    def _show_dialog(self, action: actions.ShowDialog) -> None:
        self.desk.layout.dialog = action.name
