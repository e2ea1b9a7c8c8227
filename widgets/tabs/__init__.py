"""The tabs below the picture: history, gallery, grid, layers, timeline.

`drawer` opens one at a time; each tab has `draw`, and its larger parts stand beside it.
"""
