"""Curves of a run's logs, ours and the reference's; whatever else stands there is left out."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from renderer.files import training_log
from renderer.files.training_log import MAX_CURVES, MAX_POINTS, Curve, read_curves, thinned


def put(file: Path, *entries: object, more: bytes = b"") -> None:
    file.write_bytes(b"".join(json.dumps(entry).encode() + b"\n" for entry in entries) + more)


def test_our_log_is_drawn_over_thousand_pictures(tmp_path: Path) -> None:
    entries = [{"step": n, "images": 500 * n, "l1": 1 / (n + 1), "Loss": n} for n in range(3)]
    put(tmp_path / "log.jsonl", *entries, more=b'{"step": 4, "ima')
    assert read_curves(tmp_path) == (
        Curve("Loss", ((0.0, 0.0), (0.5, 1.0), (1.0, 2.0))),
        Curve("l1", ((0.0, 1.0), (0.5, 0.5), (1.0, 1 / 3))),
    )


def test_the_reference_s_logs_begin_with_their_metrics(tmp_path: Path) -> None:
    put(
        tmp_path / "stats.jsonl",
        {
            "Progress/tick": {"num": 1, "mean": 1, "std": 0},
            "Progress/kimg": {"num": 1, "mean": 4.0, "std": 0},
            "Loss/G/loss": {"num": 9, "mean": 0.7, "std": 0.1},
            "timestamp": 1.6e9,
        },
    )
    metric = {"results": {"fid50k_full": 12.5}, "snapshot_pkl": "network-snapshot-000200.pkl"}
    put(tmp_path / "metric-fid50k_full.jsonl", metric, {**metric, "snapshot_pkl": None})
    assert read_curves(tmp_path) == (
        Curve("fid50k_full", ((200.0, 12.5),)),
        Curve("Loss/G/loss", ((4.0, 0.7),)),
        Curve("Progress/tick", ((4.0, 1.0),)),
    )


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 100_000,
        b'{"images": 1e400, "l1": 1}',
        b'{"images": ' + b"9" * 5000 + b', "l1": 1}',
        b'{"images": true, "l1": 1}',
        b'{"images": "1", "l1": {}}',
        b"\xff\xfe\0\0",
        b'{"l1": ' + b" " * 300_000 + b"1}",
        b"null",
        b'{"images": 2, "l1": [[[]]]}',
    ],
    ids=range(9),
)
def test_a_line_that_is_no_entry_is_left_out(tmp_path: Path, line: bytes) -> None:
    put(tmp_path / "log.jsonl", {"images": 1000, "l1": 0.5}, more=line + b"\n")
    assert read_curves(tmp_path) == (Curve("l1", ((1.0, 0.5),)),)


def test_hostile_files_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "log.jsonl", {"images": 1, **{f"n{i}": i for i in range(1000)}})
    assert len(read_curves(tmp_path)) == MAX_CURVES
    put(tmp_path / "log.jsonl", {"images": 1, "a\x1b[2J" + "b" * 999: 1.0})
    (curve,) = read_curves(tmp_path)
    assert len(curve.name) < 100 and curve.name.isprintable()
    os.remove(tmp_path / "log.jsonl")
    os.mkfifo(tmp_path / "log.jsonl")
    assert read_curves(tmp_path) == ()
    os.remove(tmp_path / "log.jsonl")
    put(tmp_path / "log.jsonl", *({"images": 1000 * n, "l1": n} for n in range(100)))
    monkeypatch.setattr(training_log, "MAX_BYTES", 200)
    (curve,) = read_curves(tmp_path)
    assert curve.points[-1] == (99.0, 99.0) and curve.points[0][0] > 50


def test_a_long_curve_keeps_its_ends(tmp_path: Path) -> None:
    points = [(float(n), float(-n)) for n in range(10_001)]
    found = thinned(points)
    assert len(found) == MAX_POINTS and (found[0], found[-1]) == (points[0], points[-1])
    assert thinned(points[:3]) == tuple(points[:3])


def test_a_folder_without_logs_has_no_curves(tmp_path: Path) -> None:
    assert read_curves(tmp_path) == read_curves(tmp_path / "gone") == ()
