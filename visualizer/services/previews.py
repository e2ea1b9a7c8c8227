"""Small pictures for the panels: wished for while they are on the screen, kept as textures."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from renderer.frame.preview import Granted, Wish
from renderer.recipe.identity import unhashed
from renderer.recipe.recipe import Recipe
from stylegan_t.lru_cache import LruCache
from visualizer.services.render_port import Renderers
from visualizer.window.texture import delete_textures, make_texture
from widgets.context import Preview

MAX_BYTES = 192_000_000
"""Textures kept: about 4,000 previews of 128 pixels."""
UPLOADS_A_FRAME = 12
"""More would be felt as a pause."""
REFUSED_KEPT = 2_000
PLACES_KEPT = 2_000


@dataclass(frozen=True)
class _Key:
    recipe: Recipe
    size_px: int


class PreviewStore:
    """Keeps previews and asks the render thread for those that panels want to see.

    All calls belong to the window's thread, whose OpenGL context is current.

    Args:
        renderers: whose current thread makes the pictures.
        max_bytes: textures kept, 3 bytes a pixel.
    """

    def __init__(self, renderers: Renderers, max_bytes: int = MAX_BYTES) -> None:
        self._renderers, self._max_bytes = renderers, max_bytes
        self._kept: OrderedDict[Hashable, Preview] = OrderedDict()
        self._refused: LruCache[bool] = LruCache(REFUSED_KEPT)
        self._bytes = 0
        self._wanted: dict[_Key, None] = {}
        self._asked: tuple[_Key, ...] = ()
        self._held = False
        self._places: LruCache[_Key] = LruCache(PLACES_KEPT)
        self._arrived: list[Granted] = []
        self._used: set[Hashable] = set()
        self.loads: frozenset[str] = frozenset()
        """Paths of models that are loaded for a preview; of others only the one in use has any."""

    # -- for panels --------------------------------------------------------------------------

    def get(self, recipe: Recipe, size_px: int) -> Preview | None:
        """See `widgets.context.Previews.get`."""
        key = _Key(unhashed(recipe), size_px)
        preview = self.known(key)
        if preview is None and not self._refused.peek(key):
            self._wanted[key] = None
        return preview

    def get_at(self, place: Hashable, recipe: Recipe, size_px: int) -> tuple[Preview | None, bool]:
        """See `widgets.context.Previews.get_at`."""
        key, preview = _Key(unhashed(recipe), size_px), self.get(recipe, size_px)
        if preview is not None:
            self._places.put(place, key)
            return preview, True
        before = self._places.peek(place)
        if before is None or self._refused.peek(key):
            return None, False
        return self.known(before), False

    def known(self, key: Hashable) -> Preview | None:
        """See `widgets.context.Previews.known`."""
        preview = self._kept.get(key)
        if preview is not None:
            self._kept.move_to_end(key)
            self._used.add(key)
        return preview

    def put(self, key: Hashable, pixels: np.ndarray) -> Preview:
        """See `widgets.context.Previews.put`."""
        self._forget(key)
        preview = Preview(make_texture(pixels), pixels.shape[1], pixels.shape[0])
        self._kept[key] = preview
        self._bytes += _size(preview)
        self._used.add(key)
        return preview

    # -- for the loop ------------------------------------------------------------------------

    def begin(self) -> None:
        """Begin a UI frame: take what the renderer has made, forget what is not looked at."""
        self._arrived.extend(self._renderers.pool.take_granted())
        now, self._arrived = self._arrived[:UPLOADS_A_FRAME], self._arrived[UPLOADS_A_FRAME:]
        for granted in now:
            self._take(granted)
        self._trim()
        self._used.clear()
        self._wanted.clear()

    def end(self, *, hold: bool = False) -> None:
        """A UI frame is drawn: wish for what was looked for and is not there.

        With `hold` nothing is wished for yet: the next picture must not wait for a preview.
        """
        waiting = {_key(granted.wish) for granted in self._arrived}
        wanted = tuple(key for key in self._wanted if key not in waiting)
        self._held = hold and bool(wanted)
        if hold:
            wanted = ()
        if wanted != self._asked:
            self._asked = wanted
            self._renderers.pool.wish(
                [
                    Wish(key.recipe, key.size_px, key.recipe.model.path in self.loads)
                    for key in wanted
                ]
            )

    @property
    def busy(self) -> bool:
        """Return whether more is at hand than one frame takes."""
        return bool(self._arrived)

    @property
    def wanting(self) -> bool:
        """Return whether panels looked in vain for some preview in the last frame."""
        return bool(self._asked) or self._held or self.busy

    def forget_refused(self) -> None:
        """Another model, another thread or a new try: what had no picture may have one now, and
        what is wished for is wished for again."""
        self._refused.clear()
        self._asked = ()

    def close(self) -> None:
        """Give all textures back; the context must still be current."""
        delete_textures([preview.texture for preview in self._kept.values()])
        self._kept.clear()
        self._bytes = 0

    def _take(self, granted: Granted) -> None:
        key = _key(granted.wish)
        # What was granted is no longer asked for: looked at again, it is wished for again.
        self._asked = tuple(other for other in self._asked if other != key)
        if granted.pixels is not None:
            self.put(key, granted.pixels)
            return
        self._refused.put(key, True)

    def _trim(self) -> None:
        """Drop what was not looked at for longest, but nothing that is on the screen."""
        for key in list(self._kept):
            if self._bytes <= self._max_bytes:
                return
            if key not in self._used:
                self._forget(key)

    def _forget(self, key: Hashable) -> None:
        old = self._kept.pop(key, None)
        if old is not None:
            self._bytes -= _size(old)
            delete_textures([old.texture])


def _key(wish: Wish) -> _Key:
    return _Key(wish.recipe, wish.size_px)


def _size(preview: Preview) -> int:
    return 3 * preview.width * preview.height
