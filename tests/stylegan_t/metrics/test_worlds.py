"""Both demo worlds can be measured: their scenes are real, their judges look."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch

from stylegan_t.demo.built_in import WORLDS
from stylegan_t.demo.things.attributes import NAMES, default_count, held_out
from stylegan_t.demo.world import ATTRIBUTES
from stylegan_t.metrics.attributes import AttributeJudge
from stylegan_t.metrics.errors import MetricError
from stylegan_t.metrics.evaluate import Evaluation, Plan
from stylegan_t.metrics.pictures import ThingWorld
from stylegan_t.metrics.shards import Shards
from stylegan_t.metrics.thing_judge import NEARLY, ThingJudge
from stylegan_t.metrics.worlds import (
    CRISPNESS,
    LandscapesJudge,
    ThingsJudge,
    WorldJudge,
    attribute_shares,
    real_scenes,
)
from tests.stylegan_t.metrics.tiny import tiny_generator

JUDGES = {
    "demo": lambda: LandscapesJudge(AttributeJudge().eval()),
    "demo-2": lambda: ThingsJudge(ThingJudge(default_count(), width=4).eval()),
}


@pytest.fixture(params=WORLDS)
def world(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def judge(world: str) -> WorldJudge:
    torch.manual_seed(0)
    return JUDGES[world]()


def test_a_world_is_drawn_the_same_in_any_block(world: str) -> None:
    scenes = real_scenes(world, 6)
    assert len(scenes) == 6 and len(set(scenes.prompts(range(6)))) > 3
    whole = scenes.pixels(range(6), 32)
    assert whole.shape == (6, 3, 32, 32) and whole.dtype == torch.uint8
    assert torch.equal(whole[2:4], scenes.pixels(range(2, 4), 32))
    assert not torch.equal(scenes.same_prompts(range(6), 1, 32), whole)


def test_the_second_world_s_scenes_are_never_trained_on_and_are_known_by_their_looks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scenes = ThingWorld(20, 30)
    known = (scenes.named >= 0).all(dim=1)
    assert held_out(scenes.named[known]).all()
    assert scenes.key == ThingWorld(20, 30).key != ThingWorld(20, 31).key
    sample = torch.zeros(1, dtype=torch.uint8)
    monkeypatch.setattr("stylegan_t.metrics.pictures.world_sample", lambda things: sample)
    assert ThingWorld(20, 30).key != scenes.key


def test_each_judge_marks_what_prompts_name(world: str, judge: WorldJudge, tmp_path: Path) -> None:
    plan = Plan(10, size=64, neighbours=True)
    found = Evaluation(
        tiny_generator(), real_scenes(world, 10), judge.features(), judge, Shards(), tmp_path
    ).run(plan)
    marks = [row.alignment for row in found.rows]
    assert len(marks) == 2 and all(mark is not None and 0 <= mark <= 1 for mark in marks)
    assert all(row.fid is not None and row.recall is not None for row in found.rows)
    assert judge.name in found.alignment and found.features == judge.features().name


def test_shares_are_of_real_scenes_and_of_every_psi(world: str, judge: WorldJudge) -> None:
    shares = attribute_shares(judge, tiny_generator(size=64), 30, (1.0, 0.5))
    names = set(ATTRIBUTES) if world == "demo" else {*NAMES, NEARLY, CRISPNESS}
    assert set(shares) == names and all(len(row) == 3 for row in shares.values())
    if CRISPNESS in shares:
        assert shares[CRISPNESS][0] == 1 and shares[CRISPNESS][1] > 0


def test_what_no_prompt_names_has_no_share(world: str, judge: WorldJudge) -> None:
    shares = attribute_shares(judge, tiny_generator(size=64), 2, (1.0,))
    assert 0 < len(shares) < len(NAMES)
    assert all(math.isfinite(share) for row in shares.values() for share in row)


def test_attributes_need_pictures_that_the_judge_can_see(judge: WorldJudge) -> None:
    for generator in (tiny_generator(), tiny_generator(size=64, c_dim=0)):
        with pytest.raises(MetricError, match="64 pixels"):
            attribute_shares(judge, generator, 10, (1.0,))
