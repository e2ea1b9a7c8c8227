"""A folder of pictures: listed by name, decoded small, and never trusted."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from renderer.files import image_folder, png_text
from renderer.files.image_folder import facts, listed, small_picture
from renderer.files.images import encode
from renderer.recipe.recipe import Prompt, Recipe, RecipeError, TextPart

RECIPE = Recipe(text=TextPart((Prompt("a house"), Prompt(""), Prompt("a boat"))))
PIXELS = np.full((40, 60, 3), (10, 200, 30), np.uint8)


def put(folder: Path, name: str, age_s: float = 0.0) -> Path:
    path = folder / name
    path.write_bytes(encode(PIXELS, RECIPE, path.suffix))
    os.utime(path, (1e9 - age_s, 1e9 - age_s))
    return path


def test_pictures_are_listed_newest_first_and_nothing_else(tmp_path: Path) -> None:
    put(tmp_path, "old.png", 100)
    put(tmp_path, "new.webp")
    put(tmp_path, "B.JPG", 50)
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / ".hidden.png").write_bytes(b"half written")
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "nowhere.png").symlink_to(tmp_path / "gone")
    os.mkfifo(tmp_path / "pipe.png")
    assert [file.name for file in listed(tmp_path).files] == ["new.webp", "B.JPG", "old.png"]
    assert listed(tmp_path).problem == ""


def test_a_missing_folder_is_empty_and_a_file_in_its_place_a_problem(tmp_path: Path) -> None:
    assert listed(tmp_path / "gone") == image_folder.Listing()
    (tmp_path / "file").write_text("")
    listing = listed(tmp_path / "file")
    assert listing.files == ()
    assert "cannot be read" in listing.problem


def test_facts_are_the_words_or_what_is_wrong(tmp_path: Path) -> None:
    assert facts(put(tmp_path, "a.png")).words == "a house, a boat"
    assert facts(tmp_path / "gone.png").broken.endswith(".")
    (tmp_path / "foreign.png").write_bytes(encode(PIXELS, None, ".png"))
    assert "contains no recipe" in facts(tmp_path / "foreign.png").broken


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp"])
def test_a_picture_shrinks_and_keeps_its_shape(tmp_path: Path, name: str) -> None:
    pixels = small_picture(put(tmp_path, name), 30)
    assert pixels.shape == (20, 30, 3)
    assert np.abs(pixels.astype(int) - PIXELS[0, 0]).max() < 8
    assert small_picture(tmp_path / name, 500).shape == (40, 60, 3)


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "I;16", "1", "LA"])
def test_pictures_of_other_programs_are_shown_too(tmp_path: Path, mode: str) -> None:
    Image.new(mode, (20, 10)).save(tmp_path / "a.png")
    pixels = small_picture(tmp_path / "a.png", 8)
    assert (pixels.shape, pixels.dtype) == ((4, 8, 3), np.uint8)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(width: int, height: int) -> bytes:
    """A small PNG that claims to be large."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(b"\0" * 100_000))
    return png_text.SIGNATURE + header + body + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a picture",
        png_text.SIGNATURE,
        encode(PIXELS, RECIPE, ".png")[:300],
        encode(PIXELS, RECIPE, ".jpg")[:200],
        b"GIF89a" + b"\0" * 100,
        bomb(100_000, 100_000),
        bomb(0, 5),
    ],
)
def test_damaged_and_hostile_files_are_a_sentence(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(data)
    with pytest.raises(RecipeError, match=r"^a\.png .*\.$"):
        small_picture(path, 64)


def test_a_jpeg_of_very_many_scans_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.jpg"
    Image.fromarray(PIXELS).save(path, progressive=True)
    data = path.read_bytes()
    assert small_picture(path, 60).shape == (40, 60, 3)
    last = data.rindex(b"\xff\xda")
    path.write_bytes(data[:last] + data[last:-2] * 10_000 + data[-2:])
    with pytest.raises(RecipeError, match="too long"):
        small_picture(path, 60)
    path.write_bytes(data)
    monkeypatch.setattr(image_folder, "MAX_SCANNED", 60 * 40)
    with pytest.raises(RecipeError, match="too long"):
        small_picture(path, 60)


def test_a_webp_may_be_less_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_folder, "MAX_WEBP_PIXELS", 60 * 40 - 1)
    assert small_picture(put(tmp_path, "a.png"), 60).shape == (40, 60, 3)
    with pytest.raises(RecipeError, match="too large a picture"):
        small_picture(put(tmp_path, "a.webp"), 60)


def test_what_is_no_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    os.mkfifo(tmp_path / "pipe.png")
    for name in ("folder.png", "pipe.png", "gone.png"):
        with pytest.raises(RecipeError, match=r"\.$"):
            small_picture(tmp_path / name, 64)
