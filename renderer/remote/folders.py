"""The folders that a renderer may read models from."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath

from renderer.errors import PictureError
from renderer.files.kinds import MODEL_SUFFIXES, TOWER_SUFFIXES
from renderer.files.plain import reason
from renderer.models.store import Loader
from renderer.models.text_towers import OpenTower
from renderer.recipe.names import is_text
from renderer.remote.calls import MAX_LISTED, Listable, Listed, ListedFile
from stylegan_t.checkpoints.weights import CheckpointError
from stylegan_t.config import OPEN_CLIP
from stylegan_t.demo.built_in import is_built_in
from stylegan_t.encoders.text import TextTower, TowerError
from stylegan_t.network import AnyNetwork
from stylegan_t.progress import Progress

SUFFIXES: dict[Listable, tuple[str, ...]] = {"model": MODEL_SUFFIXES, "tower": TOWER_SUFFIXES}


class Folders:
    """Folders with all that is in them; links are followed before anything is compared.

    Args:
        given: folders; none at all allows every path.
    """

    def __init__(self, given: Sequence[Path]) -> None:
        self._given = [os.path.realpath(folder) for folder in given]
        self._spelled = {*self._given, *(os.path.abspath(folder) for folder in given)}

    def allow(self, path: str) -> bool:
        """Tell whether a file or folder may be read; no file outside is looked at for that."""
        if not self._given:
            return True
        elsewhere = path.startswith("~") and path[1:2] not in ("", "/", os.sep)
        if elsewhere or ".." in PurePath(path).parts:  # leads over what is outside, or may
            return False
        try:
            spelled = os.path.abspath(os.path.expanduser(path))
            inside = _within(spelled, self._spelled)
            return inside and _within(os.path.realpath(spelled), self._given)
        except (OSError, ValueError):
            return False

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

        def guarded(
            spec: str, *, download: bool = False, progress: Progress | None = None
        ) -> TextTower:
            if not (spec.startswith(OPEN_CLIP) or self.allow(spec)):
                raise TowerError(self.refusal(spec))
            return open_tower(spec, download=download, progress=progress)

        return guarded

    @property
    def first(self) -> Path:
        """Return the first that was given, or the home folder."""
        return Path(self._given[0] if self._given else os.path.expanduser("~"))

    def listed(self, folder: str, kind: Listable = "model") -> Listed:
        """List a folder: folders, and files that may be of the wanted kind.

        Args:
            folder: its path, or that of a file in it; empty for the `first`.
            kind: of files that are wanted.

        Raises:
            PictureError: it is outside, or cannot be read; one sentence.
        """
        asked = os.path.expanduser(folder) if folder else str(self.first)
        if not self.allow(asked):
            raise PictureError(self.refusal(folder))
        real = os.path.realpath(asked)
        file, suffixes = "", SUFFIXES[kind]
        if os.path.isfile(real) and real.lower().endswith(suffixes):
            file, real = real, os.path.dirname(real)
        entries = []
        try:
            with os.scandir(real) as found:
                for one in sorted(found, key=lambda one: one.name.lower()):
                    outside = one.is_symlink() and not self.allow(one.path)
                    if not outside and (entry := _entry(one, suffixes)) is not None:
                        entries.append(entry)
        except OSError as error:
            raise PictureError(f"{real} cannot be read: {reason(error)}.") from error
        above = tuple(str(one) for one in Path(real).parents if self.allow(str(one)))
        return Listed(real, tuple(entries[:MAX_LISTED]), above[:100], file)


def _within(path: str, folders: Iterable[str]) -> bool:
    return any(os.path.commonpath([path, one]) == one for one in folders)


def _entry(one: os.DirEntry[str], suffixes: tuple[str, ...]) -> ListedFile | None:
    """A folder or a wanted file; nothing for what is hidden, of another kind, or not to be
    named."""
    if one.name.startswith(".") or not is_text(one.name):
        return None
    try:
        inside = one.is_dir()
        if not (inside or one.name.lower().endswith(suffixes)):
            return None
        status = one.stat()
    except OSError:  # it went meanwhile, or is a link to nowhere or to itself
        return None
    size, changed_s = 0 if inside else status.st_size, max(int(status.st_mtime), 0)
    return ListedFile(one.name, inside, size, changed_s)
