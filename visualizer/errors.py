"""The root of the window's and the commands' own errors."""

from __future__ import annotations

from stylegan_t.errors import ExplainedError


class VisualizerError(ExplainedError):
    """The root of what this package explains; the message is for the user."""
