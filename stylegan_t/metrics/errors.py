"""Errors of measuring."""

from __future__ import annotations

from stylegan_t.errors import StyleGANTError


class MetricError(StyleGANTError, ValueError):
    """Something cannot be measured; the message is one sentence for the user."""
