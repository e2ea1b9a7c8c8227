"""Recorded videos: whole at the end, and up to a second before a kill or a full disk."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from av.error import FFmpegError

from renderer.files import recorded_video
from renderer.files.atomic import ExportError
from renderer.files.recorded_video import RecordedVideo
from tests.source_tree import ROOT

FPS = 30


def noise(index: int, side: int = 64) -> np.ndarray:
    """A picture that packs badly, and gets lighter."""
    rng = np.random.default_rng(index)
    return (rng.integers(0, 100, (side, side, 3)) + 2 * (index % 60)).astype(np.uint8)


def count(path: Path) -> int:
    """The number of frames that a player shows."""
    shown = 0
    with av.open(str(path)) as movie:
        try:
            for _ in movie.decode(video=0):
                shown += 1
        except FFmpegError:
            return shown
    return shown


def test_what_is_finished_is_a_file_like_any_other(tmp_path: Path) -> None:
    video = RecordedVideo(tmp_path / "a.mp4", FPS)
    for index in range(45):
        video.add(noise(index))
    video.add(noise(45, 30))  # another model
    video.finish()
    video.close()
    assert os.listdir(tmp_path) == ["a.mp4"]
    data = (tmp_path / "a.mp4").read_bytes()
    assert count(tmp_path / "a.mp4") == 46
    assert b"moof" not in data and data.index(b"moov") < data.index(b"mdat")
    with av.open(str(tmp_path / "a.mp4")) as movie:
        frames = [frame.to_ndarray(format="rgb24") for frame in movie.decode(video=0)]
        assert movie.streams.video[0].average_rate == FPS
    assert [frame.shape for frame in frames] == [(64, 64, 3)] * 46
    assert all(abs(frame.mean() - noise(i).mean()) < 4 for i, frame in enumerate(frames[:45]))


def test_nothing_is_replaced_and_no_frame_leaves_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"mine")
    video = RecordedVideo(tmp_path / "a.mp4", FPS)
    with pytest.raises(ExportError, match=r"a\.mp4"):
        video.add(noise(0))
    assert (tmp_path / "a.mp4").read_bytes() == b"mine"
    RecordedVideo(tmp_path / "b.mp4", FPS).finish()
    assert os.listdir(tmp_path) == ["a.mp4"]


RECORD = f"""
import sys
from pathlib import Path
from renderer.files.recorded_video import RecordedVideo
from tests.renderer.files.test_recorded_video import noise
video = RecordedVideo(Path(sys.argv[1]), {FPS})
for index in range(100_000):
    video.add(noise(index))
    print(index + 1, flush=True)
"""


def test_a_kill_loses_less_than_a_second(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    command = [sys.executable, "-c", RECORD, str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) >= 3 * FPS:
                break
        process.kill()
        written = max([3 * FPS, *(int(line) for line in process.stdout if line.endswith("\n"))])
    assert process.returncode == -signal.SIGKILL
    assert written - FPS < count(path) <= written + 1


FILL = """
import resource, signal, sys
from pathlib import Path
from renderer.files.atomic import ExportError
from renderer.files.recorded_video import RecordedVideo
from tests.renderer.files.test_recorded_video import noise
if sys.argv[2] == "limit":
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
video = RecordedVideo(Path(sys.argv[1]), 30)
index = 0
try:
    while True:
        video.add(noise(index))
        index += 1
except ExportError as error:
    video.close()
    print(index, error, sep="\\n")
"""
ON_A_SMALL_DISK = """
folder="$1"; shift
mount -t tmpfs -o size=400k tmpfs "$folder" && "$@" && cp "$folder/a.mp4" "$folder.mp4"
"""


def filled(path: Path, kind: str) -> tuple[int, str]:
    """Record to a disk until it is full; the number of frames that went, and the sentence."""
    command = [sys.executable, "-c", FILL, str(path), kind]
    if kind == "disk":
        # A real file system of 400 kB, which only this process and its children see; what was
        # recorded is copied out of it for the test.
        command = ["unshare", "-rm", "sh", "-c", ON_A_SMALL_DISK, "sh", str(path.parent), *command]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    number, sentence = result.stdout.strip().split("\n")
    return int(number), sentence


def may_mount() -> bool:
    try:
        return subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode == 0
    except OSError:
        return False


@pytest.mark.parametrize("kind", ["limit", "disk"] if may_mount() else ["limit"])
def test_a_full_disk_ends_it_with_a_sentence_and_what_was_recorded_plays(
    kind: str, tmp_path: Path
) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    frames, sentence = filled(folder / "a.mp4", kind)
    kept = tmp_path / "disk.mp4" if kind == "disk" else folder / "a.mp4"
    assert "cannot be written" in sentence
    assert sentence.endswith("What was recorded until then is in it.")
    assert frames > FPS and frames - FPS < count(kept) <= frames + 1


def test_where_it_cannot_be_put_together_the_fragments_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(recorded_video, "replace_file", full)
    video = RecordedVideo(tmp_path / "a.mp4", FPS)
    for index in range(20):
        video.add(noise(index))
    video.finish()
    assert os.listdir(tmp_path) == ["a.mp4"]
    assert count(tmp_path / "a.mp4") == 20
