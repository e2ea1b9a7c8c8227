"""Files come whole or not at all, with the permissions that the system would give them."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch

from renderer.files.atomic import write_file
from stylegan_t.files.tensors import save_tensors
from stylegan_t.files.whole import cannot_write, whole_file
from stylegan_t.metrics.report import write_whole
from stylegan_t.training.sheets import write_png
from tests.stylegan_t.checkpoints.test_checkpoint import tiny

Write = Callable[[Path], object]


def plain(path: Path) -> None:
    with whole_file(path) as file:
        file.write(b"new")


def checkpoint(path: Path) -> None:
    import stylegan_t

    stylegan_t.save(tiny(), path)


WRITERS: dict[str, Write] = {
    "plain": plain,
    "checkpoint": checkpoint,
    "tensors": lambda path: save_tensors(path, {"a": torch.ones(2)}),
    "sheet": lambda path: write_png(path, torch.zeros(2, 2, 3, dtype=torch.uint8)),
    "report": lambda path: write_whole(path, b"new"),
    "export": lambda path: write_file(path, b"new", overwrite=True),
}
EVERY = pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@EVERY
@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002, 0o777])
def test_new_files_follow_the_umask(tmp_path: Path, write: Write, mask: int) -> None:
    with umask(mask):
        (tmp_path / "plain").touch()
        write(tmp_path / "a.png")
    assert mode(tmp_path / "a.png") == mode(tmp_path / "plain") == 0o666 & ~mask


@EVERY
@pytest.mark.parametrize("kept", [0o600, 0o664, 0o755, 0o444])
def test_a_file_that_is_replaced_keeps_its_mode(tmp_path: Path, write: Write, kept: int) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    path.chmod(kept)
    write(path)
    assert mode(path) == kept and path.read_bytes() != b"old"


@EVERY
def test_names_as_long_as_may_be(tmp_path: Path, write: Write) -> None:
    path = tmp_path / ("あ" * 83 + ".png")
    write(path)
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def fails() -> None:
        with whole_file(path) as file:
            file.write(b"new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fails()
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


LIMITED = """
import resource, sys
from pathlib import Path
from tests.stylegan_t.files.test_whole import WRITERS
resource.setrlimit(resource.RLIMIT_FSIZE, (2, 2))
try:
    WRITERS[sys.argv[1]](Path(sys.argv[2]))
except (OSError, ValueError) as error:
    print(getattr(error, "filename", None), error)
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", WRITERS)
def test_a_limit_on_the_size_of_files(tmp_path: Path, name: str) -> None:
    """The system's limit fails during writing, as a full disk does."""
    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, name, str(path)], capture_output=True, text=True
    )
    assert done.returncode == 0 and str(path) in done.stdout, done.stderr
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


def test_sentences_name_the_file_and_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "a"
    with pytest.raises(OSError) as caught, whole_file(path):
        pass
    assert caught.value.filename == str(path)
    assert cannot_write(caught.value, path) == f"{path} cannot be written: there is no such folder."
