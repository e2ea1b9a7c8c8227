"""The one place that imports open_clip: late, because that takes seconds, and past one obstacle.

open_clip imports torchvision for its picture transforms.  The torchvision of PyPI is built for
CUDA; beside a torch that was built without, its operators do not register, and the import stops at
"operator torchvision::nms does not exist".  Text towers need no operator of torchvision, so when,
and only when, the import has failed with that word, the missing operators are declared (with no
code behind them) and it is tried once more.
"""

from __future__ import annotations

import functools
import importlib
from types import ModuleType

import torch

from stylegan_t.encoders.text import TowerError
from stylegan_t.terminal.installing import pip_install

_DECLARATIONS = {
    "nms": "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}
_MISSING_OPERATOR = "operator torchvision::"
_kept: list[torch.library.Library] = []
"""A declaration lasts as long as its library object."""


@functools.cache
def import_open_clip() -> ModuleType:
    """The package open_clip; the first call takes a second or more, later ones nothing.

    Raises:
        TowerError: it is not installed, or it is broken; a later call tries again.
    """
    try:
        return _import_past_torchvision()
    except ModuleNotFoundError as error:
        if error.name != "open_clip":
            raise TowerError(_broken(error)) from error
        raise TowerError(
            "The package open_clip, which reads CLIP text towers, is not installed; "
            f"{pip_install('open_clip_torch')} installs it."
        ) from error
    except (ImportError, RuntimeError, OSError, AttributeError) as error:
        raise TowerError(_broken(error)) from error


def _import_past_torchvision() -> ModuleType:
    try:
        # slow, and what it needs of torchvision may be broken
        return importlib.import_module("open_clip")
    except RuntimeError as error:
        if _MISSING_OPERATOR not in str(error):
            raise
    _declare_missing_operators()
    return importlib.import_module("open_clip")  # again, as it can be now


def _declare_missing_operators() -> None:
    library = torch.library.Library("torchvision", "FRAGMENT")
    _kept.append(library)
    for name, schema in _DECLARATIONS.items():
        if not hasattr(torch.ops.torchvision, name):
            library.define(schema)


def _broken(error: Exception) -> str:
    return (
        f"The package open_clip, which reads CLIP text towers, does not start ({error}); "
        f"{pip_install('--force-reinstall', 'open_clip_torch')} may repair it."
    )
