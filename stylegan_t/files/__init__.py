"""Files of tensors, read piece by piece, and files that are written whole or not at all."""
