"""One call of the renderer: its recipe, model and text tower, and what each stage took."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import torch
from torch import Tensor

from renderer.frame.block_times import BlockMs
from renderer.frame.frame import ANNOUNCED, Frame, ModelInfo, TokenCount, UnknownWords
from renderer.models.device import Device
from renderer.models.store import LoadedModel
from renderer.models.text_towers import LoadedTower
from renderer.recipe.recipe import Recipe

STAGES = ("text", "mapping", "mixing", "synthesis", "picture")
GREY = 128
T = TypeVar("T")


@dataclass(eq=False)
class Run:
    """The state that the stages of one picture share.

    `tower` is None for the model's own text tower; `pause` is called where the work may be given
    up, and raises `renderer.errors.Abandoned` then.  `model` may be a blend, of which `second` is
    the second model.  `times_ms` gathers what each stage took,
    and `block_ms` is what the blocks of the synthesis took.  `early` is shown coarse pictures.
    `tokens` and `unknown` are what the frames tell of the texts, see `renderer.frame.frame.Frame`.
    """

    recipe: Recipe
    model: LoadedModel
    tower: LoadedTower | None
    device: Device
    pause: Callable[[], None]
    second: ModelInfo | None = None
    times_ms: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))
    block_ms: BlockMs = ()
    early: Callable[[Frame], None] | None = None
    tokens: tuple[TokenCount, ...] = ()
    unknown: UnknownWords = ()

    @property
    def info(self) -> ModelInfo:
        """Return what is known of the model."""
        return self.model.info

    @property
    def size_px(self) -> tuple[int, int]:
        """Return the width and height of the whole picture in pixels."""
        return self.recipe.canvas.size_px(self.info.grid, self.info.resolution)

    @property
    def owners(self) -> tuple[int, int | None]:
        """The tokens of what the results belong to; they begin every cache key."""
        return self.model.token, self.tower and self.tower.token

    def begin(self, early: Callable[[Frame], None] | None, serial: int) -> None:
        """Draw from here on, with `early` to be shown coarse pictures.

        Of a recipe in which there is nothing yet, a model that knows examples is announced first:
        who fills in one of them asks for that, and the empty one need not be drawn to its end.
        """
        self.early = early
        empty = self.recipe == Recipe(model=self.recipe.model)
        if early is not None and empty and self.info.example_prompts:
            width, height = self.size_px
            grey = torch.full((height, width, 3), GREY, dtype=torch.uint8)
            early(self.early_frame(grey, ANNOUNCED, serial))

    def early_frame(self, image: Tensor, resolution: int, serial: int) -> Frame:
        """A coarse picture [R, R, 3] that really has `resolution`; see `Frame.early`."""
        return Frame(
            recipe=self.recipe,
            model=self.info,
            image=image,
            tokens=self.tokens,
            device=self.device.name,
            serial=serial,
            early=resolution,
            unknown=self.unknown,
            second=self.second,
        )

    def timed(self, stage: str, work: Callable[[], T]) -> T:
        """Do some work of `stage`, one of `STAGES`; its time is added to what the stage took."""
        self.pause()
        start = time.perf_counter()
        result = work()
        self.device.synchronize()
        self.times_ms[stage] += (time.perf_counter() - start) * 1e3
        return result
