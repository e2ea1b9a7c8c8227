"""Files of Hugging Face repositories: found in the cache of this machine, or fetched on request."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from stylegan_t.errors import StyleGANTError
from stylegan_t.progress import Progress

HUB = "https://huggingface.co"

_SAFE_FILE, _PICKLE_FILE = "open_clip_model.safetensors", "open_clip_pytorch_model.bin"


class FetchError(StyleGANTError, OSError):
    """A file could not be fetched; the cause is what the network or its library said."""


@dataclass(frozen=True)
class HubPlace:
    """A repository, and the files of it that will do, the best first."""

    repository: str
    files: tuple[str, ...]

    @property
    def by_hand(self) -> str:
        """Return what a person does instead of this module, as an order."""
        return f"download {self.files[0]} from {HUB}/{self.repository} yourself"


def hub_place(listed: str) -> HubPlace | None:
    """The place that open_clip's lists mean by `owner/name/` or `owner/name/file`.

    A safetensors file is looked for before the pickled one, as open_clip itself does.  None when
    `listed` names no repository.
    """
    repository, _, file = listed.rpartition("/")
    if not repository:
        return None
    if not file:
        return HubPlace(repository, (_SAFE_FILE, _PICKLE_FILE))
    names = dict.fromkeys((f"{Path(file).stem}.safetensors", file))
    return HubPlace(repository, tuple(names))


def cached_file(place: HubPlace) -> Path | None:
    """The best file of `place` in Hugging Face's cache; the network is not touched."""
    # imported only where Hugging Face's cache is used
    from huggingface_hub import try_to_load_from_cache

    for name in place.files:
        path = try_to_load_from_cache(place.repository, name)
        if isinstance(path, str) and Path(path).is_file():
            return Path(path)
    return None


def fetch_file(place: HubPlace, progress: Progress | None = None) -> Path:
    """Fetch the best file of `place` into Hugging Face's cache.

    Args:
        progress: told the share that is there, from 0 to 1; it may raise to cancel.  With some
            versions of huggingface_hub it is never called, or the file still comes to its end.

    Raises:
        FetchError: no file of `place` could be fetched.
    """
    # imported only where Hugging Face's cache is used
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

    watch = _Watch(progress)
    options: dict[str, Any] = {}
    if progress and "tqdm_class" in inspect.signature(hf_hub_download).parameters:
        options["tqdm_class"] = watch.bar_class()
    last: Exception | None = None
    for name in place.files:
        try:
            file = Path(hf_hub_download(place.repository, name, **options))
            watch.check()
            return file
        except Exception as error:  # whatever the network and its library come up with
            watch.check()
            last = error
            absent = isinstance(error, EntryNotFoundError)
            if not absent or isinstance(error, LocalEntryNotFoundError):
                break  # the next file would fare no better
    raise FetchError(str(last)) from last


class _Watch:
    """Passes the progress on, and remembers when its listener wanted to stop.

    The library that downloads may swallow what is raised inside of it.
    """

    def __init__(self, progress: Progress | None) -> None:
        self.progress, self.stopped, self.share = progress, None, 0.0

    stopped: BaseException | None

    def check(self) -> None:
        """Raise what the listener raised, if anything."""
        if self.stopped is not None:
            raise self.stopped

    def tell(self, share: float) -> None:
        self.check()
        if self.progress is None or share <= self.share:
            return
        self.share = min(share, 1.0)
        try:
            self.progress(self.share)
        except BaseException as reason:
            self.stopped = reason
            raise

    def bar_class(self) -> type[tqdm]:
        """Bars for huggingface_hub that draw nothing and pass the share on."""
        tell = self.tell

        class SilentBar(tqdm):
            """An invisible progress bar."""

            def __init__(self, *args: Any, **options: Any) -> None:
                super().__init__(*args, **{**options, "disable": True})

            def update(self, n: float | None = 1) -> bool | None:
                """Count `n` more bytes."""
                self.n += n or 0
                if self.total:
                    tell(self.n / self.total)

        return SilentBar
