"""Larger pictures: the trained square keeps its place, and every way of drawing gives the same."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from stylegan_t.config import BASE_RESOLUTION
from stylegan_t.extent import Extent, centre, extended, lead
from stylegan_t.generator import SynthesisNetwork
from stylegan_t.inference.bending import Effect, drawn
from stylegan_t.inference.fast import FastSynthesis
from stylegan_t.layers import SynthesisLayer
from tests.stylegan_t.family.recorded import recorded
from tests.stylegan_t.inference.test_fast import CONFIGS, close, network, rows
from tests.stylegan_t.inference.test_fast_blocks import rows as recorded_rows
from tests.stylegan_t.inference.test_graphs import graphs

WIDE, HIGH, LARGE = Extent(8, 14), Extent(11, 8), Extent(16, 16)
NOISY: dict[str, Any] = {"noise_mode": "random", "noise_seed": 3, "noise_strength": 0.5}


def test_a_map_is_mirrored_around_the_square() -> None:
    square = torch.arange(4.0).expand(4, 4)
    wide = extended(square, 4, 11, 4)
    assert wide[0].tolist() == [2, 1, 0, 0, 1, 2, 3, 3, 2, 1, 0]
    assert torch.equal(centre(wide, 4, 4), square)
    assert torch.equal(extended(square.T, 11, 4, 4), wide.T)
    assert extended(square, 4, 4, 4) is square


def test_the_square_begins_at_a_whole_cell() -> None:
    assert [lead(size, 32, 8) for size in (32, 36, 40, 56)] == [0, 0, 4, 12]
    assert lead(52, 36, 36) == 8


@pytest.mark.parametrize("extent", [WIDE, HIGH, LARGE])
@torch.inference_mode()
def test_every_way_of_drawing_gives_the_larger_picture(extent: Extent) -> None:
    config = CONFIGS["skip"]
    reference, ws = network(config), rows(config, mixed=True)
    bends = {"b16.conv0": [Effect("rotate", 20.0, side=16)]}
    calls: list[dict[str, Any]] = [{"noise_mode": "const"}, NOISY, {**NOISY, "bends": bends}]
    for call in calls:
        expected = drawn(reference, ws, extent=extent, **call)
        assert expected.shape == (1, 3, extent.rows * 4, extent.columns * 4)
        for draw in (FastSynthesis(reference), graphs(reference)):
            assert close(draw(ws, extent=extent, **call), expected)


@torch.inference_mode()
def test_a_square_after_a_larger_picture_is_the_square_again() -> None:
    config = CONFIGS["skip"]
    reference, ws = network(config), rows(config, mixed=True)
    expected = reference(ws, **NOISY)
    assert torch.equal(reference(ws, extent=Extent(8, 8), **NOISY), expected)
    for draw in (FastSynthesis(reference), graphs(reference)):
        draw(ws, **NOISY)
        draw(ws, extent=WIDE, **NOISY)
        assert close(draw(ws, **NOISY), expected)
        assert draw.blocks_drawn == (3 if isinstance(draw, FastSynthesis) else 0)


@pytest.mark.parametrize("name", ["sg2_cond", "sg2_resnet", "sg3_t_cond", "xl_stem", "lafite"])
@torch.inference_mode()
def test_every_kind_of_network_draws_larger_pictures(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    synthesis = recorded(name).model().requires_grad_(False).synthesis
    ws, grid = recorded_rows(name), synthesis.grid
    side = synthesis.config.img_resolution
    extent = Extent(grid, grid * 7 // 4)
    wide = synthesis(ws, "const", extent=extent)
    assert wide.shape[-2:] == (side, side * 7 // 4)
    for where in (extent, Extent(grid * 3 // 2, grid * 7 // 4)):
        expected = synthesis(ws, "const", extent=where)
        with monkeypatch.context() as patch:  # nothing falls back to the slow filter
            patch.setattr("stylegan_t.inference.filtered.filtered_lrelu", None)
            found = FastSynthesis(synthesis)(ws, "const", extent=where)
        assert float((found - expected).abs().max()) < 1e-4
    square = synthesis(ws, "const")
    if name.startswith(("sg3", "xl")):  # its margin keeps the border away from the picture
        assert close_within(centre(wide, side, grid), square, 0.01)


def close_within(found: Tensor, expected: Tensor, share: float) -> bool:
    """Equal within a share of the largest value, on average."""
    return float((found - expected).abs().mean()) < share * float(expected.abs().max())


@torch.inference_mode()
def test_statistics_are_those_of_the_square() -> None:
    """What is drawn around it must not change its contrast."""
    torch.manual_seed(0)
    layer = SynthesisLayer(8, 8, 4, 16, residual=True, gn_groups=4)
    square, w = torch.randn(1, 8, 16, 16), torch.randn(1, 4)
    outside = torch.full((1, 8, 16, 6), 50.0)
    wide = torch.cat([outside, square, outside], dim=3)
    silent: Any = lambda resolution, stored: None  # noqa: E731
    found, expected = layer(wide, w, silent), layer(square, w, silent)
    inner = found[..., 7:21], expected[..., 1:15]
    torch.testing.assert_close(inner[0][:, :, 1:15], inner[1][:, :, 1:15], atol=1e-3, rtol=1e-3)


def test_a_network_says_how_many_cells_its_square_has() -> None:
    made: SynthesisNetwork = network(CONFIGS["skip"])
    assert made.grid == BASE_RESOLUTION
    assert recorded("sg2_cond").model().anatomy.grid == 4
