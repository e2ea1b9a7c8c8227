"""The models in memory: loaded on demand, a few kept, failed loads remembered."""

from __future__ import annotations

import itertools
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch

import stylegan_t
from renderer.cache import LruCache
from renderer.device import Device
from renderer.frame import ModelInfo
from stylegan_t import Generator

logger = logging.getLogger(__name__)

DEMO = "demo"
MODELS_KEPT = 3
FAILURES_KEPT = 32
Progress = Callable[[str], None]
"""Is told in a few words what is going on."""
Stamp = tuple[int, int] | None
"""A file's modification time in nanoseconds and its size; None when it cannot be seen."""


class ModelError(RuntimeError):
    """A model cannot be loaded or used; the message is for the user."""


class Abandoned(Exception):  # noqa: N818 - not an error: the caller asked for it
    """The work was given up because somebody asked for that."""


class Loader(Protocol):
    """What `stylegan_t.load` looks like."""

    def __call__(
        self, path: str, /, device: str, *, progress: Callable[[float], None]
    ) -> Generator:
        """Read a checkpoint; raises `stylegan_t.CheckpointError`.

        `progress` is told how far it is, from 0 to 1, and may raise to give it up.
        """
        ...


def never() -> None:
    """A pause that lets the work go on."""


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A model in memory.  `token` is new for every load: caches use it as the model's identity."""

    generator: Generator
    info: ModelInfo
    token: int
    stamp: Stamp


@dataclass(frozen=True)
class _Failure:
    stamp: Stamp
    sentence: str


class ModelStore:
    """At most `kept` models on one device, by path.

    A model that is loaded answers for its path until `load` is called for it after its file has
    changed: training may overwrite a snapshot while somebody looks at it.  A load that failed is
    answered with the same sentence, without another attempt, until the file changes, `load` is
    called, or `forget_failures`.
    """

    def __init__(self, device: Device, load: Loader | None = None, kept: int = MODELS_KEPT) -> None:
        self._device = device
        self._load = load or stylegan_t.load
        self._models: LruCache[LoadedModel] = LruCache(kept)
        self._failures: LruCache[_Failure] = LruCache(FAILURES_KEPT)
        self._tokens = itertools.count(1)

    @property
    def infos(self) -> tuple[ModelInfo, ...]:
        """The models in memory, the one used last at the end."""
        return tuple(model.info for model in self._models.values())

    def get(
        self, path: str, progress: Progress | None = None, pause: Callable[[], None] = never
    ) -> LoadedModel:
        """The model of `path`, loaded now if it must be.

        Args:
            path: "demo" or a file's path.
            progress: told "Loading ..." a few times when there is something to load.
            pause: called now and then while loading; it may raise to give the load up.

        Raises:
            ModelError: it cannot be loaded, or could not be the last time.
        """
        key = model_key(path)
        model = self._models.get(key)
        if model is not None:
            return model
        failure = self._failures.get(key)
        if failure is not None and failure.stamp == _stamp(key):
            raise ModelError(failure.sentence)
        return self._read(key, progress, pause)

    def load(
        self, path: str, progress: Progress | None = None, pause: Callable[[], None] = never
    ) -> LoadedModel:
        """Like `get`, but tries again what failed, and reads again a file that has changed."""
        key = model_key(path)
        model = self._models.get(key)
        if model is not None and model.stamp == _stamp(key):
            return model
        return self._read(key, progress, pause)

    def forget_failures(self) -> None:
        """Let the next `get` try again whatever failed."""
        self._failures.clear()

    def _read(self, key: str, progress: Progress | None, pause: Callable[[], None]) -> LoadedModel:
        stamp = _stamp(key)
        try:
            generator = self._load_with_room(key, _Steps(key, progress, pause))
            info = describe(generator, key)
            # Convolutions on two cores: a third faster for small models, no slower for large ones.
            generator.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        except Abandoned:
            raise
        except Exception as error:
            sentence = _load_sentence(key, error)
            self._failures.put(key, _Failure(stamp, sentence))
            raise ModelError(sentence) from error
        model = LoadedModel(generator, info, next(self._tokens), stamp)
        if self._models.put(key, model):
            self._device.release_memory()
        return model

    def _load_with_room(self, key: str, progress: Callable[[float], None]) -> Generator:
        """Load; when memory runs out, let the other models go and try once more."""
        device = str(self._device.torch_device)
        try:
            return self._load(key, device=device, progress=progress)
        except Exception as error:
            if not is_out_of_memory(error) or not len(self._models):
                raise
        self._models.clear()
        self._device.release_memory()
        return self._load(key, device=device, progress=progress)


class _Steps:
    """Turns a loader's shares into words, at the beginning and then every tenth of the way."""

    def __init__(self, key: str, progress: Progress | None, pause: Callable[[], None]) -> None:
        self._name, self._progress, self._pause = display_name(key), progress, pause
        self._tenths = 0
        self._say(f"Loading {self._name}")

    def __call__(self, share: float) -> None:
        self._pause()
        tenths = int(share * 10)
        if tenths > self._tenths:
            self._tenths = tenths
            self._say(f"Loading {self._name}, {tenths * 10}%")

    def _say(self, text: str) -> None:
        if self._progress is not None:
            self._progress(text)


def model_key(path: str) -> str:
    """What names a model in memory: "demo", or the absolute path of its file."""
    if path == DEMO:
        return path
    try:
        return os.path.abspath(os.path.expanduser(path))
    except OSError:  # a relative path, and the current folder is gone
        return path


def display_name(path: str) -> str:
    """A model's short name for people."""
    return "the demo model" if path == DEMO else Path(path).name


def is_out_of_memory(error: BaseException) -> bool:
    """Whether `error` is one of the ways in which memory runs out (main memory or the GPU's)."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and (
        "out of memory" in text or "not enough memory" in text or "can't allocate memory" in text
    )


def describe(generator: Generator, path: str) -> ModelInfo:
    """What the panels show of a model.

    Raises:
        ModelError: its pictures are neither grey nor RGB.
    """
    config, card = generator.config, generator.card
    if config.img_channels not in (1, 3):
        raise ModelError(f"Its pictures have {config.img_channels} channels, neither 1 nor 3.")
    blocks = tuple(config.block_resolutions)
    return ModelInfo(
        path=path,
        sha256=generator.sha256,
        name=card.name,
        description=card.description,
        resolution=config.img_resolution,
        z_dim=config.z_dim,
        c_dim=config.c_dim,
        num_ws=config.num_ws,
        blocks=blocks,
        rows_of_block=tuple(config.rows_of_block(i) for i in range(len(blocks))),
        parameters=_parameters(generator),
        text_tower=generator.text.name if generator.text is not None else None,
        example_prompts=card.example_prompts,
        vocabulary=card.vocabulary,
    )


def _parameters(generator: Generator) -> int:
    """Trained values of the generator itself, without its text tower."""
    networks = (generator.mapping, generator.synthesis)
    return sum(p.numel() for network in networks for p in network.parameters())


def _stamp(key: str) -> Stamp:
    try:
        status = os.stat(key)
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size


def _load_sentence(key: str, error: Exception) -> str:
    name = display_name(key)
    if isinstance(error, stylegan_t.CheckpointError):
        return str(error)
    if isinstance(error, ModelError):
        return f"{name} cannot be used: {error}"
    if is_out_of_memory(error):
        return f"There is not enough memory to load {name}: close other programs first."
    logger.error("loading %s failed", key, exc_info=error)
    return f"{name} could not be loaded: {type(error).__name__}: {error}"
