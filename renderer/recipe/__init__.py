"""The recipe, and what is pure about it: paths, seed plane, mixing tracks, differences, history."""

from __future__ import annotations

from renderer.recipe.recipe import *  # noqa: F403 - what stands in `__all__` there
