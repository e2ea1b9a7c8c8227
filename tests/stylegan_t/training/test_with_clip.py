"""Training with a whole CLIP: its text half reads captions, its image half guides."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

import stylegan_t
from stylegan_t.data.sampling import TrainingError
from stylegan_t.encoders.clip_tower import ClipTower
from tests.stylegan_t.tiny_clip import C_DIM, tiny_clip
from tests.stylegan_t.training.tiny_run import tiny_trainer

SIZES: dict[str, Any] = {"channel_base": None, "channel_max": None, "res_blocks": None}


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("clip") / "clip.safetensors"
    state = {name: value.clone() for name, value in tiny_clip().state_dict().items()}
    save_file(state, file)
    return file


def guided(clip: Path) -> dict[str, Any]:
    """Options of a run that reads and is guided by one CLIP."""
    return {
        "text_tower": f"{clip}?quick_gelu&heads=4",
        "clip_encoder": f"{clip}?quick_gelu",
        "clip_weight": 0.2,
    }


@pytest.mark.slow
def test_guidance_is_part_of_a_run_that_goes_on(clip: Path, tmp_path: Path) -> None:
    run = tiny_trainer(tmp_path, kimg=0.016, **guided(clip))
    assert run.players.generator.config.c_dim == C_DIM
    assert isinstance(run.players.reader, ClipTower)
    assert 0 < float(run.train_step()["clip"]) < 0.2 * torch.pi**2
    run.run()
    assert tiny_trainer(tmp_path, **guided(clip)).step == 2


@pytest.mark.slow
def test_a_clip_tower_is_trained_alone_and_goes_on(clip: Path, tmp_path: Path) -> None:
    tiny_trainer(tmp_path / "first", kimg=0.008, text_tower=guided(clip)["text_tower"]).run()
    changes = {
        **SIZES,
        "mode": "text-encoder",
        "resume_from": str(tmp_path / "first" / "network-snapshot-000000.008.safetensors"),
        "clip_encoder": f"{clip}?quick_gelu",
        "clip_weight": 0.2,
        "lr_g": 1e-3,
    }
    whole = tiny_trainer(tmp_path / "whole", kimg=0.016, **changes)
    before = {name: value.clone() for name, value in whole.players.generator.state_dict().items()}
    whole.run()
    after = whole.players.generator.state_dict()
    moved = {name for name, value in before.items() if not torch.equal(after[name], value)}
    assert moved and all(name.startswith("text.") for name in moved)
    assert "text.model.text_projection" in moved
    tiny_trainer(tmp_path / "parts", kimg=0.008, **changes).run()
    parts = tiny_trainer(tmp_path / "parts", kimg=0.016, **changes)
    parts.run()
    ours, theirs = whole.state_tensors(), parts.state_tensors()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(theirs[name], value) for name, value in ours.items())
    model = stylegan_t.load(tmp_path / "parts" / "network-snapshot-000000.016.safetensors")
    assert not torch.equal(
        model.encode_text(["a red house"]), whole.players.reader.encode(["a red house"])
    ), "the snapshot's tower has learnt"


def test_a_clip_that_does_not_fit_the_text_tower_is_told(clip: Path, tmp_path: Path) -> None:
    changes = {**guided(clip), "text_tower": "demo"}
    with pytest.raises(TrainingError, match="makes embeddings of 16 values and the text tower"):
        tiny_trainer(tmp_path, **changes)
