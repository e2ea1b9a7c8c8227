"""The frames of a batch from one process; several are started in `tests.visualizer.commands`."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from renderer.pipeline.batch import grid_batch
from renderer.pipeline.shared_frames import shared_frames
from renderer.recipe.recipe import Recipe
from stylegan_t.metrics.shards import Shards
from tests.renderer.pipeline.test_batch import SHEET, Painter


def test_one_process_draws_all_in_order_with_their_notes() -> None:
    batch = grid_batch(SHEET, Recipe(), Path("a.png"), lambda: ())
    painter = Painter()
    found = list(shared_frames(painter, batch, Shards()))
    assert painter.drawn == [batch.recipe(index) for index in range(4)]
    assert [int(np.unique(frame.pixels)[0]) for frame in found] == [20, 40, 60, 80]
    assert [frame.notes for frame in found] == [("A note.",)] * 4


def test_a_frame_is_drawn_when_it_is_asked_for() -> None:
    batch, painter = grid_batch(SHEET, Recipe(), Path("a.png"), lambda: ()), Painter()
    frames = shared_frames(painter, batch, Shards())
    assert painter.drawn == []
    next(frames)
    assert painter.drawn == [batch.recipe(0)]
