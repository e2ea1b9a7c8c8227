"""Files: pictures that carry their recipe, read without trust."""

from __future__ import annotations

import errno
import io
import json
import os
import struct
import time
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image

from renderer.files import images, png_text
from renderer.files.atomic import ExportError
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
    with pytest.raises(RecipeError, match="contains no recipe"):
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


def test_the_software_is_named() -> None:
    assert images.software_name().startswith("stylegan-t-explorer")
    with Image.open(io.BytesIO(encode_png(noise_pixels(), None))) as image:
        assert image.text["Software"] == images.software_name()  # type: ignore[attr-defined]
