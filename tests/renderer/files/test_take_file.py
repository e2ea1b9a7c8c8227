"""Files of takes: they grow, nothing of them is lost by a cut or a full disk, and back again."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from renderer.files import take_file
from renderer.files.atomic import ExportError
from renderer.files.embedded_timeline import read_video_timeline
from renderer.files.kinds import identify
from renderer.files.take_file import TakeFile, read_take
from renderer.recipe.recipe import Prompt, Recipe, TextPart
from renderer.timeline.serialization import timeline_from_json, timeline_to_json
from renderer.timeline.take import Sample
from renderer.timeline.timeline import TimelineError
from tests.source_tree import ROOT

PLAYED = [Sample(i / 10, Recipe(psi=(i * i) % 7 / 8)) for i in range(20)]
"""No three of them lie on a line."""


def written(folder: Path, samples: list[Sample] = PLAYED, *, ends: bool = True) -> Path:
    file = TakeFile(folder)
    for sample in samples:
        file.add([sample])
    return file.finish() if ends else file.path


def test_what_was_played_comes_back(tmp_path: Path) -> None:
    path = written(tmp_path / "new")
    assert path == tmp_path / "new" / "take-0001.take"
    take, note = read_take(path)
    assert (list(take.samples), note) == (PLAYED, "")
    assert identify(path) == "take"


def test_no_file_is_ever_replaced(tmp_path: Path) -> None:
    (tmp_path / "take-0004.mp4").write_bytes(b"a video")
    first, second = written(tmp_path), written(tmp_path)
    assert [first.name, second.name] == ["take-0005.take", "take-0006.take"]


@pytest.mark.parametrize("cut", [1, 12, 30])
def test_a_line_that_is_cut_off_ends_the_take(tmp_path: Path, cut: int) -> None:
    path = written(tmp_path, ends=False)
    data = path.read_bytes()
    path.write_bytes(data[:-cut])
    take, note = read_take(path)
    assert list(take.samples) == PLAYED[: len(take.samples)]
    assert len(take.samples) >= len(PLAYED) - 1
    assert note.startswith(f"take-0001.take ends at {take.length_s:.1f} s: ")


def test_a_damaged_line_in_the_middle_ends_it_too(tmp_path: Path) -> None:
    path = written(tmp_path)
    lines = path.read_bytes().splitlines()
    lines[11] = b'{"t":1.0,"changed":{"psi":"'
    path.write_bytes(b"\n".join(lines))
    take, note = read_take(path)
    assert list(take.samples) == PLAYED[:10]
    assert "damaged" in note


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not a take"),
        (b'{"stylegan_t_take":1}', "holds nothing"),
        (b'{"stylegan_t_take":99}\n', "newer version"),
        (b'{"stylegan_t_take":1,"stylegan_t_recipe":999}\n', "newer version"),
        (b'{"stylegan_t_take":1}\n{"t":0}\n', "holds nothing"),
        (b'{"stylegan_t_timeline":1}\n', "not a take"),
    ],
)
def test_what_is_no_take_is_one_sentence(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "a.take"
    path.write_bytes(data)
    with pytest.raises(TimelineError, match=rf"^a\.take .*{words}.*\.$"):
        read_take(path)


def test_a_take_that_is_far_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(take_file, "MAX_TAKE_BYTES", 100)
    with pytest.raises(TimelineError, match="far too large"):
        read_take(written(tmp_path))


def test_a_full_disk_keeps_what_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = TakeFile(tmp_path)
    file.add(PLAYED[:10])

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ExportError, match=r"take-0001\.take cannot be written: the disk is full"):
        file.add(PLAYED[10:])
    assert list(read_take(file.path).take.samples)[:10] == PLAYED[:10]


def test_a_real_limit_in_the_middle_of_a_line_keeps_what_was_written(tmp_path: Path) -> None:
    """The system refuses to write beyond 2000 bytes."""
    script = f"""
import resource, sys
from pathlib import Path
from renderer.files.atomic import ExportError
from tests.renderer.files.test_take_file import PLAYED, TakeFile
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
file = TakeFile(Path({str(tmp_path)!r}))
try:
    for sample in PLAYED * 9:
        file.add([sample])
except ExportError as error:
    print(error)
"""
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert "cannot be written" in run.stdout, run.stderr
    path = tmp_path / "take-0001.take"
    assert path.stat().st_size == 2000
    assert list(read_take(path).take.samples)[:5] == PLAYED[:5]


def test_half_a_character_is_left_out(tmp_path: Path) -> None:
    broken = Recipe(text=TextPart((Prompt("\ud800"),)))
    path = written(tmp_path, [PLAYED[0], Sample(0.05, broken), PLAYED[1]])
    assert list(read_take(path).take.samples) == PLAYED[:2]


def test_a_take_of_many_samples_is_kept_with_a_session(tmp_path: Path) -> None:
    samples = [Sample(i / 60, Recipe(psi=(i * i) % 11 / 8)) for i in range(400)]
    timeline = read_video_timeline(written(tmp_path, samples))
    assert timeline.take is not None
    back = timeline_from_json(timeline_to_json(timeline))
    assert back.take is not None
    assert back.take.samples == timeline.take.samples
    assert (back.length_s, back.fps, back.loop) == (timeline.length_s, 60, "once")


def test_who_asks_is_told_where_it_ends(tmp_path: Path) -> None:
    notes = list[str]()
    read_video_timeline(written(tmp_path, ends=False), notes.append)
    assert notes == ["take-0001.take ends at 1.9 s: recording was interrupted."]
