"""Sinks and pictures for tests."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, cast

import numpy as np

from renderer.frame.frame import Frame
from renderer.recipe.recipe import LatentPart, Recipe
from tests.visualizer.fake import MODEL, FakeImage
from visualizer.sinks.sink import Picture, Sink

WAIT_S = 20.0


class CountedImage(FakeImage):
    """Counts how often it is brought to main memory."""

    fetched = 0

    def cpu(self) -> FakeImage:
        self.fetched += 1
        return self


def picture(seed: int = 0, image: FakeImage | None = None, time_s: float = 0.0) -> Picture:
    """A small picture of a seed."""
    shown = image or FakeImage(np.full((4, 6, 3), seed % 256, np.uint8))
    recipe = Recipe(latent=LatentPart(seed=seed))
    return Picture(Frame(recipe, MODEL, cast(Any, shown)), time_s)


class FakeSink(Sink):
    """Notes the seeds of what it takes; it waits or fails where it is told to.

    Args:
        gate: it takes a picture only while this is set.
        fails: it fails at this seed.
    """

    def __init__(self, gate: threading.Event | None = None, fails: int | None = None) -> None:
        self.gate, self.fails = gate, fails
        self.seeds: list[int] = []
        self.threads: set[threading.Thread] = set()
        self.begun = self.closed = 0

    @property
    def status(self) -> str:
        return f"{len(self.seeds)} so far"

    def take(self, picture: Picture) -> None:
        self.begun += 1
        self.threads.add(threading.current_thread())
        if self.gate is not None:
            assert self.gate.wait(WAIT_S)
        if picture.recipe.latent.seed == self.fails:
            raise ValueError("the cable is out\nand more of it")
        self.seeds.append(picture.recipe.latent.seed)

    def close(self) -> None:
        self.closed += 1


def until(condition: Callable[[], object]) -> None:
    """Wait for what another thread does."""
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.001)
