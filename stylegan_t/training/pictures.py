"""A picture out of the bytes of a file that nobody vouches for, ready for training."""

from __future__ import annotations

import io

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
"""Names of files that may hold pictures."""
FORMATS = ("PNG", "JPEG", "WEBP")
MAX_FILE_BYTES = 64_000_000
MAX_PIXELS = 80_000_000
"""A file of a few kilobytes can claim billions of pixels; this many take 0.3 GB while decoding."""
MAX_CAPTION_BYTES = 100_000
MAX_CAPTION = 2_000
"""Characters of a caption that count; text towers read less."""
DRAFT = 2
"""JPEG files are decoded at no more than about this many times the wanted size."""


class BrokenPictureError(ValueError):
    """A file is no picture, or not one that is used; half a sentence says why."""


def read_picture(data: bytes, resolution: int) -> Tensor:
    """Decode a PNG, JPEG or WebP file: its middle square, resized.

    What is transparent becomes white, a photograph is turned upright.

    Args:
        data: the file.
        resolution: the wanted side in pixels; smaller pictures are enlarged.

    Returns:
        uint8 [3, resolution, resolution], RGB.

    Raises:
        BrokenPictureError: whatever is wrong with it.
    """
    if len(data) > MAX_FILE_BYTES:
        raise BrokenPictureError(f"has more than {MAX_FILE_BYTES // 1_000_000} MB")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            return _square(image, resolution)
    except BrokenPictureError:
        raise
    except Image.DecompressionBombError as error:  # Pillow's own limit, a little higher
        raise BrokenPictureError("has far too many pixels") from error
    except Exception as error:  # what decoders raise at a hostile file has no bounds
        raise BrokenPictureError("is damaged or no picture") from error


def _square(image: Image.Image, resolution: int) -> Tensor:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise BrokenPictureError(f"has {width} x {height} pixels, which is too much")
    if not width or not height:
        raise BrokenPictureError("has no pixels")
    image.draft("RGB", (DRAFT * resolution, DRAFT * resolution))
    image = _opaque(ImageOps.exif_transpose(image))
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    box = (left, top, left + side, top + side)
    # Cropped first: the filter would look over the edge of a mere `box`.
    image = image.crop(box).resize((resolution, resolution), Image.Resampling.LANCZOS)
    return torch.from_numpy(np.array(image)).permute(2, 0, 1).contiguous()


def _opaque(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    image = image.convert("RGBA")
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image).convert("RGB")


def read_caption(data: bytes) -> str:
    """A caption out of a text file, on one line.

    Raises:
        BrokenPictureError: there is no word in it.
    """
    text = data[:MAX_CAPTION_BYTES].decode("utf-8", errors="replace")
    return clean_caption(text)


def clean_caption(text: str) -> str:
    """A caption on one line, of sensible length.

    Raises:
        BrokenPictureError: there is no word in it.
    """
    caption = " ".join(text[:MAX_CAPTION_BYTES].split())[:MAX_CAPTION]
    if not caption:
        raise BrokenPictureError("has no caption")
    return caption


def to_floats(images: Tensor) -> Tensor:
    """Pictures as the networks know them: uint8 to float32 in [-1, 1]; floats stay as they are."""
    return images.float() / 127.5 - 1 if images.dtype == torch.uint8 else images
