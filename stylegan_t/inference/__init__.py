"""The same numbers in less time: prepared networks, CUDA graphs, kernels, half precision."""
