"""CLIP's image half: its numbers are open_clip's, and it is offline unless asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from huggingface_hub.errors import LocalEntryNotFoundError
from safetensors.torch import save_file
from torch import Tensor, nn

from stylegan_t.encoders.clip_image import (
    ClipImageEncoder,
    named_image_tower,
    open_clip_image_encoder,
)
from stylegan_t.encoders.open_clip_import import import_open_clip
from stylegan_t.encoders.vit import CLIP_MEAN, CLIP_STD, FeatureError, VisionTransformer, VitConfig
from tests.stylegan_t.offline import cached, forbid_network, hub_with
from tests.stylegan_t.tiny_clip import C_DIM, tiny_clip

TINY = "open_clip:tiny-test/made_up"
FILE = "open_clip_model.safetensors"
OTHER_MEAN, OTHER_STD = (0.5, 0.4, 0.3), (0.2, 0.5, 0.25)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    forbid_network(monkeypatch, tmp_path / "cache")


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """open_clip knows a tiny architecture, whose list of properties may be changed."""
    open_clip: Any = import_open_clip()
    vision = {"image_size": 32, "layers": 1, "width": 64, "patch_size": 16}
    architecture = {"embed_dim": C_DIM, "vision_cfg": vision, "text_cfg": {}}
    weights: dict[str, Any] = {"hf_hub": "owner/tiny/", "quick_gelu": True}
    monkeypatch.setitem(open_clip.factory._MODEL_CONFIGS, "tiny-test", architecture)
    monkeypatch.setitem(open_clip.pretrained._PRETRAINED, "tiny-test", {"made_up": weights})
    return {"vision": vision, "weights": weights}


def pictures() -> Tensor:
    return torch.rand(3, 3, 32, 32, generator=torch.Generator().manual_seed(2))


@torch.inference_mode()
def expected(
    clip: Any, mean: tuple[float, ...] = CLIP_MEAN, std: tuple[float, ...] = CLIP_STD
) -> Tensor:
    """What open_clip itself makes of the pictures."""
    colours = torch.tensor(mean)[:, None, None], torch.tensor(std)[:, None, None]
    return F.normalize(clip.encode_image((pictures() - colours[0]) / colours[1]), dim=1)


def saved(file: Path, **options: Any) -> nn.Module:
    clip = tiny_clip(**options)
    save_file(dict(clip.state_dict()), file)
    return clip


@pytest.mark.parametrize("quick", [True, False])
@pytest.mark.parametrize("custom", [True, False])
def test_embeddings_are_open_clip_s(tmp_path: Path, quick: bool, custom: bool) -> None:
    file = tmp_path / "clip.safetensors"
    clip = saved(file, quick_gelu=quick, custom=custom)
    encoder = open_clip_image_encoder(f"{file}?{'quick_gelu' if quick else 'gelu'}")
    assert (encoder.c_dim, encoder.size, encoder.name) == (C_DIM, 32, "clip.safetensors")
    torch.testing.assert_close(encoder(pictures()), expected(clip), atol=1e-5, rtol=0)
    wrong = open_clip_image_encoder(f"{file}?{'gelu' if quick else 'quick_gelu'}")
    assert (wrong(pictures()) - expected(clip)).abs().max() > 1e-4


def test_a_named_tower_is_downloaded_on_request_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, listed: dict[str, Any]
) -> None:
    clip = saved(tmp_path / FILE)
    with pytest.raises(FeatureError, match=r"tiny-test \(made_up\) is not on this computer"):
        open_clip_image_encoder(TINY)
    asked = hub_with(monkeypatch, tmp_path / FILE)
    listed["weights"] |= {"mean": OTHER_MEAN, "std": OTHER_STD}
    encoder = open_clip_image_encoder(TINY, download=True)
    assert asked == [("owner/tiny", FILE)]
    close = expected(clip, OTHER_MEAN, OTHER_STD)
    torch.testing.assert_close(encoder(pictures()), close, atol=1e-5, rtol=0)


@pytest.mark.usefixtures("listed")
def test_a_named_tower_comes_from_the_cache_without_a_network(tmp_path: Path) -> None:
    clip = saved(cached(tmp_path / "cache", "owner/tiny", FILE))
    encoder = open_clip_image_encoder(TINY)
    torch.testing.assert_close(encoder(pictures()), expected(clip), atol=1e-5, rtol=0)


def test_without_a_network_the_sentence_says_what_to_fetch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hub_with(monkeypatch, LocalEntryNotFoundError("no connection"))
    with pytest.raises(FeatureError) as caught:
        open_clip_image_encoder("open_clip:ViT-B-32/openai", download=True)
    assert str(caught.value) == (
        "ViT-B-32 (openai) could not be downloaded; check the connection to "
        "https://huggingface.co, or download open_clip_model.safetensors from "
        "https://huggingface.co/timm/vit_base_patch32_clip_224.openai yourself and give its path."
    )


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ("open_clip:ViT-L-14", "has no weights '' for ViT-L-14; it has: .*openai"),
        ("open_clip:ViT-X-99/openai", "knows no architecture 'ViT-X-99'"),
        ("open_clip:hf-hub:owner/model", "knows no architecture 'hf-hub:owner'"),
        ("open_clip:RN50/openai", "RN50 cannot be used .* not CLIP's vision"),
        ("open_clip:ViT-SO400M-14-SigLIP/webli", "cannot be used .* because"),
        ("nonsense", "is neither a file nor a name such as open_clip:ViT-L-14/openai"),
        ("", "is neither a file nor a name"),
    ],
)
def test_specs_that_lead_nowhere(spec: str, sentence: str) -> None:
    with pytest.raises(FeatureError, match=sentence):
        open_clip_image_encoder(spec)


@pytest.mark.parametrize(
    ("spec", "heads", "quick"),
    [
        ("ViT-B-32/openai", 12, True),
        ("ViT-L-14/openai", 16, True),
        ("ViT-B-32/laion2b_s34b_b79k", 12, False),
        ("ViT-g-14/laion2b_s34b_b88k", 16, False),
        ("ViT-H-14/laion2b_s32b_b79k", 16, False),
    ],
)
def test_published_towers_are_known(spec: str, heads: int, quick: bool) -> None:
    tower = named_image_tower(f"open_clip:{spec}")
    assert (tower.heads, tower.quick_gelu, tower.mean) == (heads, quick, CLIP_MEAN)


def test_a_network_without_embeddings_is_no_clip() -> None:
    vit = VisionTransformer(VitConfig(16, 4, 2, 32, size=16, patch=8))
    with pytest.raises(FeatureError, match="contains no image encoder"):
        ClipImageEncoder(vit, "it")


def test_gradients_reach_the_picture_alone() -> None:
    vit = VisionTransformer(VitConfig(16, 4, 2, 32, size=32, patch=8, clip=True, out_dim=5))
    encoder = ClipImageEncoder(vit)
    image = pictures().requires_grad_()
    encoder(image)[:, 0].sum().backward()
    assert image.grad is not None and image.grad.abs().max() > 0
    assert not any(p.requires_grad for p in encoder.parameters())
