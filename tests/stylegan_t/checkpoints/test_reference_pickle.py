"""Snapshots of the reference, written with its own tools, load to the very numbers they hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

import stylegan_t
from stylegan_t import Generator
from tests.stylegan_t.reference.opcodes import renamed
from tests.stylegan_t.reference.snapshot import (
    FIXTURES,
    fixture,
    small_clip,
    snapshot_bytes,
    write_snapshot,
)

MAPPING_TOLERANCE = 1e-5
IMAGE_TOLERANCE = 1e-4
EMBEDDING_TOLERANCE = 1e-5
"""The first two as tests/parity/README.md gives them."""
STORAGES: dict[str, dict[str, Any]] = {
    "as usual": {},
    "zip storages": {"zip_storages": True},
    "on a graphics card": {"cuda": True},
    "zip storages on a graphics card": {"cuda": True, "zip_storages": True},
    "views": {"views": True},
    "views of storages in the memo": {"views": True, "memo_storages": True},
    "views of zip storages": {"views": True, "zip_storages": True},
    "channels last": {"channels_last": True},
    "float16": {"dtype": torch.float16},
    "bfloat16": {"dtype": torch.bfloat16},
    "float64": {"dtype": torch.float64},
    "float16 views": {"dtype": torch.float16, "views": True},
}
STREAMS: dict[str, dict[str, Any]] = {
    "plain pickle": {"dill": False},
    "no discriminator": {"with_d": False},
    "tied": {"tied": True},
    "tied and in the memo": {"tied": True, "memo_storages": True},
    **{f"protocol {number}": {"protocol": number} for number in (2, 3, 4, 5)},
    "plain protocol 2": {"dill": False, "protocol": 2},
}
TOWERS: dict[str, dict[str, Any]] = {
    "no tower": {"clip": False},
    "tower": {},
    "tower with pictures": {"visual": True},
    "tokenizer function": {"tokenizer": "function"},
    "tokenizer": {"tokenizer": "object"},
    "tied tower": {"tied": True},
    "float16 tower": {"dtype": torch.float16},
    "another tower": {"clip_options": {"width": 24, "heads": 3, "layers": 3}},
    "exact GELU": {"clip_options": {"quick_gelu": False}},
    "tower of protocol 2": {"protocol": 2},
}
NUMPY_1 = "numpy.core.multiarray"
TYPICAL = "tiny_cond"
EVERY_SNAPSHOT = [
    pytest.param(
        name,
        options,
        id=f"{form}-{name}",
        marks=() if name == TYPICAL or not options else pytest.mark.slow,
    )
    for form, options in (STORAGES | STREAMS).items()
    for name in FIXTURES
]
"""Each network in each form; quick are one of them in all forms, and all in the usual form."""
PROMPTS = ["a red house at sunset", "", "naïve café 😀", "word " * 200]


def check_config(model: Generator, name: str) -> None:
    """The config fits the recorded network: whatever a snapshot's shapes and attributes tell."""
    info = fixture(name)[0]
    config = model.config
    for attribute in ("img_resolution", "c_dim", "z_dim", "img_channels", "w_dim", "num_ws"):
        assert getattr(config, attribute) == info[attribute], attribute
    channels = {str(res): config.channels(res) for res in config.block_resolutions}
    assert channels == info["channels"]
    for attribute in ("num_res_blocks", "architecture", "conv_clamp", "gn_groups"):
        given = info["synthesis_kwargs_with_defaults"][attribute]
        assert getattr(config, attribute) == given, attribute


def check_state(model: Generator, name: str, dtype: torch.dtype) -> None:
    """Every tensor is the recorded one, to the bit."""
    recorded = fixture(name)[1]
    ours = {k: v for k, v in model.state_dict().items() if not k.startswith("text.")}
    assert ours.keys() == recorded.keys()
    for key, value in recorded.items():
        assert ours[key].dtype == torch.float32
        assert torch.equal(ours[key], value.to(dtype).float()), key


def worst(actual: Tensor, expected: Tensor) -> float:
    """Largest absolute difference; shapes must agree."""
    assert actual.shape == expected.shape
    return (actual - expected).abs().max().item()


@pytest.mark.parametrize(("name", "options"), EVERY_SNAPSHOT)
@torch.inference_mode()
def test_every_snapshot_loads(tmp_path: Path, name: str, options: dict[str, Any]) -> None:
    path = write_snapshot(tmp_path / "network-snapshot-000100.pkl", name, clip=False, **options)
    model = stylegan_t.load_generator(path)
    check_config(model, name)
    check_state(model, name, options.get("dtype", torch.float32))
    assert not model.training and not any(p.requires_grad for p in model.parameters())
    assert model.source == str(path)


@pytest.mark.parametrize("name", FIXTURES)
@torch.inference_mode()
def test_pictures_are_the_recorded_ones(tmp_path: Path, name: str) -> None:
    model = stylegan_t.load_generator(write_snapshot(tmp_path / "a.pkl", name, clip=False))
    io = fixture(name)[2]
    for psi in ("1", "0.5", "0"):
        ws = model.mapping(io["z"], io.get("c"), truncation_psi=float(psi))
        assert worst(ws, io[f"ws_psi{psi}"]) < MAPPING_TOLERANCE
    for rows, expected in (("ws_psi1", "img_const"), ("ws_mixed", "img_mixed_const")):
        image = model.synthesis(io[rows], noise_mode="const")
        assert worst(image, io[expected]) < IMAGE_TOLERANCE


@pytest.mark.slow
@pytest.mark.parametrize("options", TOWERS.values(), ids=TOWERS.keys())
@torch.inference_mode()
def test_towers(tmp_path: Path, options: dict[str, Any]) -> None:
    model = stylegan_t.load_generator(write_snapshot(tmp_path / "a.pkl", **options))
    check_state(model, "tiny_cond", options.get("dtype", torch.float32))
    if not options.get("clip", True):
        assert model.text is None
        return
    assert model.text is not None and model.text.c_dim == model.config.c_dim
    real: Any = small_clip(model.config.c_dim, **options.get("clip_options", {}))
    real.to(options.get("dtype", torch.float32)).float()
    from open_clip.tokenizer import tokenize

    expected = F.normalize(real.encode_text(tokenize(PROMPTS)), dim=1)
    assert worst(model.encode_text(PROMPTS), expected) < EMBEDDING_TOLERANCE


def test_the_tower_is_the_one_of_the_averaged_generator(tmp_path: Path) -> None:
    def other_tower(payload: dict[str, Any]) -> None:
        payload["G"].mapping.clip.model.positional_embedding.data += 1

    plain = stylegan_t.load_generator(write_snapshot(tmp_path / "a.pkl"))
    edited = stylegan_t.load_generator(write_snapshot(tmp_path / "b.pkl", edit=other_tower))
    assert torch.equal(plain.encode_text(PROMPTS), edited.encode_text(PROMPTS))


@pytest.mark.slow
def test_files_of_older_versions_load(tmp_path: Path) -> None:
    """numpy 1 keeps its functions elsewhere."""
    data = renamed(snapshot_bytes("tiny_uncond"), {"numpy._core.multiarray": NUMPY_1})
    assert NUMPY_1.encode() in data and b"numpy._core" not in data
    path = tmp_path / "a.pkl"
    path.write_bytes(data)
    check_state(stylegan_t.load_generator(path), "tiny_uncond", torch.float32)


def test_a_snapshot_survives_being_saved_as_native(tmp_path: Path) -> None:
    before = stylegan_t.load_generator(write_snapshot(tmp_path / "a.pkl"))
    stylegan_t.save(before, tmp_path / "a.safetensors")
    after = stylegan_t.load_generator(tmp_path / "a.safetensors")
    assert after.config == before.config
    assert after.state_dict().keys() == before.state_dict().keys()
    for key, value in before.state_dict().items():
        assert torch.equal(after.state_dict()[key], value), key
    assert torch.equal(after.encode_text(PROMPTS), before.encode_text(PROMPTS))


def test_loading_tells_how_far_it_is_and_can_be_cancelled(tmp_path: Path) -> None:
    path = write_snapshot(tmp_path / "a.pkl")
    shares: list[float] = []
    stylegan_t.load_generator(path, progress=shares.append)
    assert shares == sorted(shares) and shares[-1] == 1.0 and len(shares) > 10

    class StopError(Exception):
        """What the caller raises."""

    def stop(share: float) -> None:
        if share > 0.3:
            raise StopError

    with pytest.raises(StopError):
        stylegan_t.load_generator(path, progress=stop)
