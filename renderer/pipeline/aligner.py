"""Measures how far a picture shows what its words say: by CLIP, or by a demo world's judge."""

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
from renderer.pipeline.elsewhere import Elsewhere
from renderer.pipeline.renderer import Renderer
from renderer.recipe.recipe import Recipe, TextPart
from stylegan_t.encoders.clip_image import ClipImageEncoder, open_clip_image_encoder
from stylegan_t.encoders.vit import FeatureError
from stylegan_t.extent import centre
from stylegan_t.metrics.errors import MetricError
from stylegan_t.metrics.features import resized
from stylegan_t.metrics.word_judges import Seen, WordJudge, open_word_judge

MAX_MEASURED = 8
"""Prompts that CLIP measures one by one."""
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
    _judge: WordJudge | None = field(default=None, repr=False)
    _clip: ClipImageEncoder | None = field(default=None, repr=False)

    def measure(
        self,
        renderer: Renderer | Elsewhere,
        recipe: Recipe,
        abandon: Callable[[], bool] | None = None,
    ) -> Alignment:
        """Draw the picture of `recipe`, unless the renderer still has it, and measure it; of a
        wider canvas, the square that the model was trained on.

        Args:
            renderer: draws it.
            recipe: the picture with its words.
            abandon: asked while drawing; true gives up.

        Raises:
            RendererError: there is no picture, or nothing to measure it with; one
                sentence for the user.
            Abandoned: `abandon` said so.
        """
        if isinstance(renderer, Elsewhere):
            return renderer.aligned(recipe, self.gauge, abandon)
        frame = renderer.render(recipe, abandon)
        if frame.image is None or frame.model is None:
            raise PictureError(frame.error or "There is no picture.")
        # What measures sees squares, and knows things as large as the trained square has them.
        pixels = centre(
            frame.image.permute(2, 0, 1)[None], frame.model.resolution, frame.model.grid
        )
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
                self._judge = self._judge or open_word_judge(self.gauge.spec)
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
        return scores(self._judge, self._judge.look(pixels), text)

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
    judge: WordJudge, seen: Seen, text: TextPart
) -> tuple[float | None, tuple[WordScore, ...], tuple[str, ...]]:
    """Return what the judge has `seen` in a picture, word by word.

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
        reading = judge.read(prompt.text)
        unknown.update(dict.fromkeys(reading.unknown))
        for asked in reading.asked:
            score = judge.likely(seen, asked)
            words[asked.words] = WordScore(asked.words, score)
            total, weights = total + weight * score, weights + weight
    return (total / weights if weights else None), tuple(words.values()), tuple(unknown)


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
