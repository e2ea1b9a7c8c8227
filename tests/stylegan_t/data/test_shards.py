"""Webdataset shards: few or many, damaged, hostile."""

import sys
import tarfile
from pathlib import Path

import pytest

from stylegan_t.data import shards
from stylegan_t.data.sampling import TrainingError
from stylegan_t.data.shards import ShardSource
from stylegan_t.data.sources import Wanted
from tests.stylegan_t.training.tiny_run import (
    add_member,
    noise_jpeg,
    png,
    shades,
    write_shard,
)


def source_of(files: list[Path], groups: int = 2) -> ShardSource:
    return ShardSource(files, Wanted(groups, 16, seed=0, workers=2))


def test_fewer_shards_than_groups_are_read_in_parts(tmp_path: Path) -> None:
    file = write_shard(tmp_path / "a.tar", shades(48))
    source = source_of([file], groups=3)
    captions = [t for _ in range(2) for t in source.take(range(3)).captions]
    assert sorted(captions) == sorted(text for _, text in shades(48))


def test_a_process_opens_only_its_own_shards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = shades(40)
    files = [
        write_shard(tmp_path / f"{k}.tar", samples[10 * k : 10 * k + 10], 10 * k) for k in range(4)
    ]
    opened: list[set[str]] = [set(), set()]
    for rank in range(2):
        source = source_of(files)
        samples_of = source.samples
        monkeypatch.setattr(
            source,
            "samples",
            lambda part, read, r=rank, f=samples_of: (
                opened[r].add(part.shard.name) or f(part, read)
            ),
        )
        for _ in range(2):
            source.take(range(rank, rank + 1))
    assert opened[0] and opened[1] and not opened[0] & opened[1]


def test_broken_samples_are_skipped_and_counted(tmp_path: Path) -> None:
    file = tmp_path / "a.tar"
    with tarfile.open(file, "w") as archive:
        for k, (data, text) in enumerate(shades(10)):
            add_member(archive, f"{k}.png", b"broken" if k == 1 else data)
            if k != 2:
                add_member(archive, f"{k}.txt", text.encode())
            add_member(archive, f"{k}.json", b'{"not": "read"}')
        add_member(archive, "only.txt", b"a text without a picture")
        add_member(archive, "photo.jpg", noise_jpeg(30))
        add_member(archive, "photo.txt", b"a photograph")
    source = source_of([file], groups=1)
    captions = [t for _ in range(3) for t in source.take(range(1)).captions]
    assert "grey 1" not in captions and "grey 2" not in captions and "a photograph" in captions
    assert len(source.skipped.hashes()) == 3
    assert "a.tar/1 is damaged or not a picture" in source.skipped.sentence(3)


def test_shards_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    for name in ("cc3m", "laion"):
        (tmp_path / name).mkdir()
        write_shard(tmp_path / name / "0000.tar", [*shades(8), (b"broken", "text")])
    source = source_of([tmp_path / name / "0000.tar" for name in ("cc3m", "laion")], groups=1)
    for _ in range(3):
        source.take(range(1))
    assert len(source.skipped.hashes()) == 2
    assert "cc3m/0000.tar/00008 is damaged" in source.skipped.sentence(2)


def test_a_shard_that_is_cut_short_gives_what_it_has(tmp_path: Path) -> None:
    whole = write_shard(tmp_path / "whole.tar", shades(40))
    cut = tmp_path / "cut.tar"
    data = whole.read_bytes()
    cut.write_bytes(data[: data.index(b"00020.png") + 512 + 30])  # in the middle of a picture
    source = source_of([write_shard(tmp_path / "good.tar", shades(8)), cut])
    captions = [t for _ in range(9) for t in source.take(range(2)).captions]
    assert len(captions) == 9 * 16
    assert "cut.tar cannot be read to its end" in source.skipped.sentence(1)


def sparse_bomb(file: Path) -> Path:
    """A tar of 1 kB that claims a file of 8 GB."""
    with tarfile.open(file, "w") as archive:
        info = tarfile.TarInfo("bomb.png")
        info.size = 8_000_000_000
        archive.fileobj.write(info.tobuf(tarfile.GNU_FORMAT))
    return file


def test_a_shard_with_a_giant_file_is_not_read(tmp_path: Path) -> None:
    bomb = sparse_bomb(tmp_path / "bomb.tar")
    source = source_of([write_shard(tmp_path / "good.tar", shades(8)), bomb])
    assert len(source.take(range(2)).captions) == 16
    assert "bomb.tar" in source.skipped.sentence(1)


def test_large_files_are_found_before_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_shard(tmp_path / "a.tar", [(png(), "x" * 600)] * 8)
    monkeypatch.setattr(shards, "MAX_FILE_BYTES", 500)
    with pytest.raises(TrainingError, match="Nothing in 1 shard"):
        source_of([file], groups=1).take(range(1))


def test_compressed_shards_are_not_unfolded(tmp_path: Path) -> None:
    file = tmp_path / "a.tar"
    with tarfile.open(file, "w:gz") as archive:
        add_member(archive, "0.png", png())
        add_member(archive, "0.txt", b"text")
    with pytest.raises(TrainingError, match="Nothing in 1 shard"):
        source_of([file], groups=1).take(range(1))


def test_links_and_strange_names_are_harmless(tmp_path: Path) -> None:
    file = tmp_path / "a.tar"
    with tarfile.open(file, "w") as archive:
        link = tarfile.TarInfo("link.png")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        add_member(archive, "link.txt", b"text")
        for k, (data, text) in enumerate(shades(8)):
            add_member(archive, f"../../{k}.png", data)
            add_member(archive, f"../../{k}.txt", text.encode())
    before = set(tmp_path.rglob("*"))
    captions = source_of([file], groups=1).take(range(1)).captions
    assert captions == [f"grey {k}" for k in range(8)]
    assert set(tmp_path.rglob("*")) == before


def test_without_the_library_a_sentence_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_shard(tmp_path / "a.tar", shades(8))
    monkeypatch.setitem(sys.modules, "webdataset.tariterators", None)
    with pytest.raises(TrainingError, match="pip install webdataset"):
        source_of([file])


def test_with_fewer_shards_than_before_the_next_epoch_begins(tmp_path: Path) -> None:
    files = [write_shard(tmp_path / f"{k}.tar", shades(8)) for k in range(4)]
    source = source_of(files, groups=1)
    for _ in range(3):
        source.take(range(1))
    positions = source.positions(range(1))
    assert positions.tolist() == [[0, 2, 8]]
    fewer = source_of(files[:2], groups=1)
    fewer.seek(positions)
    assert fewer.positions(range(1)).tolist() == [[1, 0, 0]]
    assert len(fewer.take(range(1)).captions) == 8
