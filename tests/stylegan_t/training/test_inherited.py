"""A later stage goes on with the discriminator of the one before, or says why it does not."""

import re
from pathlib import Path
from typing import Any

import pytest
import torch

from stylegan_t.training import state
from tests.stylegan_t.training.tiny_run import tiny_trainer

SIZES: dict[str, Any] = {"channel_base": None, "channel_max": None, "res_blocks": None}


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """The model of a first stage, with its state beside it."""
    tiny_trainer(tmp_path / "first", kimg=0.024).run()
    return tmp_path / "first" / "network-snapshot-000000.024.safetensors"


def test_the_heads_go_on_where_they_were(first: Path, tmp_path: Path) -> None:
    later = tiny_trainer(tmp_path / "later", resume_from=str(first), resolution=32, **SIZES)
    assert (
        later.begins[-1] == "The discriminator goes on from training-state-000000.024.safetensors."
    )
    path = state.state_beside(first)
    assert path is not None
    reader = state.StateReader(path)
    for name, value in later.players.discriminator.heads.state_dict().items():
        assert torch.equal(value, reader.tensor(f"heads/{name}", value)), name


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("moved", "starts from scratch: there is no training state beside network-"),
        ("other name", "starts from scratch: there is no training state beside model.safetensors"),
        ("damaged", "starts from scratch: .* is damaged"),
        ("features", "uses random:16,4,2,16,8, not random:8,4,2,16,8"),
    ],
)
def test_where_they_cannot_it_is_said(change: str, words: str, first: Path, tmp_path: Path) -> None:
    options = {**SIZES, "resolution": 32}
    path = state.state_beside(first)
    assert path is not None
    if change == "moved":
        path.unlink()
    elif change == "damaged":
        path.write_bytes(path.read_bytes()[:2000])
    elif change == "features":
        options["features"] = "random:8,4,2,16,8"
    else:
        first = first.rename(first.with_name("model.safetensors"))
    fresh = tiny_trainer(tmp_path / "fresh", features=options.get("features", "random:16,4,2,16,8"))
    later = tiny_trainer(tmp_path / "later", resume_from=str(first), **options)
    assert re.search(words, later.begins[-1]), later.begins[-1]
    heads = later.players.discriminator.heads.state_dict()
    expected = fresh.players.discriminator.heads.state_dict()
    assert all(torch.equal(heads[name], value) for name, value in expected.items())
