"""The hash of a file, and how far the reading is."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from stylegan_t.files.hashes import HASH_CHUNK, file_sha256


def test_the_hash_and_how_far_it_is(tmp_path: Path) -> None:
    data, shares = b"x" * (2 * HASH_CHUNK + 1), list[float]()
    path, empty = tmp_path / "model", tmp_path / "empty"
    path.write_bytes(data)
    empty.write_bytes(b"")
    assert file_sha256(path, shares.append) == hashlib.sha256(data).hexdigest()
    assert shares == pytest.approx([0.5, 1.0, 1.0], abs=1e-3)
    assert file_sha256(empty) == hashlib.sha256().hexdigest()


def test_the_reading_can_be_given_up(tmp_path: Path) -> None:
    def enough(share: float) -> None:
        raise InterruptedError

    (tmp_path / "model").write_bytes(b"x")
    with pytest.raises(InterruptedError):
        file_sha256(tmp_path / "model", enough)
    with pytest.raises(FileNotFoundError):
        file_sha256(tmp_path / "none")
