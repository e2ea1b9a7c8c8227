"""The tabs below the picture: history, gallery, grid, layers, timeline."""
