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
LEAST_DOT = 16
"""A product of matrices has no side smaller than this."""
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
    x, weight, style, bias, image, out, pixels, channels, colours,
    pixel_stride, channel_stride, clamp,
    P: tl.constexpr, C: tl.constexpr, K: tl.constexpr, ADD: tl.constexpr,
):  # fmt: skip
    p = tl.program_id(0) * P + tl.arange(0, P)
    k = tl.arange(0, K)
    total = tl.zeros([P, K], dtype=tl.float32)
    for start in range(0, channels, C):
        c = start + tl.arange(0, C)
        tile = (p < pixels)[:, None] & (c < channels)[None, :]
        at = p[:, None] * pixel_stride + c[None, :] * channel_stride
        value = tl.load(x + at, mask=tile, other=0.0).to(tl.float32)
        s = tl.load(style + c, mask=c < channels, other=0.0)[:, None]
        both = (c < channels)[:, None] & (k < colours)[None, :]
        w = tl.load(weight + k[None, :] * channels + c[:, None], mask=both, other=0.0) * s
        total = tl.dot(value, w, total, input_precision="ieee")
    total += tl.load(bias + k, mask=k < colours, other=0.0)[None, :]
    total = tl.minimum(tl.maximum(total, -clamp), clamp)
    at = k[None, :] * pixels + p[:, None]
    inside = (p < pixels)[:, None] & (k < colours)[None, :]
    if ADD:
        total += tl.load(image + at, mask=inside, other=0.0)
    tl.store(out + at, total, mask=inside)


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
    ) -> Tensor:
        """See `Ops`."""
        height, width = x.shape[2:]
        out = style.new_empty(1, len(weight), height, width)
        tile = _Tile(x)
        _colours_kernel[(_blocks(height * width, SMALL),)](
            x, weight, style, bias, out if image is None else image, out, *tile.shape,
            len(weight), *tile.strides, clamp,
            P=SMALL, C=CHANNELS, K=max(LEAST_DOT, _power(len(weight))), ADD=image is not None,
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
