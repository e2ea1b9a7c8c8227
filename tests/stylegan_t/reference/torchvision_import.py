"""Imports torchvision beside a torch without CUDA, where its compiled operators do not register."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

import torch

SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
_declared: list[torch.library.Library] = []
"""Kept, since operators vanish with the library that declared them."""


def import_torchvision() -> ModuleType:
    """The module torchvision; its picture transforms work even where its operators do not."""
    try:
        return importlib.import_module("torchvision")
    except RuntimeError as error:
        if "nms" not in str(error):
            raise
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]
    library = torch.library.Library("torchvision", "DEF")
    for schema in SCHEMAS:
        library.define(schema)
    _declared.append(library)
    return importlib.import_module("torchvision")
