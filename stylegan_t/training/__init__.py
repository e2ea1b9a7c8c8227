"""Training: the text tower and the generator of the demo model."""
