"""The fastest way to draw what a synthesis network draws, on the device where it is."""

from __future__ import annotations

from torch import nn

from stylegan_t.generator import SynthesisNetwork
from stylegan_t.inference.fast import FastSynthesis
from stylegan_t.inference.graphs import GraphSynthesis
from stylegan_t.inference.recorders import CudaRecorder, Recording
from stylegan_t.network import Synthesis
from stylegan_t.progress import Progress

Prepared = FastSynthesis | GraphSynthesis
"""Draws pictures, called like `SynthesisNetwork.forward` with one row; `blocks_drawn` says how much
of the last picture was new, `recorded` whether it took longer than others for once, and `forget`
gives memory back."""


def prepared(
    network: nn.Module, packed_bytes: int, tell: Progress | None = None
) -> Prepared | None:
    """Prepare `network`, which must not be trained from then on.

    Args:
        network: on its device, in its precision.
        packed_bytes: most memory for copies of weights.
        tell: told how far that is, from 0 to 1; it may raise to have it given up.

    Returns:
        None where nothing is faster than the network itself: in float16 on the processor, and while
        a module of it has a hook.
    """
    if not isinstance(network, Synthesis):
        return None
    if isinstance(network, SynthesisNetwork) and GraphSynthesis.suits(network):
        return GraphSynthesis(network)
    if not FastSynthesis.suits(network):
        return None
    device = next(network.parameters()).device
    recording = Recording(lambda: CudaRecorder(device)) if device.type == "cuda" else None
    return FastSynthesis(network, packed_bytes, tell, recording)
