"""What the judges that ship have in common."""

from pathlib import Path

import pytest
import torch

from stylegan_t.files.tensors import save_tensors
from stylegan_t.metrics.attributes import AttributeJudge
from stylegan_t.metrics.errors import MetricError
from stylegan_t.metrics.shipped import LEVELS, SAMPLE, knows, packed, unpacked


def test_packing_keeps_weights_to_half_a_level() -> None:
    state = AttributeJudge().state_dict()
    back = unpacked(packed(state))
    assert back.keys() == state.keys()
    for name, tensor in state.items():
        step = tensor.abs().max() / LEVELS if tensor.ndim > 1 else torch.tensor(0.0)
        assert (back[name] - tensor).abs().max() <= step / 2 + 1e-6


@pytest.mark.parametrize("change", ["none", "rounding", "colours", "other scenes", "no sample"])
def test_another_world_is_told_from_rounding(tmp_path: Path, change: str) -> None:
    file = tmp_path / "judge.safetensors"
    today = torch.randint(0, 256, (8, 4, 4, 3), generator=torch.Generator().manual_seed(1))
    today = today.to(torch.uint8)
    known = today
    if change == "rounding":
        known = (today.int() + torch.randint(-1, 2, today.shape)).clamp(0, 255).to(torch.uint8)
    elif change == "colours":
        known = today.flip(3)
    elif change == "other scenes":
        known = today.flip(0)
    name = "another" if change == "no sample" else SAMPLE
    save_tensors(file, {name: known.contiguous()})
    assert knows(file, today) == (change in ("none", "rounding"))


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(MetricError, match="missing or damaged"):
        knows(tmp_path / "judge.safetensors", torch.zeros(1))
