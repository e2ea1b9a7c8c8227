"""The mixing panel: sources and the matrix of blocks.

`panel` draws it, `matrix` the cells of blocks, `source` what is mixed in.
"""
