"""The devices that share exports and previews with the renderer, and what is to be told of them."""

from __future__ import annotations

from collections.abc import Iterable

from visualizer.services.action_table import Handler, on
from visualizer.services.instrument import Instrument
from widgets.chrome.worker_rows import UseWorkers, WorkersView


class WorkerDevices(Instrument):
    """Carries out what the dialog about the renderer asks for, and passes on what workers tell."""

    def handlers(self) -> Iterable[Handler]:
        """Return the handler of the dialog's button."""
        return (on(UseWorkers, self._use),)

    def views(self, now_s: float) -> Iterable[object]:
        """Return how many workers there are."""
        renderers = self.desk.renderers
        return (WorkersView(renderers.place.workers, *renderers.workers),)

    def poll(self, now_s: float) -> None:
        """Tell what there is to be told of the renderer and its workers."""
        for note in self.desk.renderers.pool.take_notes():
            self.desk.session.say(note, "warning")

    def _use(self, action: UseWorkers) -> None:
        # PyTorch: not before it has started behind the splash
        from renderer.models.device import DeviceError

        try:
            moved = self.desk.renderers.share(action.wanted)
        except DeviceError as error:
            self.desk.session.say(str(error), "error")
            return
        self.desk.previews.forget_refused()
        if moved:
            self.desk.submit_again()
