"""The same numbers in less time: prepared networks, CUDA graphs, kernels, half precision.

`prepared` chooses for a device; `fast` is for processors, with `winograd`, and `graphs` for NVIDIA
cards, with `triton_kernels`.  `precision` says what computes in which type.
"""
