"""The files of the computer where the renderer is, for the file dialog."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING

from visualizer.services.background import Background
from visualizer.services.render_port import Renderers
from widgets.chrome.file_list import Entry
from widgets.chrome.file_source import FoundFolder

if TYPE_CHECKING:  # at run time it brings Pillow, which is slow to import
    from renderer.remote.calls import Listable, Listed


class FarFiles:
    """Lists folders there; the answers come later.

    Args:
        renderers: the current one is asked.
        background: brings the answers to the main thread.
        kind: of the files that are wanted.
    """

    home = "The first folder that the renderer may read"

    def __init__(self, renderers: Renderers, background: Background, kind: Listable) -> None:
        self._renderers, self._background = renderers, background
        self._kind: Listable = kind
        self.place = renderers.place.name

    def ask(
        self, path: str, suffixes: tuple[str, ...], answer: Callable[[FoundFolder], None]
    ) -> None:
        """List the folder at a path there, or the one that a file is in."""
        far = self._renderers.far("Listing files")
        if far is None:
            answer(FoundFolder(problem="The renderer is on this computer again: close this."))
            return
        self._background.watch(
            far.listed(path, self._kind),
            lambda listed: answer(folder_of(listed)),
            lambda sentence: answer(FoundFolder(problem=sentence)),
        )


def folder_of(listed: Listed) -> FoundFolder:
    """The folder that a renderer has listed; its paths are those of the system there."""
    windows = "\\" in listed.folder and not listed.folder.startswith("/")
    kind: type[PurePath] = PureWindowsPath if windows else PurePosixPath
    folder = kind(listed.folder)
    entries = [
        Entry(folder / one.name, one.is_folder, float(one.changed_s), one.size)
        for one in listed.entries
    ]
    return FoundFolder(
        folder,
        entries,
        kind(listed.above[0]) if listed.above else None,
        kind(listed.file) if listed.file else None,
    )
