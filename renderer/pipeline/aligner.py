"""Measures how far a picture shows what its words say: by CLIP, or by the demo world's judge."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from msgspec.structs import replace
from torch import Tensor

from renderer.errors import PictureError
from renderer.frame.alignment_report import Alignment, Gauge, WordScore
from renderer.pipeline.renderer import Renderer
from renderer.recipe.recipe import Recipe, TextPart
from stylegan_t.demo.reading import Asked, Value, read
from stylegan_t.demo.world import ATTRIBUTES, NAMES, NO_OBJECT
from stylegan_t.encoders.clip_image import ClipImageEncoder, open_clip_image_encoder
from stylegan_t.encoders.vit import FeatureError
from stylegan_t.metrics.attributes import AttributeJudge
from stylegan_t.metrics.errors import MetricError
from stylegan_t.metrics.features import resized
from stylegan_t.metrics.judge import judged
from stylegan_t.metrics.shipped_judge import load_shipped_judge

NEEDS_THING = ("color", "size", "side")
"""Attributes of a thing: where there is none, nothing has them."""
MAX_MEASURED = 8
"""Prompts that CLIP measures one by one."""
Probabilities = dict[str, Tensor]
"""For each attribute the probability of each of its values."""
OpenImages = Callable[[str], ClipImageEncoder]


@dataclass(eq=False)
class Aligner:
    """Measures pictures with one gauge.  It belongs to the thread of its renderer, and holds what
    it measures with: a judge of 5 MB, or the image half of a CLIP.

    Args:
        gauge: what to measure with.
        open_images: opens the image half of a CLIP without reaching for the network;
            `stylegan_t.encoders.clip_image.open_clip_image_encoder` unless given.
    """

    gauge: Gauge
    open_images: OpenImages | None = None
    _judge: AttributeJudge | None = field(default=None, repr=False)
    _clip: ClipImageEncoder | None = field(default=None, repr=False)

    def measure(
        self, renderer: Renderer, recipe: Recipe, abandon: Callable[[], bool] | None = None
    ) -> Alignment:
        """Draw the picture of `recipe`, unless the renderer still has it, and measure it.

        Args:
            renderer: draws it.
            recipe: the picture with its words.
            abandon: asked while drawing; true gives up.

        Raises:
            RendererError: there is no picture, or nothing to measure it with; one
                sentence for the user.
            Abandoned: `abandon` said so.
        """
        frame = renderer.render(recipe, abandon)
        if frame.image is None:
            raise PictureError(frame.error or "There is no picture.")
        pixels = frame.image.permute(2, 0, 1)[None]
        self._open()
        start = time.perf_counter()
        with torch.inference_mode():
            found = (
                self._by_judge(pixels, recipe.text)
                if self.gauge.kind == "judge"
                else self._by_clip(renderer, pixels, recipe)
            )
        score, words, unknown = found
        return Alignment(score, words, unknown, (time.perf_counter() - start) * 1e3)

    def _open(self) -> None:
        """Read what measures, the first time."""
        try:
            if self.gauge.kind == "judge":
                self._judge = self._judge or load_shipped_judge()
            elif self._clip is None:
                self._clip = (self.open_images or open_clip_image_encoder)(self.gauge.spec)
        except MetricError as error:
            raise PictureError(str(error)) from error
        except FeatureError as error:
            raise PictureError(f"Text and pictures cannot be compared: {error}") from error

    def _by_judge(
        self, pixels: Tensor, text: TextPart
    ) -> tuple[float | None, tuple[WordScore, ...], tuple[str, ...]]:
        assert self._judge is not None, "it was opened"
        # The renderer's device may be another one than the last time.
        logits = self._judge.to(pixels.device)(judged(pixels))
        seen = {
            name: row[0].float().softmax(0).cpu() for name, row in zip(NAMES, logits, strict=True)
        }
        return scores(seen, text)

    def _by_clip(
        self, renderer: Renderer, pixels: Tensor, recipe: Recipe
    ) -> tuple[float | None, tuple[WordScore, ...], tuple[str, ...]]:
        assert self._clip is not None, "it was opened"
        small = resized(pixels.float() / 255, self._clip.size).clamp(0, 1)
        seen = self._clip.to(pixels.device)(small)[0].cpu()
        whole = _cosine(seen, renderer.embedding(recipe))
        spoken = [prompt for prompt in recipe.text.prompts if prompt.text.strip()][:MAX_MEASURED]
        if len(spoken) < 2:
            return whole, (), ()
        words = []
        for prompt in spoken:
            alone = replace(recipe, text=TextPart(prompts=(replace(prompt, weight=1.0),)))
            cosine = _cosine(seen, renderer.embedding(alone))
            words += [] if cosine is None else [WordScore(prompt.text, cosine)]
        return whole, tuple(words), ()


def scores(
    seen: Probabilities, text: TextPart
) -> tuple[float | None, tuple[WordScore, ...], tuple[str, ...]]:
    """Return what the judge has seen, word by word.

    Prompts of weight 0 or less say nothing; the mean counts each word by its prompt's weight.

    Returns:
        The mean (None without any known word), each known word's score, and the unknown words.
    """
    words: dict[str, WordScore] = {}
    unknown: dict[str, None] = {}
    total = weights = 0.0
    for prompt, weight in zip(text.prompts, text.weights, strict=True):
        if weight <= 0:
            continue
        reading = read(prompt.text)
        unknown.update(dict.fromkeys(reading.unknown))
        for asked in reading.asked:
            score = probability(seen, asked)
            words[asked.words] = WordScore(asked.words, score)
            total, weights = total + weight * score, weights + weight
    return (total / weights if weights else None), tuple(words.values()), tuple(unknown)


def probability(seen: Probabilities, asked: Asked) -> float:
    """Return how sure the judge is that a picture shows some words: of several meanings, the
    surest."""
    return max(_of_value(seen, value) for value in asked.values)


def _of_value(seen: Probabilities, value: Value) -> float:
    """A thing's colour is seen only where there is a thing, the moon only at night."""
    name, kind = value
    likely = float(seen[name][ATTRIBUTES[name].index(kind)])
    if name in NEEDS_THING:
        likely *= 1 - float(seen["object"][NO_OBJECT])
    if name == "moon":
        likely *= float(seen["time"][ATTRIBUTES["time"].index("night")])
    return likely


def _cosine(seen: Tensor, text: Tensor | None) -> float | None:
    """The cosine of a picture's embedding [c_dim] and a text's [rows, c_dim].

    Raises:
        PictureError: they come from different CLIPs.
    """
    if text is None:
        return None
    if text.shape[1] != len(seen):
        raise PictureError(
            f"The image half of this CLIP gives {len(seen)} values and its text half "
            f"{text.shape[1]}, so they cannot be compared."
        )
    return float(seen @ F.normalize(text.float().mean(dim=0), dim=0))
