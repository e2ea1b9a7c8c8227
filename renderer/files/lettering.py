"""Words in pictures: wrapped, cut with an ellipsis, in any script that a font at hand has."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

FIRST_CHOICE = ("DejaVuSans.ttf", "Arial.ttf", "Helvetica.ttc")
"""Looked for where the system keeps fonts; without any of them Pillow's own does."""
LACKING = "\U0010ffff"
"""No font has this character, so its shape is what a font draws for what it lacks."""
LINE_HEIGHT = 1.3
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


class Lettering:
    """Writes words of one size.

    Args:
        size_px: height of the letters.
        fallbacks: fonts for scripts that the first has not; a file that cannot be used is left out.
    """

    def __init__(self, size_px: int, fallbacks: Sequence[Path] = ()) -> None:
        self._fonts = (_first(size_px), *_opened(size_px, tuple(fallbacks)))
        self.line_px = round(size_px * LINE_HEIGHT)

    def width(self, text: str) -> float:
        """Return how wide a line is, in pixels."""
        return sum(font.getlength(run) for font, run in self._runs(text))

    def wrapped(self, text: str, width_px: float, most: int) -> list[str]:
        """At most `most` lines of at most `width_px`; what does not fit ends in an ellipsis."""
        lines: list[str] = [""]
        for word in _plain(text).split():
            longer = f"{lines[-1]} {word}".lstrip()
            if not lines[-1] or self.width(longer) <= width_px:
                lines[-1] = longer
            else:
                lines.append(word)
        if len(lines) > most:
            lines = [*lines[: most - 1], " ".join(lines[most - 1 :])]
        return [self._cut(line, width_px) for line in lines]

    def drawn(
        self,
        lines: Sequence[str],
        size_px: tuple[int, int],
        ink: tuple[int, int, int],
        ground: tuple[int, int, int],
        *,
        right: bool = False,
    ) -> np.ndarray:
        """A picture of lines, centred from top to bottom, and from side to side unless `right`.

        Returns:
            uint8 [height, width, 3] of `size_px` (width, height).
        """
        width, height = size_px
        image = Image.new("RGB", (max(1, width), max(1, height)), ground)
        draw = ImageDraw.Draw(image)
        top = (height - len(lines) * self.line_px) / 2
        for line in lines:
            free = width - self.width(line)
            x = free if right else free / 2
            for font, run in self._runs(line):
                draw.text((x, top + self.line_px / 2), run, ink, font, anchor=_anchor(font))
                x += font.getlength(run)
            top += self.line_px
        return np.asarray(image)

    def _cut(self, line: str, width_px: float) -> str:
        if self.width(line) <= width_px:
            return line
        low, high = 0, len(line)  # the longest beginning that fits with an ellipsis
        while low < high:
            middle = (low + high + 1) // 2
            if self.width(line[:middle].rstrip() + "…") <= width_px:
                low = middle
            else:
                high = middle - 1
        return line[:low].rstrip() + "…"

    def _runs(self, text: str) -> list[tuple[Font, str]]:
        """The text in pieces, each with the first font that has its characters."""
        runs: list[tuple[Font, str]] = []
        for character in _plain(text):
            font = next((font for font in self._fonts if _has(font, character)), self._fonts[0])
            if runs and (runs[-1][0] is font or character == " "):
                runs[-1] = (runs[-1][0], runs[-1][1] + character)
            else:
                runs.append((font, character))
        return runs


def _plain(text: str) -> str:
    """Without line breaks, control characters and half characters."""
    whole = text.encode("utf-8", "replace").decode()
    return "".join(c if c.isprintable() else " " for c in whole)


def _anchor(font: Font) -> str | None:
    return "lm" if isinstance(font, ImageFont.FreeTypeFont) else None


@cache
def _first(size_px: int) -> Font:
    for name in FIRST_CHOICE:
        try:
            return ImageFont.truetype(name, size_px)
        except OSError:
            continue
    return ImageFont.load_default(size_px)


@cache
def _opened(size_px: int, paths: tuple[Path, ...]) -> tuple[Font, ...]:
    fonts: list[Font] = []
    for path in paths:
        try:
            fonts.append(ImageFont.truetype(str(path), size_px))
        except OSError:
            continue  # unreadable, or of a kind that cannot be drawn: others may do
    return tuple(fonts)


@cache
def _has(font: Font, character: str) -> bool:
    if not isinstance(font, ImageFont.FreeTypeFont):
        return True
    return character.isascii() or _shape(font, character) != _shape(font, LACKING)


@cache
def _shape(font: ImageFont.FreeTypeFont, character: str) -> bytes:
    side = 2 * round(font.size)
    image = Image.new("L", (side, side))
    ImageDraw.Draw(image).text((side / 4, side / 4), character, 255, font)
    return image.tobytes()
