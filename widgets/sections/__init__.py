"""The sidebar's small panels, one section each.

Each has `draw(context) -> Recipe`, or a class with it where something is remembered between frames.
"""
