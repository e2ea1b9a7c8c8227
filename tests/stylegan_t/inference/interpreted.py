"""Runs the kernel of StyleGAN3's filters by Triton's interpreter, on the processor.

`TRITON_INTERPRET=1 python -m tests.stylegan_t.inference.interpreted` prints the largest differences
from the readable filter, one a line; the variable must be set before Triton is imported.
"""

from __future__ import annotations

import torch
from torch import Tensor

from stylegan_t.family.resampling import filtered_lrelu
from stylegan_t.family.stylegan3 import SynthesisLayer
from stylegan_t.inference.filtered_kernel import FilteredKernel
from stylegan_t.inference.resampling_tiles import Axis
from stylegan_t.layers import LRELU_SLOPE, ROOT2
from tests.stylegan_t.family.recorded import recorded

KINDS = ("sg3_t", "sg3_r", "xl_superres")
CHANNELS, CLAMP = 3, 1.5


def axis_of(layer: SynthesisLayer) -> Axis:
    """The resampling of a layer."""
    spec = layer.spec
    around = spec.in_size + spec.kernel - 1
    return Axis(around, spec.up, spec.down, spec.up_taps, spec.down_taps, *spec.padding[:2])


def layers() -> list[SynthesisLayer]:
    """Layers of recorded networks, one for each way of resampling; none makes colours."""
    found: dict[tuple[object, ...], SynthesisLayer] = {}
    for kind in KINDS:
        for part in recorded(kind).model().requires_grad_(False).synthesis.parts():
            for layer in part.layers:
                assert isinstance(layer, SynthesisLayer)
                spec = layer.spec
                ways = (spec.up, spec.down, spec.down_radial, spec.padding[0] < 0)
                found.setdefault(ways, layer)
    return list(found.values())


def both(layer: SynthesisLayer, x: Tensor) -> tuple[Tensor, Tensor]:
    """What the kernel and the readable filter make of `x`, [1, CHANNELS, around, around]."""
    spec = layer.spec
    scale, bias = torch.linspace(0.5, 1.5, CHANNELS), torch.linspace(-1, 1, CHANNELS)
    firs = (layer.up_filter, layer.down_filter)
    kernel = FilteredKernel(
        axis_of(layer), *firs, gain=ROOT2, slope=LRELU_SLOPE, clamp=CLAMP, device=x.device
    )
    expected = filtered_lrelu(
        x.float() * scale[None, :, None, None],
        *firs,
        bias,
        up=spec.up,
        down=spec.down,
        padding=spec.padding,
        gain=ROOT2,
        slope=LRELU_SLOPE,
        clamp=CLAMP,
    )
    return kernel(x, scale, bias), expected


def main() -> None:
    """Print the differences."""
    for layer in layers():
        side = axis_of(layer).size
        x = torch.randn(1, CHANNELS, side, side, generator=torch.Generator().manual_seed(1))
        for memory in (torch.channels_last, torch.contiguous_format):
            found, expected = both(layer, x.contiguous(memory_format=memory))
            assert found.shape == expected.shape and found.is_contiguous(memory_format=memory)
            print(float((found - expected).abs().max()), flush=True)


if __name__ == "__main__":
    main()
