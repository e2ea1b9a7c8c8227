"""Pictures out of files that nobody vouches for."""

import struct
import zlib

import pytest
import torch
from PIL import Image

from stylegan_t.data import images
from stylegan_t.data.images import (
    BrokenImageError,
    read_square,
    shrunk,
    to_floats,
)
from tests.stylegan_t.training.tiny_run import encoded, noise_jpeg, png


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF"])
def test_all_kinds(kind: str) -> None:
    data = encoded(Image.new("RGB", (40, 30), (200, 100, 50)), kind)
    image = read_square(data, 16).pixels
    assert image.shape == (3, 16, 16) and image.dtype == torch.uint8
    expected = torch.tensor([200, 100, 50]).view(3, 1, 1)
    assert (image.int() - expected).abs().max() <= 4


def test_the_middle_square_is_taken() -> None:
    wide = Image.new("RGB", (60, 20), (255, 0, 0))
    wide.paste((0, 0, 255), (20, 0, 40, 20))
    image = read_square(encoded(wide, "PNG"), 8).pixels
    assert image[2].min() == 255 and image[0].max() == 0


def test_grey_palettes_and_transparency_become_plain_colours() -> None:
    assert (read_square(png(7, mode="L"), 8).pixels == 7).all()
    assert (read_square(png(3, mode="P"), 8).pixels).shape == (3, 8, 8)
    half = read_square(png((0, 0, 0, 0), mode="RGBA"), 8).pixels
    assert (half == 255).all()


def test_a_photograph_is_turned_upright() -> None:
    image = Image.new("RGB", (20, 20))
    image.paste((255, 255, 255), (0, 0, 20, 10))  # white on top
    exif = Image.Exif()
    exif[0x0112] = 3  # turned upside down
    turned = read_square(encoded(image, "JPEG", exif=exif), 8).pixels
    assert turned[0, 0, 0] < 20 and turned[0, -1, 0] > 235


def test_a_large_photograph_is_decoded_small(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    resize = Image.Image.resize

    def seen(self: Image.Image, *args: object, **options: object) -> Image.Image:
        sizes.append(self.size)
        return resize(self, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Image.Image, "resize", seen)
    assert read_square(noise_jpeg(1024), 64).pixels.shape == (3, 64, 64)
    assert sizes == [(128, 128)]


def bomb(width: int, height: int) -> bytes:
    """A PNG whose header claims more pixels than it has bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("data", "words"),
    ids=range(9),
    argvalues=[
        (b"", "damaged"),
        (b"no picture", "damaged"),
        (noise_jpeg(64)[:500], "damaged"),
        (png()[:-30], "damaged"),
        (encoded(Image.new("RGB", (8, 8)), "PPM"), "damaged or not a picture"),
        (encoded(Image.new("RGB", (8, 8)), "TIFF"), "damaged or not a picture"),
        (bomb(60_000, 60_000), "far too many pixels"),
        (bomb(20_000, 4_001), "20000 x 4001 pixels"),
        (bomb(0, 10), "damaged|no pixels"),
    ],
)
def test_what_is_broken_is_told(data: bytes, words: str) -> None:
    with pytest.raises(BrokenImageError, match=words):
        read_square(data, 16)


def test_a_file_that_is_too_long_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MAX_FILE_BYTES", 10)
    with pytest.raises(BrokenImageError, match="MB"):
        read_square(png(), 16)


def test_grey_of_sixteen_bits_is_scaled() -> None:
    data = encoded(Image.new("I;16", (20, 20), 40_000), "PNG")
    assert (read_square(data, 8).pixels == 156).all(), "40000 / 257, not 255"
    for level, expected in ((0, 0), (65_535, 255)):
        data = encoded(Image.new("I;16", (20, 20), level), "PNG")
        assert (read_square(data, 8).pixels == expected).all()


def test_the_side_in_the_file_is_told() -> None:
    assert read_square(png(size=(1, 1)), 16).side == 1
    assert read_square(noise_jpeg(1024), 16).side == 1024, "not that of the draft"
    assert read_square(png(size=(60, 30)), 16).side == 30


def test_pictures_in_memory_shrink_as_files_do() -> None:
    pixels = torch.randint(0, 256, (2, 3, 40, 40), dtype=torch.uint8)
    files = [encoded(Image.fromarray(p.permute(1, 2, 0).numpy()), "PNG") for p in pixels]
    expected = torch.stack([read_square(data, 16).pixels for data in files])
    assert torch.equal(shrunk(pixels, 16), expected)
    assert shrunk(pixels, 40) is pixels


def test_floats_span_minus_one_to_one() -> None:
    pixels = torch.tensor([0, 255], dtype=torch.uint8)
    assert to_floats(pixels).tolist() == [-1.0, 1.0]
    floats = torch.tensor([0.3])
    assert to_floats(floats) is floats
