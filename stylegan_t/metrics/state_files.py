"""Weights of feature networks out of a file on disk; nothing in the file is executed."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from stylegan_t.encoders.text import TowerError
from stylegan_t.encoders.tower_files import is_torchscript, plain_tensors
from stylegan_t.files.tensors import TensorFile, TensorFileError
from stylegan_t.metrics.errors import MetricError

SUFFIXES = (".safetensors", ".pth", ".pt", ".bin")
_WRAPPERS = ("state_dict", "model_state_dict")


def read_state(file: Path, prefix: str = "") -> dict[str, Tensor]:
    """The tensors of a `.safetensors` file, or of a state dict that `torch.save` wrote.

    Args:
        file: what to read.
        prefix: only tensors whose names begin so are read, and they lose it.

    Raises:
        MetricError: the file is not there, is damaged, or holds more than weights.
    """
    if not file.is_file():
        raise MetricError(f"There is no file at {file}.")
    suffix = file.suffix.lower()
    if suffix not in SUFFIXES:
        raise MetricError(f"{file.name} contains no weights: its name ends in none of {SUFFIXES}.")
    try:
        state = _safetensors(file, prefix) if suffix == ".safetensors" else _pickle(file, prefix)
    except (TensorFileError, OSError) as error:
        raise MetricError(f"{file} cannot be read, or is damaged: {error}") from error
    if not state:
        raise MetricError(f"{file.name} contains no weights of such a network.")
    return state


def state_key(state: Mapping[str, Tensor]) -> str:
    """A hash of names, shapes and values: equal networks have equal keys, 64 hexadecimal digits."""
    digest = hashlib.sha256()
    for name, tensor in sorted(state.items()):
        digest.update(f"{name}{tuple(tensor.shape)}{tensor.dtype}".encode())
        flat = tensor.detach().cpu().contiguous().flatten().view(torch.uint8)
        digest.update(flat.numpy().data)
    return digest.hexdigest()


def _safetensors(file: Path, prefix: str) -> dict[str, Tensor]:
    with TensorFile(file) as archive:
        state = archive.read_all(name for name in archive.shapes if name.startswith(prefix))
    return {name.removeprefix(prefix): tensor for name, tensor in state.items()}


def _pickle(file: Path, prefix: str) -> dict[str, Tensor]:
    # The format from before torch 1.6 is read too, by the same weights-only reader: that is how the
    # weights of the FID network are published.  TorchScript is a program, so it is refused.
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            if is_torchscript(archive.namelist()):
                raise MetricError(
                    f"{file.name} is a TorchScript archive, a program that is not run here."
                )
    try:
        content = plain_tensors(file, _WRAPPERS)
    except TowerError as error:
        raise MetricError(str(error)) from error
    if content is None:
        raise MetricError(f"{file.name} contains no state dict.")
    return {
        name.removeprefix(prefix): value
        for name, value in content.items()
        if name.startswith(prefix)
    }
