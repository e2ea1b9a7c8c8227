"""A picture out of the bytes of an untrusted file, to train on or to measure."""

from __future__ import annotations

import io
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif")
"""Names of files that may hold pictures."""
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF")
UNREAD = (".tif", ".tiff", ".avif", ".heic", ".heif", ".jp2", ".jxl", ".tga", ".psd", ".svg")
"""Names of pictures that are not read: their decoders are too large a door for foreign files."""
MAX_FILE_BYTES = 64_000_000
MAX_PIXELS = 80_000_000
"""A file of a few kilobytes can claim billions of pixels; this many take 0.3 GB while decoding."""
DRAFT = 2
"""JPEG files are decoded at no more than about this many times the wanted size."""


class BrokenImageError(ValueError):
    """A file is no picture, or not one that is used; half a sentence says why."""


class Square(NamedTuple):
    """A picture's middle square: `pixels` uint8 [3, R, R], RGB, and the `side` in pixels that it
    had in the file."""

    pixels: Tensor
    side: int


def read_square(data: bytes, resolution: int) -> Square:
    """Decode a PNG, JPEG, WebP, BMP or GIF file: its middle square, resized by Lanczos.

    What is transparent becomes white, a photograph is turned upright, 16 bits become 8; of what
    moves the first picture counts.

    Args:
        data: the file.
        resolution: the wanted side in pixels; smaller pictures are enlarged.

    Raises:
        BrokenImageError: whatever is wrong with it.
    """
    if len(data) > MAX_FILE_BYTES:
        raise BrokenImageError(f"has more than {MAX_FILE_BYTES // 1_000_000} MB")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            return _square(image, resolution)
    except BrokenImageError:
        raise
    except Image.DecompressionBombError as error:  # Pillow's own limit, a little higher
        raise BrokenImageError("has far too many pixels") from error
    except Exception as error:  # what decoders raise at a hostile file has no bounds
        raise BrokenImageError("is damaged or not a picture") from error


def shrunk(pixels: Tensor, resolution: int) -> Tensor:
    """Pictures uint8 [N, 3, H, H] as `read_square` would give them out of lossless files."""
    if pixels.shape[-1] == resolution:
        return pixels
    images = [Image.fromarray(image.permute(1, 2, 0).cpu().numpy()) for image in pixels]
    return torch.stack([_resized(image, resolution) for image in images]).to(pixels.device)


def _square(image: Image.Image, resolution: int) -> Square:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise BrokenImageError(f"has {width} x {height} pixels, which is too much")
    if not width or not height:
        raise BrokenImageError("has no pixels")
    shorter = min(width, height)
    image.draft("RGB", (DRAFT * resolution, DRAFT * resolution))
    image = _opaque(_eight_bits(ImageOps.exif_transpose(image)))
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    box = (left, top, left + side, top + side)
    # Cropped first: the filter would look over the edge of a mere `box`.
    return Square(_resized(image.crop(box), resolution), shorter)


def _resized(image: Image.Image, resolution: int) -> Tensor:
    image = image.resize((resolution, resolution), Image.Resampling.LANCZOS)
    return torch.from_numpy(np.array(image)).permute(2, 0, 1).contiguous()


def _eight_bits(image: Image.Image) -> Image.Image:
    """Grey of 16 bits scaled to 8; Pillow itself would cut it off at 255."""
    if image.mode in ("I", "F"):
        raise BrokenImageError("has values of 32 bits, whose range is not known")
    if not image.mode.startswith("I;16"):
        return image
    levels = np.asarray(image).astype(np.uint32)
    if (clear := image.info.get("transparency")) is not None:
        levels[levels == clear] = 65535
    return Image.fromarray(((levels * 255 + 32767) // 65535).astype(np.uint8))


def _opaque(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    image = image.convert("RGBA")
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image).convert("RGB")


def to_floats(images: Tensor) -> Tensor:
    """Pictures as the networks know them: uint8 to float32 in [-1, 1]; floats stay as they are."""
    return images.float() / 127.5 - 1 if images.dtype == torch.uint8 else images
