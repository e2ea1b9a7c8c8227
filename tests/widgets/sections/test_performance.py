"""The performance section: what it says of a picture, and that it asks for the times of blocks."""

from __future__ import annotations

import numpy as np
import pytest

from renderer.frame.block_times import BlockMs
from renderer.frame.dropped import Counts
from renderer.frame.frame import Frame
from renderer.recipe.recipe import Recipe
from tests.visualizer.conftest import Open
from tests.visualizer.fake import MODEL, FakeThread
from visualizer.session.state import State
from widgets.context import Options
from widgets.sections.performance import Profile, bars, blocks_drawn


def frame(block_ms: BlockMs, synthesis_ms: float = 20.0) -> Frame:
    """A frame with these times."""
    stages = (("text", 0.0), ("synthesis", synthesis_ms), ("picture", 0.3))
    return Frame(Recipe(), MODEL, None, stage_ms=stages, block_ms=block_ms)


def times(*ms: float) -> BlockMs:
    """Times of the fake model's blocks."""
    return tuple(zip(MODEL.blocks, ms, strict=True))


@pytest.mark.parametrize(
    ("block_ms", "words"),
    [
        (times(1, 2, 4, 8), "all 4 rendered"),
        (times(0, 2, 4, 8), "2 to 4 of 4 rendered"),
        (times(0, 0, 0, 8), "4 of 4 rendered"),
        (times(0, 0, 0, 0), "all reused"),
        ((), "timed from the next picture on"),
    ],
)
def test_it_says_which_blocks_were_drawn(block_ms: BlockMs, words: str) -> None:
    assert blocks_drawn(frame(block_ms)) == words


def test_a_picture_from_the_cache_took_no_block() -> None:
    kept = frame((), synthesis_ms=0.0)
    assert blocks_drawn(kept) == "all reused"
    assert [bar.label for bar in bars(kept, 0.2) if bar.depth] == ["reused"] * 4


def test_blocks_stand_below_the_synthesis() -> None:
    found = bars(frame(times(0, 2, 4.25, 8)), 0.2)
    assert [(bar.name, bar.label, bar.depth) for bar in found] == [
        ("Text", "reused", 0),
        ("Synthesis", "20.0 ms", 0),
        ("8 px", "reused", 1),
        ("16 px", "2.0 ms", 1),
        ("32 px", "4.2 ms", 1),
        ("64 px", "8.0 ms", 1),
        ("Picture", "0.3 ms", 0),
        ("Upload", "0.2 ms", 0),
    ]


def test_blocks_without_times_say_so() -> None:
    assert [bar.label for bar in bars(frame(()), 0.2) if bar.depth] == ["not timed"] * 4


# -- in the window -----------------------------------------------------------------------------


@pytest.mark.display
def test_blocks_are_timed_while_the_section_is_open(open_window: Open) -> None:
    ui = open_window(state=State(Recipe(), Options(open_sections=())))
    header = "**/Performance##header"
    assert not ui.thread.time_blocks
    ui(lambda c: c.item_click(header))
    assert ui.thread.time_blocks
    ui.app.session.options = Options(open_sections=("Performance",), show_sidebar=False)
    ui.frames()
    assert not ui.thread.time_blocks
    ui.app.session.options = Options(open_sections=("Performance",))
    ui.frames()
    assert ui.thread.time_blocks
    ui(lambda c: c.item_click(header))
    assert not ui.thread.time_blocks


@pytest.mark.display
def test_it_sees_what_the_thread_left_out(open_window: Open) -> None:
    thread = FakeThread(counts=Counts(12, 3, 1), previews_waiting=5)
    state = State(Recipe(), Options(open_sections=("Performance",)))
    ui = open_window(thread=thread, state=state)
    assert ui.app._context(0.0).see(Profile) == Profile(12, 3, 1, 5)
    before = ui.app.screenshot()
    thread.counts.not_begun = 987
    assert not np.array_equal(ui.app.screenshot(), before), "the new count is on the screen"
