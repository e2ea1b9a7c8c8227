"""Folders and zips of captioned pictures, the hostile too."""

import json
import zipfile
from pathlib import Path

import pytest

from stylegan_t.data import shelves
from stylegan_t.data.images import BrokenImageError
from stylegan_t.data.sampling import TrainingError
from stylegan_t.data.shelves import FolderShelf, TarShelf, ZipShelf
from tests.stylegan_t.training.tiny_run import (
    png,
    shades,
    write_folder,
    write_shard,
    write_zip,
)


def contents(shelf: FolderShelf | TarShelf | ZipShelf) -> set[tuple[bytes | str, ...]]:
    return {(shelf.picture(k), *shelf.captions(k)) for k in range(len(shelf))}


def test_a_folder_gives_pictures_with_the_text_beside_them(tmp_path: Path) -> None:
    samples = shades(5)
    shelf = FolderShelf(write_folder(tmp_path, samples))
    assert contents(shelf) == set(samples)
    (tmp_path / "alone.png").write_bytes(png())
    (tmp_path / "notes.txt").write_text("no picture")
    more = FolderShelf(tmp_path)
    assert len(more) == 5 and more.title.endswith("(5 pictures, 1 more without a caption)")


@pytest.mark.parametrize("labels", [True, False])
def test_a_zip_gives_pictures_with_labels_or_texts(tmp_path: Path, labels: bool) -> None:
    samples = shades(5)
    shelf = ZipShelf(write_zip(tmp_path / "a.zip", samples, labels))
    assert contents(shelf) == set(samples)
    assert "5 pictures" in shelf.title


def test_empty_labels_leave_the_texts(tmp_path: Path) -> None:
    file = write_zip(tmp_path / "a.zip", shades(2), labels=False)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("dataset.json", '{"labels": null}')
    assert contents(ZipShelf(file)) == set(shades(2))


def test_lists_beside_the_pictures_are_read(tmp_path: Path) -> None:
    for k in range(3):
        (tmp_path / "sub").mkdir(exist_ok=True)
        (tmp_path / "sub" / f"{k}.png").write_bytes(png((k, k, k)))
    lines = [json.dumps({"file_name": f"{k}.png", "text": f"grey {k}"}) for k in range(2)]
    (tmp_path / "sub" / "metadata.jsonl").write_text("\n".join(lines))
    (tmp_path / "sub" / "2.caption").write_text("grey two")
    expected = {
        (png((0, 0, 0)), "grey 0"),
        (png((1, 1, 1)), "grey 1"),
        (png((2, 2, 2)), "grey two"),
    }
    assert contents(FolderShelf(tmp_path)) == expected
    (tmp_path / "dataset.json").write_text('{"labels": [["sub/2.png", "from the list"]]}')
    assert (png((2, 2, 2)), "from the list") in contents(FolderShelf(tmp_path))


def test_several_captions_and_backslashes_in_a_zip(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("00/a.png", png())
        archive.writestr("__MACOSX/00/._a.png", b"what a Mac leaves")
        archive.writestr("dataset.json", json.dumps({"labels": [["00\\a.png", ["a", "b"]]]}))
    shelf = ZipShelf(tmp_path / "a.zip")
    assert len(shelf) == 1 and shelf.captions(0) == ("a", "b")


def test_classes_are_told_and_texts_beside_them_read(tmp_path: Path) -> None:
    file = write_zip(tmp_path / "a.zip", shades(2), labels=False)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("dataset.json", '{"labels": [["00000/img00000000.png", 3]]}')
    shelf = ZipShelf(file)
    assert contents(shelf) == set(shades(2)) and "classes, not texts" in shelf.title


def test_shards_are_fetched_by_number_too(tmp_path: Path) -> None:
    samples = shades(6)
    files = [write_shard(tmp_path / f"{k}.tar", samples[3 * k : 3 * k + 3]) for k in range(2)]
    shelf = TarShelf(files)
    assert len(shelf) == 6 and contents(shelf) == set(samples)
    files[1].write_bytes(files[1].read_bytes()[:600])
    with pytest.raises(BrokenImageError, match="cut short"):
        shelf.picture(5)


def test_pictures_of_other_kinds_are_counted(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(b"II*")
    with pytest.raises(TrainingError, match=r"are read but 1 of kinds that are not"):
        FolderShelf(tmp_path)
    write_folder(tmp_path, shades(2))
    assert "2 pictures, 1 more of a kind that is not read" in FolderShelf(tmp_path).title


def test_pictures_without_captions_are_there_when_wanted(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png())
    shelf = FolderShelf(tmp_path, captioned=False)
    assert shelf.picture(0) == png()
    with pytest.raises(BrokenImageError, match="no caption"):
        shelf.captions(0)


def test_the_key_changes_with_the_pictures(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "set", shades(3))
    before = FolderShelf(folder).key
    assert FolderShelf(folder).key == before
    (folder / "deep").rename(folder / "deeper")
    assert FolderShelf(folder).key != before


def test_nothing_usable_is_told_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"There are no pictures in .*\.png"):
        FolderShelf(tmp_path)
    (tmp_path / "a.png").write_bytes(png())
    with pytest.raises(TrainingError, match=r"None of the 1 pictures .* put a text file"):
        FolderShelf(tmp_path)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.png", png())
    with pytest.raises(TrainingError, match="None of the 1 pictures"):
        ZipShelf(tmp_path / "a.zip")


@pytest.mark.parametrize(
    "text",
    [
        '{"labels": [["a.png", 3]]}',
        '{"labels": {"a.png": "text"}}',
        "[" * 100_000,
        "no JSON",
        "",
    ],
)
def test_labels_that_are_no_captions_are_refused(tmp_path: Path, text: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.png", png())
        archive.writestr("dataset.json", text)
    with pytest.raises(TrainingError, match="contains no captions"):
        ZipShelf(tmp_path / "a.zip")


def test_what_is_no_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK no zip")
    with pytest.raises(TrainingError, match="is not a zip"):
        ZipShelf(tmp_path / "a.zip")


def test_a_hostile_zip_writes_nothing_and_unfolds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    monkeypatch.chdir(inside)
    names = ["../evil.png", "/tmp/evil.png", "bomb.png", "good.png", "gone.png"]
    with zipfile.ZipFile(inside / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names[:2] + names[3:4]:
            archive.writestr(name, png())
        archive.writestr("bomb.png", bytes(2_000_000))
        labels = [[name, f"caption of {name}"] for name in names]
        archive.writestr("dataset.json", json.dumps({"labels": labels}))
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")}
    monkeypatch.setattr(shelves, "MAX_FILE_BYTES", 100_000)
    shelf = ZipShelf(inside / "a.zip")
    found = {shelf.name(k): k for k in range(len(shelf))}
    assert set(found) == {"../evil.png", "/tmp/evil.png", "bomb.png", "good.png"}
    assert shelf.picture(found["../evil.png"]) == png()
    with pytest.raises(BrokenImageError, match="more than 100 kB"):
        shelf.picture(found["bomb.png"])
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")} == before


def test_a_damaged_member_is_broken_and_the_rest_is_not(tmp_path: Path) -> None:
    file = write_zip(tmp_path / "a.zip", shades(3))
    data = bytearray(file.read_bytes())
    place = data.index(png((5, 5, 5)))
    data[place + 60] ^= 0xFF  # the checksum of the zip finds it
    file.write_bytes(bytes(data))
    shelf = ZipShelf(file)
    broken = []
    for k in range(3):
        try:
            shelf.picture(k)
        except BrokenImageError as error:
            broken.append(str(error))
    assert broken == ["is damaged or encrypted"]


def test_a_picture_that_went_meanwhile_is_broken(tmp_path: Path) -> None:
    shelf = FolderShelf(write_folder(tmp_path, shades(1)))
    (tmp_path / "000.png").unlink()
    with pytest.raises(BrokenImageError, match="not a file"):
        shelf.picture(0)
