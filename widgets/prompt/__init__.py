"""The prompt panel: rows, pad, directions, suggestions, history."""
