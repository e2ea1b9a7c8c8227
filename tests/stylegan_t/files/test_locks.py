"""Locks of the system: one holder at a time, free again when it is closed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stylegan_t.files.locks import lockable, locked


def test_one_holder_at_a_time(tmp_path: Path) -> None:
    for path in (tmp_path / "a.lock", lockable(tmp_path, "folder.lock")):
        first = locked(path)
        assert first is not None
        assert locked(path) is None
        os.close(first)
        second = locked(path)
        assert second is not None
        os.close(second)


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot lock folders")
def test_a_folder_is_locked_without_a_file(tmp_path: Path) -> None:
    handle = locked(lockable(tmp_path, "folder.lock"))
    assert handle is not None and list(tmp_path.iterdir()) == []
    os.close(handle)


def test_what_cannot_be_opened_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        locked(tmp_path / "missing" / "a.lock")
