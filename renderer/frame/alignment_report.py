"""The alignment of a picture with its words: the gauge, and its report.  No tensors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from renderer.frame.frame import ModelInfo
from renderer.recipe.names import tower_name
from renderer.recipe.recipe import Recipe
from stylegan_t.demo.built_in import is_built_in

GaugeKind = Literal["none", "judge", "clip"]
CURVE_PSI = tuple(-0.5 + 0.25 * step for step in range(9))
"""Values of psi at which the curve is measured."""
NO_MODEL = "No model is loaded yet."
NO_TEXT = "This model takes no text, so there is nothing to compare a picture with."
NO_IMAGE_TOWER = (
    "This model's text tower has no image half. To compare text with pictures, choose a complete "
    "CLIP: Model, Text tower."
)


@dataclass(frozen=True)
class Gauge:
    """The gauge of a picture: the "judge" of the demo world `spec`, a "clip" named `spec`, or
    nothing, and then `reason` says why."""

    kind: GaugeKind = "none"
    spec: str = ""
    reason: str = NO_MODEL

    @property
    def name(self) -> str:
        """Return its name."""
        return tower_name(self.spec) if self.kind == "clip" else "the demo world's judge"


@dataclass(frozen=True)
class WordScore:
    """Some words of the prompt, and how far the picture shows them."""

    words: str
    score: float


@dataclass(frozen=True)
class Alignment:
    """The measurement of one picture.

    The judge's scores are probabilities, 0 to 1: `score` is the mean over `words`, None where the
    prompt names nothing that it knows; `unknown` are the words that it does not know.  CLIP's are
    cosines, -1 to 1, of the picture's and the words' embeddings: `score` of the whole text as the
    model got it, `words` of each prompt, where there are several.  `took_ms` is the measuring
    alone, without drawing.
    """

    score: float | None
    words: tuple[WordScore, ...] = ()
    unknown: tuple[str, ...] = ()
    took_ms: float = 0.0


def gauge_of(model: ModelInfo | None, recipe: Recipe) -> Gauge:
    """Return what can measure the pictures of `recipe`."""
    if model is None:
        return Gauge()
    if not model.takes_text:
        return Gauge(reason=NO_TEXT)
    if recipe.model.tower:
        return Gauge("clip", recipe.model.tower, "")
    if is_built_in(recipe.model.path):
        return Gauge("judge", recipe.model.path, "")
    return Gauge(reason=NO_IMAGE_TOWER)
