"""Text that others wrote, shown so that it cannot act on the terminal or its reader.

A file, a path or a message of a library may hold escape sequences that a terminal obeys, marks that
turn the direction of writing, and line breaks that make one line look like two.  Each is shown as
its number in the way of JSON, so that JSON that passes through here stays JSON of the same value.
"""

from __future__ import annotations

import codecs
import unicodedata

ACTING = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Categories of Unicode: control, format (the marks of direction), half characters, line breaks."""
JOINERS = "\u200c\u200d"
"""Of the category of marks, but Persian and emoji are not written without them."""
SHORT = {"\n": r"\n", "\t": r"\t", "\r": r"\r"}
ERRORS = "stylegan_t.terminal.visible"
"""Names the handler for characters that an encoding does not have."""


def visible(text: str, keep: str = "") -> str:
    """The text with every character that acts rather than shows replaced by its number.

    Args:
        text: from anywhere.
        keep: characters that stay: none in a word or a sentence, line breaks in several lines.
    """
    if text.isprintable():
        return text
    return "".join(_shown(c) if _acts(c) and c not in keep else c for c in text)


def _acts(character: str) -> bool:
    return unicodedata.category(character) in ACTING and character not in JOINERS


def _shown(character: str) -> str:
    """`\\u001b`; beyond the first 65,536 as two halves, as JSON wants it."""
    if character in SHORT:
        return SHORT[character]
    number = ord(character)
    if number < 0x10000:
        return f"\\u{number:04x}"
    number -= 0x10000
    return f"\\u{0xD800 + (number >> 10):04x}\\u{0xDC00 + (number & 0x3FF):04x}"


def _numbered(error: UnicodeError) -> tuple[str, int]:
    """Return what stands for the characters that an encoding lacks."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_shown, error.object[error.start : error.end])), error.end


codecs.register_error(ERRORS, _numbered)
