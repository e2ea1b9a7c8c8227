"""The discriminator's eyes: trained on scenes, kept in a file with how well they see."""

from pathlib import Path

import pytest
import torch

from stylegan_t.demo.things.attributes import NAMES, default_count
from stylegan_t.training.naming import (
    CONFIG,
    Namer,
    load_features,
    naming_accuracy,
    save_namer,
    train_namer,
)
from tests.stylegan_t.pretended_card import CARD, PretendedCard

THINGS = default_count()


def test_it_learns_from_scenes_and_looks_at_every_attribute() -> None:
    lines: list[str] = []
    namer = train_namer(THINGS, 2, batch=4, report=lines.append)
    assert len(lines) == 1 and not namer.training
    assert len(namer(torch.zeros(2, 3, CONFIG.size, CONFIG.size))) == len(NAMES)
    assert 0 <= naming_accuracy(namer, n=20) <= 1


@pytest.mark.filterwarnings("ignore:.*CUDA is not available")
def test_it_learns_on_a_card() -> None:
    with PretendedCard():
        namer = train_namer(THINGS, 2, batch=4, report=lambda line: None, device=CARD)
        assert {p.device for p in namer.parameters()} == {torch.device("cpu")}
        assert 0 <= naming_accuracy(namer, n=20) <= 1


def test_the_file_brings_the_same_features_and_the_accuracy(tmp_path: Path) -> None:
    torch.manual_seed(2)
    namer, file = Namer(THINGS), tmp_path / "features.safetensors"
    save_namer(namer, 0.875, file)
    features, accuracy = load_features(file)
    assert accuracy == 0.875 and features.size == CONFIG.size
    for name, value in namer.vit.state_dict().items():
        assert torch.equal(features.vit.state_dict()[name], value)
