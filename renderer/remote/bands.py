"""The exact pixels of a picture that came with loss, band by band: a newer picture need not wait
until a whole one has gone over a slow line."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from renderer.frame.frame import Frame
from renderer.remote.flow_control import PNG_RATIO
from renderer.remote.messages import Band
from renderer.remote.pixels import packed, unpacked
from renderer.remote.wire import LineError

BAND_S = 0.04
"""Seconds that a band should take on the line."""
FEWEST_ROWS = 8


class Bands:
    """Cuts a picture.

    Args:
        frame: with a picture in main memory, or on a device from which it can be fetched.
        number: of the submit that it answers.

    Raises:
        PictureError: the picture cannot be fetched.
    """

    def __init__(self, frame: Frame, number: int) -> None:
        self._pixels, self._number, self._top = frame.pixels(), number, 0

    @property
    def over(self) -> bool:
        """Tell whether all have gone."""
        return self._top >= len(self._pixels)

    def next(self, serial: int, rate: float | None) -> Band:
        """The next band, as high as the line takes at `rate` bytes a second."""
        height, width = self._pixels.shape[:2]
        rows = int((rate or 0.0) * BAND_S / (width * 3 * PNG_RATIO))
        bottom = min(height, self._top + max(rows, FEWEST_ROWS))
        part = packed(self._pixels[self._top : bottom], "png")
        band = Band(self._number, serial, self._top, part)
        self._top = bottom
        return band


class Assembly:
    """Puts bands together, at the window's side."""

    def __init__(self) -> None:
        self._frame: Frame | None = None
        self._number = self._top = 0
        self._pixels: np.ndarray | None = None

    def begin(self, frame: Frame, number: int) -> None:
        """Bands may follow for `frame`; those for another one are no longer wanted."""
        self._frame = None if frame.exact or frame.image is None else frame
        self._number, self._top, self._pixels = number, 0, None

    def add(self, band: Band) -> Frame | None:
        """Take a band; returns the exact frame with the last one.

        Raises:
            LineError: it does not follow the one before, or fits no picture.
        """
        frame = self._frame
        if frame is None or band.number != self._number:
            return None
        # PyTorch is slow to import: not before the first picture
        import torch

        rows, whole = unpacked(band.pixels), frame.pixels()
        if self._pixels is None:
            self._pixels = np.empty_like(whole)
        bottom = self._top + len(rows)
        if band.top != self._top or bottom > len(whole) or rows.shape[1] != whole.shape[1]:
            raise LineError("part of a picture arrived that does not fit")
        self._pixels[self._top : bottom] = rows
        self._top = bottom
        if bottom < len(whole):
            return None
        self._frame = None
        return replace(frame, image=torch.from_numpy(self._pixels), exact=True)
