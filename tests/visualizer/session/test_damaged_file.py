"""A damaged file gets another name, and the user hears which."""

from __future__ import annotations

from pathlib import Path

from visualizer.session.damaged_file import move_aside


def test_the_newest_damage_is_kept_and_named(tmp_path: Path) -> None:
    aside = tmp_path / "kept.broken.json"
    for data in (b"{", b"\0"):
        (tmp_path / "kept.json").write_bytes(data)
        assert move_aside(tmp_path / "kept.json") == f"It is kept in {aside}."
        assert [path.name for path in tmp_path.iterdir()] == [aside.name]
        assert aside.read_bytes() == data


def test_nothing_is_said_of_a_file_that_stays(tmp_path: Path) -> None:
    assert move_aside(tmp_path / "gone.json") == ""
    path = tmp_path / "kept.json"
    path.write_bytes(b"{")
    (tmp_path / "kept.broken.json" / "full").mkdir(parents=True)
    assert move_aside(path) == "" and path.read_bytes() == b"{"
