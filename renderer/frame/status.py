"""The present work of a renderer, for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Status:
    """The present work; `text` says it in a few words.

    `share` is how far a load is, or a picture that takes long, from 0 to 1; None if unknown.
    """

    kind: Literal["starting", "idle", "rendering", "loading", "stopped"]
    text: str
    share: float | None = None


RENDERING = Status("rendering", "Rendering")
