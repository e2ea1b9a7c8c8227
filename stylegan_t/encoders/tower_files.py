"""The text half of a CLIP out of a file on disk; nothing in the file is executed.

Read are `.safetensors` files, and state dicts as `torch.save` writes them (`.bin`, `.pt`, `.pth`),
through torch's weights-only reader.  TorchScript archives are programs, so they are refused.  The
image half, most of the file, never enters memory.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from stylegan_t.encoders.clip_tower import MAX_PARAMETERS, text_keys
from stylegan_t.encoders.text import TowerError
from stylegan_t.files.tensors import TensorFile, TensorFileError, unchanged

PICKLE_SUFFIXES = (".bin", ".pt", ".pth")
SUFFIXES = (".safetensors", *PICKLE_SUFFIXES)
"""Names of files that may hold a CLIP."""
_WRAPPERS = ("state_dict", "model_state_dict")
_PREFIX = "module."
"""The prefix that training on several processes puts before every name."""


class TorchScriptError(TowerError):
    """The file is a TorchScript archive: a program, where weights alone are wanted."""


def read_text_state(file: Path) -> dict[str, Tensor]:
    """The tensors of a CLIP's text half, by the names that they have in the file.

    Returns:
        Tensors in main memory; floating ones are float32.  A name that fits no part of a CLIP is
        in it too, so that the reader of the state can say so.

    Raises:
        TorchScriptError: the file is a TorchScript archive.
        TowerError: it cannot be read, is damaged, or is of another kind.
    """
    # These two functions of os.path take any text for a path, Path's own do not.
    if not os.path.exists(file):
        raise TowerError(f"There is no file at {file}.")
    if not os.path.isfile(file):
        raise TowerError(f"{file} is not a file, so it cannot be a text tower.")
    suffix = file.suffix.lower()
    if suffix not in SUFFIXES:
        raise TowerError(f"{file.name} is not a CLIP in one of the formats {', '.join(SUFFIXES)}.")
    try:
        return _read_safetensors(file) if suffix == ".safetensors" else _read_pickle(file)
    except (TensorFileError, OSError) as error:
        raise TowerError(f"{file} cannot be read, or is damaged: {error}") from error


def _read_safetensors(file: Path) -> dict[str, Tensor]:
    with TensorFile(file) as archive:
        state = archive.read_all(text_keys(list(archive.shapes)).values(), MAX_PARAMETERS)
    return {name: _own(tensor) for name, tensor in state.items()}


def _read_pickle(file: Path) -> dict[str, Tensor]:
    content = pickled_tensors(file, _WRAPPERS)
    if content is None:
        raise TowerError(f"{file.name} contains no state dict, so it cannot be a text tower.")
    state = {name.removeprefix(_PREFIX): value for name, value in content.items()}
    return {name: _own(state[name]) for name in text_keys(list(state)).values()}


def pickled_tensors(file: Path, wrappers: Sequence[str]) -> dict[str, Tensor] | None:
    """The tensors by name in what `torch.save` wrote, through its weights-only reader.

    Args:
        file: read as a whole: one that is mapped could end the process by changing meanwhile.
        wrappers: names under which training code puts a state dict away.

    Returns:
        None when the file contains no dictionary.

    Raises:
        TowerError: it is no archive of plain tensors; one sentence.
    """
    require_state_dict(file)
    return plain_tensors(file, wrappers)


def plain_tensors(file: Path, wrappers: Sequence[str]) -> dict[str, Tensor] | None:
    """As `pickled_tensors`, for a file that is known not to be a program."""
    try:
        with unchanged(file):
            content: Any = torch.load(file, map_location="cpu", weights_only=True, mmap=False)
    except TensorFileError:
        raise
    except Exception as error:  # what a hostile pickle raises has no bounds
        raise TowerError(
            f"{file.name} holds more than weights, or is damaged, so it is not opened."
        ) from error
    for key in wrappers:
        if isinstance(content, Mapping) and isinstance(content.get(key), Mapping):
            content = content[key]
    if not isinstance(content, Mapping):
        return None
    return {k: v for k, v in content.items() if isinstance(k, str) and isinstance(v, Tensor)}


def is_torchscript(members: Iterable[str]) -> bool:
    """Return whether a zip with members of these names is a program of torch's, not numbers."""
    return any(name.endswith("/constants.pkl") or "/code/" in name for name in members)


def require_state_dict(file: Path) -> None:
    """Refuse TorchScript, and all but the format that torch's weights-only reader is safe with."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as error:
        raise TowerError(
            f"{file.name} is damaged, or in a format from before torch 1.6, which is not opened; "
            "torch.save of its state dict, in any newer torch, makes one that is."
        ) from error
    if is_torchscript(member.filename for member in members):
        raise TorchScriptError(
            f"{file.name} is a TorchScript archive, a program that is not run here; "
            "open_clip's .safetensors file of the same model will do."
        )
    if any(member.compress_type != zipfile.ZIP_STORED for member in members):
        raise TowerError(f"{file.name} is compressed, which torch.save never does; not opened.")


def _own(tensor: Tensor) -> Tensor:
    """A float32 copy that needs the file no more; what is no plain tensor comes back as it is.

    The reader of the state refuses those.  Strides of 0 would let a small file grow large here.
    """
    plain = tensor.layout == torch.strided and tensor.is_floating_point()
    if not plain or tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
        return tensor
    return tensor.to(torch.float32, copy=True)
