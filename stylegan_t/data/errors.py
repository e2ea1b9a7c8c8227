"""Errors that keep a run from starting or going on."""

from __future__ import annotations

from stylegan_t.errors import StyleGANTError


class TrainingError(StyleGANTError, ValueError):
    """Training cannot start or go on; the message is one sentence for the user."""
