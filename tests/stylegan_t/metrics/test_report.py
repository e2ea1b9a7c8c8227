"""Reports: the table says what was measured, files come back, an old file is safe till the end."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

import pytest

from stylegan_t.metrics.errors import MetricError
from stylegan_t.metrics.report import (
    MEASURES,
    Measured,
    Row,
    csv_text,
    json_bytes,
    read_measured,
    table,
    write_whole,
)
from stylegan_t.metrics.speed import Speed

MEASURED = Measured(
    model="runs/demo.safetensors",
    sha256="ab" * 32,
    resolution=128,
    size=128,
    real="scenes",
    seed=3,
    features="a network",
    features_key="n:1",
    alignment="share of words",
    rows=(
        Row(1.0, 1000, fid=1.23456, alignment=0.9312),
        Row(0.5, 1000, fid=8.0, alignment=None, diversity=2.5),
        Row(None, 1000, fid=0.01),
    ),
    speed=Speed(0.0123, 0.01, 0.02, 30, "CPU", 1),
    attributes={"time": (1.0, 0.99, 0.5)},
    attribute_psis=(1.0, 0.5),
    notes=("A note.",),
)


def test_the_table_shows_what_was_measured_and_no_more() -> None:
    lines = table(MEASURED).splitlines()
    assert lines[0].split() == ["pictures", "FID", "alignment", "diversity"]
    assert lines[1].split() == ["psi", "1", "1000", "1.23", "0.9312", "-"]
    assert lines[2].split() == ["psi", "0.5", "1000", "8.00", "-", "2.500"]
    assert lines[3].startswith("other real pictures")
    assert len({len(line) for line in lines[:4]}) == 1
    text = "\n".join(lines)
    assert "precision" not in text and "12.3 ms" in text and "A note." in text
    assert "time" in text and "0.990" in text and "a network" in text


def test_json_comes_back_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "metrics.json"
    write_whole(file, json_bytes(MEASURED))
    assert read_measured(file) == MEASURED


def test_csv_has_a_line_for_each_row() -> None:
    rows = list(csv.DictReader(io.StringIO(csv_text(MEASURED))))
    assert list(rows[0]) == ["psi", "pictures", *MEASURES]
    assert [row["psi"] for row in rows] == ["1", "0.5", "real"]
    assert float(rows[0]["fid"]) == 1.23456 and rows[1]["alignment"] == ""


@pytest.mark.parametrize("data", [b"", b"{}", b"[" * 50_000, b'{"model": 3}', b'{"model": "\xff"}'])
def test_what_is_no_measurement_is_refused(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(data)
    with pytest.raises(MetricError, match=r"a\.json contains no measurement"):
        read_measured(file)
    with pytest.raises(MetricError, match="cannot be read"):
        read_measured(tmp_path / "none.json")


def test_a_file_is_replaced_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.json"
    write_whole(file, b"old")

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(MetricError, match="the disk is full"):
        write_whole(file, b"new")
    assert file.read_bytes() == b"old" and list(tmp_path.iterdir()) == [file]
