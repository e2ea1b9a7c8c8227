"""Checkpoint files: the native format, reference snapshots, and the reader that runs nothing.

`checkpoint` loads either kind and `native` writes ours.  `reference` puts a snapshot's generator
together from what `reference_pickle` reads; `usual_names` knows what honest ones hold.
"""
