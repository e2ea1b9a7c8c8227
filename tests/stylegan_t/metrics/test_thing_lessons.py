"""Networks learn to see; a lesson that was broken off goes on as if it had not been."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from stylegan_t.demo.things.attributes import default_count
from stylegan_t.metrics import thing_lessons
from stylegan_t.metrics.thing_judge import ThingJudge
from stylegan_t.metrics.thing_lessons import Schooling, teach

THINGS = default_count()
HOW = Schooling(steps=4, size=64, rate=1e-3, decay=0.01, batch=4, grain=0.05)


def judge() -> ThingJudge:
    torch.manual_seed(0)
    return ThingJudge(THINGS, width=2)


def test_a_lesson_that_was_killed_goes_on_exactly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thing_lessons, "STEPS_PER_SNAPSHOT", 2)
    whole = teach(judge(), THINGS, HOW, lambda line: None)
    drawn, state = thing_lessons._scenes, tmp_path / "judge.pt"

    def killed(
        count: int, how: Schooling, step: int, device: torch.device
    ) -> tuple[torch.Tensor, torch.Tensor]:
        if step == 4:
            raise KeyboardInterrupt
        return drawn(count, how, step, device)

    monkeypatch.setattr(thing_lessons, "_scenes", killed)
    with pytest.raises(KeyboardInterrupt):
        teach(judge(), THINGS, HOW, lambda line: None, state)
    monkeypatch.setattr(thing_lessons, "_scenes", drawn)
    steps: list[str] = []
    again = teach(ThingJudge(THINGS, width=2), THINGS, HOW, steps.append, state)
    assert not again.training and len(steps) == 1 and steps[0].startswith("step 4/4")
    for name, value in whole.state_dict().items():
        torch.testing.assert_close(again.state_dict()[name], value, msg=name)
    # What is done is not done again.
    assert teach(again, THINGS, HOW, steps.append, state) is again and len(steps) == 1


def test_other_steps_show_other_scenes() -> None:
    cpu = torch.device("cpu")
    first, same, other = (thing_lessons._scenes(THINGS, HOW, step, cpu)[0] for step in (1, 1, 2))
    assert torch.equal(first, same) and not torch.equal(first, other)
    seed = thing_lessons._scenes(THINGS, replace(HOW, seed=8), 1, cpu)[0]
    assert not torch.equal(first, seed)


def test_a_lesson_that_has_ended_goes_on_when_more_steps_are_planned(tmp_path: Path) -> None:
    state, steps = tmp_path / "judge.pt", list[str]()
    teach(judge(), THINGS, replace(HOW, steps=2), lambda line: None, state)
    teach(judge(), THINGS, replace(HOW, steps=3), steps.append, state)
    assert len(steps) == 1 and steps[0].startswith("step 3/3")
