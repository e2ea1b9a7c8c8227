"""The folder of a run: its snapshots in order, half-written and hostile files left out."""

from __future__ import annotations

import os
import pickle
import struct
import time
from pathlib import Path

import pytest

from renderer.files import folder_scan
from renderer.files.kinds import identify
from renderer.files.training_run import is_run, kimg_of, run_files

WHOLE = pickle.dumps({"G_ema": "weights"})


def tensors(size: int, kept: int | None = None) -> bytes:
    """A safetensors file of one tensor, or its beginning."""
    header = b'{"__metadata__":{},"w":{"dtype":"U8","shape":[%d],"data_offsets":[0,%d]}}'
    header = header % (size, size)
    return struct.pack("<Q", len(header)) + header + b"\0" * (size if kept is None else kept)


def put(folder: Path, *names: str, data: bytes = WHOLE) -> None:
    for name in names:
        (folder / name).write_bytes(data)


def names(folder: Path) -> list[str]:
    return [one.name for one in run_files(folder).snapshots]


def test_snapshots_stand_in_the_order_of_what_they_have_seen(tmp_path: Path) -> None:
    put(tmp_path, "network-snapshot-001000.pkl", "network-snapshot-000200.pkl", "log.txt")
    put(tmp_path, "network-snapshot-000012.345.safetensors", data=tensors(4))
    assert names(tmp_path) == [
        "network-snapshot-000012.345.safetensors",
        "network-snapshot-000200.pkl",
        "network-snapshot-001000.pkl",
    ]
    assert [one.kimg for one in run_files(tmp_path).snapshots] == [12.345, 200.0, 1000.0]
    assert identify(tmp_path) == "run" and is_run(tmp_path)


def test_the_ones_of_stylegan_xl_follow_by_their_time(tmp_path: Path) -> None:
    put(tmp_path, "network-snapshot.pkl", "best_model.pkl", "network-snapshot-000007.pkl")
    for age, name in enumerate(("network-snapshot.pkl", "best_model.pkl")):
        os.utime(tmp_path / name, (1000 - age, 1000 - age))
    assert names(tmp_path) == [
        "network-snapshot-000007.pkl",
        "best_model.pkl",
        "network-snapshot.pkl",
    ]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("network-snapshot-000002.pkl", WHOLE[:-1]),
        ("network-snapshot-000002.pkl", b""),
        ("network-snapshot-000002.safetensors", tensors(100, 50)),
        ("network-snapshot-000002.safetensors", tensors(100)[:20]),
        ("network-snapshot-000002.safetensors", b"\xff" * 30),
        ("network-snapshot-000002.safetensors", struct.pack("<Q", 9) + b"[" * 9),
    ],
)
def test_a_newest_one_that_is_being_written_is_left_out(
    tmp_path: Path, name: str, data: bytes
) -> None:
    put(tmp_path, "network-snapshot-000001.pkl")
    put(tmp_path, name, data=data)
    found = run_files(tmp_path)
    assert [one.kimg for one in found.snapshots] == [1.0]
    assert found.unfinished == name and found.problem == ""


def test_other_names_pipes_and_folders_are_no_snapshots(tmp_path: Path) -> None:
    put(tmp_path, "network-snapshot-1.pkl.part", ".network-snapshot-000001.pkl", "x.pkl")
    put(tmp_path, "network-snapshot-000001.exe", "network-snapshot-١.pkl")
    (tmp_path / "network-snapshot-000003.pkl").mkdir()
    os.mkfifo(tmp_path / "network-snapshot-000004.pkl")
    (tmp_path / "network-snapshot-000005.pkl").symlink_to(tmp_path / "nowhere")
    (tmp_path / os.fsdecode(b"network-snapshot-\xff.pkl")).write_bytes(WHOLE)
    found = run_files(tmp_path)
    assert found.snapshots == () and "contains no snapshot" in found.problem


def test_a_folder_that_went_away_is_a_sentence(tmp_path: Path) -> None:
    assert run_files(tmp_path / "gone").problem == f"{tmp_path / 'gone'} is not there any more."
    (tmp_path / "file").touch()
    assert "cannot be read" in run_files(tmp_path / "file").problem
    assert not is_run(tmp_path / "gone") and not is_run(tmp_path / "file")


def test_thousands_are_found_quickly_and_more_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1000):
        (tmp_path / f"network-snapshot-{number:06d}.pkl").touch()
    put(tmp_path, "network-snapshot-000999.pkl")
    begin = time.perf_counter()
    assert len(run_files(tmp_path).snapshots) == 1000
    assert time.perf_counter() - begin < 10
    monkeypatch.setattr(folder_scan, "MAX_FILES", 100)
    assert "holds more than 100 files" in run_files(tmp_path).problem


def test_a_name_says_what_it_has_seen() -> None:
    assert kimg_of("network-snapshot-025000.pkl") == 25000.0
    assert kimg_of("network-snapshot.pkl") is None and kimg_of("model.safetensors") is None
