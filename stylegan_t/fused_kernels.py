"""`stylegan_t.fused.Ops` as kernels of a graphics card, one for each step.

Written in Triton, which comes with PyTorch on Linux.  Where it is missing, or does not compile (it
needs a C compiler), `available` says no, and `TorchOps` does the work.

Every kernel reads a feature map once and writes one.  A map is seen as [pixels, channels], by two
strides, so both memory formats are read as they lie; sums are float32.
"""

# Triton reads the kernels' source and gives their arguments types of its own.
# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportIndexIssue=false
# pyright: reportOptionalMemberAccess=false, reportPossiblyUnboundVariable=false
# pyright: reportInvalidTypeForm=false

from __future__ import annotations

import functools
import logging
from typing import Any

import torch
from torch import Tensor

from stylegan_t.fused import Affine, Norm, Ops, Skip, TorchOps
from stylegan_t.layers import SynthesisInput

try:
    import triton
    import triton.language as tl
except ImportError:  # pragma: no cover - with it, there is no graphics card to test on
    triton = tl = None

logger = logging.getLogger(__name__)
FEW_PIXELS = 4096
SMALL, LARGE = 32, 128
"""Pixels of one program: many programs for small maps, few partial sums for large ones."""
CHANNELS = 64
"""Channels of one program."""
STYLES = 16
"""Channels of styles of one program."""
COLOUR_TILE, LEAST_CHANNELS, MOST_CHANNELS = 2048, 64, 1024
"""What one program of a colour output reads at once: pixels times channels; bounds of these."""
ROWS, COLUMNS = 8, 256
"""The tile of a matrix by which demodulation sums."""


def _jit(function: Any) -> Any:
    return function if triton is None else triton.jit(function)


# -- kernels -----------------------------------------------------------------------------------


@_jit
def _style_kernel(
    weight, latent, from_text, edit, out, count, z_dim, latent_row, gain,
    BLOCK: tl.constexpr, Z: tl.constexpr,
):  # fmt: skip
    layer = tl.program_id(1)
    weight += layer * 3 * count * z_dim
    from_text += layer * 3 * count
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    z = tl.arange(0, Z)
    inside = i < count
    tile = inside[:, None] & (z < z_dim)[None, :]
    x = tl.load(latent + layer * latent_row + z, mask=z < z_dim, other=0.0)[None, :]
    at = weight + i[:, None] * z_dim + z[None, :]
    s1 = tl.sum(tl.load(at, mask=tile, other=0.0) * x, axis=1) * gain
    s2 = tl.sum(tl.load(at + count * z_dim, mask=tile, other=0.0) * x, axis=1) * gain
    s3 = tl.sum(tl.load(at + 2 * count * z_dim, mask=tile, other=0.0) * x, axis=1) * gain
    s1 += tl.load(from_text + i, mask=inside, other=0.0)
    s2 += tl.load(from_text + count + i, mask=inside, other=0.0)
    s3 += tl.load(from_text + 2 * count + i, mask=inside, other=0.0)
    i += layer * count
    tl.store(out + i, s1 * s2 + s3 + tl.load(edit + i, mask=inside, other=0.0), mask=inside)


@_jit
def _demodulation_kernel(
    power, style, eps, out, outputs, inputs, gain,
    ROWS: tl.constexpr, COLUMNS: tl.constexpr, EACH: tl.constexpr,
):  # fmt: skip
    layer = tl.program_id(1)
    power += layer.to(tl.int64) * outputs * inputs
    style += layer * inputs
    o = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    inside = o < outputs
    total = tl.zeros([ROWS, COLUMNS], dtype=tl.float32)
    for start in range(0, inputs, COLUMNS):
        i = start + tl.arange(0, COLUMNS)
        s = tl.load(style + i, mask=i < inputs, other=0.0)[None, :]
        tile = inside[:, None] & (i < inputs)[None, :]
        part = tl.load(power + o[:, None] * inputs + i[None, :], mask=tile, other=0.0)
        total += part.to(tl.float32) * s * s
    at = layer * outputs + o
    below = tl.load(eps + at, mask=inside, other=1.0) if EACH else eps
    scale = tl.rsqrt(tl.sum(total, axis=1) + below) * tl.load(gain + layer)
    tl.store(out + at, scale, mask=inside)


@_jit
def _scaled_kernel(
    x, factor, offset, out, pixels, channels, pixel_stride, channel_stride,
    P: tl.constexpr, C: tl.constexpr, OFFSET: tl.constexpr,
):  # fmt: skip
    p = tl.program_id(0) * P + tl.arange(0, P)
    c = tl.program_id(1) * C + tl.arange(0, C)
    inside = (p < pixels)[:, None] & (c < channels)[None, :]
    at = p[:, None] * pixel_stride + c[None, :] * channel_stride
    y = tl.load(x + at, mask=inside, other=0.0).to(tl.float32)
    y = y * tl.load(factor + c, mask=c < channels, other=0.0)[None, :]
    if OFFSET:
        y += tl.load(offset + c, mask=c < channels, other=0.0)[None, :]
    tl.store(out + at, y.to(out.dtype.element_ty), mask=inside)


@_jit
def _finished_kernel(
    y, scale, bias, grain, skip, factor, offset, gamma, next_style, out, sums,
    pixels, channels, pixel_stride, channel_stride, clamp,
    P: tl.constexpr, C: tl.constexpr, SKIP: tl.constexpr, NEXT: tl.constexpr, SUMS: tl.constexpr,
):  # fmt: skip
    p = tl.program_id(0) * P + tl.arange(0, P)
    c = tl.program_id(1) * C + tl.arange(0, C)
    known = c < channels
    inside = (p < pixels)[:, None] & known[None, :]
    at = p[:, None] * pixel_stride + c[None, :] * channel_stride
    z = tl.load(y + at, mask=inside, other=0.0).to(tl.float32)
    z = z * tl.load(scale + c, mask=known, other=0.0)[None, :]
    z += tl.load(bias + c, mask=known, other=0.0)[None, :]
    z += tl.load(grain + p, mask=p < pixels, other=0.0)[:, None]
    z = tl.where(z < 0, z * 0.2, z)
    z = tl.minimum(tl.maximum(z, -clamp), clamp)
    if SKIP:
        passed = tl.load(skip + at, mask=inside, other=0.0).to(tl.float32)
        passed = passed * tl.load(factor + c, mask=known, other=0.0)[None, :]
        passed += tl.load(offset + c, mask=known, other=0.0)[None, :]
        z = passed + z * tl.load(gamma + c, mask=known, other=0.0)[None, :]
    if NEXT:
        z = z * tl.load(next_style + c, mask=known, other=0.0)[None, :]
    rounded = z.to(out.dtype.element_ty)
    tl.store(out + at, rounded, mask=inside)
    if SUMS:
        kept = tl.where(inside, rounded.to(tl.float32), 0.0)
        into = sums + tl.program_id(0) * 2 * channels + c
        tl.store(into, tl.sum(kept, axis=0), mask=known)
        tl.store(into + channels, tl.sum(kept * kept, axis=0), mask=known)


@_jit
def _blurred_kernel(
    y, taps, scale, bias, grain, next_style, out, height, width, channels,
    y_row, y_column, y_channel, pixel_stride, channel_stride, clamp,
    P: tl.constexpr, C: tl.constexpr, NEXT: tl.constexpr,
):  # fmt: skip
    p = tl.program_id(0) * P + tl.arange(0, P)
    c = tl.program_id(1) * C + tl.arange(0, C)
    pixels = height * width
    known = c < channels
    inside = (p < pixels)[:, None] & known[None, :]
    row, column = p // width, p % width
    z = tl.zeros([P, C], dtype=tl.float32)
    for a in tl.static_range(4):
        for b in tl.static_range(4):
            # The map to filter is one larger than the result; around it are zeros.
            r, q = row + a - 1, column + b - 1
            there = (r >= 0) & (r <= height) & (q >= 0) & (q <= width)
            at = (r * y_row + q * y_column)[:, None] + c[None, :] * y_channel
            value = tl.load(y + at, mask=there[:, None] & inside, other=0.0)
            z += value.to(tl.float32) * tl.load(taps + a * 4 + b)
    z = z * tl.load(scale + c, mask=known, other=0.0)[None, :]
    z += tl.load(bias + c, mask=known, other=0.0)[None, :]
    z += tl.load(grain + p, mask=p < pixels, other=0.0)[:, None]
    z = tl.where(z < 0, z * 0.2, z)
    z = tl.minimum(tl.maximum(z, -clamp), clamp)
    if NEXT:
        z = z * tl.load(next_style + c, mask=known, other=0.0)[None, :]
    at = p[:, None] * pixel_stride + c[None, :] * channel_stride
    tl.store(out + at, z.to(out.dtype.element_ty), mask=inside)


@_jit
def _norm_kernel(
    sums, weight, bias, style, out, parts, channels, width, share, eps,
    PARTS: tl.constexpr, WIDTH: tl.constexpr,
):  # fmt: skip
    first = tl.program_id(0) * width
    k = tl.arange(0, WIDTH)
    known = k < width
    total = tl.zeros([PARTS, WIDTH], dtype=tl.float32)
    squares = tl.zeros([PARTS, WIDTH], dtype=tl.float32)
    for start in range(0, parts, PARTS):
        part = start + tl.arange(0, PARTS)
        tile = (part < parts)[:, None] & known[None, :]
        at = sums + part[:, None] * 2 * channels + first + k[None, :]
        total += tl.load(at, mask=tile, other=0.0)
        squares += tl.load(at + channels, mask=tile, other=0.0)
    mean = tl.sum(tl.sum(total, axis=1), axis=0) * share
    square = tl.sum(tl.sum(squares, axis=1), axis=0) * share
    spread = tl.rsqrt(tl.maximum(square - mean * mean, 0.0) + eps)
    c = first + k
    factor = spread * tl.load(weight + c, mask=known, other=0.0)
    offset = tl.load(bias + c, mask=known, other=0.0) - mean * factor
    s = tl.load(style + c, mask=known, other=0.0) * 0.7071067811865476
    tl.store(out + c, factor, mask=known)
    tl.store(out + channels + c, offset, mask=known)
    tl.store(out + 2 * channels + c, factor * s, mask=known)
    tl.store(out + 3 * channels + c, offset * s, mask=known)


@_jit
def _colours_kernel(
    x, weight, style, bias, image, taps, out, height, width, channels,
    pixel_stride, channel_stride, clamp,
    P: tl.constexpr, C: tl.constexpr, ADD: tl.constexpr,
):  # fmt: skip
    p = tl.program_id(0) * P + tl.arange(0, P)
    k = tl.program_id(1)
    pixels = height * width
    there = p < pixels
    total = tl.zeros([P, C], dtype=tl.float32)
    for start in range(0, channels, C):
        c = start + tl.arange(0, C)
        at = p[:, None] * pixel_stride + c[None, :] * channel_stride
        known = c < channels
        value = tl.load(x + at, mask=there[:, None] & known[None, :], other=0.0).to(tl.float32)
        w = tl.load(weight + k * channels + c, mask=known, other=0.0)
        total += value * (w * tl.load(style + c, mask=known, other=0.0))[None, :]
    colour = tl.sum(total, axis=1) + tl.load(bias + k)
    colour = tl.minimum(tl.maximum(colour, -clamp), clamp)
    if ADD:
        # Of the filter, every other tap falls on a pixel of the smaller picture.
        row, column = p // width, p % width
        image += k * (height // 2) * (width // 2)
        for a in tl.static_range(2):
            for b in tl.static_range(2):
                r, q = (row + 1) // 2 - a, (column + 1) // 2 - b
                tap = (row + 1 - 2 * r) * 4 + column + 1 - 2 * q
                inside = there & (r >= 0) & (r < height // 2) & (q >= 0) & (q < width // 2)
                value = tl.load(image + r * (width // 2) + q, mask=inside, other=0.0)
                colour += value * tl.load(taps + tap, mask=inside, other=0.0)
    tl.store(out + k * pixels + p, colour, mask=there)


@_jit
def _waves_kernel(
    w, affine, affine_bias, edit, user, freqs, phases, out, w_dim, gain, bias_gain,
    channels, size, bandwidth, headroom,
    W: tl.constexpr, C: tl.constexpr, P: tl.constexpr,
):  # fmt: skip
    i = tl.arange(0, W)
    row = tl.load(w + i, mask=i < w_dim, other=0.0)
    a = tl.sum(tl.load(affine + i, mask=i < w_dim, other=0.0) * row, axis=0) * gain
    b = tl.sum(tl.load(affine + w_dim + i, mask=i < w_dim, other=0.0) * row, axis=0) * gain
    dx = tl.sum(tl.load(affine + 2 * w_dim + i, mask=i < w_dim, other=0.0) * row, axis=0) * gain
    dy = tl.sum(tl.load(affine + 3 * w_dim + i, mask=i < w_dim, other=0.0) * row, axis=0) * gain
    a += tl.load(affine_bias) * bias_gain + tl.load(edit)
    b += tl.load(affine_bias + 1) * bias_gain + tl.load(edit + 1)
    dx += tl.load(affine_bias + 2) * bias_gain + tl.load(edit + 2)
    dy += tl.load(affine_bias + 3) * bias_gain + tl.load(edit + 3)
    length = tl.sqrt(a * a + b * b)
    a, b, dx, dy = a / length, b / length, dx / length, dy / length
    # Rotation times shift, then times the user's matrix: its first two rows.
    x, y = b * dy - a * dx, -b * dx - a * dy
    u00, u01, u02 = tl.load(user), tl.load(user + 1), tl.load(user + 2)
    u10, u11, u12 = tl.load(user + 3), tl.load(user + 4), tl.load(user + 5)
    u20, u21, u22 = tl.load(user + 6), tl.load(user + 7), tl.load(user + 8)
    m00, m01, m02 = (
        a * u00 - b * u10 + x * u20,
        a * u01 - b * u11 + x * u21,
        a * u02 - b * u12 + x * u22,
    )
    m10, m11, m12 = (
        b * u00 + a * u10 + y * u20,
        b * u01 + a * u11 + y * u21,
        b * u02 + a * u12 + y * u22,
    )
    c = tl.program_id(0) * C + tl.arange(0, C)
    known = c < channels
    f0 = tl.load(freqs + 2 * c, mask=known, other=0.0)
    f1 = tl.load(freqs + 2 * c + 1, mask=known, other=0.0)
    phase = tl.load(phases + c, mask=known, other=0.0) + f0 * m02 + f1 * m12
    g0, g1 = f0 * m00 + f1 * m10, f0 * m01 + f1 * m11
    loud = 1.0 - (tl.sqrt(g0 * g0 + g1 * g1) - bandwidth) / headroom
    loud = tl.minimum(tl.maximum(loud, 0.0), 1.0)
    p = tl.arange(0, P)
    across = ((p % size).to(tl.float32) + 0.5) / size - 0.5
    down = ((p // size).to(tl.float32) + 0.5) / size - 0.5
    wave = g0[:, None] * across[None, :] + g1[:, None] * down[None, :] + phase[:, None]
    wave -= tl.floor(wave + 0.5)  # whole turns say nothing, and cost digits
    value = tl.sin(6.283185307179586 * wave) * loud[:, None]
    inside = known[:, None] & (p < size * size)[None, :]
    tl.store(out + c[:, None] * size * size + p[None, :], value, mask=inside)


# -- operations --------------------------------------------------------------------------------


class KernelOps:
    """`Ops` by the kernels above."""

    def styles(
        self, weight: Tensor, latent: Tensor, from_text: Tensor, gain: float, edit: Tensor
    ) -> Tensor:
        """See `Ops`."""
        out, (layers, count), z_dim = torch.empty_like(edit), edit.shape, latent.shape[1]
        _style_kernel[(_blocks(count, STYLES), layers)](
            weight, latent, from_text, edit, out, count, z_dim, latent.stride(0), gain,
            BLOCK=STYLES, Z=_power(z_dim),
        )  # fmt: skip
        return out

    def demodulation(
        self, power: Tensor, style: Tensor, gain: Tensor, eps: float | Tensor
    ) -> Tensor:
        """See `Ops`."""
        layers, outputs, inputs = power.shape
        out = style.new_empty(layers, outputs)
        _demodulation_kernel[(_blocks(outputs, ROWS), layers)](
            power, style, eps, out, outputs, inputs, gain,
            ROWS=ROWS, COLUMNS=COLUMNS, EACH=isinstance(eps, Tensor),
        )  # fmt: skip
        return out

    def scaled(self, x: Tensor, factor: Tensor, offset: Tensor | None = None) -> Tensor:
        """See `Ops`."""
        out, tile = torch.empty_like(x), _Tile(x)
        _scaled_kernel[tile.grid](
            x, factor, factor if offset is None else offset, out, *tile.shape, *tile.strides,
            P=tile.pixels, C=CHANNELS, OFFSET=offset is not None,
        )  # fmt: skip
        return out

    def finished(
        self,
        y: Tensor,
        scale: Tensor,
        bias: Tensor,
        grain: Tensor,
        clamp: float,
        *,
        skip: Skip | None = None,
        next_style: Tensor | None = None,
        sums: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """See `Ops`."""
        out, tile = torch.empty_like(y), _Tile(y)
        parts = scale.new_empty(tile.grid[0], 2, y.shape[1]) if sums else None
        # What is not there is not read; any pointer stands for it.
        others = (y, scale, scale, scale)
        if skip is not None:
            others = (_like(skip.x, y), skip.norm.factor, skip.norm.offset, skip.gamma)
        _finished_kernel[tile.grid](
            y, scale, bias, grain, *others, scale if next_style is None else next_style, out,
            scale if parts is None else parts, *tile.shape, *tile.strides, clamp,
            P=tile.pixels, C=CHANNELS,
            SKIP=skip is not None, NEXT=next_style is not None, SUMS=sums,
        )  # fmt: skip
        return out, parts

    def blurred(
        self,
        y: Tensor,
        taps: Tensor,
        scale: Tensor,
        bias: Tensor,
        grain: Tensor,
        clamp: float,
        next_style: Tensor | None,
    ) -> Tensor:
        """See `Ops`."""
        height, width = y.shape[2] - 1, y.shape[3] - 1
        flat = y.stride(1) == 1
        out = torch.empty(
            (1, y.shape[1], height, width), dtype=y.dtype, device=y.device,
            memory_format=torch.channels_last if flat else torch.contiguous_format,
        )  # fmt: skip
        tile = _Tile(out)
        _blurred_kernel[tile.grid](
            y, taps, scale, bias, grain, scale if next_style is None else next_style, out,
            height, width, y.shape[1], y.stride(2), y.stride(3), y.stride(1), *tile.strides, clamp,
            P=tile.pixels, C=CHANNELS, NEXT=next_style is not None,
        )  # fmt: skip
        return out

    def norm(self, sums: Tensor, count: int, affine: Affine, style: Tensor) -> Norm:
        """See `Ops`."""
        parts, _, channels = sums.shape
        width = channels // affine.groups
        out = sums.new_empty(4, channels)
        _norm_kernel[(affine.groups,)](
            sums, affine.weight, affine.bias, style, out, parts, channels, width,
            1.0 / (count * width), affine.eps, PARTS=min(64, _power(parts)), WIDTH=_power(width),
        )  # fmt: skip
        return Norm(*out.unbind())

    def colours(
        self,
        x: Tensor,
        weight: Tensor,
        style: Tensor,
        bias: Tensor,
        clamp: float,
        image: Tensor | None,
        taps: Tensor,
    ) -> Tensor:
        """See `Ops`."""
        channels, height, width = x.shape[1:]
        out = style.new_empty(1, len(weight), height, width)
        across = min(MOST_CHANNELS, max(LEAST_CHANNELS, _power(channels)))
        pixels = COLOUR_TILE // across
        _colours_kernel[(_blocks(height * width, pixels), len(weight))](
            x, weight, style, bias, out if image is None else image, taps, out,
            height, width, channels, *_Tile(x).strides, clamp,
            P=pixels, C=across, ADD=image is not None,
        )  # fmt: skip
        return out

    def waves(self, source: SynthesisInput, row: Tensor, edit: Tensor, transform: Tensor) -> Tensor:
        """See `Ops`."""
        channels, size, affine = len(source.phases), source.size, source.affine
        out = row.new_empty(1, channels, size, size)
        _waves_kernel[(_blocks(channels, STYLES),)](
            row, affine.weight, affine.bias, edit, transform, source.freqs, source.phases, out,
            len(row), affine.weight_gain, affine.lr_multiplier, channels, size,
            source.BANDWIDTH, size / 2 - source.BANDWIDTH,
            W=_power(len(row)), C=STYLES, P=_power(size * size),
        )  # fmt: skip
        return out


class _Tile:
    """How programs share a feature map: its sizes, its strides, and the grid."""

    def __init__(self, x: Tensor) -> None:
        _, channels, height, width = x.shape
        self.shape = (height * width, channels)
        flat = x.stride(1) == 1 and x.stride(3) == channels
        assert flat or x.is_contiguous(), "maps lie in one of the two memory formats"
        self.strides = (channels, 1) if flat else (1, height * width)
        self.pixels = SMALL if height * width <= FEW_PIXELS else LARGE
        self.grid = (_blocks(height * width, self.pixels), _blocks(channels, CHANNELS))


def _like(x: Tensor, y: Tensor) -> Tensor:
    """`x` in the memory format of `y`."""
    return x if x.stride() == y.stride() else torch.empty_like(y).copy_(x)


def _blocks(count: int, size: int) -> int:
    return -(-count // size)


def _power(count: int) -> int:
    """The least power of two from `count`."""
    return 1 << (count - 1).bit_length()


# -- whether it works --------------------------------------------------------------------------


@functools.cache
def available(device: torch.device) -> bool:
    """Whether the kernels compile for `device` and give what `TorchOps` gives: it is tried once."""
    if triton is None or device.type != "cuda":
        return False
    try:
        return _agrees(device)
    except Exception as error:  # the compiler's own errors have no common type
        logger.warning("No fused kernels, PyTorch's own operations draw instead: %s", error)
        return False


def _agrees(device: torch.device) -> bool:
    x = torch.linspace(-2, 2, 8 * 36, device=device).view(1, 8, 6, 6)
    values = torch.linspace(0.5, 1.5, 8, device=device)
    grain = torch.linspace(-0.1, 0.1, 36, device=device).view(6, 6)
    found, expected = (
        ops.finished(x, values, values, grain, 2.0, next_style=values, sums=True)[0]
        for ops in (KernelOps(), TorchOps())
    )
    return bool(torch.allclose(found, expected, atol=1e-5))


def best_ops(device: torch.device) -> Ops:
    """The kernels where they work, else PyTorch's own operations."""
    return KernelOps() if available(device) else TorchOps()
