"""The demo worlds as measuring sees them: real pictures with prompts, and a judge that looks.

A world has the name of the model that was made for it, see `stylegan_t.demo.built_in.WORLDS`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import torch
from torch import Tensor

from stylegan_t.demo.built_in import SECOND
from stylegan_t.demo.things.attributes import default_count
from stylegan_t.generator import Generator
from stylegan_t.metrics.attributes import JUDGE_SIZE, AttributeJudge, attribute_accuracy
from stylegan_t.metrics.errors import MetricError
from stylegan_t.metrics.features import Features, Report
from stylegan_t.metrics.judge import JudgeFeatures, agreement, world_key
from stylegan_t.metrics.pictures import DemoWorld, DrawnWorld, ThingWorld
from stylegan_t.metrics.shipped_judge import ready_judge
from stylegan_t.metrics.shipped_thing_judge import ready_thing_judge
from stylegan_t.metrics.thing_judge import (
    ThingFeatures,
    ThingJudge,
    thing_accuracy,
    thing_agreement,
)
from stylegan_t.network import AnyNetwork

Shares = dict[str, float]
CRISPNESS = "crispness"


class WorldJudge(ABC):
    """A judge that knows a world; `name` is for people."""

    name: str

    @abstractmethod
    def to(self, device: torch.device) -> None:
        """Look on that device from now on."""

    @abstractmethod
    def features(self) -> Features:
        """Return what it knows of a picture before it decides."""

    @abstractmethod
    def agreement(self, pixels: Tensor, named: Tensor) -> Tensor:
        """Return how much of what words name it sees in uint8 pictures [N, 3, H, W]: [N] in [0,
        1]."""

    @abstractmethod
    def shares(self, generator: Generator | None, prompts: int, psi: float, size: int) -> Shares:
        """For each attribute the share of prompts whose picture shows it as asked: of a model, or
        of real scenes of `size` pixels."""


class LandscapesJudge(WorldJudge):
    """The first demo world's."""

    name = "the demo world's judge"

    def __init__(self, judge: AttributeJudge) -> None:
        self.judge = judge

    def to(self, device: torch.device) -> None:
        """See `WorldJudge.to`."""
        self.judge.to(device)

    def features(self) -> Features:
        """See `WorldJudge.features`."""
        return JudgeFeatures(self.judge)

    def agreement(self, pixels: Tensor, named: Tensor) -> Tensor:
        """See `WorldJudge.agreement`."""
        return agreement(self.judge, pixels, named)

    def shares(self, generator: Generator | None, prompts: int, psi: float, size: int) -> Shares:
        """See `WorldJudge.shares`."""
        found = attribute_accuracy(self.judge, generator, prompts, psi, size)
        return {name: share for name, (share, _) in found.items()}


class ThingsJudge(WorldJudge):
    """The second demo world's; its prompts are of combinations that training never shows."""

    name = "the second demo world's judge"

    def __init__(self, judge: ThingJudge) -> None:
        self.judge = judge

    def to(self, device: torch.device) -> None:
        """See `WorldJudge.to`."""
        self.judge.to(device)

    def features(self) -> Features:
        """See `WorldJudge.features`."""
        return ThingFeatures(self.judge)

    def agreement(self, pixels: Tensor, named: Tensor) -> Tensor:
        """See `WorldJudge.agreement`."""
        return thing_agreement(self.judge, pixels, named)

    def shares(self, generator: Generator | None, prompts: int, psi: float, size: int) -> Shares:
        """See `WorldJudge.shares`; how crisp the pictures are stands beside them."""
        found = thing_accuracy(self.judge, generator, prompts, psi, size)
        shares = {name: share for name, (share, _) in found.shares.items()}
        return {**shares, CRISPNESS: found.crispness}


def open_world_judge(world: str, report: Report = print) -> WorldJudge:
    """The judge that ships for one of `built_in.WORLDS`; `report` is told when the world has
    changed since.

    Raises:
        MetricError: the judge is missing or damaged.
    """
    if world == SECOND:
        return ThingsJudge(ready_thing_judge(report))
    return LandscapesJudge(ready_judge(report))


def real_scenes(world: str, count: int) -> DrawnWorld:
    """Return `count` captioned scenes of one of `built_in.WORLDS`."""
    if world == SECOND:
        return ThingWorld(count, default_count())
    return DemoWorld(count, world_key())


def attribute_shares(
    judge: WorldJudge, generator: AnyNetwork, prompts: int, psis: tuple[float, ...]
) -> dict[str, tuple[float, ...]]:
    """For each attribute of a demo world: the share of prompts that show it as asked.

    Args:
        judge: who looks, in main memory.
        generator: the model, in main memory.
        prompts: how many prompts are tried.
        psis: truncations.

    Returns:
        for each attribute that some prompt names: the share in real scenes, then one for each of
        `psis`; where the judge tells it, `CRISPNESS` in parts of the real scenes'.

    Raises:
        MetricError: the model's pictures are too small for the judge, or it reads no prompts.
    """
    size = generator.anatomy.img_resolution
    known = isinstance(generator, Generator)
    if not known or not generator.config.c_dim or size < JUDGE_SIZE:
        raise MetricError(
            f"Attributes are judged in pictures of {JUDGE_SIZE} pixels or more that are made from "
            "prompts by a StyleGAN-T: this model makes no such pictures."
        )
    columns = [judge.shares(None, prompts, 1.0, size)]
    columns += [judge.shares(generator, prompts, psi, size) for psi in psis]
    shares = {
        name: tuple(column[name] for column in columns)
        for name, share in columns[0].items()
        if not math.isnan(share)  # few prompts may name nothing of a kind
    }
    if CRISPNESS in shares:
        real = shares[CRISPNESS][0]
        shares[CRISPNESS] = tuple(crisp / real for crisp in shares[CRISPNESS])
    return shares
