"""Frames that show a layer in the place of the picture: some of its channels, or all small."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from renderer.errors import PictureError
from renderer.frame.layer_report import Choice, LayerChoice
from renderer.pipeline.inspector import Inspector
from renderer.recipe.quoting import one_line
from renderer.recipe.recipe import Recipe

MOMENTS = 3
"""Frames that are looked at first, for one range of colours that suits all."""


@dataclass(eq=False)
class LayerFrames:
    """Draws the frames of one video.

    The colours have the same range in all of them: the largest that the first, the middle and the
    last frame have, so that every process that shares the work finds the same.

    Args:
        choice: what is shown.
        recipes: those of `MOMENTS` frames.
    """

    choice: LayerChoice
    recipes: tuple[Recipe, ...]
    _inspector: Inspector = field(default_factory=Inspector)
    _reach: float = 0.0

    def draw(
        self, renderer: Any, recipe: Recipe, abandon: Callable[[], bool] | None = None
    ) -> np.ndarray:
        """The frame of a recipe, uint8 [H, W, 3].

        Raises:
            PictureError: there is no such layer or channel; one sentence.
            RendererError: the picture cannot be made.
            Abandoned: `abandon` said so.
        """
        if not self._reach:
            looks = [self._look(renderer, one, 0.0, abandon) for one in self.recipes]
            self._reach = max(reach for _, reach in looks)
        return self._look(renderer, recipe, self._reach, abandon)[0]

    def _look(
        self,
        renderer: Any,
        recipe: Recipe,
        reach: float,
        abandon: Callable[[], bool] | None,
    ) -> tuple[np.ndarray, float]:
        """The frame, and the value that has the brightest colour."""
        shown, reached = list[np.ndarray](), 0.0
        first = Choice(self.choice.layer, own_range=not self.choice.everything, reach=reach)
        for channel in self.choice.channels or (None,):
            wanted = replace(first, channel=channel)
            report = self._inspector.look(renderer, recipe, wanted, abandon)
            view = report.view
            if view.layer != self.choice.layer:
                raise PictureError(
                    f"This model has no layer {one_line(self.choice.layer[:80])}. The Layers tab "
                    f"lists its layers, such as {report.layers[0].name}."
                )
            if channel is not None and channel >= view.channels:
                raise PictureError(
                    f"Layer {view.layer} has {view.channels} channels, counted from 0: there is "
                    f"no channel {channel}."
                )
            shown.append(view.atlas if self.choice.everything else view.picture)
            reached = max(reached, view.reach)
        return side_by_side(shown), reached


def side_by_side(images: Sequence[np.ndarray]) -> np.ndarray:
    """Images of one size in rows that are as long as there are rows, about; the rest is black."""
    columns = math.ceil(math.sqrt(len(images)))
    missing = -len(images) % columns
    cells = [*images, *[np.zeros_like(images[0])] * missing]
    rows = [np.concatenate(cells[at : at + columns], 1) for at in range(0, len(cells), columns)]
    return np.ascontiguousarray(np.concatenate(rows))
