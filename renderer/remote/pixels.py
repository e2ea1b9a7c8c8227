"""Pictures on the line: raw, or as PNG, JPEG or WebP; what comes is checked before it is read."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from renderer.remote.messages import MAX_SIDE, Coding, Pixels
from renderer.remote.wire import LineError

PNG_LEVEL = 1
"""Of zlib: more takes several times as long for a few per cent."""
WEBP_EFFORT = 0
MAX_PIXELS = 2**26
"""Of one picture: 8192 x 8192."""


def packed(pixels: np.ndarray, coding: Coding, quality: int = 90) -> Pixels:
    """A picture for the line.

    Args:
        pixels: uint8 [height, width, 3].
        coding: "raw" and "png" keep every value, "jpeg" and "webp" do not.
        quality: 1 to 100, of the latter two.
    """
    height, width = pixels.shape[:2]
    if coding == "raw":
        return Pixels(width, height, coding, np.ascontiguousarray(pixels).tobytes())
    image, out = Image.fromarray(pixels), io.BytesIO()
    if coding == "png":
        image.save(out, "PNG", compress_level=PNG_LEVEL)
    elif coding == "jpeg":
        image.save(out, "JPEG", quality=quality, subsampling=0 if quality >= 90 else 2)
    else:
        image.save(out, "WEBP", quality=quality, method=WEBP_EFFORT)
    return Pixels(width, height, coding, out.getvalue())


def unpacked(pixels: Pixels) -> np.ndarray:
    """A picture from the line, uint8 [height, width, 3], to be read only.

    Raises:
        LineError: it is not a picture of the size and coding that it says.
    """
    width, height = pixels.width, pixels.height
    if width > MAX_SIDE or height > MAX_SIDE or width * height > MAX_PIXELS:
        raise LineError(f"A picture of {width} x {height} pixels arrived, which is too large.")
    if pixels.coding == "raw":
        if len(pixels.data) != width * height * 3:
            raise LineError("A picture arrived that does not have the announced size.")
        return np.frombuffer(pixels.data, np.uint8).reshape(height, width, 3)
    try:
        with Image.open(io.BytesIO(pixels.data), formats=[pixels.coding]) as image:
            if image.size != (width, height) or image.mode != "RGB":
                raise LineError("A picture arrived that does not have the announced size.")
            return np.asarray(image)
    except LineError:
        raise
    except Exception as error:  # Pillow raises many kinds for damaged data
        raise LineError("A picture arrived that cannot be read.") from error
