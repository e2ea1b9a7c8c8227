"""Files: pictures that carry their recipe, saved without touching anything, read without trust."""

from __future__ import annotations

import errno
import io
import json
import os
import stat
import struct
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image

from renderer.files import images, png_text
from renderer.files.atomic import ExportError, save_new, write_file
from renderer.files.images import RECIPE_KEYWORD, encode, encode_png, read_recipe
from renderer.frame.frame import captured_recipe
from renderer.pipeline.renderer import Renderer
from renderer.recipe.recipe import ModelRef, Prompt, Recipe, RecipeError, TextPart, to_json
from tests.renderer.fakes import CountingLoader, recipe, tiny_model

WANTED = replace(
    recipe('a "red" house\n日本 😀', seed=2**62, psi=-0.3), model=ModelRef("/m", "ab" * 32)
)


def noise_pixels(size: int = 24) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (size, size, 3), np.uint8)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(*chunks: bytes, width: int = 1, height: int = 1) -> bytes:
    """A PNG of any chunks behind a header that claims any size."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return png_text.SIGNATURE + header + b"".join(chunks) + chunk(b"IEND", b"")


def itxt(text: bytes, keyword: str = RECIPE_KEYWORD, compress: bool = False) -> bytes:
    body = zlib.compress(text) if compress else text
    flag = b"\1" if compress else b"\0"
    return chunk(b"iTXt", keyword.encode() + b"\0" + flag + b"\0\0\0" + body)


JSON = to_json(WANTED).encode()


# -- pictures carry their recipe -----------------------------------------------------------------


def test_a_png_keeps_pixels_and_recipe(tmp_path: Path) -> None:
    path, pixels = tmp_path / "a.png", noise_pixels()
    path.write_bytes(encode_png(pixels, WANTED, "the program 1.0"))
    assert read_recipe(path) == WANTED
    with Image.open(path) as image:
        assert np.array_equal(np.asarray(image), pixels)
        assert image.text["Software"] == "the program 1.0"  # type: ignore[attr-defined]
        assert "stylegan_t_recipe" in json.loads(image.text[RECIPE_KEYWORD])  # type: ignore[attr-defined]


def test_equal_pictures_are_equal_bytes() -> None:
    assert encode_png(noise_pixels(), WANTED) == encode_png(noise_pixels(), WANTED)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".JPEG", ".webp"])
def test_every_kind_of_picture_carries_the_recipe(tmp_path: Path, suffix: str) -> None:
    path, pixels = tmp_path / f"a{suffix}", noise_pixels()
    path.write_bytes(encode(pixels, WANTED, suffix))
    assert read_recipe(path) == WANTED
    with Image.open(path) as image:
        seen = np.asarray(image.convert("RGB"))
    assert seen.shape == pixels.shape
    if suffix in (".png", ".webp"):
        assert np.array_equal(seen, pixels)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
def test_a_picture_without_recipe_says_so(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(encode(noise_pixels(), None, suffix))
    with pytest.raises(RecipeError, match="carries no recipe"):
        read_recipe(path)


def test_a_very_long_recipe_fits_a_png_and_not_a_jpeg(tmp_path: Path) -> None:
    long = replace(WANTED, text=TextPart((Prompt("wörd " * 18_000),)))
    path = tmp_path / "a.png"
    path.write_bytes(encode(noise_pixels(), long, ".png"))
    assert read_recipe(path) == long
    with pytest.raises(ExportError, match="too long for a JPEG"):
        encode(noise_pixels(), long, ".jpg")


def test_an_unknown_kind_of_picture_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\.png"):
        encode(noise_pixels(), None, ".gif")


def test_json_files_are_read_too(tmp_path: Path) -> None:
    path = tmp_path / "recipe.json"
    for start in (b"", b"\xef\xbb\xbf", b"\n  "):
        path.write_bytes(start + JSON)
        assert read_recipe(path) == WANTED


KEY = RECIPE_KEYWORD.encode()
LATIN_JSON = to_json(recipe("höuse")).encode("latin-1")


@pytest.mark.parametrize(
    ("text_chunk", "expected"),
    [
        (itxt(JSON, compress=True), WANTED),
        (chunk(b"tEXt", KEY + b"\0" + LATIN_JSON), recipe("höuse")),
        (chunk(b"zTXt", KEY + b"\0\0" + zlib.compress(LATIN_JSON)), recipe("höuse")),
    ],
)
def test_text_that_other_programs_packed_anew_is_read(
    tmp_path: Path, text_chunk: bytes, expected: Recipe
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png_of(itxt(b"x", "Comment"), chunk(b"IDAT", b"\0" * 99), text_chunk))
    assert read_recipe(path) == expected


def test_the_captured_recipe_names_the_model_that_drew_it() -> None:
    renderer = Renderer("cpu", load=CountingLoader())
    frame = renderer.render(replace(recipe(), model=ModelRef("demo", "ab" * 32)))
    assert captured_recipe(frame).model == ModelRef("demo", tiny_model(len("demo")).sha256)
    assert replace(captured_recipe(frame), model=frame.recipe.model) == frame.recipe
    failed = renderer.render(replace(recipe(), psi=1e9))
    assert captured_recipe(failed) == failed.recipe


# -- reading what is not to be trusted -----------------------------------------------------------

BOMB = b"\0" * 50_000_000
"""Packs to 50 KB."""
HOSTILE: dict[str, bytes] = {
    "empty": b"",
    "one byte": b"\x89",
    "signature only": png_text.SIGNATURE,
    "no chunks but end": png_text.SIGNATURE + chunk(b"IEND", b""),
    "text file": b"hello",
    "pickle": b"\x80\x04\x95\x1a\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x8c\x06system",
    "zip": b"PK\3\4" + b"\0" * 100,
    "gif": b"GIF89a" + b"\0" * 100,
    "json of something else": b'{"a": 1}',
    "deep json": b"[" * 1_000_000,
    "iTXt bomb": png_of(itxt(BOMB, compress=True)),
    "zTXt bomb": png_of(chunk(b"zTXt", RECIPE_KEYWORD.encode() + b"\0\0" + zlib.compress(BOMB))),
    "bomb in another text": png_of(itxt(BOMB, "Comment", compress=True)),
    "large plain text": png_of(itxt(b" " * 5_000_000)),
    "huge dimensions": png_of(chunk(b"IDAT", b"x" * 50), width=2**31 - 1, height=2**31 - 1),
    "cut off in a header": png_of(itxt(JSON))[:40],
    "cut off in the text": png_of(itxt(JSON))[:120],
    "length beyond the end": png_text.SIGNATURE
    + struct.pack(">I", 2**31 - 1)
    + b"iTXt"
    + b"a" * 99,
    "length beyond all limits": png_text.SIGNATURE + b"\xff\xff\xff\xffiTXt" + b"a" * 99,
    "chunk name of no letters": png_text.SIGNATURE
    + struct.pack(">I", 0)
    + b"\0\0\0\0"
    + b"\0" * 99,
    "wrong checksum": png_of(itxt(JSON)).replace(b"house", b"horse"),
    "countless chunks": png_text.SIGNATURE + chunk(b"tIME", b"") * 300_000,
    "countless texts": png_text.SIGNATURE + itxt(b"x", "Comment") * 100_000,
    "text without its fields": png_of(chunk(b"iTXt", RECIPE_KEYWORD.encode() + b"\0")),
    "text that is not UTF-8": png_of(itxt(b"\xff\xfe\xfd")),
    "text that does not unpack": png_of(
        chunk(b"zTXt", RECIPE_KEYWORD.encode() + b"\0\0not a zlib stream")
    ),
    "text cut off before packing": png_of(
        chunk(b"zTXt", RECIPE_KEYWORD.encode() + b"\0\0" + zlib.compress(JSON)[:-9])
    ),
    "unknown way of packing": png_of(
        chunk(b"zTXt", RECIPE_KEYWORD.encode() + b"\0\7" + zlib.compress(JSON))
    ),
    "recipe of nonsense": png_of(itxt(b"nonsense")),
    "recipe of NaN": png_of(itxt(b'{"stylegan_t_recipe":1,"recipe":{"psi":NaN}}')),
    "recipe of tomorrow": png_of(itxt(b'{"stylegan_t_recipe":9,"recipe":{}}')),
    "jpeg of nothing": b"\xff\xd8\xff\xe0",
    "jpeg of rubbish": b"\xff\xd8\xff\xe1" + os.urandom(5000),
    "webp of rubbish": b"RIFF\xff\xff\xff\xffWEBPVP8X" + b"\xff" * 200,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_a_sentence_quickly(tmp_path: Path, name: str) -> None:
    path = tmp_path / "dropped.png"
    path.write_bytes(HOSTILE[name])
    begin = time.perf_counter()
    with pytest.raises(RecipeError) as caught:
        read_recipe(path)
    assert time.perf_counter() - begin < 1.0
    sentence = str(caught.value)
    assert "dropped.png" in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert len(sentence) < 300


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("iTXt bomb", "far too large"),
        ("zTXt bomb", "far too large"),
        ("countless chunks", "too many parts"),
        ("length beyond the end", "cut off"),
        ("wrong checksum", "damaged"),
        ("text cut off before packing", "text is damaged"),
        ("recipe of tomorrow", "newer version"),
    ],
)
def test_the_sentence_gives_the_reason(tmp_path: Path, name: str, reason: str) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(HOSTILE[name])
    with pytest.raises(RecipeError, match=reason):
        read_recipe(path)


@pytest.mark.parametrize("name", ["iTXt bomb", "zTXt bomb", "bomb in another text"])
def test_a_bomb_takes_no_memory(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(HOSTILE[name])
    tracemalloc.start()
    with pytest.raises(RecipeError):
        read_recipe(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16_000_000


def test_every_cut_of_a_picture_is_a_sentence(tmp_path: Path) -> None:
    whole = encode_png(noise_pixels(4), WANTED)
    path = tmp_path / "a.png"
    outcomes = set()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        try:
            outcomes.add(read_recipe(path) == WANTED)
        except RecipeError:
            outcomes.add(None)
    assert outcomes == {True, None}, "whole recipes are read even where the pixels are cut off"


def test_a_sparse_giant_is_refused_at_once(tmp_path: Path) -> None:
    for start in (b"", png_text.SIGNATURE, b"\xff\xd8\xff\xe0", b"RIFF\0\0\0\0WEBP"):
        path = tmp_path / "giant.png"
        with path.open("wb") as file:
            file.write(start)
            try:
                file.truncate(100 * 2**30)
            except OSError:
                pytest.skip("this file system has no sparse files")
        begin = time.perf_counter()
        with pytest.raises(RecipeError, match=r"far too large|neither a picture|damaged"):
            read_recipe(path)
        assert time.perf_counter() - begin < 0.5


def test_what_is_no_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="is a folder"):
        read_recipe(tmp_path)
    with pytest.raises(RecipeError, match="There is no file"):
        read_recipe(tmp_path / "missing.png")
    with pytest.raises(RecipeError):
        read_recipe(tmp_path / "a\0b.png")
    with pytest.raises(RecipeError):
        read_recipe(tmp_path / ("x" * 5000))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(RecipeError, match="not a file that can be read"):
        read_recipe(tmp_path / "pipe.png")


def test_an_unreadable_file_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(encode_png(noise_pixels(), WANTED))

    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(RecipeError, match=r"a\.png cannot be read: Permission denied"):
        read_recipe(path)


# -- saving --------------------------------------------------------------------------------------


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def test_captures_are_numbered(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "captures"
    saved = [save_new(folder, "house", ".png", b"%d" % i) for i in range(3)]
    assert names(folder) == ["house-0001.png", "house-0002.png", "house-0003.png"]
    assert [path.read_bytes() for path in saved] == [b"0", b"1", b"2"]
    save_new(folder, "tree", ".png", b"tree")
    assert "tree-0001.png" in names(folder)


def test_numbers_go_on_after_gaps(tmp_path: Path) -> None:
    (tmp_path / "a-0007.png").write_bytes(b"mine")
    (tmp_path / "a-0003.jpg").write_bytes(b"mine")
    assert save_new(tmp_path, "a", ".png", b"x").name == "a-0008.png"
    (tmp_path / "a-9999.png").write_bytes(b"mine")
    assert save_new(tmp_path, "a", ".png", b"x").name == "a-10000.png"
    assert save_new(tmp_path, "a", ".png", b"x").name == "a-10001.png"


def test_a_stem_cannot_leave_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "captures"
    path = save_new(folder, "../../a:b\n", ".png", b"x")
    assert path.parent == folder
    assert path.is_file()
    assert names(tmp_path) == ["captures"]
    assert save_new(folder, "x" * 500, ".png", b"x").is_file()
    assert save_new(folder, "", ".png", b"x").name == "image-0001.png"


@pytest.mark.parametrize("links", [True, False])
def test_nothing_is_overwritten_by_many_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", _raise(errno.EPERM))
    results: list[tuple[Path, bytes]] = []
    start = threading.Barrier(8)

    def save(worker: int) -> None:
        start.wait()
        for index in range(15):
            data = b"%d-%d" % (worker, index)
            results.append((save_new(tmp_path, "a", ".png", data), data))

    threads = [threading.Thread(target=save, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == len({path for path, _ in results}) == 120
    assert all(path.read_bytes() == data for path, data in results)
    assert len(names(tmp_path)) == 120, "no temporary file is left"


def test_a_file_appears_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.png").write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", _raise(errno.ENOSPC))
    for write in (
        lambda: save_new(tmp_path, "a", ".png", b"new"),
        lambda: write_file(tmp_path / "a.png", b"new", overwrite=True),
        lambda: write_file(tmp_path / "b.png", b"new"),
    ):
        with pytest.raises(ExportError, match="the disk is full"):
            write()
    assert names(tmp_path) == ["a.png"]
    assert (tmp_path / "a.png").read_bytes() == b"old"


@pytest.mark.parametrize("links", [True, False])
def test_write_file_replaces_only_when_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", _raise(errno.EPERM))
    path = tmp_path / "a.png"
    write_file(path, b"first")
    with pytest.raises(ExportError, match="exists already"):
        write_file(path, b"second")
    assert path.read_bytes() == b"first"
    write_file(path, b"second", overwrite=True)
    assert path.read_bytes() == b"second"
    assert names(tmp_path) == ["a.png"]


def test_a_reserved_name_is_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", _raise(errno.EPERM))
    monkeypatch.setattr(os, "replace", _raise(errno.EIO))
    with pytest.raises(ExportError, match="cannot be written"):
        save_new(tmp_path, "a", ".png", b"x")
    assert names(tmp_path) == []


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_files_have_the_mode_that_the_user_wants(tmp_path: Path) -> None:
    path = save_new(tmp_path, "a", ".png", b"x")
    (tmp_path / "plain").write_bytes(b"x")
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)


def test_what_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    cases: list[tuple[Callable[[], object], str]] = [
        (lambda: save_new(tmp_path / "file", "a", ".png", b""), "in the way"),
        (lambda: save_new(tmp_path / "file" / "sub", "a", ".png", b""), "not a folder"),
        (lambda: write_file(tmp_path / "no" / "a.png", b""), "no such folder"),
        (lambda: write_file(tmp_path, b"", overwrite=True), "folder"),
        (lambda: write_file(tmp_path / ("x" * 300), b""), "too long"),
    ]
    for write, words in cases:
        with pytest.raises(ExportError, match=words) as caught:
            write()
        assert str(caught.value).endswith(".")
        assert "Errno" not in str(caught.value)


def test_an_unwritable_folder_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # By a patch, not by modes: root may write anywhere.
    monkeypatch.setattr("builtins.open", _raise(errno.EACCES))
    with pytest.raises(ExportError, match="you may not write there"):
        save_new(tmp_path, "a", ".png", b"x")


def _raise(number: int) -> Callable[..., None]:
    def fail(*args: object, **kwargs: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


def test_the_software_is_named() -> None:
    assert images.software_name().startswith("stylegan-t-explorer")
    with Image.open(io.BytesIO(encode_png(noise_pixels(), None))) as image:
        assert image.text["Software"] == images.software_name()  # type: ignore[attr-defined]
