"""The native checkpoint: one `.safetensors` file with weights, config, text tower and card.

Weights only: nothing in such a file is ever executed.  The file's metadata holds the format's
version, the kind of the generator and its config, the text tower's kind and config, and the model
card, as JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import torch
from msgspec.json import Decoder

from stylegan_t.card import ModelCard
from stylegan_t.checkpoints.state_dicts import read_tensors
from stylegan_t.checkpoints.weights import CheckpointError, FileWeights, fill, unfilled
from stylegan_t.config import GeneratorConfig
from stylegan_t.encoders.classes import ClassTower, ClassTowerConfig
from stylegan_t.encoders.clip_tower import ClipTower, ClipTowerConfig
from stylegan_t.encoders.known_words import KnownWords
from stylegan_t.encoders.text import TextTower, TowerError, WordTower, WordTowerConfig
from stylegan_t.errors import BROKEN_JSON
from stylegan_t.family.lafite import Lafite, LafiteConfig
from stylegan_t.family.stylegan2 import StyleGAN2, StyleGAN2Config
from stylegan_t.family.stylegan3 import StyleGAN3, StyleGAN3Config
from stylegan_t.family.stylegan_xl import StyleGANXL, StyleGANXLConfig
from stylegan_t.files.tensors import TensorFile, TensorFileError, save_tensors
from stylegan_t.generator import Generator
from stylegan_t.network import AnyNetwork
from stylegan_t.progress import Progress
from stylegan_t.terminal.wrong_values import in_words

MARK = "stylegan_t"
"""The metadata of every native file has it, with the format's version."""
FORMAT, FORMAT_OF_RELATIVES = "1", "2"
"""Programs that know StyleGAN-T alone say of the second that it is newer than they are."""
MAX_METADATA_BYTES = 4_000_000


class _Kind(NamedTuple):
    """A network that a native file may hold: its class, and what reads its config."""

    network: Callable[..., AnyNetwork]
    config: Decoder[Any]


_KINDS: dict[str, _Kind] = {
    "StyleGAN-T": _Kind(Generator, Decoder(GeneratorConfig)),
    "StyleGAN2": _Kind(StyleGAN2, Decoder(StyleGAN2Config)),
    "StyleGAN3": _Kind(StyleGAN3, Decoder(StyleGAN3Config)),
    "StyleGAN-XL": _Kind(StyleGANXL, Decoder(StyleGANXLConfig)),
    "LAFITE": _Kind(Lafite, Decoder(LafiteConfig)),
}
"""By the name that the network's anatomy has; files of format 1 do not say theirs."""
_OF_FORMAT_1 = "StyleGAN-T"


class _TowerHeader(msgspec.Struct, frozen=True, omit_defaults=True):
    """A text tower as the metadata has it; `config` fits the kind, and `known` are the words of
    a word tower that declares them."""

    kind: str
    name: str
    config: msgspec.Raw
    known: KnownWords | None = None


_CARD = Decoder(ModelCard)
_TOWER = Decoder(_TowerHeader)
_TowerConfig = WordTowerConfig | ClipTowerConfig | ClassTowerConfig
_TOWERS: dict[str, Decoder[Any]] = {
    "words": Decoder(WordTowerConfig),
    "clip": Decoder(ClipTowerConfig),
    "classes": Decoder(ClassTowerConfig),
}


def is_native(metadata: Mapping[str, str]) -> bool:
    """Return whether texts are the metadata of a native file, of whatever version."""
    return MARK in metadata


def read(file: Path, tell: Progress) -> AnyNetwork:
    """The generator in a native checkpoint, float32 on the CPU, with its text tower and card; or
    the one whose weights another program wrote.

    Args:
        file: what to read.
        tell: told the share that is done; it may raise to cancel.

    Raises:
        CheckpointError: the file is not one that can be used; one sentence.
    """
    with _opened(file) as archive:
        if not is_native(archive.metadata):
            return read_tensors(archive, file, tell)
        weights = FileWeights(archive, file)
        network = _build(archive.metadata, weights.shapes, file)
        fill(network, weights, file, tell)
    return network


def known_words(file: Path) -> KnownWords | None:
    """The words that the text tower of a native checkpoint declares, from its header alone; None
    where it declares none.

    Raises:
        CheckpointError: the file is not one that can be used; one sentence.
    """
    with _opened(file) as archive:
        text = archive.metadata.get("text")
    try:
        return None if text is None else _TOWER.decode(text).known
    except (*BROKEN_JSON, ValueError) as error:
        raise _damaged_header(file, error) from error


@contextmanager
def _opened(file: Path) -> Iterator[TensorFile]:
    """An open file of tensors; what is wrong with it is told in a sentence."""
    try:
        with TensorFile(file) as archive:
            yield archive
    except TensorFileError as error:
        raise CheckpointError(f"{file.name} cannot be opened: {error}.") from error
    except OSError as error:
        raise CheckpointError(f"{file} cannot be read: {error.strerror or error}.") from error


def _damaged_header(file: Path, error: Exception) -> CheckpointError:
    return CheckpointError(f"The header of {file.name} is damaged: {in_words(error)}.")


def _build(metadata: dict[str, str], shapes: dict[str, tuple[int, ...]], file: Path) -> AnyNetwork:
    """The generator that the metadata describes, its weights not filled in."""
    if sum(len(value) for value in metadata.values()) > MAX_METADATA_BYTES:
        raise CheckpointError(f"{file.name} has an absurdly large header.")
    kind = _kind(metadata, file)
    try:
        config = kind.config.decode(metadata.get("config", ""))
        card = _CARD.decode(metadata.get("card", "{}"))
        text = _TOWER.decode(metadata["text"]) if "text" in metadata else None
        tower = None if text is None else _tower_config(text)
    except (*BROKEN_JSON, ValueError) as error:
        raise _damaged_header(file, error) from error

    def build() -> AnyNetwork:
        network = kind.network(config, card=card)
        if text is None or tower is None:
            return network
        if tower.c_dim != network.anatomy.c_dim:
            raise CheckpointError(f"In {file.name}, text tower and generator do not fit together.")
        network.text = _tower(text, tower)
        return network

    try:
        return unfilled(build, shapes, file)
    except TowerError as error:
        raise CheckpointError(f"The text tower in {file.name} cannot be used: {error}") from error


def _kind(metadata: dict[str, str], file: Path) -> _Kind:
    """The kind of network that a file says it holds."""
    version = metadata[MARK]
    name = metadata.get("kind", "") if version == FORMAT_OF_RELATIVES else _OF_FORMAT_1
    if version not in (FORMAT, FORMAT_OF_RELATIVES) or name not in _KINDS:
        raise CheckpointError(
            f"{file.name} was written by a newer version of this program; update to open it."
        )
    return _KINDS[name]


def _tower_config(header: _TowerHeader) -> _TowerConfig:
    if header.kind not in _TOWERS:
        raise ValueError(f"text towers of kind {header.kind[:40]!r} are not known")
    return _TOWERS[header.kind].decode(bytes(header.config))


def _tower(header: _TowerHeader, config: _TowerConfig) -> TextTower:
    if isinstance(config, WordTowerConfig):
        return WordTower(config, header.name, header.known)
    if isinstance(config, ClassTowerConfig):
        return ClassTower(config.names, header.name)
    return ClipTower(config, header.name)


def write(
    network: AnyNetwork, path: Path, dtype: torch.dtype | None = None, *, overwrite: bool = True
) -> None:
    """Write a generator, its text tower and its card to one file, whole or not at all.

    Args:
        network: what to write.
        path: where to.
        dtype: convert floating weights, for example to `torch.float16`; None keeps them.
        overwrite: whether a file that is there may be replaced.

    Raises:
        FileExistsError: it may not.
        OSError: the file cannot be written.
        ValueError: a weight does not fit `dtype`.
    """
    tensors = {}
    for name, tensor in network.state_dict().items():
        stored = tensor.detach()
        if dtype is not None and stored.is_floating_point():
            stored = stored.to(dtype)
            if not bool(torch.isfinite(stored).all()):
                raise ValueError(f"Tensor {name} holds values that are too large for {dtype}.")
        tensors[name] = stored.cpu().contiguous()
    save_tensors(path, tensors, _metadata(network), overwrite=overwrite)


def _metadata(network: AnyNetwork) -> dict[str, str]:
    header: dict[str, Any] = {"config": network.config, "card": network.card}
    tower = network.text
    if isinstance(tower, WordTower | ClipTower | ClassTower):
        header["text"] = _tower_header(tower)
    encoded = {key: msgspec.json.encode(value).decode() for key, value in header.items()}
    kind = network.anatomy.kind
    if kind == _OF_FORMAT_1:
        return {"format": "pt", MARK: FORMAT, **encoded}
    return {"format": "pt", MARK: FORMAT_OF_RELATIVES, "kind": kind, **encoded}


def _tower_header(tower: WordTower | ClipTower | ClassTower) -> _TowerHeader:
    kinds = {WordTower: "words", ClipTower: "clip", ClassTower: "classes"}
    known = tower.known if isinstance(tower, WordTower) else None
    config = msgspec.Raw(msgspec.json.encode(tower.config))
    return _TowerHeader(kinds[type(tower)], tower.name, config, known)
