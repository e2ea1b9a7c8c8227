"""Clips give their timeline back, and nothing that only looks like one does harm."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from renderer.files import embedded_timeline
from renderer.files.embedded_timeline import MARK, read_video_timeline
from renderer.files.video import VideoFile
from renderer.files.video_settings import VideoKind, VideoSettings
from renderer.recipe.recipe import Prompt, Recipe, TextPart
from renderer.timeline.serialization import timeline_to_json
from renderer.timeline.timeline import KeyFrame, Timeline, TimelineError

WORDS = Recipe(text=TextPart((Prompt('größe 日本 😀 "}{" ' * 900),)))
LINE = Timeline((KeyFrame(0.0, WORDS), KeyFrame(1.0, Recipe(psi=0.5), "hold")))
MOVIES: tuple[VideoKind, ...] = ("mp4", "webm", "gif")


def written(folder: Path, kind: VideoKind, comment: str) -> Path:
    """A clip with a comment."""
    noise = np.random.default_rng(0).integers(0, 255, (4, 32, 32, 3)).astype(np.uint8)
    with VideoFile(folder / f"clip.{kind}", VideoSettings(kind, comment=comment)) as clip:
        for pixels in noise:
            clip.add(pixels)
        return clip.finish()


@pytest.mark.parametrize("kind", MOVIES)
def test_a_clip_gives_its_timeline_back(kind: VideoKind, tmp_path: Path) -> None:
    assert read_video_timeline(written(tmp_path, kind, timeline_to_json(LINE))) == LINE


def test_sessions_and_timelines_too(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(timeline_to_json(LINE))
    assert read_video_timeline(path) == LINE


@pytest.mark.parametrize("kind", MOVIES)
def test_a_clip_of_another_program_is_told(kind: VideoKind, tmp_path: Path) -> None:
    with pytest.raises(TimelineError, match=f"clip.{kind} contains no timeline"):
        read_video_timeline(written(tmp_path, kind, ""))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        MARK,
        MARK + b": 1",
        MARK + b": 1}",
        MARK + b': 9, "timeline": {}}',
        MARK + b': 1, "timeline": ' + b"[" * 200_000,
        MARK + b"\xff\xfe" * 100,
        b"\x21\xfe\x16" + MARK,
        b"\x21\xfe\xff" + MARK + b": 1}",
        b"\x21\xfe\x01" + MARK + b": 1}\0",
        b"\xfe" + MARK,
    ],
)
def test_hostile_files_are_refused_with_a_sentence(data: bytes, tmp_path: Path) -> None:
    for name in ("a.mp4", "a.gif"):
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(TimelineError, match=rf"^{name}.*\.$") as caught:
            read_video_timeline(path)
        assert len(str(caught.value)) < 300


def test_a_mark_far_from_both_ends_is_not_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_timeline, "LOOK_BYTES", 1000)
    path = tmp_path / "a.gif"
    path.write_bytes(b"x" * 5000 + timeline_to_json(Timeline()).encode() + b"x" * 5000)
    with pytest.raises(TimelineError, match="contains no timeline"):
        read_video_timeline(path)
    path.write_bytes(b"x" * 5000 + timeline_to_json(Timeline()).encode())
    assert read_video_timeline(path) == Timeline()


def test_a_clip_is_known_by_what_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "clip.bin"
    path.write_bytes(b"\0\0\0\x20ftypisom" + bytes(500) + timeline_to_json(LINE).encode())
    assert read_video_timeline(path) == LINE
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(TimelineError, match=r"clip.bin is a picture, not a session"):
        read_video_timeline(path)


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "folder.mp4").mkdir()
    for name in ("no.mp4", "folder.mp4"):
        with pytest.raises(TimelineError, match=name):
            read_video_timeline(tmp_path / name)
