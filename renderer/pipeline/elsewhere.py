"""A renderer that is not in this process: what is looked at where it is, is asked of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

from renderer.frame.alignment_report import Alignment, Gauge
from renderer.frame.layer_report import Choice, LayerReport
from renderer.recipe.recipe import Recipe


class Elsewhere(ABC):
    """The questions whose answers need the tensors of the other process."""

    @abstractmethod
    def inspected(
        self, recipe: Recipe, choice: Choice, abandon: Callable[[], bool] | None = None
    ) -> LayerReport:
        """See `renderer.pipeline.inspector.Inspector.look`."""

    @abstractmethod
    def aligned(
        self, recipe: Recipe, gauge: Gauge, abandon: Callable[[], bool] | None = None
    ) -> Alignment:
        """See `renderer.pipeline.aligner.Aligner.measure`."""
