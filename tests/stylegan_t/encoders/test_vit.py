"""The vision transformer: what it computes is what timm computes, and sizes are checked."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import torch
from torch import Tensor

from stylegan_t.encoders.open_clip_import import import_open_clip
from stylegan_t.encoders.vit import VisionTransformer, VitConfig
from stylegan_t.encoders.vit_files import vit_from_state

TINY = VitConfig(width=24, depth=5, heads=3, mlp_width=96, size=32, patch=8)


def pictures(count: int = 2, size: int = 32) -> Tensor:
    return torch.randn(count, 3, size, size, generator=torch.Generator().manual_seed(1))


def timm_vit(**options: Any) -> Any:
    """A tiny vision transformer of timm with random weights, norms and biases too."""
    import_open_clip()  # timm needs torchvision, which does not start everywhere by itself
    import timm

    sizes = {"img_size": 32, "patch_size": 8, "embed_dim": 24, "depth": 5, "num_heads": 3}
    model = timm.create_model("vit_tiny_patch16_224", pretrained=False, **{**sizes, **options})
    random = torch.Generator().manual_seed(4)
    for tensor in model.parameters():
        tensor.data.add_(torch.randn(tensor.shape, generator=random) * 0.1)
    return model.eval().requires_grad_(False)


@torch.inference_mode()
def test_taps_are_what_timm_computes() -> None:
    theirs: Any = timm_vit()
    ours = vit_from_state(theirs.state_dict(), heads=3, name="timm")
    after, before = ours.taps(pictures(), [1, 4])
    expected = theirs.forward_intermediates(
        pictures(),
        indices=[1, 4],
        return_prefix_tokens=True,
        output_fmt="NLC",
        intermediates_only=True,
    )
    for sequence, (patches, first) in zip(after, expected, strict=True):
        torch.testing.assert_close(sequence[:, 1:], patches, atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(sequence[:, :1], first, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(
        before, theirs._pos_embed(theirs.patch_embed(pictures())), atol=1e-6, rtol=1e-6
    )


def test_blocks_behind_the_last_tap_are_not_computed() -> None:
    vit = VisionTransformer(TINY)
    seen: list[int] = []
    for index, block in enumerate(vit.blocks):
        block.register_forward_hook(lambda *_, index=index: seen.append(index))
    found, _ = vit.taps(pictures(), [2, 0])
    assert seen == [0, 1, 2] and len(found) == 2
    assert not torch.equal(found[0], found[1])


def test_sizes_of_what_comes_out() -> None:
    vit = VisionTransformer(VitConfig(16, 4, 2, 32, size=24, patch=8, clip=True, out_dim=5))
    assert vit.config.tokens == 9
    assert vit.embed_patches(pictures(3, 24)).shape == (3, 10, 16)
    assert vit.embed(pictures(3, 24)).shape == (3, 5)


def test_a_picture_of_another_size_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"looks at pictures \[N, 3, 32, 32\], not \[2, 3, 24, 24\]"
    ):
        VisionTransformer(TINY).taps(pictures(2, 24), [0])


@pytest.mark.parametrize(
    ("sizes", "sentence"),
    [
        ({"width": 0}, "cannot have width 0"),
        ({"depth": 1000}, "cannot have depth 1000"),
        ({"heads": 5}, "A width of 384 cannot be shared by 5 heads"),
        ({"patch": 15}, "224 pixels cannot be cut into patches of 15"),
        ({"size": 0}, "cannot be cut into patches"),
        ({"width": 8192, "heads": 64, "depth": 128, "mlp_width": 65536}, "larger than any"),
    ],
)
def test_sizes_that_make_no_network_are_refused(sizes: dict[str, int], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        msgspec.structs.replace(VitConfig(), **sizes)


def test_the_defaults_are_dino_s() -> None:
    with torch.device("meta"):
        vit = VisionTransformer(VitConfig())
    assert vit.config.tokens == 196
    # ViT-S/16 has 21.7 million weights (Caron et al. 2021, table 1: 21 million).
    assert sum(p.numel() for p in vit.parameters()) == 21_665_664
