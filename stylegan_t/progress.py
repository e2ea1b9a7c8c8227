"""Progress of work that takes its time: one callback, with or without words."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[float], None]
"""Is told the share that is done, from 0 to 1; it may raise to have the work given up."""
Steps = Callable[[str, float], None]
"""Is told what is being done, in a few words, and the share of it, from 0 to 1."""
