"""Windows on one settings folder: each has a place, however another ends."""

from __future__ import annotations

import math
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.source_tree import ROOT
from visualizer.session import seats
from visualizer.session.seats import free_seats, take_seat, writing

SITTER = (
    "import sys; from pathlib import Path; from visualizer.session.seats import take_seat;"
    "seat = take_seat(Path(sys.argv[1])); print(seat.number, flush=True); sys.stdin.read()"
)


def test_every_window_has_a_seat_and_a_kill_frees_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SITTER, str(tmp_path)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "1\n"
        mine, third = take_seat(tmp_path), take_seat(tmp_path)
        assert (mine.number, third.number) == (2, 3)
        assert list(free_seats(tmp_path)) == []
        third.leave()
        assert [seat.number for seat in free_seats(tmp_path)] == [3]
        other.kill()
    again = take_seat(tmp_path)
    assert again.number == 1
    for seat in (mine, again):
        seat.leave()


def test_where_nothing_can_be_locked_there_is_one_seat(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert [take_seat(tmp_path / "file").number for _ in range(2)] == [1, 1]
    with writing(tmp_path / "file" / "below"):
        pass
    assert list(free_seats(tmp_path / "nowhere")) == []


@pytest.mark.slow
def test_writing_is_for_one_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that both lengthen: with both inside at once, steps would be lost.

    Nobody gives up waiting here, as a busy machine would make one of such greedy writers do.
    """
    monkeypatch.setattr(seats, "LOCK_S", math.inf)
    path = tmp_path / "count"
    path.write_text("0")

    def count() -> None:
        for _ in range(200):
            with writing(tmp_path):
                path.write_text(str(int(path.read_text()) + 1))

    threads = [threading.Thread(target=count) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_text() == "600"
    assert [entry.name for entry in tmp_path.iterdir()] == ["count"] or seats.os.name == "nt"


def test_writing_goes_on_where_another_window_does_not_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seats, "LOCK_S", 0)
    with writing(tmp_path), writing(tmp_path):
        (tmp_path / "list").write_text("written")
    monkeypatch.setattr(seats, "LOCK_S", math.inf)
    with writing(tmp_path):
        assert (tmp_path / "list").read_text() == "written"
