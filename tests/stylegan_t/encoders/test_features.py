"""Feature networks: the recorded taps, specs, and no network unless asked."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from huggingface_hub.errors import LocalEntryNotFoundError
from safetensors.torch import load_file, save_file
from torch import Tensor

from stylegan_t.encoders.clip_image import standardize
from stylegan_t.encoders.features import (
    FeatureError,
    FeatureNetwork,
    open_clip_features,
    open_features,
    random_features,
    timm_features,
)
from stylegan_t.encoders.vit import CLIP_MEAN, VisionTransformer, VitConfig
from stylegan_t.encoders.vit_files import vit_from_state
from tests.stylegan_t.offline import cached, forbid_network, hub_with

PARITY = Path(__file__).parents[2] / "parity"
DINO, TIMM_FILE = "vit_small_patch16_224.dino", "model.safetensors"
ACTIVATION_TOLERANCE = 1e-4


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    forbid_network(monkeypatch, tmp_path / "cache")


@pytest.fixture(scope="module")
def recorded() -> dict[str, Tensor]:
    return load_file(PARITY / "projected_d_io.safetensors")


@pytest.fixture(scope="module")
def network() -> FeatureNetwork:
    """The recorded transformer."""
    state = load_file(PARITY / "projected_d.safetensors")
    return FeatureNetwork(vit_from_state(state, heads=3, name="it"))


@pytest.fixture(scope="module")
def prepared(recorded: dict[str, Tensor]) -> Tensor:
    return F.interpolate((recorded["img"] + 1) / 2, size=(224, 224), mode="area")


def tiny(width: int = 64) -> FeatureNetwork:
    return random_features(width, 4, 1, size=32, patch=8)


def saved(file: Path) -> FeatureNetwork:
    """A tiny network, in memory and in `file`."""
    network = tiny()
    save_file(dict(network.vit.state_dict()), file)
    return network


def pictures(size: int = 32) -> Tensor:
    return torch.rand(2, 3, size, size, generator=torch.Generator().manual_seed(2))


def same(one: FeatureNetwork, other: FeatureNetwork) -> bool:
    maps = zip(one(pictures()), other(pictures()), strict=True)
    return all(torch.equal(a, b) for a, b in maps)


@torch.inference_mode()
def test_the_transformer_sees_the_recorded_picture(
    network: FeatureNetwork, recorded: dict[str, Tensor], prepared: Tensor
) -> None:
    seen = standardize(prepared, network.mean, network.std)[0, 0]
    expected = recorded["vit_input_normalised_sample0_ch0"]
    assert (seen - expected).abs().max() < ACTIVATION_TOLERANCE


@torch.inference_mode()
def test_features_are_the_recorded_ones(
    network: FeatureNetwork, recorded: dict[str, Tensor], prepared: Tensor
) -> None:
    assert (network.width, network.tokens, network.size) == (48, 196, 224)
    maps = network(prepared)
    assert len(maps) == 5
    for k, features in enumerate(maps):
        expected = recorded[f"tap{k}.features"]
        assert features.shape == expected.shape
        assert (features - expected).abs().max() < ACTIVATION_TOLERANCE, k


@torch.inference_mode()
def test_tokens_are_the_recorded_ones(
    network: FeatureNetwork, recorded: dict[str, Tensor], prepared: Tensor
) -> None:
    seen = standardize(prepared, network.mean, network.std)
    after, before = network.vit.taps(seen, [2, 5, 8, 11])
    for k, tokens in enumerate([*after, before]):
        assert (tokens - recorded[f"tap{k}.tokens"]).abs().max() < ACTIVATION_TOLERANCE, k


def test_gradients_reach_the_picture_alone() -> None:
    network, image = tiny(), pictures().requires_grad_()
    for features in network(image):
        image.grad = None
        features.square().sum().backward(retain_graph=True)
        assert image.grad is not None and image.grad.abs().max() > 0
    assert not any(p.requires_grad for p in network.parameters())


def test_random_features_repeat_by_seed_and_leave_the_world_alone() -> None:
    state = torch.random.get_rng_state()
    assert same(tiny(), tiny())
    assert not same(tiny(), random_features(64, 4, 1, seed=1, size=32, patch=8))
    assert torch.equal(torch.random.get_rng_state(), state)


def test_random_features_differ_from_map_to_map_and_picture_to_picture() -> None:
    maps = tiny()(pictures())
    assert all(not torch.allclose(a, b) for a, b in itertools.pairwise(maps))
    assert all(not torch.allclose(m[0], m[1], atol=1e-3) for m in maps)


def test_the_usual_random_network() -> None:
    network = open_features("random")
    assert (network.width, network.tokens, network.size) == (192, 196, 224)
    assert network.blocks == [2, 5, 8, 11]


@pytest.mark.parametrize(("depth", "blocks"), [(4, [0, 1, 2, 3]), (6, [0, 2, 3, 5])])
def test_taps_lie_at_even_distances(depth: int, blocks: list[int]) -> None:
    assert random_features(8, depth, 1, size=16, patch=8).blocks == blocks


def test_a_shallow_network_is_refused() -> None:
    with pytest.raises(FeatureError, match="needs 4 blocks or more, not 3"):
        random_features(8, 3, 1, size=16, patch=8)
    with pytest.raises(ValueError, match="cannot be shared by 3 heads"):
        random_features(8, 4, 3, size=16, patch=8)


def test_weights_from_a_file(tmp_path: Path) -> None:
    network = saved(tmp_path / "vit.safetensors")
    given = timm_features(weights=tmp_path / "vit.safetensors")
    assert same(given, network) and given.name == DINO
    opened = open_features(str(tmp_path / "vit.safetensors"))
    assert same(opened, network) and opened.name == "vit.safetensors"
    assert not same(open_features(f"{tmp_path / 'vit.safetensors'}?heads=2"), network)


def test_what_is_not_here_is_named_with_a_way_to_get_it() -> None:
    for look in (timm_features, lambda: open_features(f"timm:{DINO}")):
        with pytest.raises(FeatureError) as caught:
            look()
        assert str(caught.value) == (
            f"{DINO} is not on this computer; have it downloaded, or download model.safetensors "
            f"from https://huggingface.co/timm/{DINO} yourself and give its path."
        )


def test_timm_s_weights_are_downloaded_on_request(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    network = saved(tmp_path / TIMM_FILE)
    asked = hub_with(monkeypatch, tmp_path / TIMM_FILE)
    assert same(timm_features(pretrained=True), network)
    assert same(open_features("timm:vit_tiny.any", download=True), network)
    assert asked == [(f"timm/{DINO}", TIMM_FILE), ("timm/vit_tiny.any", TIMM_FILE)]


def test_timm_s_weights_come_from_the_cache_without_a_network(tmp_path: Path) -> None:
    network = saved(cached(tmp_path / "cache", f"timm/{DINO}", TIMM_FILE))
    for download in (False, True):
        assert same(timm_features(pretrained=download), network)


def test_without_a_network_the_sentence_says_what_to_fetch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hub_with(monkeypatch, LocalEntryNotFoundError("no connection"))
    with pytest.raises(FeatureError, match=r"could not be downloaded; .*timm/vit_small") as caught:
        timm_features(pretrained=True)
    assert "download model.safetensors" in str(caught.value) and "\n" not in str(caught.value)


def test_an_image_half_of_a_clip(tmp_path: Path) -> None:
    vit = VisionTransformer(VitConfig(64, 4, 1, 128, size=32, patch=8, clip=True, out_dim=5))
    file = tmp_path / "clip.safetensors"
    save_file(dict(vit.state_dict()), file)
    network = open_features(str(file))
    torch.testing.assert_close(network.mean, torch.tensor(CLIP_MEAN))
    assert all(features.shape == (2, 64, 16) for features in network(pictures()))
    with pytest.raises(FeatureError, match="is the image half of a CLIP"):
        timm_features(weights=file)


def test_a_named_clip(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = "open_clip:ViT-B-32/openai"
    with pytest.raises(FeatureError, match=r"ViT-B-32 \(openai\) is not on this computer"):
        open_clip_features(spec)
    hub_with(monkeypatch, LocalEntryNotFoundError("no connection"))
    with pytest.raises(FeatureError, match=r"ViT-B-32 \(openai\) could not be downloaded"):
        open_features(spec, download=True)


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ("", "neither a file, nor 'random', nor a name such as timm:vit_small"),
        ("nonsense", "neither a file, nor 'random', nor a name"),
        ("timm:", "is not a name of timm's"),
        ("timm:../../a", "is not a name of timm's"),
        ("timm:a/b", "is not a name of timm's"),
        ("/nowhere/vit.pt", "There is no file at /nowhere/vit.pt"),
        ("open_clip:nonsense/x", "knows no architecture 'nonsense'"),
    ],
)
def test_specs_that_lead_nowhere(spec: str, sentence: str) -> None:
    with pytest.raises(FeatureError, match=sentence):
        open_features(spec, download=True)


def test_autocast_keeps_the_sequence_in_float32() -> None:
    network, image = tiny(), pictures()
    with torch.autocast("cpu", torch.bfloat16):
        maps = network(image)
    for half, full in zip(maps, network(image), strict=True):
        assert half.dtype == torch.float32
        torch.testing.assert_close(half, full, atol=0.05, rtol=0.05)
