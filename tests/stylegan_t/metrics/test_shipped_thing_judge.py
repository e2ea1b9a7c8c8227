"""The second world's judge in a file: nearly the same in a quarter of the size, or a sentence."""

from pathlib import Path

import pytest
import torch

from stylegan_t.files.tensors import save_tensors
from stylegan_t.metrics import shipped_thing_judge
from stylegan_t.metrics.errors import MetricError
from stylegan_t.metrics.shipped_thing_judge import (
    knows_todays_things,
    load_thing_judge,
    save_thing_judge,
    world_sample,
)
from stylegan_t.metrics.thing_judge import ThingJudge


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
