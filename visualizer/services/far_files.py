"""The files of the computer where the renderer is: listed over the line, chosen in a dialog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from visualizer.services.background import Background
from visualizer.services.render_port import Renderers
from widgets.chrome.far_browser import FarBrowser, FarEntry, FarFolder

if TYPE_CHECKING:  # at run time it brings Pillow, which is slow to import
    from renderer.remote.calls import Listed


class FarFiles:
    """Lists folders for one dialog after another.

    Args:
        renderers: the current one is asked.
        background: brings the answers to the main thread.
    """

    def __init__(self, renderers: Renderers, background: Background) -> None:
        self._renderers, self._background = renderers, background

    def browser(self, heading: str) -> FarBrowser:
        """A dialog that begins in the first folder there."""
        browser = FarBrowser(f"{heading} on {self._renderers.place.name}", lambda path: ask(path))
        asked = 0

        def ask(path: str) -> None:
            nonlocal asked
            asked += 1
            mine = asked

            def done(folder: FarFolder) -> None:
                if mine == asked:  # another folder may have been asked for since
                    browser.show(folder)

            def failed(sentence: str) -> None:
                done(FarFolder(problem=sentence))

            def work(renderer: Any) -> FarFolder:
                return folder_of(renderer.listed(path))

            future = self._renderers.now.run(work, "Listing files")
            self._background.watch(future, done, failed)

        ask("")
        return browser


def folder_of(listed: Listed) -> FarFolder:
    """The folder that a renderer has listed, as the dialog shows it: folders first."""
    separator = "\\" if "\\" in listed.folder and "/" not in listed.folder else "/"
    start = listed.folder.rstrip(separator) + separator
    entries = sorted(listed.entries, key=lambda one: (not one.is_folder, one.name.lower()))
    return FarFolder(
        listed.folder,
        listed.above[0] if listed.above else "",
        tuple(FarEntry(one.name, start + one.name, one.is_folder, one.size) for one in entries),
    )
