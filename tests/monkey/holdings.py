"""What the program keeps, by its own account: caches, textures, history, undo, tensors, models."""

from __future__ import annotations

import gc
from collections.abc import Iterable

import torch

from renderer.models.store import ModelStore
from renderer.pipeline.render_thread import RenderThread
from stylegan_t.lru_cache import LruCache
from visualizer.app.app import App
from visualizer.instruments.gallery import Gallery
from visualizer.instruments.history import HistoryKeeper
from visualizer.services.previews import PreviewStore

TEXEL_BYTES = 4
"""A preview's pixel where textures lie in main memory; the program counts 3."""


def holdings(app: App) -> dict[str, float]:
    """Megabytes (`..._mb`) and numbers of what `app` and the whole process keep.

    Windows that were closed must be gone: `windows`, `preview stores` and `render threads` say how
    many there are.
    """
    everything = gc.get_objects()
    found = {
        "tensors_mb": _storage_mb(one for one in everything if issubclass(type(one), torch.Tensor)),
        "models_mb": sum(_used_mb(one) for one in everything if type(one) is ModelStore),
        "cached results": float(sum(len(one) for one in everything if type(one) is LruCache)),
        "windows": float(sum(type(one) is App for one in everything)),
        "preview stores": float(sum(type(one) is PreviewStore for one in everything)),
        "render threads": float(sum(type(one) is RenderThread for one in everything)),
    }
    del everything
    return found | _window_holdings(app)


def _window_holdings(app: App) -> dict[str, float]:
    history, gallery = app.instrument(HistoryKeeper), app.instrument(Gallery)
    document, previews = app.session.document, app.previews
    return {
        "previews_mb": previews._bytes / 3 * TEXEL_BYTES / 1e6,
        "previews": float(len(previews._kept)),
        "history": float(len(history._history.by_number)),
        "undo steps": float(len(document._back) + len(document._forth)),
        "gallery files": float(len(gallery._facts)),
        "notices": float(len(app.session.notices.all)),
    }


def _storage_mb(tensors: Iterable[torch.Tensor]) -> float:
    """What tensors take together; those that share memory count once."""
    sizes: dict[int, int] = {}
    for tensor in tensors:
        try:
            storage = tensor.untyped_storage()
            sizes[storage.data_ptr()] = storage.nbytes()
        except (RuntimeError, NotImplementedError, ReferenceError):  # one without memory
            continue
    return sum(sizes.values()) / 1e6


def _used_mb(store: ModelStore) -> float:
    return store._used_bytes() / 1e6
