"""Opening and saving checkpoints, whatever their kind.

`load` looks at the first bytes of a file, not only at its name, and hands it to the reader of its
kind: `stylegan_t.checkpoints.native` for `.safetensors`, `stylegan_t.checkpoints.reference` for
snapshots and what `torch.save` writes.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import torch
from msgspec import structs

from stylegan_t.checkpoints import native, reference
from stylegan_t.checkpoints.torch_archive import ZIP_START
from stylegan_t.checkpoints.weights import CheckpointError
from stylegan_t.demo.built_in import BUILT_IN
from stylegan_t.encoders.classes import class_tower
from stylegan_t.files.hashes import file_sha256
from stylegan_t.files.tensors import TensorFileError, unchanged
from stylegan_t.generator import Generator
from stylegan_t.network import AnyNetwork
from stylegan_t.progress import Progress

__all__ = ["CheckpointError", "load", "load_generator", "save"]

EXAMPLE_CLASSES = 8
HASH_SHARE = 0.15
"""About the part of a load that waiting for the hash takes."""
WAIT_S = 0.05
PICKLED = (".pkl", ".pt", ".pth")
"""Endings of the names of files with pickles."""
LFS_POINTER = b"version https://git-lfs"


def load(
    path: str | os.PathLike[str],
    device: str | torch.device = "cpu",
    progress: Progress | None = None,
) -> AnyNetwork:
    """Open a checkpoint.

    Nothing in the file is executed, whatever it is.

    Args:
        path: "demo" or another name in `stylegan_t.demo.built_in` for a model that comes with this
            project, a `.safetensors` file of this program, a `.pkl` snapshot of StyleGAN-T,
            StyleGAN2, StyleGAN3, StyleGAN-XL or LAFITE, or weights of one alone (`.pt`, `.pth`,
            `.safetensors`).
        device: where the weights go.
        progress: told how far loading is, from 0 to 1; it may raise to cancel.

    Returns:
        The generator in evaluation mode, float32, gradients off.

    Raises:
        CheckpointError: whatever the file is, when it is not a checkpoint that can be used.
    """
    built_in = BUILT_IN.get(str(path))
    file = built_in.file if built_in else Path(path)
    read = _reader(file)
    tell = progress or (lambda share: None)
    try:
        with unchanged(file), _Hash(file) as digest:
            generator = read(file, lambda share: tell(share * (1 - HASH_SHARE)))
            generator.sha256 = digest.wait(lambda share: tell(1 - HASH_SHARE * (1 - share)))
    except TensorFileError as error:
        raise CheckpointError(
            f"{file.name}: {error}; wait until it is complete, then open it again."
        ) from error
    generator.source = str(path)
    if generator.anatomy.condition == "classes":
        _name_classes(generator, file)
    tell(1.0)
    return generator.eval().requires_grad_(False).to(device)


def _name_classes(network: AnyNetwork, file: Path) -> None:
    """Let the network read names of classes, and its card list them."""
    tower = class_tower(network.anatomy.c_dim, file, network.text)
    network.text = tower
    network.card = structs.replace(
        network.card,
        example_prompts=tower.names[:EXAMPLE_CLASSES],
        vocabulary=(("Classes", tower.names),),
    )


def load_generator(
    path: str | os.PathLike[str],
    device: str | torch.device = "cpu",
    progress: Progress | None = None,
) -> Generator:
    """Open a checkpoint of StyleGAN-T itself; arguments as those of `load`.

    Raises:
        CheckpointError: it cannot be opened, or is a relative's.
    """
    network = load(path, device, progress)
    if isinstance(network, Generator):
        return network
    raise CheckpointError(
        f"{Path(path).name} holds a {network.anatomy.kind}: this works with StyleGAN-T only."
    )


def save(
    network: AnyNetwork,
    path: str | os.PathLike[str],
    dtype: torch.dtype | None = None,
    *,
    overwrite: bool = True,
) -> None:
    """Write a native checkpoint, whole or not at all; see `stylegan_t.checkpoints.native.write`.

    Raises:
        FileExistsError: the file exists, and `overwrite` is false.
        OSError: the file cannot be written.
        ValueError: a weight does not fit `dtype`.
    """
    native.write(network, Path(path), dtype, overwrite=overwrite)


class _GivenUpError(Exception):
    """The load has ended before its hash."""


class _Hash:
    """A file's hash, worked out on a thread beside the load (hashing releases Python's lock)."""

    def __init__(self, file: Path) -> None:
        self._file, self._share = file, 0.0
        self._given_up = False
        self._result: str | OSError | None = None
        self._thread = threading.Thread(target=self._work, name="hash", daemon=True)

    def __enter__(self) -> _Hash:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._given_up = True
        self._thread.join()

    def _work(self) -> None:
        def tell(share: float) -> None:
            self._share = share
            if self._given_up:
                raise _GivenUpError

        try:
            self._result = file_sha256(self._file, tell)
        except OSError as error:
            self._result = error
        except _GivenUpError:
            pass

    def wait(self, tell: Progress) -> str:
        """The hash, once it is there; `tell` hears of the waiting and may raise."""
        while self._thread.is_alive():
            tell(self._share)
            self._thread.join(WAIT_S)
        if isinstance(self._result, str):
            return self._result
        reason = getattr(self._result, "strerror", None) or "it changed meanwhile"
        raise CheckpointError(f"{self._file} cannot be read: {reason}.")


def _first_bytes(file: Path) -> bytes:
    """The beginning of a file that is really one.

    Raises:
        CheckpointError: there is none, or it cannot be read.
    """
    try:
        exists, is_file = file.exists(), file.is_file()
        if is_file:  # asked first: opening a pipe would wait for its other end
            with open(file, "rb") as stream:
                return stream.read(64)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CheckpointError(f"{file} cannot be read: {reason}.") from error
    if exists:
        raise CheckpointError(f"{file} is not a file, so it cannot be a checkpoint.")
    raise CheckpointError(f"There is no file at {file}.")


def _reader(file: Path) -> Callable[[Path, Progress], AnyNetwork]:
    """The reader for a file's kind.

    Raises:
        CheckpointError: there is no such file, or it is of no kind that can be read.
    """
    name, start = file.name, _first_bytes(file)
    if not start:
        raise CheckpointError(f"{name} is empty.")
    if start.startswith(LFS_POINTER):
        raise CheckpointError(
            f"{name} is only a pointer of Git LFS: fetch the file itself with `git lfs pull`."
        )
    if start.lstrip()[:1] == b"<":
        raise CheckpointError(
            f"{name} is a web page, not a checkpoint: download the file itself again."
        )
    if start.startswith(ZIP_START):
        return reference.read
    if file.suffix.lower() == ".safetensors" or start[8:9] == b"{":
        return native.read
    if file.suffix.lower() in PICKLED or start.startswith(b"\x80"):
        return reference.read
    raise CheckpointError(
        f"{name} is not a checkpoint: this program opens .safetensors files, and the .pkl, .pt and "
        ".pth files of StyleGAN-T and its relatives."
    )
