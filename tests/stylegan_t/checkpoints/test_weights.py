"""Filling networks: exact, checked, and without the time that random weights take."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from stylegan_t.checkpoints import weights
from stylegan_t.checkpoints.weights import CheckpointError, fill, unfilled

FILE = Path("somewhere/model.bin")


class Memory:
    """Weights that lie in a dictionary."""

    def __init__(self, tensors: dict[str, Tensor]) -> None:
        self.tensors = tensors

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {name: tuple(tensor.shape) for name, tensor in self.tensors.items()}

    def read_into(self, name: str, target: Tensor) -> None:
        target.copy_(self.tensors[name])


def source() -> dict[str, Tensor]:
    torch.manual_seed(4)
    return {"weight": torch.randn(3, 2), "bias": torch.randn(3)}


@torch.no_grad()
def filled(tensors: dict[str, Tensor]) -> nn.Linear:
    weights = Memory(tensors)
    network = unfilled(lambda: nn.Linear(2, 3), weights.shapes, FILE)
    fill(network, weights, FILE, lambda share: None)
    return network


def test_every_tensor_is_copied() -> None:
    tensors = source()
    for name, tensor in filled(tensors).state_dict().items():
        assert torch.equal(tensor, tensors[name])


def test_unfilled_networks_draw_no_random_numbers() -> None:
    torch.manual_seed(0)
    before = torch.random.get_rng_state()

    def build() -> nn.Module:
        return nn.Sequential(nn.Linear(50, 50), nn.Embedding(9, 9))

    shapes = {"0.weight": (50, 50), "0.bias": (50,), "1.weight": (9, 9)}
    network = unfilled(build, shapes, FILE)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert all(p.device.type == "cpu" and p.requires_grad for p in network.parameters())
    with torch.no_grad():  # and outside, everything is as ever
        assert torch.randn(3).abs().sum() > 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"bias": None}, "Tensor bias is missing"),
        ({"more": torch.ones(2)}, "unknown tensor more"),
        ({"bias": torch.ones(4)}, r"Tensor bias .* wrong shape: \[4\] instead of \[3\]"),
        ({"bias": torch.tensor([1.0, float("nan"), 2.0])}, "Tensor bias .* not numbers"),
        ({"bias": torch.tensor([1.0, float("inf"), 2.0])}, "Tensor bias .* not numbers"),
        ({"weight": torch.full((3, 2), -float("inf"))}, "Tensor weight .* not numbers"),
    ],
)
def test_what_does_not_fit_is_named(change: dict[str, Tensor | None], words: str) -> None:
    tensors = {**source(), **change}
    present = {name: tensor for name, tensor in tensors.items() if tensor is not None}
    with pytest.raises(CheckpointError, match=words):
        filled(present)


def test_large_numbers_are_numbers() -> None:
    """Their sum is beyond float32, each of them is not."""
    tensors = {**source(), "bias": torch.full((3,), 3e38)}
    assert torch.equal(filled(tensors).bias, tensors["bias"])


def test_a_model_larger_than_the_machine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "memory_bytes", lambda: 30.0)
    with pytest.raises(CheckpointError, match="more than this computer's memory"):
        unfilled(lambda: nn.Linear(2, 3), Memory(source()).shapes, FILE)


def test_sentences_hold_no_surprises() -> None:
    sentence = str(CheckpointError("Tensor a\nb\x1b[31m\u202e is bad" + "x" * 5000))
    assert "\n" not in sentence and "\x1b" not in sentence and "\u202e" not in sentence
    assert len(sentence) < 1000


def test_a_long_sentence_keeps_its_end() -> None:
    sentence = str(CheckpointError(f"There is no file at /{'x' * 5000}, as far as I see."))
    assert sentence.startswith("There is no file at /xxx") and sentence.endswith("as far as I see.")


def test_a_network_beyond_its_file_is_not_even_built() -> None:
    made: list[nn.Module] = []

    def wide() -> nn.Module:
        made.append(nn.Linear(1 << 14, 1 << 14))
        return made[0]

    def many() -> nn.Module:
        made.extend(nn.LayerNorm(1) for _ in range(100_000))
        return nn.Sequential(*made)

    for build in (wide, many):
        with pytest.raises(CheckpointError, match="smaller than the model"):
            unfilled(build, Memory(source()).shapes, FILE)
    assert len(made) < 1000
