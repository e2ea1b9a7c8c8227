"""What can go wrong while measuring."""

from __future__ import annotations


class MetricError(ValueError):
    """Something cannot be measured; the message is one sentence for the user."""
