"""The text towers in memory that recipes name, in place of a checkpoint's own."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from renderer.errors import TextTowerError
from renderer.models.device import Device
from renderer.models.memory import is_out_of_memory
from renderer.recipe.names import tower_name
from renderer.recipe.remote_paths import RemotePathError, require
from stylegan_t.encoders.text import TextTower
from stylegan_t.lru_cache import LruCache
from stylegan_t.progress import Progress

logger = logging.getLogger(__name__)

TOWERS_KEPT = 2
FAILURES_KEPT = 16


class OpenTower(Protocol):
    """The shape of `stylegan_t.encoders.towers.open_tower`."""

    def __call__(
        self, spec: str, *, download: bool = False, progress: Progress | None = None
    ) -> TextTower:
        """Open a text tower; raises `ValueError` with a sentence."""
        ...


def open_tower(spec: str, *, download: bool = False, progress: Progress | None = None) -> TextTower:
    """See `stylegan_t.encoders.towers.open_tower`."""
    from stylegan_t.encoders import towers  # a moment's import that only recipes with a tower need

    return towers.open_tower(spec, download=download, progress=progress)


@dataclass(frozen=True, eq=False)
class LoadedTower:
    """A text tower in memory; `token` is its identity, different from every model's."""

    tower: TextTower
    token: int


class TowerStore:
    """At most two text towers on one device.  It never fetches anything from the network.

    Args:
        device: where towers go.
        new_token: gives identities.
        dropped: told the token of every tower that is let go.
        open_tower: opens them; `stylegan_t.encoders.towers.open_tower` unless given.
    """

    def __init__(
        self,
        device: Device,
        new_token: Callable[[], int],
        dropped: Callable[[int], None],
        open_tower: OpenTower = open_tower,
    ) -> None:
        self._device, self._new_token = device, new_token
        self._dropped, self._open = dropped, open_tower
        self._towers: LruCache[LoadedTower] = LruCache(TOWERS_KEPT)
        self._failures: LruCache[str] = LruCache(FAILURES_KEPT)

    def get(self, spec: str, tell: Callable[[str], None]) -> LoadedTower:
        """The tower of `spec`, opened now if it must be; `tell` gets words when there is a wait.

        Raises:
            TextTowerError: it cannot be opened, or could not be the last time.
        """
        try:
            require(spec)
        except RemotePathError as error:
            raise TextTowerError(str(error)) from error
        known = self._towers.get(spec)
        if known is not None:
            return known
        failure = self._failures.get(spec)
        if failure is not None:
            raise TextTowerError(failure)
        tell(f"Opening the text tower {tower_name(spec)}")
        try:
            return self.keep(spec, self._open(spec, download=False))
        except Exception as error:
            sentence = _sentence(spec, error)
            self._failures.put(spec, sentence)
            raise TextTowerError(sentence) from error

    def keep(self, spec: str, tower: TextTower) -> LoadedTower:
        """Take a tower that was opened elsewhere."""
        loaded = LoadedTower(tower.eval().to(self._device.torch_device), self._new_token())
        self._failures.drop(lambda key, _: key == spec)
        gone = self._towers.drop(lambda key, _: key == spec)
        gone += self._towers.put(spec, loaded)
        for old in gone:
            self._dropped(old.token)
        if gone:
            gone.clear()
            self._device.release_memory()
        return loaded

    def look_again(self) -> None:
        """Let the next `get` try again what failed."""
        self._failures.clear()


def _sentence(spec: str, error: Exception) -> str:
    if isinstance(error, ValueError):
        return str(error)
    if is_out_of_memory(error):
        return f"There is not enough memory for the text tower {tower_name(spec)}."
    logger.error("opening the text tower %s failed", spec, exc_info=error)
    name = tower_name(spec)
    return f"The text tower {name} could not be opened: {type(error).__name__}: {error}"
