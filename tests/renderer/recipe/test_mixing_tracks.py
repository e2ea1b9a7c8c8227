"""Changing mixing tracks, as properties."""

from __future__ import annotations

import pytest

from renderer.recipe import mixing_tracks
from renderer.recipe.recipe import MixTrack

BLOCKS = (8, 16, 32, 64, 128)
ROWS = (3, 6)


def test_a_track_is_written_without_the_zeros_at_its_end() -> None:
    assert mixing_tracks.track([0.0, 0.5, 0.0, 0.0]) == MixTrack((0.0, 0.5))
    assert mixing_tracks.track([0.0, 0.0]) == MixTrack()


def test_a_block_takes_its_rows_along_and_leaves_the_others() -> None:
    old = MixTrack((0.5,), ((2, 0.1), (4, 0.9), (6, 0.3)))
    new = mixing_tracks.with_block(old, 1, 0.7, ROWS)
    assert new == MixTrack((0.5, 0.7), ((2, 0.1), (6, 0.3)))
    assert [new.of_row(row, 1) for row in range(*ROWS)] == [0.7, 0.7, 0.7]


def test_a_row_goes_its_own_way_and_follows_again() -> None:
    old = MixTrack((0.0, 0.5))
    new = mixing_tracks.with_row(old, 4, 0.0)
    assert new.of_row(4, 1) == 0.0
    assert new.of_row(3, 1) == 0.5
    assert mixing_tracks.with_row(mixing_tracks.with_row(new, 4, 1.0), 4, None) == old


def test_a_block_shows_the_mean_of_its_rows() -> None:
    own = MixTrack((0.0, 0.5), ((4, 1.0), (5, 0.0), (9, 1.0)))
    assert mixing_tracks.block_weight(own, 1, ROWS) == pytest.approx(0.5)
    assert mixing_tracks.uneven(own, ROWS)
    assert not mixing_tracks.uneven(own, (0, 3))
    assert mixing_tracks.block_weight(own, 1, (0, 0)) == 0.5


@pytest.mark.parametrize("kind", mixing_tracks.KINDS)
def test_the_kinds_share_the_blocks_among_them(kind: str) -> None:
    weights = [mixing_tracks.of_kind(kind, BLOCKS).of_block(i) for i in range(len(BLOCKS))]
    expected = {
        "Coarse": [1, 0, 0, 0, 0],
        "Middle": [0, 1, 1, 0, 0],
        "Fine": [0, 0, 0, 1, 1],
        "All": [1, 1, 1, 1, 1],
        "None": [0, 0, 0, 0, 0],
    }
    assert weights == expected[kind]


def test_the_picture_keeps_what_nobody_takes() -> None:
    first, second = MixTrack((0.25, 0.75)), MixTrack((0.25, 0.75), ((3, 0.0),))
    assert mixing_tracks.rest([], 0, ROWS) == 1.0
    assert mixing_tracks.rest([first, second], 0, (0, 3)) == pytest.approx(0.5)
    assert mixing_tracks.rest([first, first], 1, ROWS) == 0.0
    assert mixing_tracks.rest([first, second], 1, ROWS) == pytest.approx(0.25 / 3)
    assert mixing_tracks.rest([MixTrack((-1.0,))], 0, ROWS) == 1.0
