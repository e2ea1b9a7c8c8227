"""CLIP's picture half gives open_clip's numbers; its score is the cosine; nothing is downloaded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

from stylegan_t.encoders.open_clip_import import import_open_clip
from stylegan_t.metrics.clip_images import open_clip_images, open_clip_score
from stylegan_t.metrics.errors import MetricError

CONFIG = {
    "embed_dim": 16,
    "vision_cfg": {"image_size": 32, "layers": 1, "width": 64, "patch_size": 16},
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 4, "layers": 1},
}


@pytest.fixture(scope="module")
def architecture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A small architecture in open_clip's list."""
    folder = tmp_path_factory.mktemp("configs")
    (folder / "tiny-test.json").write_text(json.dumps(CONFIG))
    import_open_clip().add_model_config(folder)
    yield "tiny-test"


@pytest.fixture(scope="module")
def clip(architecture: str) -> Any:
    torch.manual_seed(3)
    model = import_open_clip().create_model(architecture).eval()
    for parameter in model.parameters():
        parameter.data.normal_(std=0.1)
    return model.requires_grad_(False)


@pytest.fixture
def spec(clip: Any, architecture: str, tmp_path: Path) -> str:
    file = tmp_path / "clip.safetensors"
    state = {name: value.clone() for name, value in clip.state_dict().items()}
    save_file(state, file)
    return f"open_clip:{architecture}/{file}"


def pictures(size: int = 32) -> torch.Tensor:
    random = torch.Generator().manual_seed(1)
    return torch.randint(0, 256, (3, 3, size, size), generator=random).to(torch.uint8)


def embedded(clip: Any, pixels: torch.Tensor) -> torch.Tensor:
    """What open_clip itself makes of pictures."""
    mean, std = (
        torch.tensor(values).view(1, 3, 1, 1)
        for values in (
            import_open_clip().OPENAI_DATASET_MEAN,
            import_open_clip().OPENAI_DATASET_STD,
        )
    )
    return clip.encode_image((pixels.float() / 255 - mean) / std)


def test_the_picture_half_equals_open_clips(clip: Any, spec: str) -> None:
    features = open_clip_images(spec)
    torch.testing.assert_close(features(pictures()), embedded(clip, pictures()))
    assert features.dim == 16 and not hasattr(features.visual, "transformer.resblocks.1")
    assert features(pictures(50)).shape == (3, 16)


def test_the_score_is_the_cosine(clip: Any, spec: str) -> None:
    prompts = ["a red house", "", "日本"]
    texts = clip.encode_text(import_open_clip().tokenize(prompts))
    wanted = F.cosine_similarity(embedded(clip, pictures()), texts)
    torch.testing.assert_close(
        open_clip_score(spec)(pictures(), prompts), wanted, atol=1e-5, rtol=1e-4
    )


def test_weights_that_are_not_here_are_not_fetched() -> None:
    with pytest.raises(
        MetricError, match=r"ViT-B-32 \(openai\) is not on this computer.*--download"
    ):
        open_clip_images("open_clip:ViT-B-32/openai")


@pytest.mark.parametrize(
    ("spec", "word"),
    [
        ("open_clip:hf-hub:someone/model/x", "no plain picture network"),
        ("open_clip:no-such/openai", "no plain picture network"),
        ("open_clip:ViT-B-32/nothing", "it has: .*openai"),
        ("open_clip:ViT-B-32/nowhere.safetensors", "no file"),
    ],
)
def test_what_is_no_clip_is_refused(spec: str, word: str) -> None:
    with pytest.raises(MetricError, match=word):
        open_clip_images(spec)


def test_weights_of_another_size_are_refused(tmp_path: Path, architecture: str) -> None:
    file = tmp_path / "other.safetensors"
    save_file({"visual.proj": torch.ones(2)}, file)
    with pytest.raises(MetricError, match=rf"other\.safetensors does not hold.*{architecture}"):
        open_clip_images(f"open_clip:{architecture}/{file}")
