"""Unfinished files: their names, and that nothing but what a kill left behind is swept away."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from renderer.files.atomic import write_file
from renderer.files.video import VideoFile
from renderer.files.video_settings import VideoSettings
from stylegan_t.files.partial_files import OLD_S, part_path, sweep

NOW_S = 2e9
HEX = "0123456789abcdef"


@pytest.fixture(scope="module")
def gone() -> int:
    """The number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
        return process.pid


def planted(path: Path, age_s: float = OLD_S + 1, *, inside: tuple[str, ...] | None = None) -> Path:
    """A file, or a folder with files `inside`, that nothing was written to for `age_s`."""
    if inside is None:
        path.write_bytes(b"half a picture")
    else:
        path.mkdir()
        for name in inside:
            (path / name).write_bytes(b"half a picture")
    os.utime(path, (NOW_S - age_s, NOW_S - age_s))
    return path


def test_what_a_kill_left_is_deleted(tmp_path: Path, gone: int) -> None:
    planted(tmp_path / f".{HEX}.part")
    planted(tmp_path / f".{HEX}-{gone}.part")
    planted(tmp_path / f".{HEX[::-1]}-{gone}.part", inside=("00000.png", "00001.png"))
    planted(tmp_path / f".{HEX[::-1]}.part", inside=("timeline.json",))
    assert sweep(tmp_path, NOW_S) == 4
    assert list(tmp_path.iterdir()) == []
    assert sweep(tmp_path, NOW_S) == 0


@pytest.mark.parametrize(
    "name",
    [
        "picture.png",
        "notes.part",
        ".part",
        f"{HEX}.part",
        f".{HEX.upper()}.part",
        f".{HEX}0.part",
        f".{HEX[1:]}.part",
        f".{HEX}.part2",
        f".{HEX}.part\n",
        f".{HEX}-0.part",
        f".{HEX}-x.part",
        f".{HEX}-12345678901.part",
        f".state.json.{HEX[:8]}.part",
        f".x{HEX}.part",
    ],
)
def test_other_names_are_none_of_ours(name: str, tmp_path: Path) -> None:
    path = planted(tmp_path / name)
    assert sweep(tmp_path, NOW_S) == 0
    assert path.exists()


@pytest.mark.parametrize(
    "plant",
    [
        lambda at: planted(at / f".{HEX}.part", OLD_S - 60),
        lambda at: planted(at / f".{HEX}.part", -3600),  # a clock that was set back
        lambda at: planted(at / f".{HEX}-{os.getpid()}.part"),
        lambda at: planted(at / f".{HEX}-{os.getppid()}.part", inside=("00000.png",)),
        lambda at: planted(at / f".{HEX}.part", inside=("00000.png", "mine.txt")),
    ],
    ids=["young", "future", "own", "another's", "not only ours"],
)
@pytest.mark.skipif(os.name == "nt", reason="Windows is not asked for processes")
def test_what_could_be_in_use_or_holds_more_stays(
    plant: Callable[[Path], Path], tmp_path: Path
) -> None:
    path = plant(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    assert sweep(tmp_path, NOW_S) == 0
    assert path.exists()
    assert sorted(tmp_path.rglob("*")) == before


def test_links_and_folders_below_are_not_followed(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.mkdir()
    folder.mkdir()
    kept = planted(outside / "00000.png")
    (folder / f".{HEX}.part").symlink_to(outside)
    (folder / f".{HEX[::-1]}.part").symlink_to(kept)
    with_link = planted(folder / f".{HEX[:8] * 2}.part", inside=())
    (with_link / "00000.png").symlink_to(kept)
    os.utime(with_link, (1, 1))
    below = folder / "below"
    below.mkdir()
    deep = planted(below / f".{HEX}.part")
    for link in (folder / f".{HEX}.part", folder / f".{HEX[::-1]}.part"):
        os.utime(link, (1, 1), follow_symlinks=False)
    assert sweep(folder, NOW_S) == 0
    assert kept.exists() and deep.exists() and with_link.is_dir()


def test_what_cannot_be_looked_at_is_no_error(tmp_path: Path) -> None:
    assert sweep(tmp_path / "missing", NOW_S) == 0
    file = tmp_path / "file"
    file.write_bytes(b"")
    assert sweep(file, NOW_S) == 0


def test_files_and_clips_are_written_under_such_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def watch(source: Path, target: Path) -> None:
        seen.append(Path(source).name)
        os.rename(source, target)

    monkeypatch.setattr("stylegan_t.files.whole.replace_file", watch)
    write_file(tmp_path / "a.json", b"{}", overwrite=True)
    with VideoFile(tmp_path / "frames", VideoSettings("png", 5)) as clip:
        clip.add(np.zeros((8, 8, 3), np.uint8))
        seen += [path.name for path in tmp_path.iterdir() if path.is_dir()]
        clip.finish()
    assert len(seen) == 2
    for name in seen:  # and once they are old and this process is gone, they are swept
        left = planted(tmp_path / name)
        assert str(os.getpid()) in left.name
        left.rename(tmp_path / name.replace(f"-{os.getpid()}", ""))
    os.utime(tmp_path, None)
    assert sweep(tmp_path, NOW_S) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "frames"]


def test_no_two_files_get_the_same_name(tmp_path: Path) -> None:
    assert len({part_path(tmp_path) for _ in range(100)}) == 100
