"""Pictures on the line: exact where that is said, and checked before they are read."""

from __future__ import annotations

import numpy as np
import pytest

from renderer.remote.messages import Coding, Pixels
from renderer.remote.pixels import packed, unpacked
from renderer.remote.wire import LineError

RAMP = (np.arange(40 * 30 * 3) % 251).astype(np.uint8).reshape(30, 40, 3)


@pytest.mark.parametrize("coding", ["raw", "png"])
def test_raw_and_png_keep_every_value(coding: Coding) -> None:
    pixels = packed(RAMP, coding)
    assert (pixels.width, pixels.height) == (40, 30)
    assert np.array_equal(unpacked(pixels), RAMP)


@pytest.mark.parametrize("coding", ["jpeg", "webp"])
def test_lossy_codings_come_close(coding: Coding) -> None:
    smooth = np.broadcast_to(np.linspace(0, 255, 64)[None, :, None], (64, 64, 3)).astype(np.uint8)
    found = unpacked(packed(smooth, coding, 90))
    assert found.shape == smooth.shape
    assert np.abs(found.astype(int) - smooth).mean() < 4


def test_less_quality_is_fewer_bytes() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    assert len(packed(noise, "jpeg", 45).data) < len(packed(noise, "jpeg", 92).data)


def test_a_cut_or_long_raw_picture_is_refused() -> None:
    for data in (b"", bytes(29), bytes(31)):
        with pytest.raises(LineError, match="size"):
            unpacked(Pixels(10, 1, "raw", data))


def test_a_picture_of_another_size_than_it_says_is_refused() -> None:
    good = packed(RAMP, "png")
    with pytest.raises(LineError, match="size"):
        unpacked(Pixels(41, 30, "png", good.data))


def test_a_picture_of_another_kind_than_it_says_is_refused() -> None:
    with pytest.raises(LineError, match="read"):
        unpacked(Pixels(40, 30, "jpeg", packed(RAMP, "png").data))


def test_a_huge_picture_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(LineError, match="too large"):
        unpacked(Pixels(16_000, 16_000, "png", packed(RAMP, "png").data))


@pytest.mark.parametrize("coding", ["png", "jpeg", "webp"])
def test_damage_is_a_sentence_or_a_picture(coding: Coding) -> None:
    good = packed(RAMP, coding)
    rng = np.random.default_rng(1)
    refused = 0
    for _ in range(60):
        data = bytearray(good.data)
        for at in rng.integers(0, len(data), 4):
            data[at] ^= int(rng.integers(1, 256))
        cut = bytes(data[: int(rng.integers(1, len(data) + 1))])
        try:
            assert unpacked(Pixels(40, 30, coding, cut)).shape == RAMP.shape
        except LineError:
            refused += 1
    assert refused > 10
