"""A run of the demo's training plans its stages for the time and the machine, once."""

from pathlib import Path

import pytest
import torch
from msgspec import json
from msgspec.structs import replace

from stylegan_t.demo.built_in import SECOND
from stylegan_t.training import demo_plan
from stylegan_t.training.demo_plan import (
    BATCHES,
    CARD_BATCHES,
    SHARES,
    SHARPENING_COST,
    Plan,
    Speeds,
    batches,
    measured,
    plan_of_run,
    planned,
)

SPEEDS = Speeds({32: 100.0, 64: 34.0, 128: 15.0}, 0.3, 0.12)


def test_a_plan_uses_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_plan, "measured", lambda *_: SPEEDS)
    short, long = planned(10, 146, 0), planned(600, 146, 0)
    assert all(a < b for a, b in zip(short.images, long.images, strict=True))
    assert short.text_steps < long.text_steps and short.sharpened < long.sharpened
    assert 0 < sum(SHARES.values()) < 1
    pictures = zip(SPEEDS.pictures.values(), long.images, strict=True)
    cost = sum(images / rate for rate, images in pictures)
    cost += long.sharpened * SHARPENING_COST / SPEEDS.pictures[128]
    cost += long.text_steps * SPEEDS.text_step_s + long.namer_steps * SPEEDS.namer_step_s
    assert 0.99 * 600 * 60 < cost <= 600 * 60
    further = planned(600, 146, 0, SECOND)
    assert not any(further.images) and further.text_steps == 0
    assert further.sharpened > 5 * long.sharpened and further.start == SECOND


def test_a_faster_machine_learns_more_in_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    rates = {size: 30 * rate for size, rate in SPEEDS.pictures.items()}
    plans = []
    for speeds in (SPEEDS, Speeds(rates, 0.03, 0.012)):
        monkeypatch.setattr(demo_plan, "measured", lambda *_, found=speeds: found)
        plans.append(planned(25, 424, 0, "", "cuda"))
    slow, fast = plans
    assert all(20 * a < b for a, b in zip(slow.images, fast.images, strict=True))
    assert fast.text_steps > 5 * slow.text_steps and fast.namer_steps > 5 * slow.namer_steps


@pytest.mark.slow
def test_a_trial_measures_everything_that_is_trained() -> None:
    found = measured(3, torch.device("cpu"))
    assert found.pictures[32] > found.pictures[64] > found.pictures[128] > 0
    assert found.text_step_s > 0 and found.namer_step_s > 0


def test_a_card_is_given_larger_batches() -> None:
    assert batches(torch.device("cpu")) is BATCHES
    assert batches(torch.device("cuda", 1)) is CARD_BATCHES
    assert all(CARD_BATCHES[size] > 4 * batch for size, batch in BATCHES.items())


def test_a_run_keeps_its_plan(tmp_path: Path) -> None:
    plan = Plan(146, 10, (1, 2, 3), 4, 5, 6)
    assert plan_of_run(tmp_path, lambda: plan, {}) == plan
    assert plan_of_run(tmp_path, lambda: Plan(1, 1, (1, 1, 1)), {}) == plan
    assert json.decode((tmp_path / "plan.json").read_bytes(), type=Plan) == plan


def test_what_is_given_later_replaces_the_plan_s_and_stays(tmp_path: Path) -> None:
    plan = Plan(146, 10, (1, 2, 3), 4, 5, 6)
    assert plan_of_run(tmp_path, lambda: plan, {"sharpened": 7}) == replace(plan, sharpened=7)
    longer = replace(plan, images=(1, 5, 3), sharpened=7)
    assert plan_of_run(tmp_path, lambda: plan, {"images": (1, 5, 3)}) == longer
    assert plan_of_run(tmp_path, lambda: plan, {}) == longer


def test_what_is_practised_is_kept_in_the_plan(tmp_path: Path) -> None:
    plan = Plan(146, 10, (1, 2, 3))
    assert plan_of_run(tmp_path, lambda: plan, {"practised": ("cat",)}).practised == ("cat",)
    assert plan_of_run(tmp_path, lambda: plan, {}).practised == ("cat",)
