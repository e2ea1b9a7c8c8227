"""The common parts of both judges that ship: small weights, and a sample of the world they know."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from stylegan_t.files.tensors import TensorFile, TensorFileError
from stylegan_t.metrics.errors import MetricError

LEVELS = 127
SAMPLE = "world.sample"
"""Small pictures of the world that a judge knows, to be compared with what is drawn today."""
_SCALE = ".scale"
_SAME_WORLD = 2.0
"""Grey levels that a sample may differ by on average: processors round differently."""


def packed(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Weights as whole numbers from -127 to 127 with a scale for each output channel."""
    result: dict[str, Tensor] = {}
    for name, tensor in state.items():
        if tensor.ndim < 2:
            result[name] = tensor.clone()
            continue
        flat = tensor.float().flatten(1)
        scale = flat.abs().amax(dim=1).clamp_min(1e-12) / LEVELS
        result[name] = (flat / scale[:, None]).round().to(torch.int8).view(tensor.shape)
        result[name + _SCALE] = scale
    return result


def unpacked(stored: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return what `packed` was given, to within half a level.

    Raises:
        KeyError: weights come without their scale.
        RuntimeError: the shapes do not fit together.
    """
    result = {}
    for name, tensor in stored.items():
        if name.endswith(_SCALE):
            continue
        if tensor.dtype == torch.int8:
            scale = stored[name + _SCALE].float()
            tensor = tensor.float() * scale.view(-1, *[1] * (tensor.ndim - 1))
        result[name] = tensor
    return result


def knows(file: Path, today: Tensor) -> bool:
    """Return whether the judge in a file was trained on scenes as they are drawn today.

    Args:
        file: of a judge.
        today: the small pictures that the file should hold, uint8.

    Raises:
        MetricError: the file cannot be read.
    """
    try:
        with TensorFile(file) as archive:
            known = archive.read_all().get(SAMPLE)
    except (TensorFileError, OSError) as error:
        raise MetricError(f"{file} is missing or damaged.") from error
    if known is None or known.shape != today.shape or known.dtype != today.dtype:
        return False
    return bool((known.float() - today.float()).abs().mean() < _SAME_WORLD)
