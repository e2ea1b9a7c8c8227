"""The prepared synthesis of StyleGAN2, StyleGAN3, StyleGAN-XL and LAFITE gives the numbers of the
readable one, and does no work twice."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import torch
from torch import Tensor

from stylegan_t.family.lafite import TextStyled
from stylegan_t.family.schedule import Schedule
from stylegan_t.family.stylegan2 import StyleGAN2, StyleGAN2Config
from stylegan_t.family.stylegan3 import StyleGAN3, StyleGAN3Config
from stylegan_t.inference.fast import FastSynthesis
from stylegan_t.inference.filtered import FilteredLayer
from stylegan_t.inference.precision import lower
from tests.stylegan_t.family.recorded import NAMES, Model, recorded

TOLERANCE = 1e-4
TURNED = torch.tensor([[0.9, 0.1, 0.1], [-0.1, 0.9, 0.0], [0.0, 0.0, 1.0]])
CALLS: dict[str, dict[str, Any]] = {
    "const": {"noise_mode": "const"},
    "random": {"noise_mode": "random", "noise_seed": 7, "noise_strength": 0.7},
    "none": {"noise_mode": "none"},
    "moved": {"noise_mode": "none", "transform": TURNED},
}


SLOW = {"sg3_t", "sg3_r", "xl_superres", "xl_superres2"}
"""The smaller ones of StyleGAN3 and StyleGAN-XL go the same ways."""
PARAMS = [pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in NAMES]


@pytest.fixture(scope="module", params=PARAMS)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def model(name: str) -> Model:
    return recorded(name).model().requires_grad_(False)


def rows(name: str, index: int = 0, mixed: bool = False) -> Tensor:
    """Recorded rows of w of one picture."""
    known = recorded(name)
    return known.rows(known.io["ws_mixed" if mixed else "ws_psi1"])[index : index + 1]


def worst(found: Tensor, expected: Tensor) -> float:
    """Largest difference."""
    assert found.shape == expected.shape
    return float((found - expected).abs().max())


@torch.inference_mode()
def test_it_draws_what_the_readable_network_draws(name: str, model: Model) -> None:
    fast = FastSynthesis(model.synthesis)
    for ws in (rows(name), rows(name, 1), rows(name, mixed=True)):
        for call in CALLS.values():
            expected = model.synthesis(ws, **call)
            assert worst(fast(ws, **call), expected) <= TOLERANCE


@torch.inference_mode()
def test_features_lie_in_memory_as_the_next_convolution_wants_them(name: str, model: Model) -> None:
    # Another stride of the axis of length 1 makes the library copy them before each use.
    fast = FastSynthesis(model.synthesis)
    fast(rows(name), "const")
    for kept in fast._kept:
        usual = torch.empty_like(kept.x, memory_format=torch.channels_last)
        assert kept.x.stride() == usual.stride()


@pytest.mark.parametrize("kind", ["sg3_t", "sg3_t_cond", "sg3_r", "xl_superres"])
@torch.inference_mode()
def test_where_there_is_no_processor_for_tiles_the_readable_filter_is_used(kind: str) -> None:
    model, ws = recorded(kind).model().requires_grad_(False), rows(kind)
    fast = FastSynthesis(model.synthesis)
    for block in fast._blocks:
        for layer in block.layers:
            assert isinstance(layer, FilteredLayer)
            layer.tiles = None
    assert worst(fast(ws), model.synthesis(ws)) <= TOLERANCE


@torch.inference_mode()
def test_edits_of_styles_reach_the_same_layers(name: str, model: Model) -> None:
    fast, ws = FastSynthesis(model.synthesis), rows(name)
    plain = model.synthesis(ws, "const")
    for layer in model.anatomy.layers:
        if layer.shared:
            continue
        edits = {layer.row: torch.linspace(-0.5, 1, layer.channels)}
        expected = model.synthesis(ws, "const", style_edits=edits)
        assert worst(expected, plain) > TOLERANCE, layer.name
        assert worst(fast(ws, "const", style_edits=edits), expected) <= TOLERANCE, layer.name


@torch.inference_mode()
def test_a_picture_begins_at_the_block_that_owns_the_first_row_that_differs(
    name: str, model: Model
) -> None:
    fast, ws = FastSynthesis(model.synthesis), rows(name)
    anatomy, last = model.anatomy, model.anatomy.num_ws - 1
    for block, (start, stop) in enumerate(anatomy.rows_of_block):
        for row in range(start, stop):
            fast(ws, "const")
            other = ws.clone()
            other[:, row] = rows(name, mixed=True)[:, row] + 0.1
            found = fast(other, "const")
            # The last row is that of the last colours, which are drawn from the same features.
            drawn = 0 if row == last else len(anatomy.blocks) - block
            assert fast.blocks_drawn == drawn, row
            assert worst(found, model.synthesis(other, "const")) <= TOLERANCE, row


@torch.inference_mode()
def test_each_layer_tells_how_far_the_picture_is_and_may_give_it_up(
    name: str, model: Model
) -> None:
    fast, ws = FastSynthesis(model.synthesis), rows(name)
    shares: list[float] = []
    fast(ws, "const", on_layer=shares.append)
    count = sum(len(part.layers) for part in model.synthesis.parts())
    assert len(shares) == count and shares == sorted(set(shares)) and shares[0] > 0
    assert shares[-1] == pytest.approx(1)
    shares.clear()
    fast(ws, "const", on_layer=shares.append)
    assert not shares, "what is kept is no work"

    def give_up(share: float) -> None:
        if share > 0.5:
            raise GivenUpError

    other = rows(name, 1)
    with pytest.raises(GivenUpError):
        fast(other, "const", on_layer=give_up)
    assert worst(fast(other, "const"), model.synthesis(other, "const")) <= TOLERANCE
    last = ws.clone()
    last[:, -2:] += 0.1
    fast(ws, "const")
    fast(last, "const", on_layer=shares.append)
    drawn = model.synthesis.parts()[-fast.blocks_drawn :]
    assert len(shares) == sum(len(part.layers) for part in drawn), "of the new work"
    assert shares[-1] == pytest.approx(1)


class GivenUpError(Exception):
    """Somebody has asked for another picture."""


@torch.inference_mode()
def test_every_block_is_told_with_the_image_so_far(name: str, model: Model) -> None:
    fast, ws = FastSynthesis(model.synthesis), rows(name)
    expected: list[tuple[int, Tensor | None]] = []
    model.synthesis(ws, "const", on_block=lambda *told: expected.append(told))
    for _ in range(2):  # drawn, and kept
        told: list[tuple[int, Tensor | None]] = []
        fast(ws, "const", on_block=lambda *each, told=told: told.append(each))
        assert [side for side, _ in told] == [side for side, _ in expected]
        for (_, found), (_, image) in zip(told, expected, strict=True):
            assert (found is None) == (image is None)
            if found is not None and image is not None:
                assert worst(found, image) <= TOLERANCE


@torch.inference_mode()
def test_what_a_text_gives_to_lafite_is_kept_while_the_latent_moves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = recorded("lafite").model().requires_grad_(False)
    fast, ws, heard = FastSynthesis(model.synthesis), rows("lafite"), list[Tensor]()
    style = TextStyled.style

    def counted(layer: TextStyled, w: Tensor) -> Tensor:
        heard.append(w)
        return style(layer, w)

    moved, other = ws.clone(), ws.clone()
    moved[..., : model.anatomy.latent_dim] += 0.3
    other[..., model.anatomy.latent_dim :] *= -1
    expected = [model.synthesis(each, "const") for each in (ws, moved, other)]
    monkeypatch.setattr(TextStyled, "style", counted)
    layers = len(model.anatomy.layers)
    for each, image, texts in zip((ws, moved, other), expected, (1, 1, 2), strict=True):
        assert worst(fast(each, "const"), image) <= TOLERANCE
        assert len(heard) == texts * layers


@pytest.mark.parametrize("taps", [(1.0, 3.0, 2.0, 1.0), (1.0, 4.0), (1.0, 2.0, 4.0, 1.0, 3.0)])
@pytest.mark.parametrize("architecture", ["skip", "resnet"])
@torch.inference_mode()
def test_lopsided_filters_of_other_lengths(architecture: Any, taps: tuple[float, ...]) -> None:
    torch.manual_seed(0)
    config = StyleGAN2Config(8, 8, (12, 12, 8), fir_taps=taps, architecture=architecture)
    model = StyleGAN2(config).eval().requires_grad_(False)
    ws = torch.randn(1, config.num_ws, 8)
    assert worst(FastSynthesis(model.synthesis)(ws), model.synthesis(ws)) <= TOLERANCE
    wider = msgspec.structs.replace(config, img_channels=1)
    grey = StyleGAN2(wider).eval().requires_grad_(False)
    assert worst(FastSynthesis(grey.synthesis)(ws), grey.synthesis(ws)) <= TOLERANCE


# -- half precision ----------------------------------------------------------------------------


def sharpness(found: Tensor, expected: Tensor) -> float:
    """PSNR in dB of the expected image's own range."""
    span = expected.max() - expected.min()
    return float(10 * torch.log10(span.square() / (found - expected).square().mean()))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@torch.inference_mode()
def test_half_precision_stays_near_float32(name: str, dtype: torch.dtype) -> None:
    exact, half, ws = recorded(name).model(), recorded(name).model(), rows(name)
    lower(half, dtype)
    assert FastSynthesis.suits(half.synthesis) == (dtype == torch.bfloat16)
    # Some processors take minutes for wide filters in float16, which the program leaves to cards.
    if dtype == torch.bfloat16 or not name.startswith(("sg3", "xl")):
        expected, readable = exact.synthesis(ws, "const"), half.synthesis(ws, "const")
        assert readable.dtype == torch.float32
        least = 25.0 if dtype == torch.bfloat16 else 45.0
        assert sharpness(readable, expected) > least
        if dtype == torch.bfloat16:
            fast = FastSynthesis(half.synthesis)(ws, "const")
            assert sharpness(fast, expected) > sharpness(readable, expected) - 1.5
    for key, value in half.state_dict().items():
        assert worst(value.float(), exact.state_dict()[key].float()) < 0.02 * (
            1 + float(value.float().abs().max())
        )


def test_blocks_are_halved_that_the_originals_halve() -> None:
    def halved(model: Model) -> list[int]:
        return [part.resolution for part in model.synthesis.parts() if part.halved]

    second = StyleGAN2(StyleGAN2Config(8, 8, (8,) * 9))  # of 1024 px
    assert halved(second) == [128, 256, 512, 1024]
    assert halved(StyleGAN2(StyleGAN2Config(8, 8, (8, 8, 8)))) == [8, 16]
    layers = Schedule(img_resolution=256, channel_base=1024, channel_max=4).layers()
    third = StyleGAN3(StyleGAN3Config(8, 8, layers))
    assert halved(third) == [rate for rate in third.config.blocks if rate > 16]
    assert 16 in third.config.blocks
