"""Small files that a user names: read whole, or refused in a sentence."""

import os
from pathlib import Path

import pytest

from stylegan_t.metrics.errors import MetricError
from stylegan_t.metrics.named_files import read_file


def test_a_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert read_file(tmp_path / "a", 3, "a note") == b"abc"
    with pytest.raises(MetricError, match="too large for a note"):
        read_file(tmp_path / "a", 2, "a note")


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path / "pipe", tmp_path, Path("/dev/zero")):
        with pytest.raises(MetricError, match="is not a file, so it cannot be a note"):
            read_file(place, 3, "a note")
    with pytest.raises(MetricError, match="cannot be read: No such file"):
        read_file(tmp_path / "none", 3, "a note")
    with pytest.raises(MetricError, match="cannot be read"):
        read_file(Path("a\0b"), 3, "a note")
