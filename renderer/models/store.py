"""The models in memory: loaded on demand, a few kept, failed loads remembered."""

from __future__ import annotations

import dataclasses
import itertools
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import torch
from torch import Tensor

import stylegan_t
from renderer.errors import Abandoned, MissingModelError, ModelError, NoModelMemoryError
from renderer.frame.frame import ModelInfo
from renderer.models.device import Device
from renderer.models.info import describe
from renderer.models.memory import device_bytes, is_out_of_memory
from renderer.recipe.names import display_name, model_key
from renderer.recipe.recipe import Precision
from renderer.recipe.remote_paths import require
from stylegan_t.demo.built_in import is_built_in
from stylegan_t.inference.bending import drawn
from stylegan_t.inference.precision import lower, twin
from stylegan_t.inference.prepared import Prepared, prepared
from stylegan_t.lru_cache import LruCache
from stylegan_t.network import AnyNetwork
from stylegan_t.progress import Progress, Steps

logger = logging.getLogger(__name__)

MODELS_KEPT = 3
SHARE_KEPT = 0.5
"""Models are kept in at most this share of the device's memory: pictures need room, too."""
FAILURES_KEPT = 32
DTYPES: dict[Precision, torch.dtype] = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}
Stamp = tuple[int, int] | None
"""A file's modification time in nanoseconds and its size; None when it cannot be seen."""
Key = tuple[str, Precision]


class Loader(Protocol):
    """The shape of `stylegan_t.load`."""

    def __call__(self, path: str, /, device: str, *, progress: Progress) -> AnyNetwork:
        """Read a checkpoint; raises `stylegan_t.CheckpointError`.

        `progress` is told how far it is, from 0 to 1, and may raise to give it up.
        """
        ...


def never() -> None:
    """A pause that lets the work go on."""


def ignore(token: int) -> None:
    """Ignore that a model is gone."""


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A model in memory.  `token` is new for every load: caches use it as the model's identity.

    `fast` draws what `generator.synthesis` draws, in less time; None where it cannot.
    """

    generator: AnyNetwork
    info: ModelInfo
    token: int
    stamp: Stamp
    fast: Prepared | None = None

    @property
    def draw(self) -> Callable[..., Tensor]:
        """Draws pictures; called like `SynthesisNetwork.forward`, with one row, and with bends."""
        return partial(drawn, self.generator.synthesis) if self.fast is None else self.fast


@dataclass(frozen=True)
class _Failure:
    stamp: Stamp
    kind: type[ModelError]
    sentence: str


class ModelStore:
    """The models in memory on one device, by path and precision.

    At most `kept` of them, in at most `budget_bytes`: the ones unused for longest go.  A model that
    is larger than that all by itself is kept alone.  In half precision a model is one of its own:
    its convolutions take half the memory, and where the float32 one is in memory, the rest is
    shared with it and nothing is read from the disk.

    A model that is loaded answers for its path until its file has changed *and* there is a request
    to `load` it or to `look_again`: training may overwrite a snapshot while it is looked at.  A
    load that failed is answered with the same sentence, without another attempt, until then too, or
    until the file changes.

    Args:
        device: where models go.
        load: reads checkpoints; `stylegan_t.load` unless given.
        kept: how many models at most.
        budget_bytes: memory for them; by default half of the device's.
        dropped: told the token of every model that is let go.
        new_token: gives models their identities.
    """

    def __init__(
        self,
        device: Device,
        load: Loader | None = None,
        kept: int = MODELS_KEPT,
        budget_bytes: int | None = None,
        dropped: Callable[[int], None] = ignore,
        new_token: Callable[[], int] | None = None,
    ) -> None:
        self._device = device
        self._load = load or stylegan_t.load
        self._budget = budget_bytes or int(device_bytes(device.torch_device) * SHARE_KEPT)
        self._dropped = dropped
        self._kept = kept
        self._models: LruCache[LoadedModel] = LruCache(kept + 1)  # the new one comes first
        self._failures: LruCache[_Failure] = LruCache(FAILURES_KEPT)
        self._new_token = new_token or partial(next, itertools.count(1))

    def forget_features(self) -> None:
        """Drop what the models kept of their last pictures: memory is short."""
        for model in self._models.values():
            if model.fast is not None:
                model.fast.forget()

    @property
    def infos(self) -> tuple[ModelInfo, ...]:
        """The models in memory, the one used last at the end."""
        return tuple(model.info for model in self._models.values())

    def get(
        self,
        path: str,
        progress: Steps | None = None,
        pause: Callable[[], None] = never,
        *,
        precision: Precision = "float32",
    ) -> LoadedModel:
        """The model of `path`, loaded now if it must be.

        Args:
            path: "demo" or a file's path.
            progress: told "Loading ..." for every hundredth when there is something to load.
            pause: called now and then while loading; it may raise to give the load up.
            precision: of the synthesis.

        Raises:
            MissingModelError: there is no such file.
            RemotePathError: it is on a computer that the user has not named.
            ModelError: it cannot be loaded, or could not be the last time.
        """
        require(path)
        key: Key = model_key(path), precision
        model = self._models.get(key)
        if model is not None:
            return model
        failure = self._failures.get(key)
        if failure is not None and failure.stamp == _stamp(key[0]):
            raise failure.kind(failure.sentence)
        return self._read(key, progress, pause)

    def load(
        self,
        path: str,
        progress: Steps | None = None,
        pause: Callable[[], None] = never,
        *,
        precision: Precision = "float32",
    ) -> LoadedModel:
        """Like `get`, but tries again what failed, and reads again a file that has changed."""
        key: Key = model_key(path), precision
        model = self._models.get(key)
        if model is not None and model.stamp == _stamp(key[0]):
            return model
        return self._read(key, progress, pause)

    def ahead(
        self,
        path: str,
        current: str,
        pause: Callable[[], None] = never,
        *,
        precision: Precision = "float32",
    ) -> bool:
        """Load the model of `path` before it is asked for, where there is room for as many like the
        `current` one as are kept; that one stays the last to be let go.

        Returns:
            Whether it is in memory; one that cannot be loaded is told of when it is asked for.
        """
        key: Key = model_key(current), precision
        model = self._models.get(key)
        if model is None or self._kept * model.info.memory_bytes > self._budget:
            return False
        try:
            self.get(path, None, pause, precision=precision)
        except ModelError:
            return False
        finally:
            self._models.get(key)  # used last
        return True

    def use(self, path: str, precision: Precision) -> None:
        """Let a model that is in memory be the last to be let go."""
        self._models.get((model_key(path), precision))

    def look_again(self) -> None:
        """Let the next `get` try again what failed, and read again the files that have changed."""
        self._failures.clear()
        self._let_go(self._models.drop(lambda _, model: model.stamp != _stamp(model.info.path)))

    # -- loading -----------------------------------------------------------------------------

    def _read(self, key: Key, progress: Steps | None, pause: Callable[[], None]) -> LoadedModel:
        path, stamp = key[0], _stamp(key[0])
        try:
            generator = self._generator(key, stamp, _Steps("Loading", path, progress, pause))
            info = describe(generator, path)
            if info.warning:
                logger.warning("%s", info.warning)
            steps = _Steps("Preparing", path, progress, pause)
            self._lay_out(generator, key[1])
            # Copies of weights are made where there is plenty of memory.
            fast = prepared(generator.synthesis, self._budget // 4, steps)
            if fast is not None:
                bytes_now = info.memory_bytes + fast.packed_bytes
                info = dataclasses.replace(info, memory_bytes=bytes_now)
        except Abandoned:
            raise
        except Exception as error:
            missing = isinstance(error, stylegan_t.CheckpointError) and _is_missing(path)
            kind = MissingModelError if missing else ModelError
            if is_out_of_memory(error):
                kind = NoModelMemoryError
            sentence = _load_sentence(path, error)
            self._failures.put(key, _Failure(stamp, kind, sentence))
            raise kind(sentence) from error
        model = LoadedModel(generator, info, self._new_token(), stamp, fast)
        self._keep(key, model)
        return model

    def _lay_out(self, generator: AnyNetwork, precision: Precision) -> None:
        """Let the weights lie in memory as convolutions like them best."""
        if self._device.kind == "cuda" and precision == "float32":
            return  # what comes from a file lies right: 5% faster on a large model
        # On two cores: a third faster for small models, no slower for large ones.  Half precision
        # on graphics cards is made for it.
        generator.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]

    def _generator(self, key: Key, stamp: Stamp, steps: Progress) -> AnyNetwork:
        """The generator on the device and in the precision of `key`."""
        path, wanted = key
        if wanted == "float32":
            return self._load_with_room(path, steps)
        self._require(wanted)
        whole = self._models.peek((path, "float32"))
        if whole is not None and whole.stamp == stamp:
            generator = twin(whole.generator)
            lower(generator, DTYPES[wanted])
            return generator
        return self._load_with_room(path, steps, wanted)

    def _require(self, wanted: Precision) -> None:
        if not self._device.computes(DTYPES[wanted]):
            raise ModelError(
                f"{self._device.name} does not support {wanted}: choose another precision."
            )

    def _load_with_room(
        self, path: str, progress: Progress, wanted: Precision = "float32"
    ) -> AnyNetwork:
        """Load; when memory runs out, let the other models go and try once more."""
        self._make_room(path)
        try:
            return self._load_lowered(path, progress, wanted)
        except Exception as error:
            if not is_out_of_memory(error) or not len(self._models):
                raise
        self._let_go(self._models.drop(lambda _, model: True))
        return self._load_lowered(path, progress, wanted)

    def _load_lowered(self, path: str, progress: Progress, wanted: Precision) -> AnyNetwork:
        device = str(self._device.torch_device)
        if wanted == "float32":
            return self._load(path, device=device, progress=progress)
        # In main memory first: the graphics card never sees the larger weights.
        generator = self._load(path, device="cpu", progress=progress)
        lower(generator, DTYPES[wanted])
        return generator.to(device)

    # -- letting go --------------------------------------------------------------------------

    def _used_bytes(self) -> int:
        return sum(model.info.memory_bytes for model in self._models.values())

    def _make_room(self, path: str) -> None:
        """Let models go before one of about its file's size comes.  The one that was used last
        stays until the new one is there: the load may be given up."""
        stamp = _stamp(path)
        expected = stamp[1] if stamp else 0
        gone = []
        while len(self._models) > 1 and self._used_bytes() + expected > self._budget:
            gone.append(self._models.pop_oldest())
        self._let_go(gone)

    def _keep(self, key: Key, model: LoadedModel) -> None:
        gone = self._models.drop(lambda known, _: known == key)
        self._models.put(key, model)
        while len(self._models) > self._kept or (
            len(self._models) > 1 and self._used_bytes() > self._budget
        ):
            gone.append(self._models.pop_oldest())
        self._let_go(gone)

    def _let_go(self, models: list[LoadedModel]) -> None:
        tokens = [model.token for model in models]
        models.clear()  # the caller's list, too: the memory must be free before it is given back
        for token in tokens:
            self._dropped(token)
        if tokens:
            self._device.release_memory()


class _Steps:
    """Turns shares of some work on a model into words, at the beginning and then every hundredth of
    the way."""

    def __init__(
        self, doing: str, path: str, progress: Steps | None, pause: Callable[[], None]
    ) -> None:
        self._what = f"{doing} {display_name(path)}"
        self._progress, self._pause = progress, pause
        self._percent = 0
        self._say(self._what, 0.0)

    def __call__(self, share: float) -> None:
        self._pause()
        percent = int(share * 100)
        if percent > self._percent:
            self._percent = percent
            self._say(f"{self._what}, {percent}%", min(share, 1.0))

    def _say(self, text: str, share: float) -> None:
        if self._progress is not None:
            self._progress(text, share)


def _stamp(path: str) -> Stamp:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size


def _is_missing(path: str) -> bool:
    return not is_built_in(path) and not os.path.exists(path)


def _load_sentence(path: str, error: Exception) -> str:
    name = display_name(path)
    if isinstance(error, stylegan_t.CheckpointError):
        return str(error)
    if isinstance(error, ModelError):
        return f"{name} cannot be used: {error}"
    if is_out_of_memory(error):
        return f"There is not enough memory to load {name}: close other programs first."
    logger.error("loading %s failed", path, exc_info=error)
    return f"{name} could not be loaded: {type(error).__name__}: {error}"
