"""Sinks: whatever takes the pictures that are played, beside the window.

Each runs in a thread of its own, so that none holds up the window.
"""
