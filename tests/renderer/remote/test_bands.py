"""Exact pixels that follow a lossy picture: in order, in bands, and only for what is shown."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from msgspec.structs import replace

from renderer.frame.frame import Frame
from renderer.remote.bands import FEWEST_ROWS, Assembly, Bands
from renderer.remote.messages import Band
from renderer.remote.wire import LineError
from tests.renderer.fakes import recipe

EXACT = torch.arange(50 * 40 * 3).remainder(251).to(torch.uint8).reshape(50, 40, 3)
SENT = Frame(recipe("a"), None, EXACT)
CAME = Frame(recipe("a"), None, EXACT + 1, exact=False)


def cut(rate: float | None) -> list[Band]:
    bands, all_bands = Bands(SENT, 3), list[Band]()
    while not bands.over:
        all_bands.append(bands.next(len(all_bands) + 1, rate))
    return all_bands


@pytest.mark.parametrize("rate", [None, 1e4, 1e5, 1e9])
def test_bands_make_the_exact_picture(rate: float | None) -> None:
    assembly, bands = Assembly(), cut(rate)
    assembly.begin(CAME, 3)
    frames = [assembly.add(band) for band in bands]
    assert frames[:-1] == [None] * (len(bands) - 1)
    whole = frames[-1]
    assert whole is not None
    assert whole.exact
    assert np.array_equal(whole.pixels(), EXACT.numpy())
    assert not np.array_equal(CAME.pixels(), EXACT.numpy())


def test_a_fast_line_takes_one_and_a_slow_one_many() -> None:
    assert len(cut(1e9)) == 1
    assert len(cut(1.0)) == -(-50 // FEWEST_ROWS)


def test_bands_of_another_picture_or_of_an_exact_one_are_passed_over() -> None:
    assembly, bands = Assembly(), cut(None)
    assert assembly.add(bands[0]) is None
    assembly.begin(CAME, 4)
    assert [assembly.add(band) for band in bands] == [None] * len(bands)
    assembly.begin(SENT, 3)
    assert [assembly.add(band) for band in bands] == [None] * len(bands)


def test_a_newer_picture_ends_what_was_being_put_together() -> None:
    assembly, bands = Assembly(), cut(None)
    assembly.begin(CAME, 3)
    assembly.add(bands[0])
    assembly.begin(CAME, 3)
    with pytest.raises(LineError, match="does not fit"):
        assembly.add(bands[1])


def test_bands_that_do_not_fit_are_refused() -> None:
    first = cut(None)[0]
    wide = Bands(Frame(recipe("a"), None, torch.zeros(50, 41, 3, dtype=torch.uint8)), 3)
    high = Bands(Frame(recipe("a"), None, torch.zeros(60, 40, 3, dtype=torch.uint8)), 3)
    for bad in (replace(first, top=8), wide.next(1, 1e9), high.next(1, 1e9)):
        assembly = Assembly()
        assembly.begin(CAME, 3)
        with pytest.raises(LineError, match="does not fit"):
            assembly.add(bad)
