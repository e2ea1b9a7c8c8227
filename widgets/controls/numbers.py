"""Typed numbers: what is taken, and the sentence for what is not."""

from __future__ import annotations

import math

from renderer.recipe.recipe import MAX_SEED
from stylegan_t.errors import ExplainedError


class RefusedError(ExplainedError, ValueError):
    """A typed value is not taken; the message is for the user."""


def parse_number(text: str, low: float, high: float, name: str, unit: str = "") -> float:
    """Read a decimal number; a comma counts as the decimal point, and 33% as 0.33.

    Args:
        text: what was typed.
        low, high: the smallest and the largest value that is taken.
        name: what the number is, for the sentence.
        unit: what may stand behind it.

    Raises:
        RefusedError: not a number, not finite, or outside `low` to `high`.
    """
    cleaned = text.strip().replace(",", ".").replace("\N{MINUS SIGN}", "-")
    cleaned = cleaned.removesuffix(unit.strip()).rstrip("°×").strip()
    share = unit.strip() in ("", "×")
    number = cleaned.removesuffix("%").strip() if share else cleaned
    try:
        value = float(number)
    except ValueError:
        raise RefusedError(
            f"“{_short(text)}” is not a number, so {name} was not changed."
        ) from None
    if not math.isfinite(value):
        raise RefusedError(f"{name} needs a finite number, so it was not changed.")
    if number != cleaned:
        value /= 100
    if not low <= value <= high:
        percent = share and number == cleaned and high < value <= 100
        hint = f" Type {value:g}% for {value / 100:g}." if percent else ""
        raise RefusedError(
            f"{name} takes values from {low:g} to {high:g}, so {value:g} was not used.{hint}"
        )
    return value


def parse_seed(text: str, name: str = "Seed") -> int:
    """Read a seed: a whole number from 0 to 2**63 - 1.

    Raises:
        RefusedError: anything else.
    """
    cleaned = text.strip().replace(" ", "").replace("_", "")
    if not (cleaned.isascii() and cleaned.lstrip("+").isdigit()):
        raise RefusedError(
            f"{name} must be a whole number, 0 or more, so “{_short(text)}” was not used."
        )
    if len(cleaned) > 20 or int(cleaned) > MAX_SEED:
        raise RefusedError(f"{name} can be at most {MAX_SEED}, so this one was not used.")
    return int(cleaned)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 24 else line[:23] + "…"
