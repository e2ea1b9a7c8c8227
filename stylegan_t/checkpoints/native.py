"""The native checkpoint: one `.safetensors` file with weights, config, text tower and card.

Weights only: nothing in such a file is ever executed.  The file's metadata holds the format's
version, the generator's config, the text tower's kind and config, and the model card, as JSON.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import torch
from msgspec.json import Decoder
from torch import Tensor

from stylegan_t.card import ModelCard
from stylegan_t.checkpoints.weights import CheckpointError, Progress, fill, unfilled
from stylegan_t.config import GeneratorConfig
from stylegan_t.encoders.clip_tower import ClipTower, ClipTowerConfig
from stylegan_t.encoders.known_words import KnownWords
from stylegan_t.encoders.text import TextTower, TowerError, WordTower, WordTowerConfig
from stylegan_t.files.tensors import TensorFile, TensorFileError, save_tensors
from stylegan_t.generator import Generator
from stylegan_t.terminal.wrong_values import in_words

FORMAT = "1"
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


class _FileWeights:
    """Tensors of an open file as `Weights`."""

    def __init__(self, archive: TensorFile, file: Path) -> None:
        self._archive, self._file = archive, file

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """See `Weights`."""
        return self._archive.shapes

    def read_into(self, name: str, target: Tensor) -> None:
        """See `Weights`."""
        if not self._archive.dtype(name).is_floating_point:
            raise CheckpointError(
                f"Tensor {name} in {self._file.name} holds no floating-point numbers."
            )
        self._archive.read_into(name, target)


def read(file: Path, tell: Progress) -> Generator:
    """The generator in a native checkpoint, float32 on the CPU, with its text tower and card.

    Args:
        file: what to read.
        tell: told the share that is done; it may raise to cancel.

    Raises:
        CheckpointError: the file is not one that can be used; one sentence.
    """
    try:
        with TensorFile(file) as archive:
            weights = _FileWeights(archive, file)
            generator = _build(archive.metadata, weights.shapes, file)
            fill(generator, weights, file, tell)
    except TensorFileError as error:
        raise CheckpointError(f"{file} cannot be opened: {error}.") from error
    except OSError as error:
        raise CheckpointError(f"{file} cannot be read: {error.strerror or error}.") from error
    return generator


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
        raise CheckpointError(
            f"The header of {file.name} is damaged: {in_words(error)}."
        ) from error
    if tower is not None and tower.c_dim != config.c_dim:
        raise CheckpointError(f"In {file.name}, text tower and generator do not fit together.")
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


def write(
    generator: Generator, path: Path, dtype: torch.dtype | None = None, *, overwrite: bool = True
) -> None:
    """Write a generator, its text tower and its card to one file, whole or not at all.

    Args:
        generator: what to write.
        path: where to.
        dtype: convert floating weights, for example to `torch.float16`; None keeps them.
        overwrite: whether a file that is there may be replaced.

    Raises:
        FileExistsError: it may not.
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
    save_tensors(path, tensors, _metadata(generator), overwrite=overwrite)


def _metadata(generator: Generator) -> dict[str, str]:
    header: dict[str, Any] = {"config": generator.config, "card": generator.card}
    tower = generator.text
    if isinstance(tower, WordTower | ClipTower):
        kind, known = ("words", tower.known) if isinstance(tower, WordTower) else ("clip", None)
        config = msgspec.Raw(msgspec.json.encode(tower.config))
        header["text"] = _TowerHeader(kind, tower.name, config, known)
    encoded = {key: msgspec.json.encode(value).decode() for key, value in header.items()}
    return {"format": "pt", "stylegan_t": FORMAT, **encoded}
