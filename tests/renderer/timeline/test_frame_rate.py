"""Frame rates as they are typed, as videos state them, and as timelines keep them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from renderer.files.video import VideoFile
from renderer.files.video_settings import VideoSettings
from renderer.recipe.recipe import Recipe
from renderer.timeline.frame_rate import exact, frame_rate, rate_in_words
from renderer.timeline.serialization import timeline_from_json, timeline_to_json
from renderer.timeline.timeline import KeyFrame, Timeline, frame_count, frame_recipe


@pytest.mark.parametrize(
    ("typed", "stated", "words"),
    [
        (30, Fraction(30), "30"),
        (25.0, Fraction(25), "25"),
        (29.97, Fraction(30000, 1001), "29.97"),
        (23.976, Fraction(24000, 1001), "23.976"),
        (23.98, Fraction(24000, 1001), "23.976"),
        (59.94, Fraction(60000, 1001), "59.94"),
        (12.5, Fraction(25, 2), "12.5"),
    ],
)
def test_a_rate_means_what_it_says(typed: float, stated: Fraction, words: str) -> None:
    rate = frame_rate(typed)
    assert exact(rate) == stated and rate_in_words(rate) == words
    assert frame_rate(rate) == rate


def test_whole_rates_stay_whole_numbers_in_files() -> None:
    keys = (KeyFrame(0.0, Recipe(psi=0.0), "linear"), KeyFrame(4.0, Recipe(psi=1.0)))
    for typed in (30, 29.97):
        timeline = Timeline(keys, 4.0, frame_rate(typed), "once")
        assert timeline_from_json(timeline_to_json(timeline)).fps == frame_rate(typed)
    assert '"fps":30,' in timeline_to_json(Timeline(keys, fps=frame_rate(30.0))).replace(" ", "")


def test_frames_lie_where_the_rate_has_them(tmp_path: Path) -> None:
    keys = (KeyFrame(0.0, Recipe(psi=0.0), "linear"), KeyFrame(1.001, Recipe(psi=1.001)))
    timeline = Timeline(keys, 1.001, frame_rate(59.94), "once")
    assert frame_count(timeline) == 61  # sixty frames take a little longer than a second
    assert frame_recipe(timeline, 30).psi == pytest.approx(0.5005)
    path = tmp_path / "a.mp4"
    with VideoFile(path, VideoSettings("mp4", timeline.fps)) as file:
        for grey in range(30):
            file.add(np.full((32, 32, 3), grey * 8, np.uint8))
        file.finish()
    with av.open(str(path)) as video:
        stream = video.streams.video[0]
        assert stream.average_rate == Fraction(60000, 1001)
        last = list(video.decode(stream))[-1]
        assert last.time == pytest.approx(29 * 1001 / 60000)
