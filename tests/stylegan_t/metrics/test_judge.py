"""The judge in files, as features, and how it marks pictures."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from stylegan_t.demo.world import ATTRIBUTES, COLUMN, OPEN
from stylegan_t.metrics import judge as judging
from stylegan_t.metrics.attributes import AttributeJudge
from stylegan_t.metrics.errors import MetricError
from stylegan_t.metrics.features import to_float
from stylegan_t.metrics.judge import (
    JudgeFeatures,
    agreement,
    cached_judge,
    judge_file,
    kept_judge,
    load_judge,
    save_judge,
    world_key,
)


def judge(seed: int = 0) -> AttributeJudge:
    torch.manual_seed(seed)
    return AttributeJudge(width=4).eval() if seed < 0 else AttributeJudge().eval()


def pictures(n: int, size: int) -> torch.Tensor:
    random = torch.Generator().manual_seed(n)
    return torch.randint(0, 256, (n, 3, size, size), generator=random).to(torch.uint8)


def test_a_judge_survives_its_file(tmp_path: Path) -> None:
    one = judge()
    save_judge(one, tmp_path / "judge.safetensors")
    two = load_judge(tmp_path / "judge.safetensors")
    x = to_float(pictures(2, 64))
    assert all(torch.equal(a, b) for a, b in zip(one(x), two(x), strict=True))
    assert [file.name for file in tmp_path.iterdir()] == ["judge.safetensors"]


def test_it_is_trained_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def train(steps: int, report: object) -> AttributeJudge:
        calls.append(steps)
        return judge(3)

    monkeypatch.setattr(judging, "train_judge", train)
    told: list[str] = []
    one = cached_judge(tmp_path / "cache", told.append)
    two = cached_judge(tmp_path / "cache", told.append)
    assert calls == [judging.JUDGE_STEPS] and len(told) == 1
    assert JudgeFeatures(one).key == JudgeFeatures(two).key


def test_another_world_has_another_judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = judge_file(tmp_path)
    assert world_key() == world_key() and len(world_key()) == 64
    monkeypatch.setattr(judging, "_WORLD", judging._WORLD[1:])
    assert judge_file(tmp_path) != before


def test_a_file_with_something_else_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.safetensors"
    save_file({"weight": torch.ones(2)}, file)
    with pytest.raises(MetricError, match=r"other\.safetensors contains no judge"):
        kept_judge(file)


def test_a_folder_that_cannot_be_made_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr(judging, "train_judge", lambda steps, report: judge())
    with pytest.raises(MetricError, match="cannot be written"):
        kept_judge(tmp_path / "file" / "judge.safetensors", 1)


def test_features_are_what_the_heads_look_at() -> None:
    one = judge()
    features = JudgeFeatures(one)
    pixels = pictures(3, 64)
    seen = features(pixels)
    assert seen.shape == (3, features.dim) and (seen >= 0).all()
    for head, logits in zip(one.heads, one(to_float(pixels)), strict=True):
        torch.testing.assert_close(head(seen), logits)


@pytest.mark.parametrize("size", [32, 64, 100, 128])
def test_pictures_of_any_size_can_be_judged(size: int) -> None:
    features = JudgeFeatures(judge())
    assert features(pictures(2, size)).shape == (2, 192)
    big = pictures(1, 64).repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    torch.testing.assert_close(features(big), features(pictures(1, 64)))


def test_agreement_counts_what_was_named_and_can_be_seen() -> None:
    one, pixels = judge(), pictures(4, 64)
    seen = torch.stack([x.argmax(dim=1) for x in one(to_float(pixels))], dim=1)
    named = torch.full((4, len(ATTRIBUTES)), OPEN)
    named[1] = seen[1]
    named[2, COLUMN["time"]] = seen[2, COLUMN["time"]]
    named[2, COLUMN["ground"]] = (seen[2, COLUMN["ground"]] + 1) % len(ATTRIBUTES["ground"])
    named[3, COLUMN["moon"]] = 1 - seen[3, COLUMN["moon"]]  # weather may hide a moon
    before = named.clone()
    marks = agreement(one, pixels, named)
    assert marks[0].isnan() and marks[1] == 1 and marks[2] == 0.5 and marks[3].isnan()
    assert torch.equal(named, before)
