"""Frame rates: whole numbers of frames a second, or fractions such as television's 30000/1001."""

from __future__ import annotations

from fractions import Fraction

TELEVISION = Fraction(1000, 1001)
"""Colour television is slower by this than the whole number that it is named after (SMPTE 170M)."""
NEAR = 0.005
"""29.97, 23.976 and 23.98 mean television's rates, from which they differ by less."""
MAX_DENOMINATOR = 1001


def frame_rate(number: float) -> int | float:
    """Return the frame rate that a typed number means.

    Args:
        number: frames a second, above 0.
    """
    if number == round(number):
        return round(number)
    named = round(number / float(TELEVISION)) * TELEVISION
    return float(named) if abs(number - named) < NEAR else number


def exact(rate: float) -> Fraction:
    """Return a frame rate as the fraction that a video file states."""
    return Fraction(rate).limit_denominator(MAX_DENOMINATOR)


def rate_in_words(rate: float) -> str:
    """Return a frame rate as it is usually written: 30, 29.97, 23.976."""
    return f"{rate:.5g}"
