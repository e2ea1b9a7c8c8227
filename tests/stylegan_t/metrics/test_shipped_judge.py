"""The judge that ships: of today's world, small, and as good as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from stylegan_t.metrics import shipped_judge
from stylegan_t.metrics.attributes import AttributeJudge, attribute_accuracy
from stylegan_t.metrics.errors import MetricError
from stylegan_t.metrics.shipped import packed, unpacked
from stylegan_t.metrics.shipped_judge import (
    FILE,
    knows_todays_world,
    load_shipped_judge,
    ready_judge,
    save_shipped_judge,
    world_sample,
)


def test_it_was_trained_on_today_s_world() -> None:
    assert knows_todays_world(), (
        "the demo world has changed: run python -m stylegan_t.metrics.shipped_judge"
    )


def test_the_sample_is_the_same_each_time() -> None:
    first = world_sample()
    assert torch.equal(first, world_sample()) and first.float().std() > 40


def test_it_is_small_and_sees() -> None:
    assert FILE.stat().st_size < 2_000_000
    seen = attribute_accuracy(load_shipped_judge(), None, n=100)
    assert min(share for name, (share, _) in seen.items() if name != "moon") > 0.85


def test_it_is_written_whole_and_comes_back(tmp_path: Path) -> None:
    judge = AttributeJudge()
    save_shipped_judge(judge, tmp_path / "judge.safetensors")
    assert list(tmp_path.iterdir()) == [tmp_path / "judge.safetensors"]
    loaded = load_shipped_judge(tmp_path / "judge.safetensors").state_dict()
    back = unpacked(packed(judge.state_dict()))
    assert all(torch.equal(loaded[name], back[name]) for name in back)


@pytest.mark.parametrize("fault", ["missing", "garbage", "scale", "shape", "nan"])
def test_damaged_files_are_refused_with_a_sentence(tmp_path: Path, fault: str) -> None:
    file, stored = tmp_path / "judge.safetensors", load_file(FILE)
    if fault == "garbage":
        file.write_bytes(b"\xff" * 100)
    elif fault != "missing":
        if fault == "scale":
            del stored["hidden.weight.scale"]
        elif fault == "shape":
            stored["hidden.weight"] = stored["hidden.weight"][:, :7].contiguous()
        else:
            stored["hidden.bias"][0] = torch.nan
        save_file(stored, file)
    with pytest.raises(MetricError, match=r"(missing|damaged).*\.$"):
        load_shipped_judge(file)


def test_it_is_asked_and_an_older_world_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    shipped, ready = load_shipped_judge().state_dict(), ready_judge(told.append).state_dict()
    assert all(torch.equal(ready[name], value) for name, value in shipped.items()) and not told
    older = world_sample().flip(0)
    monkeypatch.setattr(shipped_judge, "world_sample", lambda: older)
    ready_judge(told.append)
    assert "earlier demo world" in told[0]
