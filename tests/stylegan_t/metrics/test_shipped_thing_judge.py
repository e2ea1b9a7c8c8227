"""The second world's judge in a file: nearly the same in a quarter of the size, or a sentence."""

from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from stylegan_t.demo.things.attributes import default_count
from stylegan_t.files.tensors import save_tensors
from stylegan_t.metrics import shipped_thing_judge
from stylegan_t.metrics.errors import MetricError
from stylegan_t.metrics.shipped_thing_judge import (
    FILE,
    knows_todays_things,
    load_thing_judge,
    ready_thing_judge,
    save_thing_judge,
    world_sample,
)
from stylegan_t.metrics.thing_judge import NEARLY, ThingJudge, thing_accuracy


def test_it_comes_back_nearly_the_same_and_small(tmp_path: Path) -> None:
    torch.manual_seed(1)
    judge, file = ThingJudge(30).eval(), tmp_path / "judge.safetensors"
    save_thing_judge(judge, file)
    again = load_thing_judge(file)
    assert again.count == 30 and knows_todays_things(30, file)
    assert file.stat().st_size < 2e6
    image = torch.randn(2, 3, 64, 64)
    for ours, theirs in zip(judge(image), again(image), strict=True):
        torch.testing.assert_close(ours, theirs, atol=0.05, rtol=0.1)


def test_another_world_is_told_by_its_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, today = tmp_path / "judge.safetensors", world_sample(30)
    assert torch.equal(today, world_sample(30)) and today.float().std() > 40
    monkeypatch.setattr(shipped_thing_judge, "world_sample", lambda count: today.flip(3))
    save_thing_judge(ThingJudge(30), file)
    assert knows_todays_things(30, file)
    monkeypatch.undo()
    assert not knows_todays_things(30, file)


@pytest.mark.parametrize(
    "damage", ["missing", "cut", "nothing", "no judge", "too many", "no number"]
)
def test_a_damaged_file_is_a_sentence(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "judge.safetensors"
    judge = ThingJudge(3)
    if damage == "no number":
        judge.hidden.bias.data[:] = torch.nan
    if damage != "missing":
        save_thing_judge(judge, file)
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:1000])
    elif damage == "nothing":
        file.write_bytes(b"")
    elif damage == "no judge":
        save_tensors(file, {"weight": torch.zeros(3)}, {"things": "3"})
    elif damage == "too many":
        save_tensors(file, {"weight": torch.zeros(3)}, {"things": "99999999"})
    with pytest.raises(MetricError, match="missing or damaged: install the program again"):
        load_thing_judge(file)


def test_the_one_that_ships_is_of_today_s_world_and_sees() -> None:
    assert knows_todays_things(default_count()), (
        "the world has changed: run python -m stylegan_t.metrics.shipped_thing_judge"
    )
    assert FILE.stat().st_size < 2.5e6
    told: list[str] = []
    judge = ready_thing_judge(told.append)
    assert judge.count == default_count() and not told
    shares = thing_accuracy(judge, None, 150).shares
    # A latent may move a thing from the middle nearly as far as a named side lies.
    assert shares["time"][0] > 0.9 and shares["side"][0] > 0.75
    assert shares["thing"][0] > 0.6 and shares[NEARLY][0] > 0.75


def test_the_one_that_ships_can_be_taught_further(tmp_path: Path) -> None:
    file = tmp_path / "judge.safetensors"
    done = CliRunner().invoke(
        shipped_thing_judge.main, ["--further", "--steps", "3", "--out", str(file)]
    )
    assert done.exit_code == 0, done.output
    ours, theirs = (judge.state_dict() for judge in (load_thing_judge(file), load_thing_judge()))
    weights = [name for name in ours if name.endswith("weight")]
    apart = {name: (ours[name] - theirs[name]).abs().max().item() for name in weights}
    assert 0 < max(apart.values()) < 0.02


def test_an_older_world_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    older = world_sample(default_count()).flip(0)
    monkeypatch.setattr(shipped_thing_judge, "world_sample", lambda count: older)
    ready_thing_judge(told.append)
    assert "earlier demo world" in told[0]
