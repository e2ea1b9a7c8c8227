"""The frame: a picture, the recipe that it answers, and reports about it; or the error."""

from __future__ import annotations

from renderer.frame.frame import Fault, Frame, LayerInfo, ModelInfo, TokenCount, UnknownWords

__all__ = ["Fault", "Frame", "LayerInfo", "ModelInfo", "TokenCount", "UnknownWords"]
