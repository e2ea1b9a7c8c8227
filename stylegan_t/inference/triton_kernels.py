"""The kernels of `stylegan_t.inference.fused_kernels`, in Triton.

Every kernel reads a feature map once and writes one.  A map is seen as [pixels, channels], by two
strides, so both memory formats are read as they lie; sums are float32.
"""

# Triton reads the kernels' source and gives their arguments types of its own.
# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportIndexIssue=false
# pyright: reportOptionalMemberAccess=false, reportPossiblyUnboundVariable=false
# pyright: reportInvalidTypeForm=false

from __future__ import annotations

from typing import Any

try:
    import triton
    import triton.language as tl
except ImportError:  # pragma: no cover - with it, there is no graphics card to test on
    triton = tl = None


def _jit(function: Any) -> Any:
    return function if triton is None else triton.jit(function)


@_jit
def style_kernel(
    weight, latent, from_text, edit, out, count, z_dim, latent_row, gain,
    BLOCK: tl.constexpr, Z: tl.constexpr,
):  # fmt: skip
    """`Ops.styles`: a block of channels of one layer."""
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
def demodulation_kernel(
    power, style, eps, out, outputs, inputs, gain,
    ROWS: tl.constexpr, COLUMNS: tl.constexpr, EACH: tl.constexpr,
):  # fmt: skip
    """`Ops.demodulation`: some rows of one layer's matrix."""
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
def scaled_kernel(
    x, factor, offset, out, pixels, channels, pixel_stride, channel_stride,
    P: tl.constexpr, C: tl.constexpr, OFFSET: tl.constexpr,
):  # fmt: skip
    """`Ops.scaled`: a tile of the map."""
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
def _activated(z, scale, bias, grain, p, c, pixels, channels, clamp):
    z = z * tl.load(scale + c, mask=c < channels, other=0.0)[None, :]
    z += tl.load(bias + c, mask=c < channels, other=0.0)[None, :]
    z += tl.load(grain + p, mask=p < pixels, other=0.0)[:, None]
    z = tl.where(z < 0, z * 0.2, z)
    return tl.minimum(tl.maximum(z, -clamp), clamp)


@_jit
def finished_kernel(
    y, scale, bias, grain, skip, factor, offset, gamma, next_style, out, sums,
    pixels, channels, pixel_stride, channel_stride, clamp,
    P: tl.constexpr, C: tl.constexpr, SKIP: tl.constexpr, NEXT: tl.constexpr, SUMS: tl.constexpr,
):  # fmt: skip
    """`Ops.finished`: a tile of the map, and its part of the sums."""
    p = tl.program_id(0) * P + tl.arange(0, P)
    c = tl.program_id(1) * C + tl.arange(0, C)
    known = c < channels
    inside = (p < pixels)[:, None] & known[None, :]
    at = p[:, None] * pixel_stride + c[None, :] * channel_stride
    z = tl.load(y + at, mask=inside, other=0.0).to(tl.float32)
    z = _activated(z, scale, bias, grain, p, c, pixels, channels, clamp)
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
def blurred_kernel(
    y, taps, scale, bias, grain, next_style, out, height, width, channels,
    y_row, y_column, y_channel, pixel_stride, channel_stride, clamp,
    P: tl.constexpr, C: tl.constexpr, NEXT: tl.constexpr,
):  # fmt: skip
    """`Ops.blurred`: a tile of the result."""
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
    z = _activated(z, scale, bias, grain, p, c, pixels, channels, clamp)
    if NEXT:
        z = z * tl.load(next_style + c, mask=known, other=0.0)[None, :]
    at = p[:, None] * pixel_stride + c[None, :] * channel_stride
    tl.store(out + at, z.to(out.dtype.element_ty), mask=inside)


@_jit
def norm_kernel(
    sums, weight, bias, style, out, parts, channels, width, share, eps,
    PARTS: tl.constexpr, WIDTH: tl.constexpr,
):  # fmt: skip
    """`Ops.norm`: one group."""
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
def colours_kernel(
    x, weight, style, bias, image, taps, out, height, width, channels,
    pixel_stride, channel_stride, clamp,
    P: tl.constexpr, C: tl.constexpr, ADD: tl.constexpr,
):  # fmt: skip
    """`Ops.colours`: some pixels of one colour."""
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
def waves_kernel(
    w, affine, affine_bias, edit, user, freqs, phases, out, w_dim, gain, bias_gain,
    channels, size, bandwidth, headroom,
    W: tl.constexpr, C: tl.constexpr, P: tl.constexpr,
):  # fmt: skip
    """`Ops.waves`: some channels, all pixels."""
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


@_jit
def filtered_kernel(
    x, scale, bias, raising, down, across, out, size, out_size, first, step,
    row_stride, column_stride, channel_stride, out_row, out_column, out_channel,
    gain, slope, clamp,
    READ: tl.constexpr, HIGH: tl.constexpr, TILE: tl.constexpr, PAIRS: tl.constexpr,
):  # fmt: skip
    """`FilteredKernel`: a tile of one channel, as products with bands of filter taps."""
    c = tl.program_id(0)
    i, j, k = tl.arange(0, READ), tl.arange(0, HIGH), tl.arange(0, TILE)
    row = first + tl.program_id(2) * step + i
    column = first + tl.program_id(1) * step + i
    inside = ((row >= 0) & (row < size))[:, None] & ((column >= 0) & (column < size))[None, :]
    at = row[:, None] * row_stride + column[None, :] * column_stride + c * channel_stride
    value = tl.load(x + at, mask=inside, other=0.0).to(tl.float32)
    # What is around the picture carries no bias.
    value = tl.where(inside, value * tl.load(scale + c) + tl.load(bias + c), 0.0)
    up = tl.load(raising + j[:, None] * READ + i[None, :])
    high = tl.dot(tl.dot(up, value, input_precision="ieee"), tl.trans(up), input_precision="ieee")
    high = tl.where(high < 0, high * slope, high) * gain
    high = tl.minimum(tl.maximum(high, -clamp), clamp)
    total = tl.zeros([TILE, TILE], dtype=tl.float32)
    for pair in tl.static_range(PAIRS):
        band = pair * TILE * HIGH + k[:, None] * HIGH + j[None, :]
        rows = tl.dot(tl.load(down + band), high, input_precision="ieee")
        total += tl.dot(rows, tl.trans(tl.load(across + band)), input_precision="ieee")
    r, q = tl.program_id(2) * TILE + k, tl.program_id(1) * TILE + k
    there = (r < out_size)[:, None] & (q < out_size)[None, :]
    at = r[:, None] * out_row + q[None, :] * out_column + c * out_channel
    tl.store(out + at, total.to(out.dtype.element_ty), mask=there)
