"""A file goes over a line in pieces while pictures come; a line that breaks loses nothing."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from renderer.errors import Abandoned, PictureError
from renderer.remote import line_keeper, upload
from tests.renderer.fakes import recipe
from tests.renderer.remote.loopback import WAIT_S, Loopback, Near

SIZE = 3_000_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.pt"
    path.write_bytes(os.urandom(1000) * (SIZE // 1000))
    return path


@pytest.fixture
def near(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Near]:
    monkeypatch.setattr(line_keeper, "PAUSES_S", (0.01,))
    near = Near(Loopback(folders=(tmp_path / "far",), uploads=tmp_path / "far" / "uploads"))
    (tmp_path / "far").mkdir()
    near.thread.start()
    near.show(recipe("a"))
    yield near
    assert near.thread.stop(WAIT_S)


def sent(near: Near, file: Path, steps: list[tuple[str, float]] | None = None) -> str:
    said = steps if steps is not None else []
    return near.thread.asking("").uploaded(file, lambda step, share: said.append((step, share)))


def test_a_file_arrives_and_pictures_keep_coming(near: Near, file: Path, tmp_path: Path) -> None:
    assert near.thread.uploads == str(tmp_path / "far" / "uploads")
    steps: list[tuple[str, float]] = []
    done: list[str] = []
    worker = threading.Thread(target=lambda: done.append(sent(near, file, steps)))
    worker.start()
    seed = 0
    while worker.is_alive():
        seed += 1
        assert near.show(recipe("a", seed=seed)).error is None
    path = Path(done[0])
    assert path == tmp_path / "far" / "uploads" / "mine.pt"
    assert path.read_bytes() == file.read_bytes()
    shares = [share for step, share in steps if step == upload.SENDING]
    assert shares == sorted(shares)
    assert {step for step, _ in steps} >= {upload.READING, upload.SENDING}
    assert sent(near, file) == str(path)  # the second time it is there already


def test_a_line_that_breaks_is_gone_on_with(
    near: Near, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "PIECE_S", 0.0)  # the smallest ones
    cuts = [0.2, 0.5, 0.8]

    def tell(step: str, share: float) -> None:
        if step == upload.SENDING and cuts and share > cuts[0]:
            cuts.pop(0)
            near.far.cut()

    path = near.thread.asking("").uploaded(file, tell)
    assert Path(path).read_bytes() == file.read_bytes()
    assert not cuts
    assert len(near.far.lines) >= 3  # one may be cut before it has met anybody


def test_what_is_cancelled_is_deleted_there(near: Near, file: Path, tmp_path: Path) -> None:
    def tell(step: str, share: float) -> None:
        if share > 0.3 and step == upload.SENDING:
            raise Abandoned

    with pytest.raises(Abandoned):
        near.thread.asking("").uploaded(file, tell)
    near.thread.asking("").listed("").result(WAIT_S)  # after it in the row
    assert os.listdir(tmp_path / "far" / "uploads") == []


def test_what_is_lost_there_is_sent_again(near: Near, file: Path, tmp_path: Path) -> None:
    lost: list[str] = []

    def tell(step: str, share: float) -> None:
        if step == upload.SENDING and share > 0.5 and not lost:
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
            lost.append(digest)
            (tmp_path / "far" / "uploads" / f".{digest}.upload").unlink()

    path = near.thread.asking("").uploaded(file, tell)
    assert lost
    assert Path(path).read_bytes() == file.read_bytes()


def test_a_file_that_shrinks_or_is_none_is_a_sentence(near: Near, file: Path) -> None:
    def tell(step: str, share: float) -> None:
        if step == upload.SENDING:
            os.truncate(file, 10)

    with pytest.raises(PictureError, match="became shorter"):
        near.thread.asking("").uploaded(file, tell)
    for bad, words in ((file.parent / "gone.pt", "cannot be read"), (file.parent, "cannot be")):
        with pytest.raises(PictureError, match=words):
            sent(near, bad)
    file.write_bytes(b"")
    with pytest.raises(PictureError, match="empty"):
        sent(near, file)


def test_a_renderer_that_takes_no_uploads_says_so(file: Path) -> None:
    near = Near(Loopback())
    near.thread.start()
    try:
        near.show(recipe("a"))
        assert near.thread.uploads == ""
        with pytest.raises(PictureError, match="--no-uploads"):
            sent(near, file)
    finally:
        assert near.thread.stop(WAIT_S)
