"""Words of others, made fit for a sentence to the user."""

from __future__ import annotations

from stylegan_t.terminal.wrong_values import in_words

LONGEST = 160
_LINE = str.maketrans({"\n": " ", "\r": " ", "\t": " ", "\0": None})


def one_line(text: str) -> str:
    """A text as a recipe holds it: line breaks and tabs become spaces."""
    return text.replace("\r\n", " ").translate(_LINE)


def quoted(said: object, longest: int = LONGEST) -> str:
    """A foreign message on one line, without signs that cannot be shown, and not too long.

    Messages of readers quote what stands in a file, which may be a whole page of anything.

    Args:
        said: an exception, or text.
        longest: characters of it that are kept.
    """
    words = in_words(said) if isinstance(said, BaseException) else str(said)
    start = words[: 4 * longest]
    line = " ".join("".join(c if c.isprintable() else " " for c in start).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
