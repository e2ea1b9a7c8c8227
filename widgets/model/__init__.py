"""The model panel: checkpoint, precision, text tower."""
