"""Checkpoint files: the native format, reference snapshots, and the reader that runs nothing."""
