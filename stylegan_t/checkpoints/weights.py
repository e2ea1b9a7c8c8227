"""Filling a network from a file: every name, shape and value is checked before it counts."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from stylegan_t.errors import StyleGANTError
from stylegan_t.files.tensors import TensorFile, memory_bytes
from stylegan_t.progress import Progress

M = TypeVar("M", bound=nn.Module)
MAX_SENTENCE = 600
SPARE_NUMBERS, SPARE_TENSORS = 1 << 20, 1000
"""A network may make this much more than its file holds, such as tables that are worked out."""


class CheckpointError(StyleGANTError, ValueError):
    """A checkpoint cannot or will not be read; the message is one sentence for the user.

    Names from the file may stand in the sentence: what is not printable is escaped, and what is
    absurdly long is cut.
    """

    def __init__(self, sentence: str) -> None:
        if len(sentence) > MAX_SENTENCE:  # in its middle: the end says what to do
            half = MAX_SENTENCE // 2
            sentence = f"{sentence[:half]}…{sentence[-half:]}"
        super().__init__("".join(c if c.isprintable() else ascii(c)[1:-1] for c in sentence))


class Weights(Protocol):
    """Tensors of a file, read one at a time."""

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """The shape of every tensor by name; known without reading any."""
        ...

    def read_into(self, name: str, target: Tensor) -> None:
        """Copy a tensor into `target`, float32 of the same shape on the CPU.

        Raises:
            CheckpointError: it cannot be read, or does not hold floating numbers.
        """
        ...


class FileWeights:
    """Tensors of an open `.safetensors` file as `Weights`: all, or those whose names in the file
    are given by the names that they are to have."""

    def __init__(
        self, archive: TensorFile, file: Path, names: Mapping[str, str] | None = None
    ) -> None:
        self._archive, self._file = archive, file
        self._names = {name: name for name in archive.shapes} if names is None else names
        self._shapes = {name: archive.shapes[full] for name, full in self._names.items()}

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """See `Weights`."""
        return self._shapes

    def read_into(self, name: str, target: Tensor) -> None:
        """See `Weights`."""
        full = self._names[name]
        if not self._archive.dtype(full).is_floating_point:
            raise CheckpointError(
                f"Tensor {full} in {self._file.name} contains no floating-point numbers."
            )
        self._archive.read_into(full, target)


class _WithoutInitialValues(TorchFunctionMode):
    """Inside, random tensors are made without drawing their numbers: `fill` replaces them.

    Memory that is never written to is only promised by the system, so even a huge network costs
    nothing yet.  (The device "meta" would do as much, but arithmetic there imports PyTorch's
    compiler, which costs every start a second.)  More than `numbers` numbers in `tensors` tensors
    are refused before they are made.
    """

    FACTORIES = (torch.randn, torch.rand)
    MAKERS = (*FACTORIES, torch.empty, torch.zeros, torch.ones, torch.full)
    DRAWS = (
        *(Tensor.normal_, Tensor.uniform_),
        *(nn.init.normal_, nn.init.uniform_, nn.init.kaiming_uniform_),
    )

    def __init__(self, numbers: int, tensors: int) -> None:
        super().__init__()
        self._numbers, self._tensors = numbers, tensors

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Called by PyTorch in place of `func`, on this thread only."""
        given = kwargs or {}
        if func in self.DRAWS:
            return args[0] if args else given["tensor"]
        if func in self.MAKERS:
            self._count(
                given.get("size", args[0] if args and not isinstance(args[0], int) else args)
            )
        return (torch.empty if func in self.FACTORIES else func)(*args, **given)

    def _count(self, size: Any) -> None:
        self._tensors -= 1
        self._numbers -= math.prod(size)
        if self._tensors < 0 or self._numbers < 0:
            raise _TooMuchError


class _TooMuchError(Exception):
    """A network has more weights than the file that it is for."""


def unfilled(build: Callable[[], M], shapes: Mapping[str, tuple[int, ...]], file: Path) -> M:
    """A network that waits for `fill`; no memory is used before names and shapes are right.

    Args:
        build: makes the network.
        shapes: what the file holds, by name.
        file: for messages.

    Raises:
        CheckpointError: a tensor is missing, surplus or of wrong shape, or the network has far
            more weights than the file, or would not fit into this machine's memory.
    """
    promised = sum(math.prod(shape) for shape in shapes.values())
    try:
        with _WithoutInitialValues(promised + SPARE_NUMBERS, len(shapes) + SPARE_TENSORS):
            network = build()
    except _TooMuchError as error:
        raise CheckpointError(f"{file.name} is smaller than the model that it promises.") from error
    except RuntimeError as error:  # the system does not even promise that much memory
        raise CheckpointError(f"{file.name} holds a model that is too large: {error}") from error
    expected = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    check_shapes(expected, shapes, file)
    needed = sum(tensor.nbytes for tensor in (*network.parameters(), *network.buffers()))
    if needed > memory_bytes():
        raise CheckpointError(
            f"{file.name} holds a model of {needed / 1e9:.0f} GB: more than this computer's memory."
        )
    return network


def fill(network: nn.Module, weights: Weights, file: Path, tell: Progress) -> None:
    """Copy every tensor of a file into a network.

    Args:
        network: made by `unfilled` for these weights.
        weights: what is there.
        file: for messages.
        tell: told the share that is done; it may raise to cancel.

    Raises:
        CheckpointError: a tensor cannot be read, or is not finite.
    """
    own = dict(network.state_dict())
    total, done = sum(tensor.numel() for tensor in own.values()), 0
    for name, target in own.items():
        tell(done / max(total, 1))
        weights.read_into(name, target)
        if not _all_finite(target):
            raise CheckpointError(
                f"Tensor {name} in {file.name} holds values that are not numbers."
            )
        done += target.numel()


def _all_finite(tensor: Tensor) -> bool:
    # The sum is the fastest look; only sound numbers that add up beyond float32 need another.
    return bool(torch.isfinite(tensor.sum())) or bool(torch.isfinite(tensor).all())


def check_shapes(
    expected: Mapping[str, tuple[int, ...]], found: Mapping[str, tuple[int, ...]], file: Path
) -> None:
    """Raise `CheckpointError`, naming the tensor, unless both hold the same names and shapes."""
    for missing in sorted(expected.keys() - found.keys()):
        raise CheckpointError(f"Tensor {missing} is missing in {file.name}.")
    for surplus in sorted(found.keys() - expected.keys()):
        raise CheckpointError(
            f"{file.name} has an unknown tensor {surplus[:200]}, so it is not such a model."
        )
    for name, shape in expected.items():
        if found[name] != shape:
            raise CheckpointError(
                f"Tensor {name} in {file.name} has the wrong shape: {list(found[name])} instead "
                f"of {list(shape)}."
            )
