"""Panels are tested in the real window."""

from tests.visualizer.conftest import open_window, ui

__all__ = ["open_window", "ui"]
