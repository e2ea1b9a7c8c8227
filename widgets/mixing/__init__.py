"""The mixing panel: sources and the matrix of blocks."""
