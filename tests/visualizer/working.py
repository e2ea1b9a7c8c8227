"""Somebody at work: edits without end in a real window, until killed.  A process of its own.

    python -m tests.visualizer.working FOLDER

The clock is one of its own: a redraw takes a tenth of a second, however long it really takes.  Each
line that is printed is the seed of the picture that was edited last.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from msgspec.structs import replace

from renderer.recipe.recipe import LatentPart, Recipe
from tests.visualizer.fake import FakeThread, renderers_with
from visualizer.app.app import App
from visualizer.services.dialogs import Dialogs
from visualizer.services.render_port import Wake
from visualizer.session.state import Folders, Store
from visualizer.window.window import TITLE, Window

FRAME_S = 0.1


def work(home: Path) -> None:
    """Edit a picture in every redraw."""
    now_s = [0.0]
    store = Store(home)
    state = store.load()
    seed = state.recipe.latent.seed if state.recipe else 0
    app = App(
        Window(TITLE, (640, 480)),
        renderers_with(FakeThread()),
        Wake(),
        store,
        state,
        Folders(home, home / "captures"),
        clock=lambda: now_s[0],
        choose=Dialogs(use_native=False),
    )
    app.start()
    while True:
        seed += 1
        latent = LatentPart(seed=seed)
        app.session.edit(replace(app.session.recipe or Recipe(), latent=latent))
        now_s[0] += FRAME_S
        app.frame(wait=False)
        while any(not item.future.done() for item in app._background._pending):
            time.sleep(0.001)  # in the time of this clock a write takes next to nothing
        print(seed, flush=True)


if __name__ == "__main__":
    work(Path(sys.argv[1]))
