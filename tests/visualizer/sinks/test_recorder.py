"""The recorded video: each picture for as long as it was shown, at an even rate."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import av
import numpy as np
import pytest

from renderer.frame.frame import Frame
from renderer.recipe.recipe import Recipe
from tests.visualizer.fake import FakeImage
from visualizer.sinks.recorder import FPS, Span, VideoRecorder
from visualizer.sinks.sink import Picture


def picture(level: int, time_s: float) -> Picture:
    image = FakeImage(np.full((16, 16, 3), level, np.uint8))
    return Picture(Frame(Recipe(), None, cast(Any, image)), time_s)


def levels(path: Path) -> list[int]:
    """The grey of each frame, to the nearest ten."""
    with av.open(str(path)) as movie:
        assert movie.streams.video[0].average_rate == FPS
        frames = [frame.to_ndarray(format="rgb24") for frame in movie.decode(video=0)]
    return [10 * round(float(frame.mean()) / 10) for frame in frames]


def test_a_picture_stays_until_the_next_one(tmp_path: Path) -> None:
    span = Span(100.0)
    sink = VideoRecorder(tmp_path / "a.mp4", span)
    for level, frame in ((50, 0), (100, 6), (150, 6.1), (200, 9)):
        sink.take(picture(level, 100.0 + frame / FPS))
    span.ended_s = 100.0 + 12 / FPS
    sink.close()
    assert levels(tmp_path / "a.mp4") == [50] * 6 + [150] * 3 + [200] * 3


def test_a_still_picture_grows_the_video_while_it_stays(tmp_path: Path) -> None:
    span, now_s = Span(0.0), 0.0
    sink = VideoRecorder(tmp_path / "a.mp4", span, clock=lambda: now_s)
    still = picture(80, 0.0)
    sink.take(still)
    now_s = 10 / FPS
    sink.take(still)
    assert sink._count == 10
    now_s = span.ended_s = 14 / FPS
    sink.close()
    assert levels(tmp_path / "a.mp4") == [80] * 14


def test_what_came_after_the_end_is_not_in_it(tmp_path: Path) -> None:
    span = Span(0.0)
    sink = VideoRecorder(tmp_path / "a.mp4", span)
    sink.take(picture(50, 0.0))
    span.ended_s = 3 / FPS
    sink.take(picture(200, 20 / FPS))
    sink.close()
    assert levels(tmp_path / "a.mp4") == [50] * 3


@pytest.mark.parametrize("count", [0, 1])
def test_a_recording_of_a_moment(tmp_path: Path, count: int) -> None:
    span = Span(0.0, 0.0)
    sink = VideoRecorder(tmp_path / "a.mp4", span)
    for _ in range(count):
        sink.take(picture(50, 0.0))
    sink.close()
    assert len(list(tmp_path.iterdir())) == count
