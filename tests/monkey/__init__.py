"""A monkey at the window: random input without end, every step of it known by its seed."""
