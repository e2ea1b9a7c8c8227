"""The kernel of StyleGAN3's filters gives what the readable filter gives: its tiles here, and all
of it by Triton's interpreter where that is there."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from stylegan_t.family.schedule import Schedule
from stylegan_t.inference import filtered_kernel
from stylegan_t.inference.filtered_kernel import FilteredKernel, available
from stylegan_t.inference.resampling_tiles import Axis
from tests.source_tree import ROOT
from tests.stylegan_t.inference.interpreted import CHANNELS, axis_of, both, layers

CARD_S = 300


class Programs:
    """Stands for the kernel, by PyTorch: as many programs as the grid has, each with its tile."""

    def __getitem__(self, grid: tuple[int, int, int]) -> Callable[..., None]:
        def run(*given: Any, **sizes: int) -> None:
            for channel in range(grid[0]):
                for down in range(grid[2]):
                    for across in range(grid[1]):
                        _program(channel, down, across, *given, **sizes)

        return run


def _program(
    channel: int, tile_down: int, tile_across: int,
    x: Tensor, scale: Tensor, bias: Tensor, raising: Tensor, down: Tensor, across: Tensor,
    out: Tensor, size: int, out_size: int, first: int, step: int, *rest: Any,
    READ: int, HIGH: int, TILE: int, PAIRS: int,
) -> None:  # fmt: skip
    gain, slope, clamp = rest[6:]
    assert rest[:3] == (x.stride(2), x.stride(3), x.stride(1))
    assert rest[3:6] == (out.stride(2), out.stride(3), out.stride(1))
    assert raising.shape == (HIGH, READ) and down.shape == across.shape == (PAIRS, TILE, HIGH)
    value = torch.zeros(READ, READ)
    for i in range(READ):
        for j in range(READ):
            row, column = first + tile_down * step + i, first + tile_across * step + j
            if 0 <= row < size and 0 <= column < size:
                value[i, j] = x[0, channel, row, column] * scale[channel] + bias[channel]
    high = torch.nn.functional.leaky_relu(raising @ value @ raising.T, slope) * gain
    high = high.clamp(-clamp, clamp)
    tile = sum(a @ high @ b.T for a, b in zip(down, across, strict=True))
    assert isinstance(tile, Tensor)
    rows, columns = (slice(t * TILE, (t + 1) * TILE) for t in (tile_down, tile_across))
    place = out[0, channel, rows, columns]
    place.copy_(tile[: place.shape[0], : place.shape[1]])


def test_its_tiles_make_what_the_readable_filter_makes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filtered_kernel.kernels, "filtered_kernel", Programs())
    chosen = layers()
    assert {(layer.spec.up, layer.spec.down) for layer in chosen} >= {(2, 2), (4, 2)}
    assert any(layer.spec.down_radial for layer in chosen)
    for layer in chosen:
        side = axis_of(layer).size
        found, expected = both(layer, torch.randn(1, CHANNELS, side, side))
        assert found.shape == expected.shape
        assert float((found - expected).abs().max()) <= 1e-4


def test_every_layer_of_the_public_models_suits_it() -> None:
    for side in (256, 512, 1024):
        for more in ({}, {"kernel": 1, "radial": True}):
            for spec in Schedule(img_resolution=side, **more).layers()[:-1]:
                around = spec.in_size + spec.kernel - 1
                taps = (spec.up_taps, spec.down_taps)
                assert FilteredKernel.suits(Axis(around, spec.up, spec.down, *taps, 0, 0))
    assert not FilteredKernel.suits(Axis(64, 3, 1, 18, 6, 0, 0)), "its tiles begin differently"


def test_it_is_not_for_the_processor() -> None:
    assert not available(torch.device("cpu"))


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("triton") is None, reason="no Triton here")
def test_by_tritons_interpreter() -> None:
    environment = {**os.environ, "TRITON_INTERPRET": "1"}
    command = [sys.executable, "-m", "tests.stylegan_t.inference.interpreted"]
    done = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=CARD_S
    )
    assert done.returncode == 0, done.stderr
    errors = [float(line) for line in done.stdout.split()]
    assert len(errors) == 2 * len(layers()) and max(errors) <= 1e-4
