"""Checkpoints in the native format: one `.safetensors` file with weights, config, tower and card.

Weights only: nothing in such a file is ever executed.  The file's metadata holds the format's
version, the generator's config, the text tower's kind and config, and the model card, as JSON.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from stylegan_t.card import ModelCard
from stylegan_t.config import GeneratorConfig
from stylegan_t.generator import Generator
from stylegan_t.text import WordTower, WordTowerConfig

FORMAT = "1"
DEMO = "demo"
DEMO_PATH = Path(__file__).parent / "demo" / "demo.safetensors"
MAX_METADATA_BYTES = 4_000_000
Progress = Callable[[float], None]


class CheckpointError(ValueError):
    """A checkpoint cannot or will not be read; the message is one sentence for the user."""


class _TowerHeader(msgspec.Struct, frozen=True):
    kind: str
    name: str
    config: WordTowerConfig


def load(
    path: str | os.PathLike[str],
    device: str | torch.device = "cpu",
    progress: Progress | None = None,
) -> Generator:
    """Open a checkpoint.

    Args:
        path: "demo" for the model that ships with this project, or a `.safetensors` file.
        device: where the weights go.
        progress: told how far loading is, from 0 to 1; it may raise to cancel.

    Returns:
        The generator in evaluation mode, float32, gradients off.

    Raises:
        CheckpointError: whatever the file is, when it is not a checkpoint that can be used.
    """
    file = DEMO_PATH if str(path) == DEMO else Path(path)
    _require_safetensors(file)
    tell = progress or (lambda share: None)
    try:
        with safe_open(str(file), framework="pt") as archive:
            generator = _build(archive.metadata() or {}, file)
            _fill(generator, archive, file, tell)
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{file} is damaged or not a safetensors file: {error}") from error
    generator.source = str(path)
    generator.sha256 = file_sha256(file)
    tell(1.0)
    return generator.eval().requires_grad_(False).to(device)


def save(
    generator: Generator, path: str | os.PathLike[str], dtype: torch.dtype | None = None
) -> None:
    """Write a generator, its text tower and its card to one file, whole or not at all.

    Args:
        dtype: convert floating weights, for example to `torch.float16`; None keeps them.

    Raises:
        OSError: the file cannot be written.
    """
    tensors = {}
    for name, tensor in generator.state_dict().items():
        if dtype is not None and tensor.is_floating_point():
            tensor = tensor.to(dtype)
        tensors[name] = tensor.detach().cpu().contiguous().clone()
    target = Path(path)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    os.close(handle)
    try:
        save_file(tensors, temporary, metadata=_metadata(generator))
        os.chmod(temporary, 0o644)
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def file_sha256(path: str | os.PathLike[str]) -> str:
    """The hash that recipes use to name a checkpoint."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _metadata(generator: Generator) -> dict[str, str]:
    header: dict[str, Any] = {"config": generator.config, "card": generator.card}
    if isinstance(generator.text, WordTower):
        tower = generator.text
        header["text"] = _TowerHeader("words", tower.name, tower.config)
    encoded = {key: msgspec.json.encode(value).decode() for key, value in header.items()}
    return {"format": "pt", "stylegan_t": FORMAT, **encoded}


def _require_safetensors(file: Path) -> None:
    if not file.exists():
        raise CheckpointError(f"There is no file at {file}.")
    if not file.is_file():
        raise CheckpointError(f"{file} is not a file, so it cannot be a checkpoint.")
    if file.suffix.lower() != ".safetensors":
        raise CheckpointError(
            f"{file.name} is not a .safetensors file, the format that this program reads."
        )
    try:
        with open(file, "rb") as stream:
            header = int.from_bytes(stream.read(8), "little")
    except OSError as error:
        raise CheckpointError(f"{file} cannot be read: {error.strerror}.") from error
    size = file.stat().st_size
    if size < 16 or header + 8 > size:
        raise CheckpointError(f"{file.name} is empty, cut short or not a safetensors file.")


def _build(metadata: dict[str, str], file: Path) -> Generator:
    """The generator that the metadata describes, with weights still random."""
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
        config = msgspec.json.decode(metadata.get("config", ""), type=GeneratorConfig)
        card = msgspec.json.decode(metadata.get("card", "{}"), type=ModelCard)
        tower = None
        if "text" in metadata:
            header = msgspec.json.decode(metadata["text"], type=_TowerHeader)
            tower = WordTower(header.config, header.name)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise CheckpointError(f"The header of {file.name} is damaged: {error}") from error
    if tower is not None and tower.c_dim != config.c_dim:
        raise CheckpointError(f"In {file.name}, text tower and generator do not fit together.")
    _check_size(config, file)
    return Generator(config, tower, card)


def _check_size(config: GeneratorConfig, file: Path) -> None:
    """Refuse a header that promises more weights than the file can hold, before allocating."""
    convs = sum(
        2 * config.num_res_blocks * config.channels(res) ** 2 * 9
        for res in config.block_resolutions
    )
    if convs > file.stat().st_size:  # even at one byte a weight
        raise CheckpointError(f"{file.name} is smaller than the model that its header promises.")


def _fill(generator: Generator, archive: Any, file: Path, tell: Progress) -> None:
    """Copy every tensor into place; names, shapes and values are checked."""
    own = dict(generator.state_dict())
    names = set(archive.keys())
    missing, surplus = sorted(own.keys() - names), sorted(names - own.keys())
    if missing or surplus:
        kind, name = ("lacks", missing[0]) if missing else ("has a surplus", surplus[0])
        raise CheckpointError(f"{file.name} {kind} tensor {name}, so it does not fit its header.")
    for index, (name, target) in enumerate(own.items()):
        if tuple(archive.get_slice(name).get_shape()) != tuple(target.shape):
            raise CheckpointError(f"Tensor {name} in {file.name} has the wrong shape.")
        value: Tensor = archive.get_tensor(name)
        if not value.is_floating_point() or not bool(torch.isfinite(value).all()):
            raise CheckpointError(f"Tensor {name} in {file.name} holds values that are no numbers.")
        target.copy_(value)
        tell(index / len(own))
