"""Small pictures of files for the file dialog, decoded beside the window."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from renderer.files.image_folder import small_picture
from renderer.recipe.recipe import RecipeError

if TYPE_CHECKING:
    import numpy as np

SIZE_PX = 192
MOST = 4
"""This number of files is decoded ahead: what has scrolled away meanwhile is not decoded."""


class Glimpses:
    """Decodes what is looked at.

    Args:
        wake: called from another thread whenever a picture has come.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="glimpses")
        self._pending: dict[Path, Future[np.ndarray | None]] = {}
        self._hopeless: set[Path] = set()

    def look(self, path: Path) -> np.ndarray | None:
        """The pixels of a picture file, uint8 [h, w, 3], once; None as long as, or if, there are
        none.  It is asked for in every frame in which it is seen."""
        future = self._pending.get(path)
        if future is None:
            if len(self._pending) >= MOST:  # some may have scrolled away before they came
                self._pending = {p: f for p, f in self._pending.items() if not f.done()}
            if path not in self._hopeless and len(self._pending) < MOST:
                self._pending[path] = future = self._thread.submit(_decoded, path)
                future.add_done_callback(lambda _: self._wake())
            return None
        if not future.done():
            return None
        del self._pending[path]
        pixels = future.result()
        if pixels is None:
            self._hopeless.add(path)
        return pixels

    def close(self) -> None:
        """Abandon the work in progress."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def _decoded(path: Path) -> np.ndarray | None:
    try:
        return small_picture(path, SIZE_PX)
    except RecipeError:
        return None
