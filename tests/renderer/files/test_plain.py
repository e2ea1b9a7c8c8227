"""Regular files of a bounded size are read; nothing else is even opened."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from renderer.files import latent_file
from renderer.files.plain import NotPlainError, read_plain


def loop(path: Path) -> None:
    """A link to itself."""
    path.symlink_to(path)


def huge(path: Path) -> None:
    """A file of a terabyte that takes no room."""
    with path.open("wb") as file:
        file.truncate(1 << 40)


OBSTACLES: dict[str, Callable[[Path], object]] = {
    "fifo": os.mkfifo,
    "link to a fifo": lambda path: (os.mkfifo(f"{path}.2"), path.symlink_to(f"{path}.2")),
    "device": lambda path: path.symlink_to("/dev/zero"),
    "folder": Path.mkdir,
    "loop": loop,
    "huge": huge,
}
"""What somebody may put in the place of a file of ours."""

unix = pytest.mark.skipif(os.name == "nt", reason="there are no FIFOs")


def test_a_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    assert read_plain(path, 5) == b"12345"
    (tmp_path / "link").symlink_to(path)
    assert read_plain(tmp_path / "link", 5) == b"12345"
    with pytest.raises(NotPlainError, match="far too large"):
        read_plain(path, 4)
    with pytest.raises(FileNotFoundError):
        read_plain(tmp_path / "other", 4)
    with pytest.raises(NotPlainError, match="its name"):
        read_plain(tmp_path / "a\0b", 4)


@unix
@pytest.mark.parametrize("name", OBSTACLES)
def test_nothing_else_is_read(name: str, tmp_path: Path) -> None:
    OBSTACLES[name](tmp_path / "file")
    with pytest.raises(OSError):
        read_plain(tmp_path / "file", 1000)
    with pytest.raises(latent_file.LatentFileError):
        latent_file.read(tmp_path / "file")
