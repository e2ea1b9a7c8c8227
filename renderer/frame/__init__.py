"""The frame: a picture, the recipe that it answers, and reports about it; or the error."""

from __future__ import annotations

from renderer.errors import Fault
from renderer.frame.frame import Frame, LayerInfo, ModelInfo, TokenCount, UnknownWords

__all__ = ["Fault", "Frame", "LayerInfo", "ModelInfo", "TokenCount", "UnknownWords"]
