"""The folders that a renderer may read models from."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from renderer.errors import PictureError
from renderer.files.kinds import MODEL_SUFFIXES
from renderer.models.store import Loader
from renderer.models.text_towers import OpenTower
from renderer.remote.calls import MAX_LISTED, Listed, ListedFile
from stylegan_t.checkpoints.weights import CheckpointError
from stylegan_t.config import OPEN_CLIP
from stylegan_t.demo.built_in import is_built_in
from stylegan_t.encoders.text import TextTower, TowerError
from stylegan_t.network import AnyNetwork
from stylegan_t.progress import Progress


class Folders:
    """Folders with all that is in them; links are followed before anything is compared.

    Args:
        given: folders; none at all allows every path.
    """

    def __init__(self, given: Sequence[Path]) -> None:
        self._given = [os.path.realpath(folder) for folder in given]

    def allow(self, path: str) -> bool:
        """Tell whether a file or folder may be read."""
        if not self._given:
            return True
        try:
            real = os.path.realpath(os.path.expanduser(path))
        except (OSError, ValueError):
            return False
        return any(os.path.commonpath([real, one]) == one for one in self._given)

    def refusal(self, path: str) -> str:
        """Return the sentence about a path outside."""
        return (
            f"{path} is outside the folders that this renderer may read: {', '.join(self._given)}."
        )

    def loader(self, load: Loader) -> Loader:
        """`load`, for files within."""

        def guarded(path: str, /, device: str, *, progress: Progress) -> AnyNetwork:
            if not (is_built_in(path) or self.allow(path)):
                raise CheckpointError(self.refusal(path))
            return load(path, device, progress=progress)

        return guarded

    def tower_opener(self, open_tower: OpenTower) -> OpenTower:
        """`open_tower`, for files within and towers by name."""

        def guarded(spec: str, *, download: bool = False) -> TextTower:
            if not (spec.startswith(OPEN_CLIP) or self.allow(spec)):
                raise TowerError(self.refusal(spec))
            return open_tower(spec, download=download)

        return guarded

    def listed(self, folder: str) -> Listed:
        """List a folder: folders, and files that may be models.

        Args:
            folder: its path; empty for the first that was given, or the home folder.

        Raises:
            PictureError: it is outside, or cannot be read; one sentence.
        """
        start = self._given[0] if self._given else os.path.expanduser("~")
        real = os.path.realpath(os.path.expanduser(folder)) if folder else start
        if not self.allow(real):
            raise PictureError(self.refusal(folder))
        entries = []
        try:
            with os.scandir(real) as found:
                for one in sorted(found, key=lambda one: one.name.lower()):
                    if (entry := _entry(one)) is not None:
                        entries.append(entry)
        except OSError as error:
            raise PictureError(f"{real} cannot be read: {error.strerror}.") from error
        above = tuple(str(one) for one in Path(real).parents if self.allow(str(one)))
        return Listed(real, tuple(entries[:MAX_LISTED]), above[:100])


def _entry(one: os.DirEntry[str]) -> ListedFile | None:
    """A folder or a model; nothing for what is hidden, of another kind, or not to be named."""
    try:
        one.name.encode()
        if one.name.startswith("."):
            return None
        if one.is_dir():
            return ListedFile(one.name, True, 0)
        if one.name.lower().endswith(MODEL_SUFFIXES):
            return ListedFile(one.name, False, one.stat().st_size)
    except (OSError, UnicodeEncodeError):
        return None
    return None
