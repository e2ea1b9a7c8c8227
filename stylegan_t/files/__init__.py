"""Files of tensors, read piece by piece, and files that are written whole or not at all.

`tensors` is the safetensors format; `whole` writes beside the target and replaces it at the end,
under the names of `partial_files`, which sweeps up after a kill; `locks` are the system's.
"""
