"""The native checkpoint: one `.safetensors` file with weights, config, text tower and card.

Weights only: nothing in such a file is ever executed.  The file's metadata holds the format's
version, the generator's config, the text tower's kind and config, and the model card, as JSON.
"""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import torch
from msgspec.json import Decoder
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from stylegan_t.card import ModelCard
from stylegan_t.clip_tower import ClipTower, ClipTowerConfig
from stylegan_t.config import GeneratorConfig
from stylegan_t.generator import Generator
from stylegan_t.text import TextTower, TowerError, WordTower, WordTowerConfig
from stylegan_t.weights import CheckpointError, Progress, fill, unfilled
from stylegan_t.words import KnownWords

FORMAT = "1"
MAX_HEADER_BYTES = 100_000_000
"""What the format itself allows (safetensors, "Format")."""
MAX_METADATA_BYTES = 4_000_000


class _TowerHeader(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the metadata says of a text tower; `config` fits the kind, and `known` are the words of
    a word tower that declares them."""

    kind: str
    name: str
    config: msgspec.Raw
    known: KnownWords | None = None


_CONFIG = Decoder(GeneratorConfig)
_CARD = Decoder(ModelCard)
_TOWER = Decoder(_TowerHeader)
_TOWERS: dict[str, Decoder[WordTowerConfig] | Decoder[ClipTowerConfig]] = {
    "words": Decoder(WordTowerConfig),
    "clip": Decoder(ClipTowerConfig),
}


class _ArchiveWeights:
    """Tensors of an open safetensors file as `Weights`."""

    def __init__(self, archive: Any, file: Path) -> None:
        self._archive, self._file = archive, file
        names = list(archive.keys())
        self._shapes = {name: tuple(archive.get_slice(name).get_shape()) for name in names}

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """See `Weights`."""
        return self._shapes

    def read_into(self, name: str, target: Tensor) -> None:
        """See `Weights`."""
        value: Tensor = self._archive.get_tensor(name)
        if not value.is_floating_point():
            raise CheckpointError(f"Tensor {name} in {self._file.name} holds no floating numbers.")
        target.copy_(value)


def read(file: Path, tell: Progress) -> Generator:
    """The generator in a native checkpoint, float32 on the CPU, with its text tower and card.

    Args:
        file: what to read.
        tell: told the share that is done; it may raise to cancel.

    Raises:
        CheckpointError: the file is not one that can be used; one sentence.
    """
    _check_start(file)
    try:
        with safe_open(str(file), framework="pt") as archive:
            weights = _ArchiveWeights(archive, file)
            generator = _build(archive.metadata() or {}, weights.shapes, file)
            fill(generator, weights, file, tell)
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{file} is damaged or not a safetensors file: {error}") from error
    return generator


def _check_start(file: Path) -> None:
    """Look at the length of the header before the library does."""
    try:
        with open(file, "rb") as stream:
            header = int.from_bytes(stream.read(8), "little")
    except OSError as error:
        raise CheckpointError(f"{file} cannot be read: {error.strerror}.") from error
    size = file.stat().st_size
    if size < 16 or header + 8 > size or header > MAX_HEADER_BYTES:
        raise CheckpointError(f"{file.name} is empty, cut short or not a safetensors file.")


def _build(metadata: dict[str, str], shapes: dict[str, tuple[int, ...]], file: Path) -> Generator:
    """The generator that the metadata describes, its weights not filled in."""
    if "stylegan_t" not in metadata:
        raise CheckpointError(
            f"{file.name} holds tensors, but not a StyleGAN-T checkpoint that this program wrote."
        )
    if metadata["stylegan_t"] != FORMAT:
        raise CheckpointError(
            f"{file.name} was written by a newer version of this program; update to open it."
        )
    if sum(len(value) for value in metadata.values()) > MAX_METADATA_BYTES:
        raise CheckpointError(f"{file.name} has an absurdly large header.")
    try:
        config = _CONFIG.decode(metadata.get("config", ""))
        card = _CARD.decode(metadata.get("card", "{}"))
        text = _TOWER.decode(metadata["text"]) if "text" in metadata else None
        tower = None if text is None else _tower_config(text)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise CheckpointError(f"The header of {file.name} is damaged: {error}") from error
    if tower is not None and tower.c_dim != config.c_dim:
        raise CheckpointError(f"In {file.name}, text tower and generator do not fit together.")
    _check_size(config, tower, file)
    try:
        return unfilled(lambda: Generator(config, _tower(text, tower), card), shapes, file)
    except TowerError as error:
        raise CheckpointError(f"The text tower in {file.name} cannot be used: {error}") from error


def _tower_config(header: _TowerHeader) -> WordTowerConfig | ClipTowerConfig:
    if header.kind not in _TOWERS:
        raise ValueError(f"text towers of kind {header.kind[:40]!r} are not known")
    return _TOWERS[header.kind].decode(bytes(header.config))


def _tower(
    header: _TowerHeader | None, config: WordTowerConfig | ClipTowerConfig | None
) -> TextTower | None:
    if header is None or config is None:
        return None
    if isinstance(config, WordTowerConfig):
        return WordTower(config, header.name, header.known)
    return ClipTower(config, header.name)


def _check_size(
    config: GeneratorConfig, tower: WordTowerConfig | ClipTowerConfig | None, file: Path
) -> None:
    """Refuse a header that promises more weights than the file can hold, before building them."""
    convs = sum(
        2 * config.num_res_blocks * config.channels(res) ** 2 * 9
        for res in config.block_resolutions
    )
    text = 0
    if isinstance(tower, WordTowerConfig):
        text = tower.buckets * tower.width + tower.layers * 10 * tower.width**2
    elif tower is not None:
        text = tower.parameters
    if convs + text > file.stat().st_size:  # even at one byte a weight
        raise CheckpointError(f"{file.name} is smaller than the model that its header promises.")


def write(generator: Generator, path: Path, dtype: torch.dtype | None = None) -> None:
    """Write a generator, its text tower and its card to one file, whole or not at all.

    Args:
        generator: what to write.
        path: where to; replaced when it exists.
        dtype: convert floating weights, for example to `torch.float16`; None keeps them.

    Raises:
        OSError: the file cannot be written.
        ValueError: a weight does not fit `dtype`.
    """
    tensors = {}
    for name, tensor in generator.state_dict().items():
        stored = tensor.detach()
        if dtype is not None and stored.is_floating_point():
            stored = stored.to(dtype)
            if not bool(torch.isfinite(stored).all()):
                raise ValueError(f"Tensor {name} holds values that are too large for {dtype}.")
        tensors[name] = stored.cpu().contiguous()
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    try:
        save_file(tensors, temporary, metadata=_metadata(generator))
        os.chmod(temporary, 0o644)
        with open(temporary, "rb+") as file:
            _sort_metadata(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _sort_metadata(file: BinaryIO) -> None:
    """Bring the metadata into alphabetical order: equal models shall have equal hashes.

    The library writes it in an order that changes from run to run.
    """
    size = int.from_bytes(file.read(8), "little")
    header = json.loads(file.read(size))
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    assert len(text) <= size, "the same entries take the same room"
    file.seek(8)
    file.write(text.ljust(size))


def _metadata(generator: Generator) -> dict[str, str]:
    header: dict[str, Any] = {"config": generator.config, "card": generator.card}
    tower = generator.text
    if isinstance(tower, WordTower | ClipTower):
        kind, known = ("words", tower.known) if isinstance(tower, WordTower) else ("clip", None)
        config = msgspec.Raw(msgspec.json.encode(tower.config))
        header["text"] = _TowerHeader(kind, tower.name, config, known)
    encoded = {key: msgspec.json.encode(value).decode() for key, value in header.items()}
    return {"format": "pt", "stylegan_t": FORMAT, **encoded}
