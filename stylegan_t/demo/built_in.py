"""The models that come with this project, by the names that stand for them in place of a path.

It needs no PyTorch.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stylegan_t.config import DEMO

SECOND = "demo-2"
WORLDS = (DEMO, SECOND)
"""The demo worlds, each by the name of the model that was made for it."""
START = SECOND
"""The model that a newcomer sees, and that commands use where none is named."""


@dataclass(frozen=True)
class BuiltIn:
    """One of them: its file, what it is called in a sentence and in a menu, and in a few words
    what it knows."""

    file: Path
    name: str
    short: str
    about: str


BUILT_IN: dict[str, BuiltIn] = {
    SECOND: BuiltIn(
        Path(__file__).with_name(f"{SECOND}.safetensors"),
        "the demo model",
        "Demo model",
        "146 things in little landscapes, some of them still soft",
    ),
    DEMO: BuiltIn(
        Path(__file__).with_name("demo.safetensors"),
        "the first demo model",
        "First demo model",
        "Seven things in little landscapes",
    ),
}


def is_built_in(path: str) -> bool:
    """Return whether this names a model that comes with the project rather than a file."""
    return path in BUILT_IN
